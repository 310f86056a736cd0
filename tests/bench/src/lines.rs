//! Lines of user code: what somebody writes who wants this operator in that framework.
//!
//! One rule for Rust, Go and Java. A line counts if something is left of it once comments and imports (`use`, `import`, `package`) are taken
//! out; brackets alone are something. Counted are the API types, the controller and what starts it. Not counted are the functions that
//! only build the desired objects, generated code, tests, and what is there for this harness alone: files of their own, and what stands between
//! `// bench:` and `// :bench`. What decides whether a found object is still the desired one does count, wherever it stands. Beside
//! the lines, the characters that are not blank are counted, since some write longer lines than others.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// The sources of each candidate, from the folder of the workspace.
const SOURCES: [(&str, &[Part]); 7] = [
    (
        "steersman",
        &[
            Part::File("examples/webapp/api.rs"),
            Part::File("examples/webapp/controller.rs"),
            Part::File("examples/webapp/cli.rs"),
            Part::File("examples/webapp/main.rs"),
            Part::Function("examples/webapp/desired.rs", "is_met"),
        ],
    ),
    (
        "kube-plain",
        &[
            Part::File("examples/plain/api.rs"),
            Part::File("examples/plain/controller.rs"),
            Part::File("examples/plain/main.rs"),
        ],
    ),
    (
        "kube-tuned",
        &[
            Part::File("examples/plain/api.rs"),
            Part::File("tests/bench/peers/kube-tuned/changes.rs"),
            Part::File("tests/bench/peers/kube-tuned/controller.rs"),
            Part::File("tests/bench/peers/kube-tuned/main.rs"),
            Part::File("tests/bench/peers/kube-tuned/relevant.rs"),
        ],
    ),
    (
        "cr-default",
        &[
            Part::File("tests/bench/peers/controller-runtime/api/api.go"),
            Part::File("tests/bench/peers/controller-runtime/cmd/cr-default/controller.go"),
            Part::File("tests/bench/peers/controller-runtime/cmd/cr-default/main.go"),
        ],
    ),
    (
        "cr-custom",
        &[
            Part::File("tests/bench/peers/controller-runtime/api/api.go"),
            Part::File("tests/bench/peers/controller-runtime/cmd/cr-custom/controller.go"),
            Part::File("tests/bench/peers/controller-runtime/cmd/cr-custom/main.go"),
            Part::File("tests/bench/peers/controller-runtime/cmd/cr-custom/predicates.go"),
        ],
    ),
    (
        "josdk",
        &[
            Part::File("tests/bench/peers/josdk/src/main/java/webapp/api/WebApp.java"),
            Part::File("tests/bench/peers/josdk/src/main/java/webapp/api/WebAppSpec.java"),
            Part::File("tests/bench/peers/josdk/src/main/java/webapp/api/WebAppStatus.java"),
            Part::File("tests/bench/peers/josdk/src/main/java/webapp/Dependents.java"),
            Part::File("tests/bench/peers/josdk/src/main/java/webapp/Main.java"),
            Part::File("tests/bench/peers/josdk/src/main/java/webapp/WebAppReconciler.java"),
        ],
    ),
    (
        "poller",
        &[
            Part::File("examples/plain/api.rs"),
            Part::File("tests/bench/peers/kube-tuned/relevant.rs"),
            Part::File("tests/bench/peers/poller/controller.rs"),
            Part::File("tests/bench/peers/poller/main.rs"),
        ],
    ),
];

/// What is counted of a file.
#[derive(Clone, Copy, Debug)]
enum Part {
    File(&'static str),
    /// One function of it alone.
    Function(&'static str, &'static str),
}

impl Part {
    /// The path, and the function if only that counts.
    fn place(self) -> (&'static str, Option<&'static str>) {
        match self {
            Part::File(path) => (path, None),
            Part::Function(path, name) => (path, Some(name)),
        }
    }
}

/// How much there is of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) lines: usize,
    /// Those that are not blank, in the lines that count.
    pub(crate) characters: usize,
}

/// The user code of one candidate.
#[derive(Debug)]
pub(crate) struct UserCode {
    pub(crate) candidate: &'static str,
    /// By file.
    pub(crate) parts: Vec<(String, Size)>,
}

impl UserCode {
    pub(crate) fn total(&self) -> Size {
        self.parts.iter().fold(Size::default(), |total, (_, size)| Size {
            lines: total.lines + size.lines,
            characters: total.characters + size.characters,
        })
    }
}

