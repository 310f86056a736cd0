//! `predicate = ..`.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{BinOp, Expr, ExprCall, ExprClosure, ExprPath, Ident, Lit, Pat, Token, UnOp};

use super::function::Role;
use super::item::{self, Item};
use crate::input;
use crate::model::{Predicate, PredicateWord};
use crate::problems::Problems;
use crate::words::PREDICATE;

/// Reads the value of a `predicate` item.
pub(crate) fn read(item: &Item, problems: &mut Problems) -> Option<Predicate> {
    let tokens = item.tokens("predicate = generation_changed", problems)?;
    match input::parse::<Expr>(tokens.clone()) {
        Ok(expr) => predicate(expr, problems),
        Err(error) => {
            // Half typed, most likely.
            problems.at_span(
                error.span(),
                format!("this predicate is no Rust yet, {error}; write it like `predicate = any(spec_changed, changed(|object| ..))`"),
            );
            None
        }
    }
}

fn predicate(expr: Expr, problems: &mut Problems) -> Option<Predicate> {
    match item::peel(expr) {
        Expr::Path(path) => match path.path.get_ident() {
            Some(word) => named(word, problems),
            None => self::path(&path, problems),
        },
        Expr::Call(call) => called(call, problems),
        Expr::Closure(closure) => bare_function(&closure, problems),
        Expr::Lit(literal) => {
            match &literal.lit {
                Lit::Str(text) if PREDICATE.knows(text.value().as_str()) => problems.at(
                    &literal,
                    format!("a predicate is a word; write it without quotes: `predicate = {}`", text.value()),
                ),
                _ => not_a_predicate(&literal, problems),
            }
            None
        }
        expr => {
            joined(&expr, problems);
            None
        }
    }
}

/// `a || b`, `a.or(b)`, and the like of other frameworks.
fn joined(expr: &Expr, problems: &mut Problems) {
    let composition = match expr {
        Expr::Binary(binary) => match binary.op {
            BinOp::And(_) | BinOp::BitAnd(_) => refuse_composition("&&"),
            _ => None,
        },
        Expr::Unary(unary) => matches!(unary.op, UnOp::Not(_)).then(|| refuse_composition("!")).flatten(),
        Expr::MethodCall(call) => refuse_composition(&call.method.to_string()),
        _ => None,
    };
    let words = words_in(expr.to_token_stream());
    match (composition, &*words) {
        (Some(message), _) => problems.at(expr, message),
        (None, [_, _, ..]) => {
            problems.at(expr, format!("predicates are joined by `any`; write `any({})`", words.join(", ")))
        }
        (None, _) => not_a_predicate(expr, problems),
    }
}

/// The predicates that are meant by the words in these tokens, each once.
fn words_in(tokens: TokenStream) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for token in tokens {
        let found = match &token {
            TokenTree::Group(group) => words_in(group.stream()),
            TokenTree::Ident(word) => PREDICATE.meant(&word.to_string()).into_iter().collect(),
            _ => Vec::new(),
        };
        words.extend(found.into_iter().filter(|word| !words.contains(word)).collect::<Vec<_>>());
    }
    words
}

fn named(word: &Ident, problems: &mut Problems) -> Option<Predicate> {
    let text = word.to_string();
    if let Some(known) = PredicateWord::read(&text) {
        return Some(Predicate::Word(known, word.span()));
    }
    match text.as_str() {
        "changed" => problems
            .at(word, "`changed` wants a function; write `changed(path::to::function)` or `changed(|object| ..)`"),
        "any" => problems.at(word, "`any` wants predicates; write `any(spec_changed, changed(..))`"),
        text => match refuse_composition(text) {
            Some(message) => problems.at(word, message),
            None => problems.at(word, PREDICATE.refuse(text)),
        },
    }
    None
}

fn called(call: ExprCall, problems: &mut Problems) -> Option<Predicate> {
    let word = match item::peel((*call.func).clone()) {
        Expr::Path(path) => path.path.get_ident().cloned(),
        _ => None,
    };
    let Some(word) = word else {
        not_a_predicate(&call, problems);
        return None;
    };
    match word.to_string().as_str() {
        "changed" => changed(&word, &call, problems),
        "any" => any(&word, call.args, problems),
        text if PredicateWord::read(text).is_some() => {
            problems.at(&call, format!("`{word}` takes nothing in parentheses; write `{word}`"));
            None
        }
        text => {
            let message = refuse_composition(text).unwrap_or_else(|| PREDICATE.refuse(text));
            problems.at(&word, message);
            None
        }
    }
}

