//! The annotated struct, also while somebody types in it.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, DeriveInput, parenthesized};

use crate::problems::Problems;

/// What cannot be read is a problem; then the struct comes without the attributes and fields that are at fault, if that
/// makes it one.
pub(crate) fn read(tokens: TokenStream, problems: &mut Problems) -> Option<DeriveInput> {
    match parse(tokens.clone()) {
        Ok(input) => Some(input),
        Err(error) => {
            problems.push(error);
            syn::parse2(mended(tokens)).ok()
        }
    }
}

/// Like [`syn::parse2`], but what is missing at the end is missing at the last token; there it is at the name of the derive.
pub(crate) fn parse<T: Parse>(tokens: TokenStream) -> syn::Result<T> {
    let Some(last) = tokens.clone().into_iter().last() else { return syn::parse2(tokens) };
    let mut whole = Group::new(Delimiter::Parenthesis, tokens);
    whole.set_span(end(&last));
    let parser = |input: ParseStream<'_>| {
        let content;
        parenthesized!(content in input);
        content.parse()
    };
    parser.parse2(TokenTree::from(whole).into())
}

fn end(token: &TokenTree) -> Span {
    match token {
        TokenTree::Group(group) => group.span_close(),
        token => token.span(),
    }
}

/// Nothing depends on the fields, so they are left out as a whole.
fn mended(tokens: TokenStream) -> TokenStream {
    let mut mended: Vec<TokenTree> = Vec::new();
    for token in tokens {
        let TokenTree::Group(group) = &token else {
            mended.push(token);
            continue;
        };
        let hash = mended.pop_if(|last| matches!(last, TokenTree::Punct(sign) if sign.as_char() == '#'));
        match (group.delimiter(), hash) {
            (Delimiter::Bracket, Some(hash)) => {
                let attribute = [hash, token];
                if Attribute::parse_outer.parse2(attribute.iter().cloned().collect()).is_ok() {
                    mended.extend(attribute);
                }
            }
            (Delimiter::Brace, None) => {
                let mut empty = Group::new(Delimiter::Brace, TokenStream::new());
                empty.set_span(group.span());
                mended.push(empty.into());
            }
            (_, hash) => mended.extend(hash.into_iter().chain([token])),
        }
    }
    mended.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> Option<String> {
        let mut problems = Problems::default();
        let input = read(text.parse().unwrap(), &mut problems)?;
        assert_eq!(problems.count(), 1, "{text}");
        let attrs: Vec<_> = input.attrs.iter().map(|attr| attr.path().get_ident().unwrap().to_string()).collect();
        Some(format!("{} {}", input.ident, attrs.join(" ")))
    }

    #[test]
    fn what_is_being_typed_is_left_out() {
        for text in [
            "#[a] #[] #[b(5)] struct S { x: u8 }",
            "#[a] #[kube::] #[b(5)] struct S { x: u8 }",
            "#[a] #[secondary = ] #[b(5)] struct S;",
            "#[a] #[secondary(Pod) x] #[b(5)] struct S;",
            "#[a] #[b(5)] pub struct S { x: }",
            "#[a] #[b(5)] pub struct S { x: u8 y }",
        ] {
            assert_eq!(kept(text).as_deref(), Some("S a b"), "{text}");
        }
        assert_eq!(kept("#[a] struct"), None);
    }

    #[test]
    fn what_is_missing_at_the_end_is_missing_at_the_last_token() {
        for (text, place) in [("#[a] x", 5..6), ("#", 0..1), ("#[a] pub(crate)", 14..15)] {
            let error = parse::<DeriveInput>(text.parse().unwrap()).unwrap_err();
            assert_eq!(error.span().byte_range(), place, "{text}");
        }
    }
}
