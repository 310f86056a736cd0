//! Whether a method is what the trait wants. Judged by the names, so only what is certainly wrong is reported; what an alias
//! hides is left to the compiler.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{FnArg, GenericArgument, Ident, Pat, PatType, PathArguments, ReceiverKind, ReturnType, Signature, Type};

use super::declared::Declared;
use crate::problems::Problems;

/// What the arguments are called in the documentation.
pub(super) const DEFAULT_NAMES: [&str; 3] = ["primary", "seen", "cx"];

/// One mistake: its place, its cause, and what to write there.
struct Mistake(TokenStream, String, String);

/// Reports everything that is wrong, each at its place; the first time with the signature as it should be.
pub(super) fn check(signature: &Signature, answer: &Ident, declared: &Declared, problems: &mut Problems) {
    let method = &signature.ident;
    let mut mistakes = Vec::new();
    mistakes.extend(receiver(signature));
    arguments(signature, declared, &mut mistakes);
    mistakes.extend(not_async(signature));
    mistakes.extend(output(signature, answer));
    let names = names(signature);
    let wanted = declared.signature(&method.to_string(), names.each_ref().map(|name| &**name));
    for (i, Mistake(place, cause, part)) in mistakes.into_iter().enumerate() {
        let remedy = if i == 0 { &wanted } else { &part };
        problems.at(place, format!("`{method}` {cause}; write `{remedy}`"));
    }
}

/// The arguments behind `&self`.
fn typed(signature: &Signature) -> impl Iterator<Item = &PatType> {
    signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(argument) => Some(argument),
        FnArg::Receiver(_) => None,
    })
}

/// What the arguments are called, so that the body need not be changed; if there are as many as there have to be.
fn names(signature: &Signature) -> [String; 3] {
    let name = |argument: &PatType| match &*argument.pat {
        Pat::Ident(name) => Some(name.ident.to_string()),
        _ => None,
    };
    let named: Vec<_> = typed(signature).map(name).collect();
    let defaults = DEFAULT_NAMES.map(str::to_owned);
    let Ok(named) = <[Option<String>; 3]>::try_from(named) else { return defaults };
    let mut named = named.into_iter();
    defaults.map(|default| named.next().flatten().unwrap_or(default))
}

fn receiver(signature: &Signature) -> Option<Mistake> {
    let remedy = "&self".to_owned();
    let Some(receiver) = signature.receiver() else {
        return Some(Mistake(signature.ident.to_token_stream(), "has no `&self`".to_owned(), remedy));
    };
    let is_wrong = matches!(receiver.kind, ReceiverKind::Value | ReceiverKind::Reference(_, _, Some(_)));
    let cause = "runs for many primaries at once, which share one reconciler by `&self`".to_owned();
    is_wrong.then(|| Mistake(receiver.to_token_stream(), cause, remedy))
}

fn arguments(signature: &Signature, declared: &Declared, mistakes: &mut Vec<Mistake>) {
    let types: Vec<&Type> = typed(signature).map(|argument| &*argument.ty).collect();
    let kind = declared.primary.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
    let [snapshot, context] = ["Snapshot", "Context"].map(|end| declared.item(end).to_string());
    let given = [format!("Arc<{kind}>"), snapshot.clone(), context.clone()];
    let [primary, seen, cx] = types[..] else {
        let place = if signature.inputs.is_empty() {
            signature.ident.to_token_stream()
        } else {
            signature.inputs.to_token_stream()
        };
        let cause = format!("is given three arguments behind `&self`, and this takes {}", types.len());
        mistakes.push(Mistake(place, cause, given.join(", ")));
        return;
    };
    let own = ["Arc", &kind, &snapshot, &context];
    for ((ty, name), given) in [(primary, "Arc"), (seen, &*snapshot), (cx, &*context)].into_iter().zip(given) {
        if is_certainly_not(ty, name, &own) {
            let cause = format!("is given `{given}` here, and this is `{}`", written(ty));
            mistakes.push(Mistake(ty.to_token_stream(), cause, given));
        }
    }
}

fn not_async(signature: &Signature) -> Option<Mistake> {
    let is_future = matches!(&signature.output, ReturnType::Type(_, ty) if may_be_a_future(ty));
    let is_wrong = signature.asyncness.is_none() && !is_future;
    let cause = "waits for the API server, so it has to be `async`".to_owned();
    is_wrong.then(|| Mistake(signature.fn_token.to_token_stream(), cause, "async fn".to_owned()))
}

fn output(signature: &Signature, answer: &Ident) -> Option<Mistake> {
    let remedy = format!("-> Result<{answer}, Self::Error>");
    let cause = format!("answers with a `Result<{answer}, _>`");
    match &signature.output {
        ReturnType::Default => Some(Mistake(signature.ident.to_token_stream(), cause, remedy)),
        ReturnType::Type(_, ty) => (answers(ty, answer) == Some(false))
            .then(|| Mistake(ty.to_token_stream(), format!("{cause}, and this is `{}`", written(ty)), remedy)),
    }
}

fn written(ty: &Type) -> String {
    ty.to_token_stream().to_string().replace(' ', "").replace(',', ", ").replace("&mut", "&mut ")
}

/// A reference, or another one of the names that we know.
fn is_certainly_not(ty: &Type, name: &str, own: &[&str]) -> bool {
    match ty {
        Type::Group(group) => is_certainly_not(&group.elem, name, own),
        Type::Paren(paren) => is_certainly_not(&paren.elem, name, own),
        Type::Path(path) => {
            let last = path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
            let of_a_part = last == "Arc" && name == "Arc" && written(ty).ends_with("Spec>");
            of_a_part || last != name && (own.contains(&&*last) || ["Box", "Rc", "Option"].contains(&&*last))
        }
        Type::Reference(_) | Type::Tuple(_) | Type::Slice(_) | Type::Array(_) | Type::Ptr(_) => true,
        _ => false,
    }
}

/// Whether it is a result with this in it; `None` if that cannot be seen.
fn answers(ty: &Type, answer: &Ident) -> Option<bool> {
    const ANSWERS: [&str; 3] = ["Action", "Handled", "Cleanup"];
    match ty {
        Type::Group(group) => answers(&group.elem, answer),
        Type::Paren(paren) => answers(&paren.elem, answer),
        Type::Tuple(_) | Type::Reference(_) => Some(false),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let name = last.ident.to_string();
            if ANSWERS.contains(&&*name) || name == "Option" {
                return Some(false);
            }
            let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
            let Some(GenericArgument::Type(ok)) = arguments.args.first().filter(|_| name == "Result") else {
                return None;
            };
            match ok {
                Type::Path(ok) => {
                    let ok = ok.path.segments.last()?.ident.to_string();
                    ANSWERS.contains(&&*ok).then(|| answer == &ok)
                }
                Type::Tuple(_) | Type::Reference(_) => Some(false),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Something that is boxed, or an alias, may be one as well.
fn may_be_a_future(ty: &Type) -> bool {
    !matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Result"))
        && !matches!(ty, Type::Tuple(_) | Type::Reference(_))
}