/// Counts the user code of all candidates that are there.
///
/// # Errors
/// If some sources of a candidate can be read, and others cannot.
pub(crate) fn user_code(workspace: &Path) -> io::Result<Vec<UserCode>> {
    let measured = |part: &Part| {
        let (path, function) = part.place();
        let text = std::fs::read_to_string(workspace.join(path))
            .map_err(|error| io::Error::new(error.kind(), format!("{path}: {error}")))?;
        let language = Language::of(path);
        let code = without_imports(&without_comments(&text, language), language);
        let code = function.map_or(code.clone(), |name| only(&code, name));
        let name = function.map_or(path.to_owned(), |name| format!("{path}, {name}"));
        Ok((name, size(&code)))
    };
    let of = |(candidate, parts): &(&'static str, &[Part])| {
        Ok(UserCode { candidate, parts: parts.iter().map(measured).collect::<io::Result<_>>()? })
    };
    let is_there = |part: &Part| workspace.join(part.place().0).exists();
    SOURCES.iter().filter(|(_, parts)| parts.iter().any(is_there)).map(of).collect()
}

/// A table for people: what is counted, and how much it is.
pub(crate) fn table(of: &[UserCode]) -> String {
    let mut table = format!("{:<12} {:>6} {:>11}  what is counted\n", "candidate", "lines", "characters");
    for code in of {
        let Size { lines, characters } = code.total();
        let parts: Vec<String> = code.parts.iter().map(|(name, size)| format!("{name} {}", size.lines)).collect();
        // A String takes everything.
        let _ = writeln!(table, "{:<12} {lines:>6} {characters:>11}  {}", code.candidate, parts.join(", "));
    }
    table
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    Rust,
    Go,
    Java,
}

impl Language {
    fn of(path: &str) -> Self {
        match path.rsplit('.').next() {
            Some("go") => Self::Go,
            Some("java") => Self::Java,
            _ => Self::Rust,
        }
    }
}

fn size(code: &str) -> Size {
    let lines = code.lines().filter(|line| !line.trim().is_empty());
    lines.fold(Size::default(), |size, line| Size {
        lines: size.lines + 1,
        characters: size.characters + line.chars().filter(|character| !character.is_whitespace()).count(),
    })
}

/// The lines of one function, whose last one is the first closing bracket at the edge.
fn only(code: &str, function: &str) -> String {
    let is_head = |line: &&str| line.contains(&format!("fn {function}("));
    let mut lines = code.lines().skip_while(|line| !is_head(line));
    let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "}").collect();
    let end = if body.is_empty() { "" } else { "\n}" };
    body.join("\n") + end
}

/// What the harness has marked as its own, line by line.
fn without_marked(text: &str) -> String {
    let mut is_marked = false;
    let mut kept = String::with_capacity(text.len());
    for line in text.lines() {
        match line.trim() {
            "// bench:" => is_marked = true,
            "// :bench" => is_marked = false,
            _ if !is_marked => kept += line,
            _ => {}
        }
        kept.push('\n');
    }
    kept
}

/// The text with nothing in the place of comments and of what is marked. Line ends stay.
fn without_comments(text: &str, language: Language) -> String {
    let text = without_marked(text);
    let mut code = String::with_capacity(text.len());
    let mut rest = &*text;
    while !rest.is_empty() {
        let (token, after) = rest.split_at(token(rest, language));
        let is_comment = token.starts_with("//") || token.starts_with("/*");
        code.extend(token.chars().filter(|character| !is_comment || *character == '\n'));
        rest = after;
    }
    code
}

