//! The items of an attribute: `word`, `key = value` and `key(..)`, separated by commas.
//!
//! Read one by one, and values only as tokens: a mistake in one item must not hide those in the others.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitInt, LitStr, Meta, Path, Token, parenthesized, token};

use super::source;
use crate::problems::Problems;
use crate::selector::{self, Requirement};
use crate::words::Words;

/// One item.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) key: Ident,
    value: Value,
}

#[derive(Debug)]
enum Value {
    Nothing,
    Assigned(TokenStream),
    Called(TokenStream),
}

/// The tokens between the parentheses of an attribute; `None` after a problem.
pub(crate) fn arguments(attr: &Attribute, example: &str, problems: &mut Problems) -> Option<TokenStream> {
    match &attr.meta {
        Meta::List(list) => Some(list.tokens.clone()),
        meta => {
            let name = attr.path().to_token_stream();
            problems.at(meta, format!("`#[{name}]` is written with parentheses; write `{example}`"));
            None
        }
    }
}

/// Reads the items that `words` knows; what it does not know becomes a problem, and what comes twice.
pub(crate) fn items(tokens: TokenStream, words: &Words, problems: &mut Problems) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            items.extend(item(input, problems));
            if !input.is_empty() {
                end_of_item(input, words, problems);
            }
        }
        Ok(())
    };
    // The parser itself never fails and reads to the end, but there may be more in an invisible group than was read of it.
    if let Err(error) = parser.parse2(tokens) {
        problems.push(error);
    }
    items.into_iter().filter(|item| item.is_known(words, problems)).collect()
}

fn item(input: ParseStream<'_>, problems: &mut Problems) -> Option<Item> {
    let first = input.span();
    let Ok(key) = input.call(Ident::parse_any) else {
        let rest = until_comma(input);
        if rest.is_empty() {
            problems.at_span(first, "there is no item before this comma; remove the comma");
            return None;
        }
        problems.at(&rest, "this is not an item of an attribute; write `word` or `key = value`");
        return None;
    };
    let is_colon = input.peek(Token![:]) && !input.peek(Token![::]);
    let value = if input.peek(Token![=]) || is_colon {
        // Known to be there.
        let _ = input.parse::<TokenTree>();
        let value = value(input);
        if value.is_empty() {
            problems.at(&key, format!("`{key}` has no value; write `{key} = ..`"));
            return None;
        }
        if is_colon {
            let text = source::tokens(value.clone());
            problems.at(&key, format!("`{key}` and its value are joined by `=`; write `{key} = {text}`"));
        }
        Value::Assigned(value)
    } else if input.peek(token::Paren) {
        Value::Called(in_parentheses(input).unwrap_or_default())
    } else {
        Value::Nothing
    };
    Some(Item { key, value })
}

/// A whole expression, as commas inside of it do not end the item (`map = |a, b| ..`), or else all up to the comma.
fn value(input: ParseStream<'_>) -> TokenStream {
    let fork = input.fork();
    match fork.parse::<Expr>() {
        Ok(expr) => {
            input.advance_to(&fork);
            expr.into_token_stream()
        }
        Err(_) => until_comma(input),
    }
}

fn in_parentheses(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let content;
    parenthesized!(content in input);
    content.parse()
}

fn end_of_item(input: ParseStream<'_>, words: &Words, problems: &mut Problems) {
    if !input.peek(Token![,]) && comma_is_missing(input, words, problems) {
        return;
    }
    // Either the comma or the end.
    let _: Option<Token![,]> = input.parse().unwrap_or_default();
}

/// Whether an item begins here. Anything else is passed over.
pub(crate) fn comma_is_missing(input: ParseStream<'_>, words: &Words, problems: &mut Problems) -> bool {
    let next = input.fork().call(Ident::parse_any).ok().filter(|next| words.knows(&next.to_string()));
    let place = next.as_ref().map_or_else(|| until_comma(input), ToTokens::to_token_stream);
    problems.at(&place, "a comma is missing before this; items are separated by `,`");
    next.is_some()
}

