//! Attributes → model: the rules that need more than one item. Every rule reports and goes on, and a model comes out
//! wherever the names are known, so that what is generated beside errors leaves no echo.

use std::collections::{HashMap, HashSet};

use quote::{ToTokens, format_ident, quote};
use syn::{Data, DeriveInput, Fields, Ident, LitStr, Path};

use crate::attrs::{self, Attrs, KubeAttr, OperatorAttr, PrimaryAttr, SecondaryAttr};
use crate::model::{Operator, Predicate, Primary, Resync, Secondary, Status};
use crate::naming;
use crate::problems::Problems;

/// One bit for each secondary says what woke a primary.
const MOST_SECONDARIES: usize = 64;

/// Methods of every context; a secondary's handle cannot have the same name.
const METHODS_OF_CONTEXT: [&str; 5] = ["snapshot", "client", "triggers", "apply_status", "event"];

/// `None` if it cannot be known what the generated items are to be called.
pub(crate) fn validate(input: &DeriveInput, attrs: Attrs, problems: &mut Problems) -> Option<Operator> {
    let Attrs { kube, operator, secondaries } = attrs;
    generics(input, problems);
    let home = match (&operator.primary, kube) {
        (Some(primary), Some(kube)) => {
            one_kind_alone(input, primary, problems);
            home_of_spec(kube)
        }
        (Some(primary), None) => {
            unit_shape(input, primary, problems);
            home_of_unit(input, primary)
        }
        (None, Some(kube)) => {
            spec_shape(input, problems);
            spec_exists(&kube, &operator, problems);
            home_of_spec(kube)
        }
        (None, None) => {
            no_primary(input, problems);
            None
        }
    };
    former_finalizers(&operator, problems);
    let secondaries = self::secondaries(secondaries, problems);
    let (prefix, primary, status) = home?;
    let primary = Primary { kind: last_segment(&primary), ty: primary };
    let OperatorAttr { finalizer, former_finalizers, resync, timeout, predicate, krate, .. } = operator;
    Some(Operator {
        krate: krate.unwrap_or_else(|| syn::parse_quote!(::steersman)),
        vis: input.vis.clone(),
        prefix,
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
    let usable = input.generics.params.is_empty();
    usable.then_some((input.ident.clone(), primary.path.clone()?, Status::Untyped))
}

fn last_segment(path: &Path) -> String {
    path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
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

/// The struct is nothing but a name for the operator.
fn unit_shape(input: &DeriveInput, primary: &PrimaryAttr, problems: &mut Problems) {
    let is_unit = matches!(&input.data, Data::Struct(data) if matches!(data.fields, Fields::Unit));
    if !is_unit {
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
fn spec_exists(kube: &KubeAttr, operator: &OperatorAttr, problems: &mut Problems) {
    if !kube.no_spec {
        return;
    }
    for part in operator.predicate.iter().flat_map(Predicate::parts) {
        if let Predicate::Spec(span) = part {
            problems.at_span(
                *span,
                "`spec_changed` compares the field `spec`, which does not exist by `#[kube(no_spec)]`; write `generation_changed`",
            );
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

fn no_primary(input: &DeriveInput, problems: &mut Problems) {
    problems.at(
        &input.ident,
        "`#[derive(Operator)]` finds no primary kind; derive `CustomResource` too, with `#[kube(kind = \"..\")]`, or name a kind \
         that is defined elsewhere with `#[operator(primary = \"..\")]` on a unit struct",
    );
}

/// Those that can be generated: with a name that nothing else has.
fn secondaries(attrs: Vec<SecondaryAttr>, problems: &mut Problems) -> Vec<Secondary> {
    if let Some(attr) = attrs.get(MOST_SECONDARIES) {
        let count = attrs.len();
        problems.at(
            &attr.ty,
            format!("an operator has at most {MOST_SECONDARIES} secondaries, not {count}; split it into several"),
        );
    }
    let mut kinds = HashSet::new();
    let mut names: HashMap<Ident, String> = HashMap::new();
    let mut secondaries = Vec::new();
    for attr in attrs {
        let twice = !kinds.insert(attr.ty.to_token_stream().to_string());
        if twice {
            same_kind(&attr, problems);
        }
        let Some(name) = name(&attr, problems) else { continue };
        match names.get(&name) {
            // A kind that comes twice has its message already.
            Some(_) if twice => continue,
            Some(first) => {
                same_name(&attr, &name, first, problems);
                continue;
            }
            None => {}
        }
        names.insert(name.clone(), attr.kind.to_string());
        secondaries.push(Secondary {
            kind: attr.kind.to_string(),
            ty: attr.ty,
            name,
            one: attr.one,
            handler: attr.handler,
            predicate: attr.predicate.unwrap_or(Predicate::Content),
            debounce: attr.debounce,
            force: attr.force.unwrap_or(true),
            source: attr.source,
        });
    }
    secondaries
}

/// Both would hold the same objects, and each change would count twice.
fn same_kind(attr: &SecondaryAttr, problems: &mut Problems) {
    let kind = &attr.kind;
    problems.at(
        &attr.ty,
        format!("`{kind}` is already declared as a secondary of this operator, and one declaration covers all that the primary \
                 owns; remove one of the two"),
    );
}

fn same_name(attr: &SecondaryAttr, name: &Ident, first: &str, problems: &mut Problems) {
    let message =
        format!("`{name}` is already the name of the secondary `{first}`; give this one another: `name = ..`");
    match &attr.name {
        Some(written) => problems.at(written, message),
        None => problems.at(&attr.ty, message),
    }
}

/// The field of the snapshot: as written, or made from the kind.
fn name(attr: &SecondaryAttr, problems: &mut Problems) -> Option<Ident> {
    let kind = &attr.kind;
    match &attr.name {
        Some(written) => {
            let text = written.to_string();
            let fault = if naming::is_keyword(&text) || text.starts_with("r#") {
                format!("`{text}` is a keyword of Rust; choose another name for the field of the snapshot")
            } else if !naming::is_snake(&text) {
                let like = naming::snake(text.trim_start_matches('_'));
                format!("`{text}` is not a name in snake case; write `name = {like}`")
            } else if METHODS_OF_CONTEXT.contains(&text.as_str()) {
                taken(&text)
            } else {
                return Some(written.clone());
            };
            problems.at(written, fault);
            None
        }
        None => {
            let one = naming::snake(&kind.to_string());
            let text = if attr.one { one } else { naming::plural(&one) };
            let fault = if naming::is_keyword(&text) {
                format!("`{text}`, the name that `{kind}` gives, is a keyword of Rust; add a name: `name = ..`")
            } else if METHODS_OF_CONTEXT.contains(&text.as_str()) {
                taken(&text)
            } else {
                return Some(format_ident!("{text}", span = kind.span()));
            };
            problems.at(&attr.ty, fault);
            None
        }
    }
}

fn taken(name: &str) -> String {
    format!("`{name}` is a method of every context, so a secondary cannot have that name; give it another: `name = ..`")
}
