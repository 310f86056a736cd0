//! Collects everything that is wrong with one struct.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// The mistakes found so far. Every stage adds to it and goes on, so that one compile reports them all.
#[derive(Debug, Default)]
pub(crate) struct Problems(Option<syn::Error>);

impl Problems {
    /// A mistake whose caret covers all of `tokens`.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// A mistake at one token.
    pub(crate) fn at_span(&mut self, span: Span, message: impl Display) {
        self.push(syn::Error::new(span, message));
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// How many there are so far.
    pub(crate) fn count(&self) -> usize {
        self.0.iter().flatten().count()
    }

    /// The `compile_error!` of each mistake; `None` if there is none.
    pub(crate) fn finish(self) -> Option<TokenStream> {
        self.0.map(|errors| errors.to_compile_error())
    }

    /// The messages, in the order in which they were found.
    #[cfg(test)]
    pub(crate) fn messages(self) -> Vec<String> {
        self.0.map(|errors| errors.into_iter().map(|error| error.to_string()).collect()).unwrap_or_default()
    }
}