/// Parts that are "and"-ed lose changes: a change of one of them alone, A→B, is let pass, and so is a later one of the
/// other, B→C, although A→C is a change of both.
fn refuse_composition(word: &str) -> Option<String> {
    match word.to_lowercase().as_str() {
        "all" | "and" | "&&" => Some(format!(
            "`{word}` of predicates loses changes: one part changes from A to B, the other from B to C, and neither step \
             counts; compare what matters with `changed(..)`"
        )),
        "not" | "!" => Some(format!(
            "`{word}` of a predicate loses changes: what changes together with the part is hidden with it; compare what \
             matters with `changed(..)`"
        )),
        _ => None,
    }
}

fn changed(word: &Ident, call: &ExprCall, problems: &mut Problems) -> Option<Predicate> {
    if call.args.len() != 1 {
        let message = "`changed` takes one function; write `changed(|object| ..)`, and several as `any(changed(..), changed(..))`";
        problems.at(call, message);
        return None;
    }
    match item::peel(call.args[0].clone()) {
        // Most likely a predicate in a wrong place.
        Expr::Path(path) if path.path.get_ident().is_some_and(|inner| PREDICATE.knows(&inner.to_string())) => {
            let inner = path.to_token_stream();
            problems.at(&path, format!("`{inner}` is a predicate itself; write it without `{word}(..)`"));
            None
        }
        Expr::Closure(closure) if is_constant(&closure, problems) => None,
        expr => CHANGED.read(expr, problems).map(Predicate::Changed),
    }
}

/// What never changes never wakes.
fn is_constant(closure: &ExprClosure, problems: &mut Problems) -> bool {
    let is_wild = matches!(closure.inputs.first(), Some(Pat::Wild(_)));
    let is_literal = matches!(item::peel((*closure.body).clone()), Expr::Lit(_));
    if is_wild || is_literal {
        problems.at(
            closure,
            "this closure takes nothing out of the object, so that nothing is compared; return the part that matters: \
             `changed(|object| ..)`",
        );
    }
    is_wild || is_literal
}

const CHANGED: Role = Role {
    word: "changed",
    what: "a predicate",
    wants: "a function by its path, or a closure",
    gives: "the object",
    closure: "|object| ..",
    example: "changed(|object| ..)",
    with_two: Some(
        "there is no old object: `changed` compares what the closure takes out of the object with what the last run saw; write \
         `changed(|object| ..)`",
    ),
};

/// Several in one `any` are one comparison of all of them; an `any` within is the same as its parts.
fn any(word: &Ident, args: Punctuated<Expr, Token![,]>, problems: &mut Problems) -> Option<Predicate> {
    if args.is_empty() {
        problems.at(word, "`any()` compares nothing; write `any(spec_changed, changed(..))`, or leave `predicate` out");
        return None;
    }
    let mut parts: Vec<Predicate> = Vec::new();
    for arg in args {
        let tokens = arg.to_token_stream();
        match predicate(arg, problems) {
            Some(Predicate::Any(inner)) => parts.extend(inner),
            Some(part) if parts.iter().any(|other| other.is_same_word(&part)) => {
                problems.at(&tokens, format!("`{tokens}` stands twice in `any(..)`; remove one of the two"));
            }
            Some(part) => parts.push(part),
            None => parts.push(Predicate::Content),
        }
    }
    Some(Predicate::Any(parts))
}

/// `predicates::generation`, or a function.
fn path(path: &ExprPath, problems: &mut Problems) -> Option<Predicate> {
    match path.path.segments.last().and_then(|last| PREDICATE.meant(&last.ident.to_string())) {
        Some(word) => {
            problems.at(path, format!("a predicate is a word of its own; write `{word}`"));
            None
        }
        None => bare_function(path, problems),
    }
}

fn bare_function(function: &impl ToTokens, problems: &mut Problems) -> Option<Predicate> {
    problems.at(
        function,
        "what a function takes out of the object is compared by `changed`; write `changed(..)` around it",
    );
    // What was meant is clear, but errors inside of it are better left for the next compile.
    None
}

