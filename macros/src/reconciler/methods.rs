//! Which method of the trait is meant, if any.

use syn::{ImplItem, ItemImpl, Signature};

use super::declared::Declared;
use super::signature;
use crate::problems::Problems;
use crate::words;

/// Checks one method of the block; gives the name of the method of the trait that it is, or seems to be.
pub(super) fn check(signature: &Signature, declared: &Declared, problems: &mut Problems) -> Option<String> {
    let name = &signature.ident;
    let text = name.to_string();
    if let Some(answer) = declared.answer(&text) {
        signature::check(signature, answer, declared, problems);
        return Some(text);
    }
    if let Some(source) = declared.silent(&text) {
        let with = source.strip_suffix(")]").map(|source| format!("{source}, handler)]")).unwrap_or_default();
        problems
            .at(name, format!("`{text}` would never be called, as `{source}` does not say `handler`; write `{with}`"));
        return None;
    }
    if text == "error_policy" {
        problems.at(name, "there is no `error_policy`, as a run that fails is repeated with growing waits; remove it");
        return None;
    }
    if declared.is_vague {
        return None;
    }
    if text == "cleanup" {
        problems.at(
            name,
            "`cleanup` would never be called, as no finalizer is declared; write `#[operator(finalizer = \
             \"demo.example.com/cleanup\")]`",
        );
        return None;
    }
    let methods: Vec<String> = declared.methods().map(|(name, _)| name).collect();
    let near = near(&text, &methods);
    problems.at(name, unknown(&text, near, &methods, declared));
    near.map(str::to_owned)
}

/// Whether the block has a method of this name.
pub(super) fn is_there(block: &ItemImpl, method: &str) -> bool {
    block.items.iter().any(|item| matches!(item, ImplItem::Fn(function) if function.sig.ident == method))
}

/// Reports the methods that the block does not have, and gives their names.
pub(super) fn missing(block: &ItemImpl, meant: &[String], declared: &Declared, problems: &mut Problems) -> Vec<String> {
    if declared.is_vague {
        return Vec::new();
    }
    let missing = declared.methods().filter(|(method, _)| !is_there(block, method) && !meant.contains(method));
    let missing: Vec<_> = missing.collect();
    for (method, source) in &missing {
        let asks = if source.is_empty() { String::new() } else { format!(", and `{source}` asks for it") };
        let wanted = declared.signature(method, signature::DEFAULT_NAMES);
        let path = block.trait_.as_ref().map(|(path, _)| path);
        problems.at(path, format!("`{method}` is missing{asks}; write `{wanted}`"));
    }
    missing.into_iter().map(|(method, _)| method).collect()
}

/// All handlers look alike: there what counts is the end.
fn near<'a>(text: &str, methods: &'a [String]) -> Option<&'a str> {
    match text.strip_prefix("reconcile_") {
        Some(end) => {
            let ends = methods.iter().filter_map(|method| method.strip_prefix("reconcile_"));
            let near = words::nearest(end, ends)?;
            methods.iter().map(String::as_str).find(|method| method.strip_prefix("reconcile_") == Some(near))
        }
        None => words::nearest(text, methods.iter().map(String::as_str)),
    }
}

fn unknown(text: &str, near: Option<&str>, methods: &[String], declared: &Declared) -> String {
    let of = declared.item("Reconciler");
    if let Some(near) = near {
        return format!("`{text}` is no method of `{of}`; did you mean `{near}`?");
    }
    if !text.starts_with("reconcile_") {
        return format!("`{text}` is no method of `{of}`; move it to an `impl` block of its own");
    }
    let handlers: Vec<_> =
        methods.iter().filter(|method| method.starts_with("reconcile_")).map(|method| format!("`{method}`")).collect();
    let declared = match &*handlers {
        [] => "which has no handlers".to_owned(),
        handlers => format!("whose handlers are {}", handlers.join(", ")),
    };
    format!(
        "`{text}` is the handler of no secondary of this operator, {declared}; declare it: `#[secondary(.., handler)]`"
    )
}
