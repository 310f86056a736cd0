//! The items of `#[secondary(..)]` that say how its objects belong to primaries.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::Parse;
use syn::{Expr, Ident, LitStr};

use super::function::Role;
use super::item::{self, Item};
use crate::model::Reference;
use crate::naming;
use crate::problems::Problems;
use crate::qualified;

/// The words of all relations, in the order in which texts list them.
pub(crate) const RELATIONS: [&str; 6] = ["owned", "label", "annotation", "reference", "through", "map"];

/// One relation as it was written.
#[derive(Debug)]
pub(crate) struct RelationAttr {
    /// The word.
    pub(crate) key: Ident,
    /// `None` after a problem.
    pub(crate) value: Option<RelationValue>,
}

/// What stands behind the word, right in itself.
#[derive(Debug)]
pub(crate) enum RelationValue {
    /// `owned`, or `owned = any`.
    Owned {
        any: bool,
    },
    Label(String),
    Annotation(String),
    Reference(Reference),
    /// A name, or the last segment of a kind.
    Through(Ident),
    Map(Expr),
}

impl RelationAttr {
    /// Reads one of the items of [`RELATIONS`].
    pub(crate) fn read(item: &Item, problems: &mut Problems) -> Self {
        let value = match item.key.to_string().as_str() {
            "owned" => owned(item, problems).map(|any| RelationValue::Owned { any }),
            "label" => key(item, "label = \"app.kubernetes.io/instance\"", problems).map(RelationValue::Label),
            "annotation" => {
                key(item, "annotation = \"demo.example.com/part-of\"", problems).map(RelationValue::Annotation)
            }
            "reference" => reference(item, problems).map(RelationValue::Reference),
            "through" => through(item, problems).map(RelationValue::Through),
            _ => map(item, problems).map(RelationValue::Map),
        };
        Self { key: item.key.clone(), value }
    }

    /// `reference`, or `owned = any`.
    pub(crate) fn text(&self) -> String {
        match self.value {
            Some(RelationValue::Owned { any: true }) => "owned = any".to_owned(),
            _ => self.key.to_string(),
        }
    }
}

/// Whether any owner reference counts.
fn owned(item: &Item, problems: &mut Problems) -> Option<bool> {
    if item.is_word() {
        return Some(false);
    }
    let example = "owned = any";
    let ident = item.tokens(example, problems)?;
    if ident.to_string() == "any" {
        return Some(true);
    }
    problems.at(
        ident,
        "`owned` alone takes the owner reference of the controller; write that, or `owned = any` for any owner reference",
    );
    None
}

fn key(item: &Item, example: &str, problems: &mut Problems) -> Option<String> {
    let literal = item.string(example, problems)?;
    let key = literal.value();
    if let Some((key, value)) = key.split_once('=') {
        let (word, key, value) = (&item.key, key.trim(), value.trim_start_matches('=').trim());
        let filter = format!(", or, to filter by that value, `selector = \"{key} = {value}\"`");
        let filter = if word == "label" { &*filter } else { "" };
        problems.at(
            &literal,
            format!(
                "`{word}` is a key alone, and its value is the name of the primary; write `{word} = \"{key}\"`{filter}"
            ),
        );
        return None;
    }
    qualified::check_key(&key).map_err(|message| problems.at(&literal, message)).ok()?;
    Some(key)
}

const REFERENCE: Role = Role {
    word: "reference",
    what: "a `reference`",
    wants: "a field, a function by its path, or a closure",
    gives: "one",
    closure: "|spec| ..",
    example: "reference = spec.secret_name` or `reference = |spec| ..",
    with_two: None,
};

fn reference(item: &Item, problems: &mut Problems) -> Option<Reference> {
    let tokens = item.tokens("reference = spec.secret_name", problems)?;
    if let Some(text) = item::literal(tokens).filter(|text| text.parse::<Ident>().is_ok()) {
        let (name, field) = (text.value(), naming::snake(&text.value()));
        problems.at(
            &text,
            format!("`reference` is written without quotes; write `reference = spec.{field}`, or `reference = {name}` for a function"),
        );
        return None;
    }
    // A name of an object in quotes is no reference to it.
    let is_code = |text: LitStr| matches!(text.parse(), Ok(Expr::Field(_) | Expr::Path(_) | Expr::Closure(_)));
    let quoted = item::literal(tokens)
        .filter(|text| is_code(text.clone()))
        .and_then(|_| item.quoted(tokens, Expr::parse, problems));
    if quoted.is_some() {
        // It may name a field as JSON does, of which Rust would say more than it knows.
        return None;
    }
    let expr = expression(tokens, &REFERENCE, problems)?;
    if let Some(Expr::Path(root)) = root(&expr) {
        if root.path.is_ident("spec") && root.qself.is_none() {
            return Some(Reference::Field(flat(expr)));
        }
        let written = expr.to_token_stream().to_string().replace(' ', "");
        let rest = written.split_once('.').map_or("", |(_, rest)| rest);
        let rest = rest.strip_prefix("spec.").unwrap_or(rest);
        let message = match &*root.to_token_stream().to_string() {
            "status" => "a `reference` is what the user asks for, and `status` is what the operator answers; name a field of the spec: \
                         `reference = spec.secret_name`"
                .to_owned(),
            _ => format!("a `reference` by a field begins with `spec`; write `reference = spec.{rest}`, or `reference = |spec| ..`"),
        };
        problems.at(&root, message);
        return None;
    }
    match &expr {
        Expr::Path(path) if path.path.is_ident("spec") => {
            problems.at(path, "`spec` names no field; write one behind it: `reference = spec.secret_name`");
            None
        }
        Expr::MethodCall(call) if matches!(self::root(&call.receiver), Some(Expr::Path(_))) => {
            problems.at(call, "a field is read without a call; write a closure for more: `reference = |spec| ..`");
            None
        }
        _ => REFERENCE.read(expr, problems).map(Reference::Function),
    }
}

