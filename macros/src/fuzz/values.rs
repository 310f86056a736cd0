//! Words, values and tokens to choose from: right ones for each item, and others.

use fastrand::Rng;

use super::tree::INVISIBLE;
use crate::words::{PREDICATE, Words};

pub(super) const DELIMITERS: [[char; 2]; 3] = [['(', ')'], ['[', ']'], ['{', '}']];

/// Kinds, so few that names meet.
pub(super) const KINDS: [&str; 22] = [
    "Deployment",
    "ReplicaSet",
    "Pod",
    "CronJob",
    "Job",
    "Secret",
    "ConfigMap",
    "Ingress",
    "Endpoints",
    "Client",
    "Type",
    "k8s_openapi::api::apps::v1::Deployment",
    "::gateway_api::Gateway",
    "crate::Gateway<v1::Spec, { 3 }>",
    "r#Type",
    "r#match",
    "apps::r#struct",
    "Größe",
    "犬",
    "_Hidden",
    "A1",
    "Self",
];

const TOKENS: [&str; 62] = [
    "=",
    "==",
    "=>",
    "::",
    ":",
    ",",
    ";",
    ".",
    "..",
    "..=",
    "&",
    "&&",
    "|",
    "||",
    "!",
    "?",
    "#",
    "$",
    "<",
    ">",
    "->",
    "*",
    "+",
    "-",
    "'a",
    "'static",
    "_",
    "self",
    "Self",
    "super",
    "crate",
    "type",
    "fn",
    "async",
    "move",
    "mut",
    "ref",
    "dyn",
    "impl",
    "for",
    "where",
    "const",
    "static",
    "union",
    "enum",
    "struct",
    "pub",
    "unsafe",
    "r#type",
    "r#struct",
    "5",
    "0x_f",
    "1.5e3",
    "1u8",
    "'c'",
    "b'b'",
    "b\"bytes\"",
    "c\"c\"",
    "r#\"raw\"#",
    "\"\"",
    "true",
    "\"text\"",
];

const STRINGS: [&str; 34] = [
    "",
    " ",
    "app",
    "app = web, tier in (front, back)",
    "app in (",
    "a=b,,c",
    "!x",
    "a!=",
    "status.phase=Running",
    ".spec.a==b",
    "a=\\\\,",
    "demo.steersman.dev/cleanup",
    "a/b/c",
    "/",
    "30m",
    "off",
    "0s",
    "99999999999999999999h",
    "1h1h",
    "5 m",
    "ｍ",
    "Gateway",
    "gateway_api::Gateway",
    "::a::B<C>",
    "a::",
    "r#Type",
    "type",
    "_",
    "größe",
    "\\u{202e}\\n\\0",
    "{}{0}\\\"",
    "spec_changed",
    "foregroundDeletion",
    "// /* $x",
];

const EXPRESSIONS: [&str; 40] = [
    "x",
    "a::b",
    "::a::b::<C<D>, 5>",
    "<A as B>::c",
    "|a| a.b",
    "|a, b| a",
    "|| 5",
    "async |a| a",
    "async move |a| a",
    "move |a: &A| -> B { a.b }",
    "|&A { b, .. }| b",
    "|a| { let b = a; b }",
    "for<'a> |a: &'a A| a",
    "static |a| a",
    "a.b.c",
    "spec",
    "spec.a",
    "(spec.a).0.1",
    "spec.a.b()",
    "r#spec.a",
    "self.a",
    "spec.r#type",
    "a(b)",
    "a()(b)",
    "a[0]",
    "-5",
    "!a",
    "a || b",
    "a = b",
    "{ a }",
    "if a { b } else { c }",
    "match a { _ => b }",
    "vec![1, 2]",
    "[\"a\", \"b/c\", \"a\"]",
    "[]",
    "(\"a\")",
    "(a, b)",
    "A { b: c }",
    "a?",
    "..",
];

pub(super) fn pick<'a>(from: &[&'a str], rng: &mut Rng) -> &'a str {
    from[rng.usize(..from.len())]
}

/// Any token, or a word of the lists.
pub(super) fn token(rng: &mut Rng) -> String {
    match rng.u8(..4) {
        0 => word(rng.choice(WORDS).unwrap(), rng),
        1 => string(rng),
        _ => pick(&TOKENS, rng).to_owned(),
    }
}

const WORDS: &[&Words] = &[&crate::words::OPERATOR, &crate::words::SECONDARY, &PREDICATE];