pub(crate) fn until_comma(input: ParseStream<'_>) -> TokenStream {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        match input.parse::<TokenTree>() {
            Ok(token) => tokens.extend([token]),
            Err(_) => break,
        }
    }
    tokens
}

impl Item {
    fn is_known(&self, words: &Words, problems: &mut Problems) -> bool {
        let word = self.key.to_string();
        let known = words.knows(&word);
        if !known {
            problems.at(&self.key, words.refuse(&word));
        }
        known
    }

    /// Stores `value` in its place, which must be empty: each item is given once.
    pub(crate) fn store<T>(&self, slot: &mut Option<T>, value: Option<T>, problems: &mut Problems) {
        let key = &self.key;
        if slot.is_some() {
            problems.at(key, format!("`{key}` is given twice; remove one of the two"));
        } else {
            *slot = value;
        }
    }

    /// A word without value.
    pub(crate) fn word(&self, problems: &mut Problems) -> Option<Span> {
        let key = &self.key;
        match &self.value {
            Value::Nothing => {}
            Value::Assigned(value) | Value::Called(value) => {
                let tokens = if value.is_empty() { key.to_token_stream() } else { value.clone() };
                problems.at(tokens, format!("`{key}` takes no value; write `{key}` alone"));
            }
        }
        // Meant is the word in any case.
        Some(key.span())
    }

    /// Whether nothing stands behind the word.
    pub(crate) fn is_word(&self) -> bool {
        matches!(self.value, Value::Nothing)
    }

    /// The tokens behind `=`.
    pub(crate) fn tokens(&self, example: &str, problems: &mut Problems) -> Option<&TokenStream> {
        match &self.value {
            Value::Assigned(tokens) => Some(tokens),
            Value::Nothing | Value::Called(_) => {
                problems.at(&self.key, format!("`{}` wants a value; write `{example}`", self.key));
                None
            }
        }
    }

    /// A string literal.
    pub(crate) fn string(&self, example: &str, problems: &mut Problems) -> Option<LitStr> {
        let tokens = self.tokens(example, problems)?;
        let literal = literal(tokens);
        if literal.is_none() {
            problems.at(tokens, format!("`{}` wants a string literal; write `{example}`", self.key));
        }
        literal
    }

    /// A string literal with a duration, of which numbers alone have this unit.
    pub(crate) fn duration(&self, unit: &str, example: &str, problems: &mut Problems) -> Option<LitStr> {
        let number = self.tokens(example, problems)?.clone();
        match syn::parse2::<LitInt>(number) {
            Ok(number) => self.string(&format!("{} = \"{}{unit}\"", self.key, number.base10_digits()), problems),
            Err(_) => self.string(example, problems),
        }
    }

    /// A list of string literals, at least one.
    pub(crate) fn strings(&self, example: &str, problems: &mut Problems) -> Option<Vec<LitStr>> {
        let tokens = self.tokens(example, problems)?;
        let elements = match syn::parse2(tokens.clone()).map(peel) {
            Ok(Expr::Array(array)) if !array.elems.is_empty() => array.elems,
            _ => {
                problems.at(tokens, format!("`{}` wants a list of string literals; write `{example}`", self.key));
                return None;
            }
        };
        let mut literals = Vec::new();
        for element in elements {
            match literal(&element.to_token_stream()) {
                Some(literal) => literals.push(literal),
                None => problems.at(&element, format!("`{}` lists string literals; write `{example}`", self.key)),
            }
        }
        Some(literals)
    }

    /// `true` or `false`.
    pub(crate) fn bool(&self, example: &str, problems: &mut Problems) -> Option<bool> {
        let tokens = self.tokens(example, problems)?;
        match syn::parse2(tokens.clone()).map(peel) {
            Ok(Expr::Lit(ExprLit { lit: Lit::Bool(literal), .. })) => Some(literal.value),
            _ => {
                problems.at(tokens, format!("`{}` is `true` or `false`; write `{example}`", self.key));
                None
            }
        }
    }