/// `a.b.c` for `(a.b).c`: the object is put before it, and `object.(a.b)` would not be Rust.
fn flat(expr: Expr) -> Expr {
    match item::peel(expr) {
        Expr::Field(mut field) => {
            *field.base = flat(*field.base);
            Expr::Field(field)
        }
        expr => expr,
    }
}

/// `a` of `a.b.c`; `None` for what is no field.
fn root(expr: &Expr) -> Option<Expr> {
    match expr {
        Expr::Field(field) => match item::peel((*field.base).clone()) {
            Expr::Field(inner) => root(&Expr::Field(inner)),
            base => Some(base),
        },
        _ => None,
    }
}

fn through(item: &Item, problems: &mut Problems) -> Option<Ident> {
    let example = "through = Deployment";
    let path = item.path(example, problems)?;
    Some(path.segments.last()?.ident.unraw())
}

const MAP: Role = Role {
    word: "map",
    what: "a `map`",
    wants: "a function by its path, or a closure",
    gives: "the object",
    closure: "|object| ..",
    example: "map = crate::pods::owner` or `map = |object| ..",
    with_two: None,
};

fn map(item: &Item, problems: &mut Problems) -> Option<Expr> {
    let tokens = item.tokens("map = |object| ..", problems)?;
    let expr = expression(tokens, &MAP, problems)?;
    MAP.read(expr, problems)
}

fn expression(tokens: &TokenStream, role: &Role, problems: &mut Problems) -> Option<Expr> {
    match syn::parse2(tokens.clone()) {
        Ok(expr) => Some(item::peel(expr)),
        Err(_) => {
            role.refuse(tokens, problems);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::SECONDARY;
    use proc_macro2::{Delimiter, Group};
    use quote::quote;

    fn read(tokens: TokenStream) -> (Option<RelationValue>, Vec<String>) {
        let mut problems = Problems::default();
        let items = item::items(tokens, &SECONDARY, &mut problems);
        let read = items.first().and_then(|item| RelationAttr::read(item, &mut problems).value);
        (read, problems.messages())
    }

    #[test]
    fn each_relation() {
        assert!(matches!(read(quote!(owned)).0, Some(RelationValue::Owned { any: false })));
        assert!(matches!(read(quote!(owned = any)).0, Some(RelationValue::Owned { any: true })));
        assert!(matches!(read(quote!(label = "a/b")).0, Some(RelationValue::Label(key)) if key == "a/b"));
        assert!(matches!(read(quote!(annotation = "b")).0, Some(RelationValue::Annotation(key)) if key == "b"));
        assert!(
            matches!(read(quote!(through = Deployment)).0, Some(RelationValue::Through(name)) if name == "Deployment")
        );
        // As the kind is without its mark.
        assert!(matches!(read(quote!(through = r#Type)).0, Some(RelationValue::Through(name)) if name == "Type"));
        assert!(matches!(read(quote!(through = apps::Job)).0, Some(RelationValue::Through(name)) if name == "Job"));
        assert!(matches!(read(quote!(map = crate::pods::owner)).0, Some(RelationValue::Map(Expr::Path(_)))));
        assert!(matches!(read(quote!(map = |pod| Some(pod))).0, Some(RelationValue::Map(Expr::Closure(_)))));
    }

    #[test]
    fn references() {
        for (tokens, is_field) in [
            (quote!(reference = spec.secret_name), true),
            (quote!(reference = spec.tls.0.secret), true),
            (quote!(reference = (spec.tls).secret), true),
            (quote!(reference = |spec| &spec.tls), false),
            (quote!(reference = crate::refs::secrets), false),
            (quote!(reference = secrets), false),
        ] {
            let text = tokens.to_string();
            match read(tokens) {
                (Some(RelationValue::Reference(read)), _) => {
                    assert_eq!(matches!(read, Reference::Field(_)), is_field, "{text}");
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_field_in_parts_is_one_path() {
        let inner = Group::new(Delimiter::None, quote!((spec.tls)));
        for tokens in [quote!(reference = ((spec.tls).secret).name), quote!(reference = #inner.secret.name)] {
            let Some(RelationValue::Reference(Reference::Field(field))) = read(tokens).0 else { panic!("not a field") };
            assert_eq!(field.to_token_stream().to_string(), "spec . tls . secret . name");
        }
    }

    #[test]
    fn bad_ones() {
        for tokens in [
            quote!(owned = all),
            quote!(owned(any)),
            quote!(label),
            quote!(label = app),
            quote!(label = "a b"),
            quote!(annotation = "/"),
            quote!(reference),
            quote!(reference = "my-secret"),
            quote!(reference = "tlsSecretName"),
            quote!(reference = "spec.secret_name"),
            quote!(reference = spec),
            quote!(reference = status.secret),
            quote!(reference = spec.secret.as_ref()),
            quote!(reference = |a, b| a),
            quote!(reference = async |a| a),
            quote!(reference = = ),
            quote!(through),
            quote!(through = "a b"),
            quote!(through = a.b),
            quote!(map),
            quote!(map = 5),
            quote!(map = |a, b| a),
        ] {
            let text = tokens.to_string();
            let (read, messages) = read(tokens);
            assert!(read.is_none() && messages.len() == 1, "{text}: {messages:?}");
        }
    }

    #[test]
    fn what_stands_in_quotes_counts_nevertheless() {
        let (read, messages) = read(quote!(through = "Deployment"));
        assert!(
            read.is_some() && messages.len() == 1 && messages[0].contains("without quotes; write "),
            "{messages:?}"
        );
    }
}
