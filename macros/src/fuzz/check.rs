//! What has to be true of every expansion.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Data, DeriveInput, Fields, File, Item, Meta};

use super::tree;
use crate::derive::derive;

/// What one case came to.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    /// Everything holds; whether the derive had no errors to report.
    Good { accepted: bool },
    /// The text is none of tokens, so it was no case.
    NoTokens,
    /// Something does not hold.
    Fault(String),
}

/// Expands a text and looks at what comes out. A second expansion, to compare the two, takes as long as all of the rest.
pub(super) fn check(text: &str, is_compared: bool) -> Outcome {
    // The places of all texts before, or the memory for them would only grow. From here on this text is the first one.
    proc_macro2::extra::invalidate_current_thread_spans();
    let Some(input) = tree::tokens(text) else { return Outcome::NoTokens };
    let checked = catch_unwind(AssertUnwindSafe(|| expansion(&input, is_compared)));
    match checked {
        Ok(Ok(accepted)) => Outcome::Good { accepted },
        Ok(Err(fault)) => Outcome::Fault(fault),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default();
            Outcome::Fault(format!("it panics: {text}"))
        }
    }
}

fn expansion(input: &TokenStream, is_compared: bool) -> Result<bool, String> {
    let output = derive(input.clone());
    if is_compared && derive(input.clone()).to_string() != output.to_string() {
        return Err("a second expansion differs from the first".to_owned());
    }
    let errors = errors_have_places(input, &output)?;
    // Without a copy, which would take most of the time.
    let file: File = syn::parse2(output).map_err(|error| format!("the output is not Rust: {error}"))?;
    if let Some(name) = name(input) {
        let defined = defined(&file);
        let missing = ["Snapshot", "Context", "Reconciler", "Operator"].map(|what| format!("{name}{what}"));
        if let Some(missing) = missing.iter().find(|missing| !defined.contains(*missing)) {
            return Err(format!("a name is not defined: `{missing}`"));
        }
    }
    Ok(errors == 0)
}

/// Counts the `compile_error!`s. Each points at something that the user wrote, not at the name of the derive.
fn errors_have_places(input: &TokenStream, output: &TokenStream) -> Result<usize, String> {
    let tokens: Vec<TokenTree> = output.clone().into_iter().collect();
    let mut errors = 0;
    for window in tokens.windows(3) {
        let [TokenTree::Ident(word), TokenTree::Punct(_), TokenTree::Group(message)] = window else { continue };
        if word != "compile_error" {
            continue;
        }
        errors += 1;
        // Nothing was written where there could be a place.
        if !input.is_empty() && ![word.span(), message.span()].into_iter().all(is_in_input) {
            return Err(format!("this error points at nothing that the user wrote: {}", message.stream()));
        }
    }
    Ok(errors)
}

fn is_in_input(span: Span) -> bool {
    span.file() == "<parsed string 1>" && !span.byte_range().is_empty()
}

/// What the generated names begin with, read in the most simple way: `None` if there need not be any.
fn name(input: &TokenStream) -> Option<String> {
    let input: DeriveInput = syn::parse2(input.clone()).ok()?;
    let Data::Struct(data) = &input.data else { return None };
    let is_unit = matches!(data.fields, Fields::Unit);
    if is_unit && mentions_primary(&input) {
        let primary = string(&input, "operator", "primary").filter(|_| input.generics.params.is_empty());
        return primary.map(|_| unraw(&input.ident)).filter(|name| !defines_itself(&input, name));
    }
    let is_kind = input.attrs.iter().any(|attr| attr.path().is_ident("kube"));
    is_kind.then(|| string(&input, "kube", "root").or_else(|| string(&input, "kube", "kind"))).flatten()
}

fn mentions_primary(input: &DeriveInput) -> bool {
    let operators = input.attrs.iter().filter(|attr| attr.path().is_ident("operator"));
    operators.map(|attr| attr.to_token_stream().to_string()).any(|text| text.contains("primary"))
}

/// `primary = "X"` on `struct X`.
fn defines_itself(input: &DeriveInput, name: &str) -> bool {
    string(input, "operator", "primary").is_some_and(|primary| primary == name)
}

/// The string of `key = ".."` between commas in the attribute of this name, if it is an identifier and the first one of this
/// key.
fn string(input: &DeriveInput, attribute: &str, key: &str) -> Option<String> {
    let attrs = input.attrs.iter().filter(|attr| attr.path().is_ident(attribute));
    let lists = attrs.filter_map(|attr| if let Meta::List(list) = &attr.meta { Some(&list.tokens) } else { None });
    for list in lists {
        let tokens: Vec<TokenTree> = list.clone().into_iter().collect();
        let mut items = tokens.split(|token| token.to_string() == ",");
        let item = items.find(|item| matches!(item, [TokenTree::Ident(word), ..] if word == key));
        match item {
            Some([_, TokenTree::Punct(sign), TokenTree::Literal(literal)]) if sign.as_char() == '=' => {
                let literal: syn::LitStr = syn::parse2(TokenTree::from(literal.clone()).into()).ok()?;
                return Some(unraw(&literal.parse().ok()?));
            }
            Some(_) => return None,
            None => {}
        }
    }
    None
}

fn unraw(name: &syn::Ident) -> String {
    syn::ext::IdentExt::unraw(name).to_string()
}

fn defined(file: &File) -> HashSet<String> {
    let name = |item: &Item| match item {
        Item::Struct(item) => Some(unraw(&item.ident)),
        Item::Trait(item) => Some(unraw(&item.ident)),
        _ => None,
    };
    file.items.iter().filter_map(name).collect()
}
