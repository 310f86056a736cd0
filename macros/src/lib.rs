//! The derive macro of [steersman](https://docs.rs/steersman), which re-exports it: depend on that crate, not on this one.
#![forbid(unsafe_code)]

mod attrs;
mod derive;
mod duration;
mod expand;
mod fallback;
mod fields;
mod finalizer;
mod input;
mod model;
mod naming;
mod problems;
mod qualified;
mod reconciler;
mod selector;
mod validate;
mod words;

#[cfg(test)]
mod clock;
#[cfg(test)]
mod fuzz;
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
#[doc = include_str!("../docs/messages.md")]
#[doc = include_str!("../docs/mistakes.md")]
#[proc_macro_derive(Operator, attributes(kube, operator, secondary))]
pub fn operator(input: TokenStream) -> TokenStream {
    derive::derive(input.into()).into()
}

/// Says what is wrong with the implementation of a reconciler, and shows how it has to be.
///
/// It stands on the `impl` of the generated trait and leaves it as it is, if it is right. The compiler alone says of some
/// mistakes little more than that there is one, such as a method with too few arguments, one that is not `async`, or the handler
/// of a secondary that declares none.
///
#[doc = include_str!("../docs/reconciler.md")]
#[proc_macro_attribute]
pub fn reconciler(arguments: TokenStream, item: TokenStream) -> TokenStream {
    reconciler::attribute(&arguments.into(), item.into()).into()
}

#[doc(hidden)]
#[proc_macro]
pub fn check_reconciler(input: TokenStream) -> TokenStream {
    reconciler::check(input.into()).into()
}
