//! An attribute as its user wrote it, on one line.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, MacroDelimiter, Meta};

/// `#[secondary(Deployment, one)]`.
pub(crate) fn text(attr: &Attribute) -> String {
    let arguments = match &attr.meta {
        Meta::List(list) => {
            let span = match &list.delimiter {
                MacroDelimiter::Paren(token) => token.span.join(),
                MacroDelimiter::Brace(token) => token.span.join(),
                MacroDelimiter::Bracket(token) => token.span.join(),
            };
            // A comment would swallow the rest of the line, and `$` is a variable of a `macro_rules`.
            let is_plain = |text: &String| text.starts_with('(') && !["//", "/*", "$"].iter().any(|c| text.contains(c));
            match span.source_text().filter(is_plain) {
                Some(text) => one_line(&text),
                None => format!("({})", tokens(list.tokens.clone())),
            }
        }
        _ => String::new(),
    };
    format!("#[{}{arguments}]", attr.path().to_token_stream())
}

fn one_line(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.replace("( ", "(").replace(" )", ")").replace(",)", ")")
}

/// Spaces as most people set them; for code out of a `macro_rules`, which has no source text.
pub(super) fn tokens(tokens: TokenStream) -> String {
    let mut text = String::new();
    let mut in_bars = false;
    // Nothing is glued to what is at the left of it, unless it wants to be.
    let mut glued = true;
    for token in tokens {
        let (word, space_before, space_after) = match &token {
            TokenTree::Punct(punct) => {
                let (before, after) = match punct.as_char() {
                    ',' | ';' => (false, true),
                    '|' => {
                        in_bars = !in_bars;
                        (in_bars, !in_bars)
                    }
                    '&' => (true, false),
                    '=' | '+' | '*' | '/' => (true, punct.spacing() == Spacing::Alone),
                    _ => (false, false),
                };
                (punct.as_char().to_string(), before, after)
            }
            TokenTree::Group(group) => {
                let inner = self::tokens(group.stream());
                match group.delimiter() {
                    Delimiter::Parenthesis => (format!("({inner})"), false, true),
                    Delimiter::Bracket => (format!("[{inner}]"), false, true),
                    Delimiter::Brace => (format!("{{ {inner} }}"), true, true),
                    Delimiter::None => (inner, true, true),
                }
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => (token.to_string(), true, true),
        };
        if space_before && !glued {
            text.push(' ');
        }
        text.push_str(&word);
        glued = !space_after;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn from_tokens() {
        let attr: Attribute =
            parse_quote!(#[secondary(apps::v1::Deployment, one, predicate = any(spec_changed, changed(|d| d.status)))]);
        assert_eq!(
            text(&attr),
            "#[secondary(apps::v1::Deployment, one, predicate = any(spec_changed, changed(|d| d.status)))]"
        );
    }

    #[test]
    fn several_lines_become_one() {
        assert_eq!(one_line("(\n    Pod,\n    one,\n)"), "(Pod, one)");
    }
}
