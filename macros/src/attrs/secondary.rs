//! `#[secondary(Type, ..)]`.

use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, Ident, Token, Type};

use super::function::Role;
use super::item::{self, Item};
use super::relation::{RELATIONS, RelationAttr, RelationValue};
use super::{predicate, source};
use crate::duration;
use crate::fields::FieldSelector;
use crate::model::{Debounce, Predicate};
use crate::problems::Problems;
use crate::selector::Requirement;
use crate::words::SECONDARY;

/// One `#[secondary(..)]`, each item right in itself.
#[derive(Debug)]
pub(crate) struct SecondaryAttr {
    pub(crate) ty: Type,
    /// The last segment of the type's path.
    pub(crate) kind: Ident,
    /// Those that were given; there should be one at most.
    pub(crate) relations: Vec<RelationAttr>,
    pub(crate) selector: Option<Vec<Requirement>>,
    pub(crate) fields: Option<FieldSelector>,
    /// There was an item that nobody knows: it may have been the relation.
    pub(crate) has_unknown: bool,
    /// An item that could not be read says which objects these are: nothing can be compared.
    pub(crate) is_vague: bool,
    pub(crate) words: Words,
    pub(crate) one: bool,
    pub(crate) name: Option<Ident>,
    pub(crate) handler: Option<Span>,
    pub(crate) predicate: Option<Predicate>,
    pub(crate) debounce: Option<Debounce>,
    pub(crate) force: Option<Force>,
    /// The whole attribute, as the user wrote it.
    pub(crate) source: String,
}

/// Words without value, each where it stands.
#[derive(Debug, Default)]
pub(crate) struct Words {
    pub(crate) write: Option<Span>,
    pub(crate) read_only: Option<Span>,
    pub(crate) metadata: Option<Span>,
    pub(crate) optional: Option<Span>,
    pub(crate) cross_namespace: Option<Span>,
    pub(crate) unbounded: Option<Span>,
    pub(crate) ignore_status: Option<Span>,
}

/// `force = ..`.
#[derive(Debug)]
pub(crate) struct Force {
    pub(crate) key: Ident,
    /// `None` after a problem.
    pub(crate) value: Option<bool>,
}

const EXAMPLE: &str = "#[secondary(Deployment, one)]";

impl SecondaryAttr {
    /// `None` if not even the type can be read: then there is nothing that the other items could be about.
    pub(crate) fn read(attr: &Attribute, problems: &mut Problems) -> Option<Self> {
        let tokens = item::arguments(attr, EXAMPLE, problems)?;
        if tokens.is_empty() {
            problems.at(&attr.meta, format!("`#[secondary()]` names no kind; write `{EXAMPLE}`"));
            return None;
        }
        let (head, rest) = split(tokens, problems);
        let before = problems.count();
        let items = item::items(rest, &SECONDARY, problems);
        let has_unknown = problems.count() > before;
        let (ty, kind) = head?;
        let source = source::text(attr);
        let mut this = Self {
            ty,
            kind,
            relations: Vec::new(),
            selector: None,
            fields: None,
            is_vague: has_unknown,
            has_unknown,
            words: Words::default(),
            one: false,
            name: None,
            handler: None,
            predicate: None,
            debounce: None,
            force: None,
            source,
        };
        this.add(&items, problems);
        Some(this)
    }

    /// What a `through` names.
    pub(crate) fn through(&self) -> Option<&Ident> {
        self.relations.iter().find_map(|relation| match &relation.value {
            Some(RelationValue::Through(name)) => Some(name),
            _ => None,
        })
    }

