//! Inputs that look like what people write: mostly right, with something wrong here and there.

use fastrand::Rng;

use super::values::{self, KINDS, pick};
use crate::words::{OPERATOR, SECONDARY, Words};

const VISIBILITIES: [&str; 6] = ["", "pub", "pub(crate)", "pub(super)", "pub(in crate::a)", "pub(self)"];
const GENERICS: [&str; 5] = ["<T>", "<'a, T: Clone + 'a, const N: usize>", "<>", "<T = u8>", "<#[a] T>"];
const NAMES: [&str; 12] =
    ["WebAppSpec", "WebApp", "Spec", "X", "_x", "__", "r#type", "r#struct", "Größe", "日本", "WebAppSnapshot", "lower"];
const KUBE: [&str; 16] = [
    "group = \"demo.steersman.dev\"",
    "version = \"v1\"",
    "namespaced",
    "status = \"WebAppStatus\"",
    "status = WebAppStatus",
    "status = 5",
    "status =",
    "no_spec",
    "root = \"Other\"",
    "root = other::Root",
    "shortname = \"w\"",
    "selectable = \".spec.a\"",
    "derive = \"PartialEq\"",
    "validation = Rule::new(\"self.a\").message(\"m\")",
    "scale(spec_replicas_path = \".spec.replicas\")",
    "crates(kube =)",
];
const OTHERS: [&str; 9] = [
    "/// Text.\n",
    "#[doc = \"text\"]",
    "#[serde(rename_all = \"camelCase\")]",
    "#[derive(Clone)]",
    "#[cfg(x)]",
    "#[kube::secondary(Pod)]",
    "#[r#operator(resync = \"5m\")]",
    "#[r#secondary(Pod)]",
    "#[allow(x)]",
];

/// An attribute and what it is put on.
pub(super) fn input(rng: &mut Rng) -> String {
    let of_unit = rng.u8(..4) == 0;
    let mut attributes = Vec::new();
    if !of_unit || rng.u8(..12) == 0 {
        attributes.push(kube(rng));
    }
    if of_unit || rng.bool() {
        attributes.push(operator(of_unit, rng));
    }
    if rng.u8(..16) == 0 {
        attributes.push(operator(false, rng));
        attributes.push(kube(rng));
    }
    for _ in 0..secondaries(rng) {
        attributes.push(secondary(rng));
    }
    if rng.u8(..6) == 0 {
        attributes.push(pick(&OTHERS, rng).to_owned());
    }
    if rng.u8(..12) == 0 {
        chain(&mut attributes, rng);
    }
    if rng.u8(..3) == 0 {
        rng.shuffle(&mut attributes);
    }
    let body = body(of_unit, rng);
    attributes.join("\n") + "\n" + &body
}

fn secondaries(rng: &mut Rng) -> usize {
    match rng.u16(..2000) {
        // More than an operator may have.
        0 => rng.usize(60..=70),
        1..20 => rng.usize(5..12),
        _ => rng.usize(..4),
    }
}

fn kube(rng: &mut Rng) -> String {
    let kind = match rng.u8(..16) {
        0 => format!("kind = {}", values::any(rng)),
        1 => format!("kind = {}", values::string(rng)),
        2 => String::new(),
        3 => format!("kind = \"{}\"", "Lang".repeat(rng.usize(..80))),
        4 => format!("kind = \"{}\"", pick(&NAMES, rng)),
        _ => "kind = \"WebApp\"".to_owned(),
    };
    let mut items = vec![kind];
    for _ in 0..rng.usize(..5) {
        items.push(pick(&KUBE, rng).to_owned());
    }
    rng.shuffle(&mut items);
    attribute("kube", &items.join(", "), rng)
}

fn operator(of_unit: bool, rng: &mut Rng) -> String {
    let mut items: Vec<_> = (0..rng.usize(..4)).map(|_| item(&OPERATOR, rng)).collect();
    if !of_unit {
        items.retain(|item| !item.starts_with("primary") || rng.u8(..8) == 0);
    } else if rng.u8(..10) > 0 {
        items.insert(0, format!("primary = {}", values::right("primary", rng)));
    }
    attribute("operator", &join(&items, rng), rng)
}