/// A word of the list, of other frameworks, or one with a slip.
pub(super) fn word(words: &Words, rng: &mut Rng) -> String {
    let known = pick(&words.known().collect::<Vec<_>>(), rng);
    match rng.u8(..20) {
        0 => {
            let foreign: Vec<_> = words.foreign_words().collect();
            pick(&foreign, rng).to_owned()
        }
        1 => misspelt(known, rng),
        2 => format!("r#{}", if known == "crate" { "type" } else { known }),
        _ => known.to_owned(),
    }
}

fn misspelt(word: &str, rng: &mut Rng) -> String {
    let mut chars: Vec<char> = word.chars().collect();
    let place = rng.usize(..chars.len());
    match rng.u8(..4) {
        0 if chars.len() > 1 => drop(chars.remove(place)),
        1 => chars.insert(place, chars[place]),
        2 => chars[place] = chars[place].to_ascii_uppercase(),
        _ => chars[place] = rng.alphabetic(),
    }
    chars.into_iter().collect()
}

pub(super) fn string(rng: &mut Rng) -> String {
    match rng.u8(..20) {
        0 => format!("\"{}\"", "n".repeat(rng.usize(..400))),
        1 => format!("\"a.b/{}\"", "ä".repeat(rng.usize(..70))),
        _ => format!("\"{}\"", pick(&STRINGS, rng)),
    }
}

/// What may stand behind `=`, right or wrong, for any item.
pub(super) fn any(rng: &mut Rng) -> String {
    match rng.u8(..8) {
        0 => String::new(),
        1 => token(rng),
        2 => (0..rng.usize(2..5)).map(|_| token(rng) + " ").collect(),
        3 => string(rng),
        4 => predicate(rng, 3),
        5 => pick(&KINDS, rng).to_owned(),
        6 => format!("{INVISIBLE}({})", any(rng)),
        _ => pick(&EXPRESSIONS, rng).to_owned(),
    }
}

/// A value that the item takes, by all that is known here of it.
pub(super) fn right(word: &str, rng: &mut Rng) -> String {
    let value = match word {
        "finalizer" | "label" | "annotation" => "\"demo.steersman.dev/part-of\"",
        "former_finalizers" => "[\"demo.steersman.dev/old\", \"old\"]",
        "debounce" if rng.bool() => pick(&["|object| wait(object)", "crate::wait", "wait::<A>"], rng),
        "resync" | "timeout" | "debounce" => pick(&["\"30s\"", "\"1h30m\"", "\"250ms\"", "\"off\""], rng),
        "selector" => pick(&["\"app = web\"", "\"tier in (a, b), !c\""], rng),
        "fields" => pick(&["\"status.phase=Running\"", "\"metadata.name!=x\""], rng),
        "primary" => pick(&["\"Gateway\"", "\"gateway_api::Gateway\"", "Gateway"], rng),
        "crate" => pick(&["::steersman", "crate::renamed"], rng),
        "owned" => "any",
        "reference" => pick(&["spec.a.b", "|spec| &spec.a", "crate::refs::f"], rng),
        "through" => pick(&KINDS, rng),
        "map" => pick(&["|object| owner(object)", "crate::owner", "owner::<A>"], rng),
        "filter" => pick(&["|object| is_ours(object)", "crate::is_ours", "is_ours::<A>"], rng),
        "name" => pick(&["tls", "users", "a1", "größe", "deployment", "pods", "client"], rng),
        "force" => pick(&["true", "false"], rng),
        "predicate" => return predicate(rng, 2),
        _ => return any(rng),
    };
    if rng.u8(..16) == 0 { format!("{INVISIBLE}({value})") } else { value.to_owned() }
}

fn predicate(rng: &mut Rng, depth: usize) -> String {
    match rng.u8(..10) {
        0 | 1 if depth > 0 => {
            let parts: Vec<_> = (0..rng.usize(..4)).map(|_| predicate(rng, depth - 1)).collect();
            let word = if rng.u8(..10) == 0 { "all" } else { "any" };
            format!("{word}({})", parts.join(", "))
        }
        2 | 3 => format!("changed({})", pick(&EXPRESSIONS, rng)),
        4 => format!("changed({})", pick(&["|object| &object.spec", "crate::part", "part::<A>"], rng)),
        5 => format!("({})", word(&PREDICATE, rng)),
        6 => format!("{INVISIBLE}({})", word(&PREDICATE, rng)),
        _ => word(&PREDICATE, rng),
    }
}