    fn add(&mut self, items: &[Item], problems: &mut Problems) {
        let mut one = None;
        for item in items {
            let word = item.key.to_string();
            match word.as_str() {
                relation if RELATIONS.contains(&relation) => self.relation(item, problems),
                "one" => item.store(&mut one, item.word(problems), problems),
                "handler" => item.store(&mut self.handler, item.word(problems), problems),
                "write" => item.store(&mut self.words.write, item.word(problems), problems),
                "read_only" => item.store(&mut self.words.read_only, item.word(problems), problems),
                "ignore_status" => item.store(&mut self.words.ignore_status, item.word(problems), problems),
                "metadata" => item.store(&mut self.words.metadata, item.word(problems), problems),
                "optional" => item.store(&mut self.words.optional, item.word(problems), problems),
                "cross_namespace" => item.store(&mut self.words.cross_namespace, item.word(problems), problems),
                "unbounded" => item.store(&mut self.words.unbounded, item.word(problems), problems),
                "name" => item.store(&mut self.name, item.ident("name = tls", problems), problems),
                "debounce" => item.store(&mut self.debounce, debounce(item, problems), problems),
                "force" => {
                    let value = item.bool("force = false", problems);
                    item.store(&mut self.force, Some(Force { key: item.key.clone(), value }), problems);
                }
                "selector" => {
                    let selector = item::selector(item, problems);
                    self.is_vague |= selector.is_none();
                    item.store(&mut self.selector, selector, problems);
                }
                "fields" => {
                    let fields = fields(item, problems);
                    self.is_vague |= fields.is_none();
                    item.store(&mut self.fields, fields, problems);
                }
                _ => item.store(&mut self.predicate, predicate::read(item, problems), problems),
            }
        }
        self.one = one.is_some();
    }

    fn relation(&mut self, item: &Item, problems: &mut Problems) {
        let relation = RelationAttr::read(item, problems);
        self.is_vague |= relation.value.is_none();
        let mut first = self.relations.iter().find(|first| first.key == relation.key).map(|_| ());
        if first.is_some() {
            item.store(&mut first, None, problems);
        } else {
            self.relations.push(relation);
        }
    }
}

fn fields(item: &Item, problems: &mut Problems) -> Option<FieldSelector> {
    let literal = item.string("fields = \"status.phase=Running\"", problems)?;
    FieldSelector::read(literal.clone()).map_err(|message| problems.at(&literal, message)).ok()
}

const DEBOUNCE: Role = Role {
    word: "debounce",
    what: "a `debounce`",
    wants: "a string literal, or a function of the object",
    gives: "the object",
    closure: "|object| ..",
    example: "debounce = \"100ms\"",
    with_two: None,
};

fn debounce(item: &Item, problems: &mut Problems) -> Option<Debounce> {
    match syn::parse2::<Expr>(item.tokens(DEBOUNCE.example, problems)?.clone()).map(item::peel) {
        Ok(Expr::Path(path)) if path.path.is_ident("off") => {
            problems.at(path, "`off` is written in quotes: `debounce = \"off\"`");
            None
        }
        Ok(expr @ (Expr::Path(_) | Expr::Closure(_))) => {
            DEBOUNCE.read(expr, problems).map(|function| Debounce::By(Box::new(function)))
        }
        _ => {
            let literal = item.duration("ms", DEBOUNCE.example, problems)?;
            if literal.value() == "off" {
                return Some(Debounce::For(Duration::ZERO));
            }
            let parsed = duration::parse(&literal.value());
            let refuse = |message| problems.at(&literal, message + ", or \"off\" for none");
            parsed.map(Debounce::For).map_err(refuse).ok()
        }
    }
}

type Head = (Type, Ident);