fn secondary(rng: &mut Rng) -> String {
    let mut items = match rng.u8(..24) {
        0 => Vec::new(),
        1 => vec![values::any(rng)],
        2 => vec![format!("\"{}\"", pick(&KINDS, rng))],
        3 => vec![format!("{}({})", super::tree::INVISIBLE, pick(&KINDS, rng))],
        4 => vec![format!("K{}", "ind".repeat(rng.usize(..100)))],
        _ => vec![pick(&KINDS, rng).to_owned()],
    };
    items.extend((0..rng.usize(..4)).map(|_| item(&SECONDARY, rng)));
    attribute("secondary", &join(&items, rng), rng)
}

/// Secondaries that belong to one another, also in a circle.
fn chain(attributes: &mut Vec<String>, rng: &mut Rng) {
    let length = rng.usize(1..6);
    let circle = rng.bool();
    for i in 0..length {
        let parent = if i + 1 < length {
            i + 1
        } else if circle {
            rng.usize(..length)
        } else {
            length + 1
        };
        let through = if parent > length { String::new() } else { format!(", through = Kind{parent}") };
        let any = if rng.u8(..4) == 0 { ", owned = any" } else { "" };
        attributes.push(format!("#[secondary(Kind{i}{through}{any})]"));
    }
}

/// Words that stand alone mostly do, and the others mostly have a value.
fn item(words: &Words, rng: &mut Rng) -> String {
    let word = values::word(words, rng);
    const ALONE: [&str; 8] =
        ["owned", "one", "handler", "metadata", "optional", "write", "cross_namespace", "unbounded"];
    match rng.u8(..24) {
        0 => format!("{word} = {}", values::any(rng)),
        1 => format!("{word}({})", values::any(rng)),
        2 => word,
        3 => values::any(rng),
        _ if ALONE.contains(&&*word) => word,
        _ => format!("{word} = {}", values::right(&word, rng)),
    }
}

fn join(items: &[String], rng: &mut Rng) -> String {
    let comma = if rng.u8(..60) == 0 { pick(&["", ";", ",,", " , , "], rng) } else { ", " };
    let end = if rng.u8(..10) == 0 { "," } else { "" };
    items.join(comma) + end
}

fn attribute(name: &str, items: &str, rng: &mut Rng) -> String {
    match rng.u8(..80) {
        0 => format!("#[{name}]"),
        1 => format!("#[{name} = {items}]"),
        2 => format!("#[{name} = \"x\"]"),
        3 => format!("#[{name}[{items}]]"),
        4 => format!("#[{name}{{{items}}}]"),
        5 => format!("#[{name}::{name}({items})]"),
        6 => format!("#[{name}() {items}]"),
        7 => format!("#![{name}({items})]"),
        8 => format!("#[unsafe({name}({items}))]"),
        _ => format!("#[{name}({items})]"),
    }
}

fn body(of_unit: bool, rng: &mut Rng) -> String {
    let vis = pick(&VISIBILITIES, rng);
    let name = if rng.u8(..4) == 0 { pick(&NAMES, rng) } else { "WebAppSpec" };
    let generics = if rng.u8(..16) == 0 { pick(&GENERICS, rng) } else { "" };
    let clause = if rng.u8(..24) == 0 { "where u8: Copy" } else { "" };
    match rng.u8(..24) {
        0 => format!("{vis} enum {name} {generics} {clause} {{ A, B(u8), C {{ #[secondary(Pod)] d: u8 }} = 3 }}"),
        1 => format!("{vis} union {name} {generics} {clause} {{ a: u8 }}"),
        2 => format!("{vis} struct {name} {generics} (pub A, #[secondary(Pod)] B) {clause};"),
        3 => format!("{vis} struct {name} {generics} {clause} {{ #[operator(resync = \"5m\")] pub r#type: Vec<u8>, }}"),
        4 => format!("{vis} {} {name} {generics}", values::token(rng)),
        5 => format!("{vis} struct {name} {generics} {clause};"),
        6 => format!("{vis} struct {name} {generics} {clause} {{}}"),
        _ if of_unit => format!("{vis} struct {name}{generics};"),
        _ => format!("{vis} struct {name} {generics} {clause} {{ pub replicas: i32 }}"),
    }
}
