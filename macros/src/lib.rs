//! The derive macro of [steersman](https://docs.rs/steersman), which re-exports it: depend on that crate, not on this one.

mod attrs;
mod derive;
mod duration;
mod expand;
mod fallback;
mod fields;
mod finalizer;
mod model;
mod naming;
mod problems;
mod qualified;
mod selector;
mod validate;
mod words;

#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// Declares a Kubernetes operator: its primary resource, the secondary resources that belong to it, and what of them wakes it.
///
#[doc = include_str!("../docs/operator.md")]
#[doc = include_str!("../docs/relations.md")]
#[doc = include_str!("../docs/predicates.md")]
#[doc = include_str!("../docs/settings.md")]
#[doc = include_str!("../docs/elsewhere.md")]
#[proc_macro_derive(Operator, attributes(kube, operator, secondary))]
pub fn operator(input: TokenStream) -> TokenStream {
    derive::derive(input.into()).into()
}
