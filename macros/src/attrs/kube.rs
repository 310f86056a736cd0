//! What `#[kube(..)]` says about the kind. `#[derive(CustomResource)]` checks that attribute; here nothing is reported,
//! so that no mistake is reported twice.

use std::collections::HashSet;

use darling::FromDeriveInput;
use darling::ast::NestedMeta;
use darling::util::Flag;
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{DeriveInput, Ident, LitStr, Meta, Path};

/// Each item on its own may be wrong.
type Lenient<T> = Option<darling::Result<T>>;

#[derive(FromDeriveInput)]
#[darling(attributes(kube), allow_unknown_fields)]
struct Raw {
    #[darling(default)]
    kind: Lenient<LitStr>,
    #[darling(default)]
    root: Lenient<LitStr>,
    #[darling(default)]
    status: Lenient<Path>,
    #[darling(default)]
    no_spec: Flag,
}

impl Raw {
    fn root(&self) -> Option<Ident> {
        let readable = [&self.root, &self.kind].into_iter().flatten().find_map(|name| name.as_ref().ok());
        readable.and_then(|name| name.parse().ok())
    }
}

/// The part of `#[kube(..)]` that matters here.
#[derive(Debug)]
pub(crate) struct KubeAttr {
    /// The struct that `#[derive(CustomResource)]` writes; `None` if the attribute does not say it in a readable way.
    pub(crate) root: Option<Ident>,
    /// The type of the status.
    pub(crate) status: Option<Path>,
    /// Whether a status is declared, readable or not; a guess in favour of it if nothing is readable.
    pub(crate) has_status: bool,
    /// The fields of the spec stand at the top level of the object.
    pub(crate) no_spec: bool,
}

impl KubeAttr {
    pub(crate) fn read(input: &DeriveInput) -> Option<Self> {
        input.attrs.iter().find(|attr| attr.path().is_ident("kube"))?;
        let whole = Raw::from_derive_input(input).ok().filter(|raw| raw.root().is_some());
        let is_whole = whole.is_some();
        let Some(raw) = whole.or_else(|| Raw::from_derive_input(&mended(input)).ok()) else {
            return Some(Self { root: None, status: None, has_status: true, no_spec: false });
        };
        let root = raw.root();
        // What could not be read may have been it.
        let has_status = raw.status.is_some() || !is_whole;
        Some(Self { root, status: raw.status.and_then(Result::ok), has_status, no_spec: raw.no_spec.is_present() })
    }
}

/// With those items of `#[kube(..)]` alone that can be read, each of them once: one that is being typed must not take the
/// kind away.
fn mended(input: &DeriveInput) -> DeriveInput {
    let mut input = input.clone();
    let mut keys = HashSet::new();
    for attr in input.attrs.iter_mut().filter(|attr| attr.path().is_ident("kube")) {
        let items: Vec<Meta> = match &attr.meta {
            Meta::List(list) => pieces(list.tokens.clone()).into_iter().filter_map(readable).collect(),
            _ => Vec::new(),
        };
        let items = items.iter().filter(|item| keys.insert(item.path().to_token_stream().to_string()));
        attr.meta = syn::parse_quote!(kube(#(#items),*));
    }
    input
}

/// Where items begin: behind a comma, and at `key =` where the comma is missing.
fn pieces(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let is_sign =
        |token: Option<&TokenTree>, sign| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign);
    let mut pieces = vec![Vec::new()];
    for (i, token) in tokens.iter().enumerate() {
        let is_comma = is_sign(Some(token), ',');
        let is_key = matches!(token, TokenTree::Ident(_)) && is_sign(tokens.get(i + 1), '=');
        if is_comma || is_key {
            pieces.push(Vec::new());
        }
        if !is_comma {
            pieces.last_mut().into_iter().for_each(|piece| piece.push(token.clone()));
        }
    }
    pieces
}

/// The item at the front of a piece; a word of which the value is missing is none.
fn readable(mut piece: Vec<TokenTree>) -> Option<Meta> {
    let has_value = matches!(piece.get(1), Some(TokenTree::Punct(sign)) if sign.as_char() == '=');
    while !piece.is_empty() {
        match syn::parse2(piece.iter().cloned().collect()) {
            Ok(NestedMeta::Meta(Meta::Path(_))) if has_value => return None,
            Ok(NestedMeta::Meta(item)) => return Some(item),
            _ => drop(piece.pop()),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn read(items: TokenStream) -> KubeAttr {
        KubeAttr::read(&syn::parse_quote!(
            #[kube(#items)]
            struct WebAppSpec {}
        ))
        .unwrap()
    }

    #[test]
    fn an_item_that_is_being_typed_takes_no_other_away() {
        for items in [
            quote!(kind = "WebApp", status =),
            quote!(kind = "WebApp", status = = "WebAppStatus"),
            quote!(status =, kind = "WebApp"),
            quote!(status = kind = "WebApp"),
            quote!(version "v1", kind = "WebApp"),
            quote!(, kind = "WebApp"),
            quote!(kind = "WebApp" stat),
            quote!(kind = "WebApp" stat, version = "v1"),
            quote!(group = "a" kind = "WebApp"),
            quote!(kind = "WebApp", "WebAppStatus"),
            quote!(kind = "WebApp", kind = "Website"),
            quote!(kind =, kind = "WebApp"),
        ] {
            let read = read(items.clone());
            assert!(read.root.is_some_and(|root| root == "WebApp") && read.has_status, "{items}");
        }
    }

    #[test]
    fn what_is_right_beside_a_mistake_counts() {
        let read = read(quote!(kind = "WebApp", status = "web::Status", no_spec, version =));
        assert!(read.no_spec && read.status.is_some_and(|status| status.segments.len() == 2));
    }
}
