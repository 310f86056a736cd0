//! Editors expand while an attribute is being typed. Everything else has to be there then, or completion has nothing to
//! offer and the code below is red.

use std::collections::BTreeSet;

use syn::{File, ImplItem, Item, TraitItem, Type, TypePath};

use super::tree::{self, Tree};
use crate::derive::derive;
use crate::naming;

/// What the user's code can name of one operator.
#[derive(Debug, Default)]
struct Generated {
    types: BTreeSet<String>,
    /// Of the snapshot.
    fields: BTreeSet<String>,
    /// Of the context.
    handles: BTreeSet<String>,
    /// Of the trait.
    methods: BTreeSet<String>,
}

fn generated(text: &str) -> Generated {
    let file: File = syn::parse2(derive(tree::tokens(text).unwrap())).unwrap();
    let mut generated = Generated::default();
    for item in file.items {
        match item {
            Item::Struct(item) => {
                let fields = item.fields.iter().filter_map(|field| field.ident.as_ref());
                generated.fields.extend(fields.map(ToString::to_string));
                generated.types.insert(item.ident.to_string());
            }
            Item::Trait(item) => {
                let methods = item.items.iter().filter_map(|item| match item {
                    TraitItem::Fn(method) => Some(method.sig.ident.to_string()),
                    _ => None,
                });
                generated.methods.extend(methods);
                generated.types.insert(item.ident.to_string());
            }
            Item::Impl(item) if is_context(&item.self_ty) => {
                let methods = item.items.iter().filter_map(|item| match item {
                    ImplItem::Fn(method) => Some(method.sig.ident.to_string()),
                    _ => None,
                });
                generated.handles.extend(methods);
            }
            _ => {}
        }
    }
    generated
}

fn is_context(ty: &Type) -> bool {
    matches!(ty, Type::Path(ty) if ty.path.is_ident("WebAppContext"))
}

const FLAGSHIP: &str = include_str!("../../tests/expand/flagship.rs");

/// Each attribute of the flagship as it comes to be, the others being whole: its place among them, what is there of it, and
/// the text of all.
fn half_typed() -> Vec<(usize, Tree, String)> {
    let whole = tree::read(FLAGSHIP).unwrap();
    let places = (0..whole.len()).filter(|i| matches!(&whole[*i], Tree::Token(sign) if sign == "#"));
    let mut inputs = Vec::new();
    for (attribute, place) in places.enumerate() {
        for half in halves(&whole[place + 1]) {
            let mut trees = whole.clone();
            trees[place + 1] = half.clone();
            inputs.push((attribute, half, tree::write(&trees)));
        }
    }
    inputs
}

/// A tree cut behind each of its tokens, and in the middle of each word, with its groups closed.
fn halves(tree: &Tree) -> Vec<Tree> {
    match tree {
        Tree::Token(token) => {
            let is_word = token.chars().all(|c| c.is_alphanumeric() || c == '_') && token.len() > 1;
            let half = is_word.then(|| Tree::Token(token.chars().take(token.len() / 2).collect()));
            half.into_iter().collect()
        }
        Tree::Group(ends, inner) => {
            let mut halves = vec![Tree::Group(*ends, Vec::new())];
            for (i, last) in inner.iter().enumerate() {
                for last in self::halves(last).into_iter().chain([last.clone()]) {
                    halves.push(Tree::Group(*ends, inner[..i].iter().cloned().chain([last]).collect()));
                }
            }
            halves
        }
    }
}

/// What stands between the parentheses of an attribute.
fn items(attribute: &Tree) -> &[Tree] {
    match attribute {
        Tree::Group(_, tokens) => match tokens.last() {
            Some(Tree::Group(_, items)) => items,
            _ => &[],
        },
        Tree::Token(_) => &[],
    }
}

const FIELDS: usize = 4;
const FIRST_SECONDARY: usize = 2;

/// What each attribute gives: the field, and the methods.
const GIVES: [(&str, &[&str]); 6] = [
    ("", &[]),
    ("", &["cleanup"]),
    ("deployment", &["reconcile_deployment"]),
    ("service", &[]),
    ("config_maps", &[]),
    ("policies", &[]),
];

/// What nobody has to type again: all of it is there whichever attribute is being typed.
fn assert_of_operator(generated: &Generated, text: &str) {
    for name in ["Snapshot", "Context", "Reconciler", "Operator"] {
        assert!(generated.types.contains(&format!("WebApp{name}")), "{name}: {text}");
    }
    for handle in ["snapshot", "client", "triggers", "event", "primaries", "apply_status"] {
        assert!(generated.handles.contains(handle), "{handle}: {text}");
    }
    assert!(generated.methods.contains("reconcile"), "{text}");
}

/// Whether the type of a half-typed secondary can be read, and gives a name.
fn has_field(half: &Tree) -> bool {
    let is_comma = |token: &Tree| matches!(token, Tree::Token(comma) if comma == ",");
    let ty = items(half).split(is_comma).map(tree::write).next().unwrap_or_default();
    let Ok(ty) = syn::parse_str::<TypePath>(&ty) else { return false };
    let kind = ty.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
    // `a` on the way to `apps` would be the field `as`.
    !naming::is_keyword(&naming::plural(&naming::snake(&kind)))
}

#[test]
fn half_an_attribute_takes_nothing_else_away() {
    for (typed, half, text) in half_typed() {
        let has_kind = || items(&half).windows(3).any(|item| tree::write(item) == "kind = \"WebApp\" ");
        // Without the kind there are no names.
        if typed == 0 && !has_kind() {
            continue;
        }
        let generated = generated(&text);
        assert_of_operator(&generated, &text);
        for (_, (field, methods)) in GIVES.iter().enumerate().filter(|(attribute, _)| *attribute != typed) {
            let is_there = |names: &BTreeSet<String>| field.is_empty() || names.contains(*field);
            assert!(is_there(&generated.fields) && is_there(&generated.handles), "{field}: {text}");
            assert!(methods.iter().all(|method| generated.methods.contains(*method)), "{methods:?}: {text}");
        }
        let fields = FIELDS - usize::from(typed >= FIRST_SECONDARY && !has_field(&half));
        assert_eq!(generated.fields.len(), fields, "{text}");
    }
}

#[test]
fn half_a_field_takes_nothing_away() {
    for fields in ["pub", "pub replicas", "pub replicas:", "pub replicas: Vec<", "pub replicas: i32 pub", "#[] x: u8"] {
        let text = FLAGSHIP.replace("pub replicas: i32,", fields);
        assert_of_operator(&generated(&text), &text);
        assert_eq!(generated(&text).fields.len(), FIELDS, "{text}");
    }
}
