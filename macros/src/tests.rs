//! The whole derive: what it writes.

use std::collections::HashSet;
use std::path::Path;
use std::{env, fs};

use proc_macro2::{TokenStream, TokenTree};
use syn::DeriveInput;

use crate::derive::derive;
use crate::words::{OPERATOR, PREDICATE, SECONDARY};

/// Compares the expansion of `tests/expand/<name>.rs` with `<name>.expanded.rs` beside it; `UPDATE_EXPANSIONS=1` writes
/// that file anew.
fn compare(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expand");
    let input = fs::read_to_string(folder.join(name).with_extension("rs")).unwrap();
    let file = syn::parse2(derive(input.parse().unwrap())).unwrap();
    let expanded = prettyplease::unparse(&file);
    let path = folder.join(name).with_extension("expanded.rs");
    if env::var_os("UPDATE_EXPANSIONS").is_some() {
        fs::write(path, expanded).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    let line = expanded.lines().zip(expected.lines()).find(|(new, old)| new != old);
    assert!(
        expanded == expected,
        "{} differs from the expansion, first in {line:?}; UPDATE_EXPANSIONS=1 writes it anew",
        path.display()
    );
}

#[test]
fn expansion_of_one_secondary() {
    compare("smallest");
}

#[test]
fn expansion_of_an_operator_as_most_are() {
    compare("flagship");
}

#[test]
fn expansion_with_every_word() {
    compare("everything");
}

#[test]
fn expansion_for_a_kind_from_elsewhere() {
    compare("primary");
}

#[test]
fn expansion_beside_errors() {
    compare("fallback");
}

#[test]
fn another_path_to_the_runtime_replaces_all_of_them() {
    let input = include_str!("../tests/expand/flagship.rs").replace("(finalizer", "(crate = ::renamed, finalizer");
    let expanded = derive(input.parse().unwrap()).to_string();
    assert!(expanded.contains(":: renamed :: __private") && !expanded.contains("steersman ::"));
}

/// The words of the tokens behind `#[name`, in all attributes of this name.
fn words_in(tokens: TokenStream, name: &str) -> HashSet<String> {
    let input: DeriveInput = syn::parse2(tokens).unwrap();
    let attrs = input.attrs.iter().filter(|attr| attr.path().is_ident(name));
    let mut words = HashSet::new();
    attrs.for_each(|attr| collect(attr.meta.require_list().unwrap().tokens.clone(), &mut words));
    words
}

fn collect(tokens: TokenStream, words: &mut HashSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => collect(group.stream(), words),
            TokenTree::Ident(word) => drop(words.insert(word.to_string())),
            _ => {}
        }
    }
}

#[test]
fn everything_has_every_word_and_no_mistake() {
    let tokens: TokenStream = include_str!("../tests/expand/everything.rs").parse().unwrap();
    assert!(!derive(tokens.clone()).to_string().contains("compile_error"));
    let (operator, secondary) = (words_in(tokens.clone(), "operator"), words_in(tokens, "secondary"));
    for (words, used) in [(OPERATOR, &operator), (SECONDARY, &secondary), (PREDICATE, &(&operator | &secondary))] {
        let forgotten: Vec<_> = words.known().filter(|word| !used.contains(*word)).collect();
        assert!(forgotten.is_empty(), "tests/expand/everything.rs has no {forgotten:?}");
    }
}

#[test]
fn beside_errors_all_items_exist() {
    let expanded = include_str!("../tests/expand/fallback.expanded.rs");
    for item in ["WebAppSnapshot", "WebAppContext", "WebAppReconciler", "WebAppOperator<R>"] {
        let defined = ["struct", "trait"].iter().any(|word| expanded.contains(&format!("pub {word} {item}")));
        assert!(defined, "{item}");
    }
    for method in ["fn reconcile_deployment(", "fn reconcile_services(", "fn cleanup(", "fn operator<"] {
        assert!(expanded.contains(method), "{method}");
    }
}

#[test]
fn a_raw_name_has_no_mark_in_names_and_texts() {
    let input = "#[operator(primary = \"r#Type\")] #[secondary(Pod, label = \"type\")] struct r#struct;";
    let expanded = derive(input.parse().unwrap()).to_string();
    for part in ["struct structSnapshot", "impl r#struct", "new :: < r#Type > (\"struct\")", "names a `Type`"] {
        assert!(expanded.contains(part), "{part}: {expanded}");
    }
}