    /// A path without quotes.
    pub(crate) fn path(&self, example: &str, problems: &mut Problems) -> Option<Path> {
        let tokens = self.tokens(example, problems)?;
        if let Some(quoted) = self.quoted(tokens, Path::parse_mod_style, problems) {
            return Some(quoted);
        }
        let path = path(tokens);
        if path.is_none() {
            problems.at(tokens, format!("`{}` wants a path without quotes; write `{example}`", self.key));
        }
        path
    }

    /// What stands in quotes although it should not, so that it counts nevertheless.
    pub(crate) fn quoted<T>(
        &self,
        tokens: &TokenStream,
        parser: impl FnOnce(ParseStream<'_>) -> syn::Result<T>,
        problems: &mut Problems,
    ) -> Option<T> {
        let literal = literal(tokens)?;
        let value = literal.parse_with(parser).ok()?;
        problems.at(&literal, format!("`{0}` is written without quotes; write `{0} = {1}`", self.key, literal.value()));
        Some(value)
    }

    /// One identifier without quotes; keywords too, so that there can be a better message for them.
    pub(crate) fn ident(&self, example: &str, problems: &mut Problems) -> Option<Ident> {
        let tokens = self.tokens(example, problems)?;
        if let Some(quoted) = self.quoted(tokens, Ident::parse, problems) {
            return Some(quoted);
        }
        let ident = Ident::parse_any.parse2(tokens.clone()).ok();
        if ident.is_none() {
            problems.at(tokens, format!("`{}` wants one name without quotes; write `{example}`", self.key));
        }
        ident
    }
}

/// `selector = ".."`.
pub(crate) fn selector(item: &Item, problems: &mut Problems) -> Option<Vec<Requirement>> {
    let literal = item.string("selector = \"app = web, tier in (front, back)\"", problems)?;
    selector::parse(&literal.value()).map_err(|message| problems.at(&literal, message)).ok()
}

/// `tokens` as a string literal, also if a `macro_rules` has put an invisible group around it.
pub(crate) fn literal(tokens: &TokenStream) -> Option<LitStr> {
    match peel(syn::parse2(tokens.clone()).ok()?) {
        Expr::Lit(expr) => match expr.lit {
            Lit::Str(literal) => Some(literal),
            _ => None,
        },
        _ => None,
    }
}

pub(crate) fn path(tokens: &TokenStream) -> Option<Path> {
    match peel(syn::parse2(tokens.clone()).ok()?) {
        Expr::Path(expr) if expr.qself.is_none() => Some(expr.path),
        _ => None,
    }
}

/// Without the invisible groups of `macro_rules`, and without parentheses.
pub(crate) fn peel(expr: Expr) -> Expr {
    match expr {
        Expr::Group(group) => peel(*group.expr),
        Expr::Paren(paren) => peel(*paren.expr),
        expr => expr,
    }
}

/// The span of the first token.
pub(crate) fn first_span(tokens: &TokenStream) -> Span {
    tokens.clone().into_iter().next().map_or_else(|| tokens.span(), |token| token.span())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::OPERATOR;
    use proc_macro2::{Delimiter, Group};
    use quote::quote;

    fn keys(tokens: TokenStream) -> (Vec<String>, Vec<String>) {
        let mut problems = Problems::default();
        let items = items(tokens, &OPERATOR, &mut problems);
        (items.iter().map(|item| item.key.to_string()).collect(), problems.messages())
    }

    #[test]
    fn too_much_in_an_invisible_group_takes_no_item_away() {
        let group = Group::new(Delimiter::None, quote!(a,));
        let (keys, messages) = keys(quote!(timeout = #group, primary = "Gateway"));
        assert_eq!(keys, ["timeout", "primary"]);
        assert!(!messages.is_empty());
    }

    #[test]
    fn a_comma_without_an_item_is_refused_once() {
        let (keys, messages) = keys(quote!(, timeout = "1s",, primary = "Gateway",));
        assert_eq!(keys, ["timeout", "primary"]);
        assert_eq!(messages, ["there is no item before this comma; remove the comma"; 2]);
    }
}