fn not_a_predicate(tokens: &impl ToTokens, problems: &mut Problems) {
    problems.at(tokens, format!("this is not a predicate; write one of {}", PREDICATE.list()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn read(tokens: TokenStream) -> (Option<Predicate>, Vec<String>) {
        let mut problems = Problems::default();
        let read = syn::parse2(tokens).ok().and_then(|expr| predicate(expr, &mut problems));
        (read, problems.messages())
    }

    fn refused(tokens: TokenStream) -> String {
        let (_, messages) = read(tokens);
        assert_eq!(messages.len(), 1, "{messages:?}");
        messages.concat()
    }

    #[test]
    fn words_and_functions() {
        for (text, word) in PredicateWord::ALL {
            let tokens = text.parse().unwrap();
            assert!(matches!(read(tokens).0, Some(Predicate::Word(read, _)) if read == word), "{text}");
        }
        // The two lists are one.
        let words: Vec<_> = PredicateWord::ALL.iter().map(|(text, _)| *text).chain(["changed", "any"]).collect();
        assert_eq!(words, PREDICATE.known().collect::<Vec<_>>());
        assert!(matches!(read(quote!(changed(crate::pods::ready))).0, Some(Predicate::Changed(Expr::Path(_)))));
        assert!(matches!(read(quote!(changed(ready::<Deployment>))).0, Some(Predicate::Changed(Expr::Path(_)))));
        assert!(matches!(read(quote!(changed(|d| d.status))).0, Some(Predicate::Changed(Expr::Closure(_)))));
    }

    #[test]
    fn any_is_flat() {
        let (read, messages) = read(quote!(any(spec_changed, any(changed(a), changed(b)), (generation_changed))));
        assert!(messages.is_empty(), "{messages:?}");
        assert!(matches!(read, Some(Predicate::Any(parts)) if parts.len() == 4));
    }

    #[test]
    fn all_and_not_lose_changes() {
        assert!(refused(quote!(all(spec_changed, changed(a)))).contains("`all` of predicates loses changes"));
        assert!(refused(quote!(And(spec_changed, changed(a)))).contains("`And` of predicates loses changes"));
        assert!(refused(quote!(any(not(spec_changed)))).contains("`not` of a predicate loses changes"));
    }

    #[test]
    fn every_part_is_checked() {
        let (_, messages) = read(quote!(any(spec_change, changed(), all(), 5)));
        assert_eq!(messages.len(), 4, "{messages:?}");
    }

    #[test]
    fn what_other_frameworks_join_is_shown_as_any() {
        for tokens in [
            quote!(spec_changed || labels_changed),
            quote!(spec_changed | labels_changed),
            quote!(spec_changed.or(labels_changed)),
            quote!(predicates::spec.combine(predicates::labels)),
            quote!([spec_changed, labels_changed]),
        ] {
            assert!(refused(tokens).ends_with("write `any(spec_changed, labels_changed)`"));
        }
        assert!(refused(quote!(spec_changed && labels_changed)).contains("loses changes"));
        assert!(refused(quote!(!spec_changed)).contains("loses changes"));
        assert!(refused(quote!(spec_changed.and(labels_changed))).contains("loses changes"));
        assert_eq!(
            refused(quote!(predicates::generation)),
            "a predicate is a word of its own; write `generation_changed`"
        );
    }

    #[test]
    fn strange_ones() {
        for tokens in [
            quote!("spec_changed"),
            quote!(5),
            quote!(|d| d.status),
            quote!(crate::pods::ready),
            quote!(changed(5)),
            quote!(changed(make())),
            quote!(changed(|a, b| a)),
            quote!(changed(async |a| a)),
            quote!(changed(a, b)),
            quote!(changed(spec_changed)),
            quote!(changed),
            quote!(any),
            quote!(any()),
            quote!(any(spec_changed, spec_changed)),
            quote!(spec_changed()),
            quote!(spec_changed(1)),
            quote!(a.b(c)),
            quote!(!spec_changed),
            quote!(spec_changed || generation_changed),
            quote!(x::y(z)),
            quote!(changed(|_| true)),
            quote!(changed(|pod| "x")),
            quote!(changed(|pod| {
                f(pod);
            })),
            quote!(changed(|pod| {})),
            quote!(predicates::generation),
        ] {
            refused(tokens);
        }
    }
}