/// The type in front, and the items behind it. Without a type everything is an item.
fn split(tokens: TokenStream, problems: &mut Problems) -> (Option<Head>, TokenStream) {
    let first = item::first_span(&tokens);
    if begins_with_an_item(&tokens) {
        let (ty, rest) = behind(&tokens);
        let example = ty.as_ref().map_or_else(
            || EXAMPLE.to_owned(),
            |ty| {
                let comma = if rest.is_empty() { "" } else { ", " };
                format!(
                    "#[secondary({}{comma}{})]",
                    source::tokens(ty.to_token_stream()),
                    source::tokens(rest.clone()).trim_end_matches(',')
                )
            },
        );
        problems.at_span(first, format!("the type of the secondary comes first; write `{example}`"));
        return (ty.as_ref().and_then(head), rest);
    }
    let parser = |input: ParseStream<'_>| -> syn::Result<_> {
        let ty: Result<Type, TokenStream> = input.fork().parse().map_err(|_| item::until_comma(input));
        let ty = match ty {
            Ok(_) => Ok(input.parse::<Type>()?),
            Err(tokens) => Err(tokens),
        };
        if !input.is_empty() && !input.peek(Token![,]) {
            if ty.is_err() {
                item::until_comma(input);
            } else {
                item::comma_is_missing(input, &SECONDARY, problems);
            }
        }
        let _: Option<Token![,]> = input.parse()?;
        Ok((ty.and_then(|ty| head(&ty).ok_or_else(|| ty.into_token_stream())), input.parse::<TokenStream>()?))
    };
    match parser.parse2(tokens) {
        Ok((Ok(head), rest)) => (Some(head), rest),
        Ok((Err(not_a_type), rest)) => {
            // Nothing stands before the first comma.
            if not_a_type.is_empty() {
                problems.at_span(first, not_a_kind(&not_a_type));
            } else {
                problems.at(&not_a_type, not_a_kind(&not_a_type));
            }
            // What is meant is clear.
            let quoted = item::literal(&not_a_type).and_then(|text| text.parse::<Type>().ok());
            (quoted.as_ref().and_then(head), rest)
        }
        Err(error) => {
            problems.push(error);
            (None, TokenStream::new())
        }
    }
}

/// `one`, `predicate = ..`, `handler`: the type was forgotten.
fn begins_with_an_item(tokens: &TokenStream) -> bool {
    let parser = |input: ParseStream<'_>| -> syn::Result<bool> {
        let word: Ident = input.parse()?;
        let text = word.to_string();
        let begins =
            input.peek(Token![=]) || SECONDARY.knows(&text) || (SECONDARY.translates(&text) && !input.peek(Token![::]));
        input.parse::<TokenStream>()?;
        Ok(begins)
    };
    parser.parse2(tokens.clone()).unwrap_or(false)
}

/// The first thing behind a comma, or behind `=` in front, that looks like a type, and everything else.
fn behind(tokens: &TokenStream) -> (Option<Type>, TokenStream) {
    let parser = |input: ParseStream<'_>| -> syn::Result<_> {
        let (mut ty, mut rest) = (None, TokenStream::new());
        while !input.is_empty() {
            let part = item::until_comma(input);
            let comma: Option<Token![,]> = input.parse()?;
            let found = kind.parse2(part.clone()).ok().filter(|_| ty.is_none()).filter(looks_like_a_kind);
            if found.is_some() {
                ty = found;
            } else if !SECONDARY.translates(&part.to_string()) {
                // What other frameworks call it says nothing beside the type.
                rest.extend(quote!(#part #comma));
            }
        }
        Ok((ty, rest))
    };
    match parser.parse2(tokens.clone()) {
        Ok((Some(ty), rest)) => (Some(ty), rest),
        _ => (None, tokens.clone()),
    }
}

/// `Service`, or `kind = Service`.
fn kind(input: ParseStream<'_>) -> syn::Result<Type> {
    let key = input.fork().parse::<Ident>();
    if input.peek2(Token![=]) && key.is_ok_and(|key| !SECONDARY.knows(&key.to_string())) {
        input.parse::<Ident>()?;
        input.parse::<Token![=]>()?;
    }
    input.parse()
}

fn looks_like_a_kind(ty: &Type) -> bool {
    head(ty).is_some_and(|(_, kind)| kind.to_string().starts_with(char::is_uppercase))
}

/// Only a path names a kind.
fn head(ty: &Type) -> Option<Head> {
    match ty {
        Type::Group(group) => head(&group.elem),
        Type::Paren(paren) => head(&paren.elem),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let is_plain = !matches!(last.arguments, syn::PathArguments::Parenthesized(_));
            is_plain.then(|| (Type::Path(path.clone()), last.ident.unraw()))
        }
        _ => None,
    }
}

fn not_a_kind(tokens: &TokenStream) -> String {
    match item::literal(tokens).and_then(|text| text.parse::<syn::Path>().ok()) {
        Some(path) => {
            let path = quote!(#path).to_string().replace(' ', "");
            format!("the type of a secondary is written without quotes; write `{path}`")
        }
        None => format!("this is not the type of a Kubernetes resource; write `{EXAMPLE}`"),
    }
}
