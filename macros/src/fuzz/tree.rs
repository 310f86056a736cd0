//! Token trees that are cheap to change, and are text in between: only what is read from text has places.

use proc_macro2::{Delimiter, Group, Spacing, Span, TokenStream, TokenTree};

/// In texts, this word before parentheses makes them a group without delimiters, as a `macro_rules` does around what it
/// puts in.
pub(super) const INVISIBLE: &str = "invisible__";

/// One token, or several in a pair of delimiters.
#[derive(Clone, Debug)]
pub(super) enum Tree {
    /// Joined punctuation is one: `::`, `'a`.
    Token(String),
    Group([char; 2], Vec<Tree>),
}

/// The trees of a text; `None` if it is none of tokens.
pub(super) fn read(text: &str) -> Option<Vec<Tree>> {
    text.parse().ok().map(trees)
}

fn trees(tokens: TokenStream) -> Vec<Tree> {
    let mut trees = Vec::new();
    let mut joined = String::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let ends = match group.delimiter() {
                    Delimiter::Brace => ['{', '}'],
                    Delimiter::Bracket => ['[', ']'],
                    Delimiter::Parenthesis | Delimiter::None => ['(', ')'],
                };
                trees.push(Tree::Group(ends, self::trees(group.stream())));
            }
            TokenTree::Punct(punct) if punct.spacing() == Spacing::Joint => joined.push(punct.as_char()),
            token => trees.push(Tree::Token(std::mem::take(&mut joined) + &token.to_string())),
        }
    }
    trees
}

/// The text of trees, which [`read`] reads again if the tokens are some.
pub(super) fn write(trees: &[Tree]) -> String {
    let mut text = String::new();
    write_to(trees, &mut text);
    text
}

fn write_to(trees: &[Tree], text: &mut String) {
    for tree in trees {
        match tree {
            Tree::Token(token) => text.push_str(token),
            Tree::Group([open, close], inner) => {
                text.push(*open);
                write_to(inner, text);
                text.push(*close);
            }
        }
        text.push(' ');
    }
}

/// How many trees there are, those in groups too.
pub(super) fn count(trees: &[Tree]) -> usize {
    let inner = |tree: &Tree| if let Tree::Group(_, inner) = tree { count(inner) } else { 0 };
    trees.iter().map(|tree| 1 + inner(tree)).sum()
}

/// Calls `change` with the siblings of the tree at place `n`, counted from the outside in, and its place among them.
pub(super) fn at(trees: &mut Vec<Tree>, n: usize, change: &mut dyn FnMut(&mut Vec<Tree>, usize)) {
    let mut left = n;
    for i in 0..trees.len() {
        if left == 0 {
            return change(trees, i);
        }
        left -= 1;
        if let Tree::Group(_, inner) = &mut trees[i] {
            let inside = count(inner);
            if left < inside {
                return at(inner, left, change);
            }
            left -= inside;
        }
    }
}

/// The tokens of a text with each [`INVISIBLE`] group made; their spans are places in the text.
pub(super) fn tokens(text: &str) -> Option<TokenStream> {
    let tokens: TokenStream = text.parse().ok()?;
    Some(if text.contains(INVISIBLE) { make_invisible(tokens) } else { tokens })
}

fn make_invisible(tokens: TokenStream) -> TokenStream {
    let mut made: Vec<TokenTree> = Vec::new();
    for token in tokens {
        let TokenTree::Group(group) = token else {
            made.push(token);
            continue;
        };
        let follows = matches!(made.last(), Some(TokenTree::Ident(word)) if word == INVISIBLE);
        let inner = make_invisible(group.stream());
        if follows && group.delimiter() == Delimiter::Parenthesis {
            made.pop();
            made.push(with_span(Delimiter::None, inner, group.span()));
        } else {
            made.push(with_span(group.delimiter(), inner, group.span()));
        }
    }
    made.into_iter().collect()
}

fn with_span(delimiter: Delimiter, inner: TokenStream, span: Span) -> TokenTree {
    let mut group = Group::new(delimiter, inner);
    group.set_span(span);
    group.into()
}
