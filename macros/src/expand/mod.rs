//! Model → tokens. Nothing here can fail, and nothing here sees an attribute.

mod adapter;
mod checks;
mod context;
mod predicate;
mod reconciler;
mod relation;
mod snapshot;

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::Ident;
use syn::ext::IdentExt;

use crate::model::{Operator, Secondary};

/// Which methods the reconciler trait has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Methods {
    /// Those that the declaration asks for, all required.
    AsDeclared,
    /// All that any declaration could ask for, none required: beside errors.
    Lenient,
}

/// The items that the user's code may name, the implementation behind them, and what only the compiler can check. Beside errors
/// as well: a mistake in one attribute does not hide those in others.
pub(crate) fn operator(model: &Operator, methods: Methods) -> TokenStream {
    let names = Names::new(model);
    let snapshot = snapshot::expand(model, &names);
    let context = context::expand(model, &names);
    let reconciler = reconciler::expand(model, &names, methods);
    let adapter = adapter::expand(model, &names);
    let checks = checks::expand(model, &names);
    quote! {
        #snapshot
        #context
        #reconciler
        #adapter
        #checks
    }
}

/// The names that the generated items share.
struct Names {
    snapshot: Ident,
    context: Ident,
    reconciler: Ident,
    adapter: Ident,
    /// The items that only generated code uses.
    private: TokenStream,
}

impl Names {
    fn new(model: &Operator) -> Self {
        // `r#struct` begins `structSnapshot`.
        let (krate, prefix) = (&model.krate, model.prefix.unraw());
        Self {
            snapshot: format_ident!("{prefix}Snapshot"),
            context: format_ident!("{prefix}Context"),
            reconciler: format_ident!("{prefix}Reconciler"),
            adapter: format_ident!("{prefix}Operator"),
            private: quote!(#krate::__private),
        }
    }
}

/// The same tokens, with their carets moved to `span`; what they mean stays as it is.
fn at(tokens: &TokenStream, span: Span) -> TokenStream {
    let move_token = |mut token: TokenTree| {
        if let TokenTree::Group(group) = &token {
            let delimiter = group.delimiter();
            token = TokenTree::Group(Group::new(delimiter, at(&group.stream(), span)));
        }
        token.set_span(token.span().located_at(span));
        token
    };
    tokens.clone().into_iter().map(move_token).collect()
}

/// `reconcile_<name>`, at the place that asks for it.
fn handler_method(secondary: &Secondary) -> Ident {
    let span = secondary.handler.unwrap_or_else(|| secondary.name.span());
    format_ident!("reconcile_{}", secondary.name, span = span)
}

/// A doc comment of several lines.
fn doc(lines: &[String]) -> TokenStream {
    let lines = lines.iter().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    quote!(#(#[doc = #lines])*)
}
