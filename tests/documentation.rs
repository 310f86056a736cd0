//! What the documentation says of the tests: that they exist, and the messages that it shows.
#![forbid(unsafe_code)]

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What stands between backquotes.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// `ui/topic/case`, or the path of a test function.
fn exists(test: &str) -> bool {
    if test.starts_with("ui/") {
        let case = root().join("tests").join(test);
        let is_pass = test.starts_with("ui/pass/");
        return case.with_extension("rs").exists() && (is_pass || case.with_extension("stderr").exists());
    }
    let Some((module, function)) = test.rsplit_once("::") else { return false };
    let file = module.replace("::", "/") + ".rs";
    let places = [format!("tests/{file}"), format!("runtime/src/{file}")];
    let function = format!("fn {function}(");
    let in_file = |path: &String| {
        let text = fs::read_to_string(root().join(path)).unwrap_or_default();
        // A test, and not a function that helps one: the first one behind the attribute.
        let tests = ["#[test]", "#[tokio::test"].into_iter().flat_map(|attribute| text.split(attribute).skip(1));
        tests.filter_map(|test| test.lines().find(|line| line.contains("fn "))).any(|head| head.contains(&function))
    };
    places.iter().any(in_file)
}

#[test]
fn every_mistake_has_an_answer_and_every_answer_a_test() {
    let text = read("macros/docs/mistakes.md");
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| line.starts_with("| ") && line.chars().nth(2).is_some_and(|c| c.is_ascii_digit()))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let numbers: Vec<String> = rows.iter().map(|row| row[0].to_owned()).collect();
    assert_eq!(numbers, (1..=30).map(|n| n.to_string()).collect::<Vec<_>>());
    let mut missing = Vec::new();
    for row in rows {
        let [number, _, _, by, tests] = row[..] else { panic!("row {row:?} has another number of columns") };
        for way in by.split(", ") {
            assert!(["refused", "type", "impossible", "start"].contains(&way), "row {number}: `{way}`");
        }
        let tests = quoted(tests);
        assert!(!tests.is_empty(), "row {number} names no test");
        missing.extend(tests.iter().filter(|test| !exists(test)).map(|test| format!("{number}: {test}")));
    }
    assert!(missing.is_empty(), "these tests do not exist: {missing:#?}");
}

/// The first message that the compiler is expected to print.
fn first_message(case: &str) -> String {
    let text = read(&format!("tests/{case}.stderr"));
    let lines = text.lines().enumerate();
    let message = lines.take_while(|(i, line)| *i == 0 || !(line.starts_with("error") || line.starts_with("warning")));
    let message: Vec<&str> = message.map(|(_, line)| line).collect();
    message.join("\n").trim_end().to_owned()
}

/// `UPDATE_MESSAGES=1` writes those that have changed.
#[test]
fn the_messages_in_the_documentation_are_those_of_the_compiler() {
    let path = "macros/docs/messages.md";
    let text = read(path);
    let mut written = String::new();
    let mut rest = &*text;
    let mut count = 0;
    while let Some((before, after)) = rest.split_once("<!-- ui/") {
        let (case, after) = after.split_once(" -->\n").expect("the name of a case ends with ` -->`");
        let (_, after) = after.split_once("```text\n").expect("a message follows");
        let (_, after) = after.split_once("\n```\n").expect("a message ends");
        let message = first_message(&format!("ui/{case}"));
        written += &format!("{before}<!-- ui/{case} -->\n```text\n{message}\n```\n");
        rest = after;
        count += 1;
    }
    written += rest;
    assert!(count >= 10, "there are {count} messages");
    if std::env::var_os("UPDATE_MESSAGES").is_some() {
        fs::write(root().join(path), written).unwrap();
        return;
    }
    assert!(
        written == text,
        "{path} shows messages that the compiler does not print; UPDATE_MESSAGES=1 writes them anew"
    );
}

#[test]
fn every_crate_forbids_unsafe_code() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = std::process::Command::new(cargo);
    command.args(["metadata", "--no-deps", "--offline", "--format-version=1"]).current_dir(root());
    let output = command.output().expect("cargo runs");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo describes the workspace");
    let targets =
        metadata["packages"].as_array().into_iter().flatten().filter_map(|p| p["targets"].as_array()).flatten();
    let roots: Vec<&str> = targets.filter_map(|target| target["src_path"].as_str()).collect();
    assert!(roots.len() > 10, "{roots:?}");
    for path in roots {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(text.lines().any(|line| line == "#![forbid(unsafe_code)]"), "{path} does not forbid unsafe code");
    }
}
