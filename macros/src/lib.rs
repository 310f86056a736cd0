//! The derive macro of steersman.

mod attrs;
mod derive;
mod duration;
mod expand;
mod fallback;
mod finalizer;
mod model;
mod naming;
mod problems;
mod validate;
mod words;

use proc_macro::TokenStream;

/// Declares an operator.
#[proc_macro_derive(Operator, attributes(kube, operator, secondary))]
pub fn operator(input: TokenStream) -> TokenStream {
    derive::derive(input.into()).into()
}
