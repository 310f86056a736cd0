//! Attributes → model: the rules that need more than one item. Every rule reports and goes on, and a model comes out
//! wherever the names are known, so that what is generated beside errors leaves no echo.

mod relation;
mod secondaries;
mod through;

use std::collections::HashSet;

use proc_macro2::Span;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Attribute, Data, DeriveInput, Expr, Fields, Ident, LitStr, Path, Visibility};

use crate::attrs::{self, Attrs, KubeAttr, OperatorAttr, PrimaryAttr, RelationValue, SecondaryAttr};
use crate::model::{Operator, Predicate, PredicateWord, Primary, Reference, Resync, Status};
use crate::problems::Problems;

/// `None` if it cannot be known what the generated items are to be called.
pub(crate) fn validate(input: &DeriveInput, attrs: Attrs, problems: &mut Problems) -> Option<Operator> {
    let Attrs { kube, operator, secondaries } = attrs;
    generics(input, problems);
    let refers_by_spec = kube.as_ref().is_some_and(|kube| !kube.no_spec);
    let home = match (&operator.primary, kube) {
        (Some(primary), Some(kube)) if !is_unit(input) => {
            one_kind_alone(input, primary, problems);
            home_of_spec(kube)
        }
        (Some(primary), kube) => {
            if kube.is_some() {
                defined_elsewhere(input, primary, problems);
            }
            unit_shape(input, primary, problems);
            itself(input, primary, problems);
            home_of_unit(input, primary).or_else(|| kube.and_then(home_of_spec))
        }
        (None, Some(kube)) => {
            spec_shape(input, problems);
            parts_exist(&kube, &operator, problems);
            sees_the_spec(&operator, problems);
            home_of_spec(kube)
        }
        (None, None) => {
            no_primary(input, problems);
            None
        }
    };
    former_finalizers(&operator, problems);
    secondaries.iter().for_each(|attr| names_a_field(input, attr, problems));
    let kind = home.as_ref().map(|(_, primary, _)| last_segment(primary));
    let secondaries = secondaries::validate(secondaries, kind.as_deref(), problems);
    let (prefix, primary, status) = home?;
    let primary = Primary { kind: last_segment(&primary), ty: primary, refers_by_spec };
    let OperatorAttr {
        finalizer,
        former_finalizers,
        resync,
        timeout,
        predicate,
        selector,
        filter,
        exported,
        krate,
        ..
    } = operator;
    unexported(&input.vis, exported, problems);
    Some(Operator {
        krate: krate.unwrap_or_else(|| syn::parse_quote!(::steersman)),
        vis: input.vis.clone(),
        prefix,
        exported: exported.is_some(),
        primary,
        status,
        finalizer,
        former_finalizers: former_finalizers.unwrap_or_default(),
        resync: match resync {
            None => Resync::Default,
            Some(attrs::Resync::Off) => Resync::Off,
            Some(attrs::Resync::Every(period)) => Resync::Every(period),
        },
        timeout,
        predicate: predicate.unwrap_or(Predicate::Content),
        selector: selector.unwrap_or_default(),
        filter,
        secondaries,
    })
}

type Home = (Ident, Path, Status);

/// The names come from the kind, which `#[derive(CustomResource)]` writes. Without a readable `kind` that derive
/// reports it.
fn home_of_spec(kube: KubeAttr) -> Option<Home> {
    let root = kube.root?;
    let status = kube.status.map_or(Status::Absent, Status::Typed);
    Some((root.clone(), Path::from(root), status))
}

/// The names come from the unit struct, so that several operators for one kind do not collide.
fn home_of_unit(input: &DeriveInput, primary: &PrimaryAttr) -> Option<Home> {
    let is_itself = primary.path.as_ref().is_some_and(|path| path.is_ident(&input.ident));
    let usable = input.generics.params.is_empty() && !is_itself;
    usable.then_some((input.ident.clone(), primary.path.clone()?, Status::Untyped))
}

fn last_segment(path: &Path) -> String {
    path.segments.last().map(|segment| segment.ident.unraw().to_string()).unwrap_or_default()
}

/// A kind has one Rust type; there would be no single operator for a family of types.
fn generics(input: &DeriveInput, problems: &mut Problems) {
    if !input.generics.params.is_empty() {
        problems.at(&input.generics, format!("an operator has one kind; remove the generics of `{}`", input.ident));
    }
}

fn one_kind_alone(input: &DeriveInput, primary: &PrimaryAttr, problems: &mut Problems) {
    let name = &input.ident;
    problems.at(
        &primary.key,
        format!(
            "`{name}` has a kind of its own by `#[kube(..)]`; remove `primary`, or put this operator on a unit struct"
        ),
    );
}

/// A unit struct is no spec, so that the kind is what was meant by `primary`.
fn defined_elsewhere(input: &DeriveInput, primary: &PrimaryAttr, problems: &mut Problems) {
    let kube = input.attrs.iter().find(|attr| attr.path().is_ident("kube")).map(Attribute::path);
    let kind = primary.path.as_ref().map(last_segment).unwrap_or_default();
    problems.at(
        kube,
        format!(
            "`#[kube(..)]` defines a kind, and `{kind}` is defined elsewhere, as `primary` says; remove `#[kube(..)]`"
        ),
    );
}