/// The length of what comes first: a comment, something quoted, or a single character.
fn token(rest: &str, language: Language) -> usize {
    let until = |end: &str, from: usize| rest[from..].find(end).map_or(rest.len(), |at| from + at + end.len());
    let hashes = rest.strip_prefix('r').map(|raw| raw.len() - raw.trim_start_matches('#').len());
    match rest.as_bytes() {
        [b'/', b'/', ..] => rest.find('\n').unwrap_or(rest.len()),
        [b'/', b'*', ..] if language == Language::Rust => nested(rest),
        [b'/', b'*', ..] => until("*/", 2),
        [b'"', b'"', b'"', ..] if language == Language::Java => until("\"\"\"", 3),
        [b'`', ..] if language == Language::Go => until("`", 1),
        [b'r', ..]
            if language == Language::Rust && hashes.is_some_and(|hashes| rest[1 + hashes..].starts_with('"')) =>
        {
            let hashes = hashes.unwrap_or_default();
            until(&format!("\"{}", "#".repeat(hashes)), 2 + hashes)
        }
        [b'"', ..] => quoted(rest, '"'),
        // A lifetime has no second one close by.
        [b'\'', second, ..]
            if language != Language::Rust || *second == b'\\' || rest[1..].chars().nth(1) == Some('\'') =>
        {
            quoted(rest, '\'')
        }
        _ => rest.chars().next().map_or(0, char::len_utf8),
    }
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if character == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of a block comment with others in it.
fn nested(rest: &str) -> usize {
    let (mut at, mut depth) = (0, 0);
    while at < rest.len() {
        let step = match &rest.as_bytes()[at..] {
            [b'/', b'*', ..] => 1,
            [b'*', b'/', ..] => -1,
            _ => 0,
        };
        depth += step;
        at += if step == 0 { 1 } else { 2 };
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// The code without its imports, which are whole lines in all three languages.
fn without_imports(code: &str, language: Language) -> String {
    let mut kept = String::with_capacity(code.len());
    let mut end = None;
    for line in code.lines().map(str::trim_end) {
        let begin = line.trim_start();
        end = end.or(match language {
            Language::Rust if begin.split(' ').take(2).any(|word| word == "use") => Some(";"),
            Language::Go if begin.starts_with("import (") => Some(")"),
            Language::Go | Language::Java if ["import ", "package "].iter().any(|word| begin.starts_with(word)) => {
                Some("")
            }
            _ => None,
        });
        match end {
            Some(last) if line.ends_with(last) => end = None,
            Some(_) => {}
            None => kept += line,
        }
        kept.push('\n');
    }
    kept
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Language, Size, only, size, user_code, without_comments, without_imports};

    fn code(text: &str, language: Language) -> String {
        let code = without_imports(&without_comments(text, language), language);
        code.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn comments_and_imports_of_rust_do_not_count() {
        let text = r###"//! About this.
            use std::fmt;
            pub(crate) use a::{
                b, c,
            };

            /// Says `//`.
            #[derive(Debug)] // why
            struct A<'a>(&'a str); /* one /* in */ another */
            /*
             use d;
             */
            const B: &str = "// no comment"; const C: char = '"'; // a comment
            const D: &str = r#"/* "no" comment */"#; const E: char = '\''; let used = e;
        "###;
        let expected = "#[derive(Debug)]|struct A<'a>(&'a str);|const B: &str = \"// no comment\"; const C: char = '\"';|\
            const D: &str = r#\"/* \"no\" comment */\"#; const E: char = '\\''; let used = e;";
        assert_eq!(code(text, Language::Rust), expected);
    }

    #[test]
    fn comments_and_imports_of_go_do_not_count() {
        let text = "// Package a.\npackage a\n\nimport \"fmt\"\nimport (\n\t// why\n\t\"x\"\n\ty \"z\" // z\n)\n\n\
            // +kubebuilder:object:root=true\nvar a = `// no comment`\nvar b = '\"' // a comment\nfunc c() {}\n";
        assert_eq!(code(text, Language::Go), "var a = `// no comment`|var b = '\"'|func c() {}");
    }

    #[test]
    fn comments_and_imports_of_java_do_not_count() {
        let text = "package a;\n\nimport b.C;\nimport static b.D.*;\n\n/**\n * About {@code E}.\n */\n@F\nclass E {\n  \
            String g = \"/* no comment */\"; /* a comment */\n  String h = \"\"\"\n    // no comment\n    \"\"\";\n}\n";
        let expected = "@F|class E {|String g = \"/* no comment */\";|String h = \"\"\"|// no comment|\"\"\";|}";
        assert_eq!(code(text, Language::Java), expected);
    }

    #[test]
    fn what_is_there_for_the_harness_does_not_count() {
        let text = "a();\n    // bench:\n    count();\n    // :bench\nb();\n";
        assert_eq!(code(text, Language::Rust), "a();|b();");
    }

    #[test]
    fn one_function_can_be_counted_alone() {
        let code = "fn a() {\n}\npub fn b(c: D) {\n    if e {\n    }\n}\nfn f() {\n}\n";
        assert_eq!(only(code, "b"), "pub fn b(c: D) {\n    if e {\n    }\n}");
        assert_eq!(size(&only(code, "b")), Size { lines: 4, characters: 18 });
        assert_eq!(size(&only(code, "g")), Size::default());
    }

    #[test]
    fn all_sources_are_there_and_have_something_that_counts() {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let counted = user_code(&workspace).unwrap();
        let empty: Vec<_> = counted.iter().flat_map(|code| &code.parts).filter(|(_, size)| size.lines < 3).collect();
        assert!(counted.len() >= 4 && empty.is_empty(), "{empty:?}");
    }
}