/// The struct stands before what it is to name.
fn itself(input: &DeriveInput, primary: &PrimaryAttr, problems: &mut Problems) {
    let (name, path) = (&input.ident, primary.path.as_ref());
    if let Some(path) = path.filter(|path| path.is_ident(name)) {
        problems.at(
            path,
            format!(
                "`primary = \"{name}\"` is this struct itself; give the struct another name, such as `{name}Operator`, or write the \
                 path of the kind, such as `primary = \"crate::{name}\"`"
            ),
        );
    }
}

/// A single name is taken for a function, but a field is easily meant.
fn names_a_field(input: &DeriveInput, attr: &SecondaryAttr, problems: &mut Problems) {
    let Data::Struct(data) = &input.data else { return };
    let functions = attr.relations.iter().filter_map(|relation| match &relation.value {
        Some(RelationValue::Reference(Reference::Function(Expr::Path(path)))) => path.path.get_ident(),
        _ => None,
    });
    for name in functions.filter(|name| data.fields.iter().any(|field| field.ident.as_ref() == Some(*name))) {
        problems.at(
            name,
            format!(
                "`{name}` is a field of `{}`; write `reference = spec.{name}`, or `self::{name}` for a function of that name",
                input.ident
            ),
        );
    }
}

/// An operator is there for what its spec says; that of a kind which is defined elsewhere may be there for its status.
fn sees_the_spec(operator: &OperatorAttr, problems: &mut Problems) {
    if let Some(Predicate::Word(PredicateWord::Status, span)) = &operator.predicate {
        problems.at_span(
            *span,
            "with `status_changed` alone, a change of the spec wakes nobody; write `predicate = any(spec_changed, status_changed)`",
        );
    }
}

fn is_unit(input: &DeriveInput) -> bool {
    matches!(&input.data, Data::Struct(data) if matches!(data.fields, Fields::Unit))
}

/// The struct is nothing but a name for the operator.
fn unit_shape(input: &DeriveInput, primary: &PrimaryAttr, problems: &mut Problems) {
    if !is_unit(input) {
        let (vis, name) = (&input.vis, &input.ident);
        let example = quote!(#vis struct #name;).to_string().replace(" ;", ";");
        problems.at(
            &primary.key,
            format!("`primary` is for a unit struct, which only names the operator; write `{example}`"),
        );
    }
}

/// The API server takes an object with properties as the spec, and nothing else.
fn spec_shape(input: &DeriveInput, problems: &mut Problems) {
    let name = &input.ident;
    let what = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(_) => return,
            Fields::Unnamed(_) => "a tuple struct",
            Fields::Unit => "a unit struct",
        },
        Data::Enum(_) => "an enum",
        Data::Union(_) => "a union",
    };
    problems.at(name, format!("`{name}` is {what}, and a spec has named fields; write `struct {name} {{ .. }}`"));
}

/// What never changes never wakes.
fn parts_exist(kube: &KubeAttr, operator: &OperatorAttr, problems: &mut Problems) {
    for part in operator.predicate.iter().flat_map(Predicate::parts) {
        match part {
            Predicate::Word(PredicateWord::Spec, span) if kube.no_spec => problems.at_span(
                *span,
                "`spec_changed` compares the field `spec`, which does not exist by `#[kube(no_spec)]`; write `generation_changed`",
            ),
            Predicate::Word(PredicateWord::Status, span) if !kube.has_status => problems.at_span(
                *span,
                "`status_changed` compares the field `status`, which `#[kube(..)]` does not declare; remove it, or declare the \
                 status: `#[kube(status = \"..\")]`",
            ),
            _ => {}
        }
    }
}

/// One that is still in use would be taken off and added again.
fn former_finalizers(operator: &OperatorAttr, problems: &mut Problems) {
    let used = operator.finalizer.as_ref().map(LitStr::value);
    let mut names = HashSet::new();
    for literal in operator.former_finalizers.iter().flatten() {
        let name = literal.value();
        if used.as_ref() == Some(&name) {
            problems.at(
                literal,
                format!("`{name}` is the finalizer that this operator adds; remove it from the former ones"),
            );
        } else if !names.insert(name.clone()) {
            problems.at(literal, format!("`{name}` is listed twice; remove one of the two"));
        }
    }
}

/// What is private cannot be used elsewhere, whatever it says.
fn unexported(vis: &Visibility, exported: Option<Span>, problems: &mut Problems) {
    if let (Some(span), false) = (exported, matches!(vis, Visibility::Public(_))) {
        problems
            .at_span(span, "`exported` is for a struct that is `pub`, as no other crate can use this one; remove it");
    }
}

fn no_primary(input: &DeriveInput, problems: &mut Problems) {
    problems.at(
        &input.ident,
        "`#[derive(Operator)]` finds no primary kind; derive `CustomResource` too, with `#[kube(kind = \"..\")]`, or name a kind \
         that is defined elsewhere with `#[operator(primary = \"..\")]` on a unit struct; or remove `Operator` from these derives",
    );
}
