//! The secondaries of one operator: their names, what each of them covers, and that no two are the same.

use std::collections::HashMap;

use quote::{ToTokens, format_ident};
use syn::Ident;

use super::{relation, through};
use crate::attrs::SecondaryAttr;
use crate::fields::FieldSelector;
use crate::model::{Predicate, Relation, Secondary};
use crate::naming;
use crate::problems::Problems;
use crate::selector::Requirement;

/// One bit for each secondary says what woke a primary.
const MOST_SECONDARIES: usize = 64;

/// Methods of every context; a secondary's handle cannot have the same name.
const METHODS_OF_CONTEXT: [&str; 6] = ["snapshot", "client", "triggers", "apply_status", "event", "primaries"];

/// Which objects a secondary looks at: none of two that are equal is of use.
#[derive(PartialEq)]
struct Covers {
    ty: String,
    relation: Relation,
    selector: Vec<Requirement>,
    fields: Option<FieldSelector>,
    metadata: bool,
}

/// Those that can be generated: with a name that nothing else has. `primary` is its kind, if that is known.
pub(super) fn validate(attrs: Vec<SecondaryAttr>, primary: Option<&str>, problems: &mut Problems) -> Vec<Secondary> {
    if let Some(attr) = attrs.get(MOST_SECONDARIES) {
        let count = attrs.len();
        problems.at(
            &attr.ty,
            format!("an operator has at most {MOST_SECONDARIES} secondaries, not {count}; split it into several"),
        );
    }
    let names: Vec<_> = attrs.iter().map(|attr| name(attr, problems)).collect();
    let parents = through::parents(&attrs, &names, primary, problems);
    let mut covered: Vec<Covers> = Vec::new();
    let mut taken: HashMap<Ident, String> = HashMap::new();
    // Where each attribute has gone, as parents are counted by attributes.
    let mut places: Vec<Option<usize>> = Vec::new();
    let mut secondaries = Vec::new();
    for ((attr, name), parent) in attrs.into_iter().zip(names).zip(parents) {
        let relation = relation::validate(&attr, parent, problems);
        let twice = covers_again(&attr, relation.as_ref(), &mut covered, problems);
        let name = name.filter(|name| is_free(&attr, name, twice, &mut taken, problems));
        places.push(name.is_some().then_some(secondaries.len()));
        secondaries.extend(name.map(|name| secondary(attr, name, relation, twice)));
    }
    for secondary in &mut secondaries {
        move_parent(secondary, &places);
    }
    secondaries
}

/// Without a relation there is a problem already, and the default is as good as any.
fn secondary(attr: SecondaryAttr, name: Ident, relation: Option<Relation>, twice: bool) -> Secondary {
    let is_vague = attr.is_vague || relation.is_none() || twice;
    let relation = relation.unwrap_or(Relation::Owned { any: false });
    // What the primary controls is its own; what is merely related may be somebody else's.
    let force = attr.force.and_then(|force| force.value).unwrap_or(relation.is_owned());
    Secondary {
        kind: attr.kind.to_string(),
        ty: attr.ty,
        name,
        relation,
        cross_namespace: attr.words.cross_namespace.is_some(),
        write: attr.words.write.is_some(),
        read_only: attr.words.read_only.is_some(),
        ignore_status: attr.words.ignore_status,
        metadata: attr.words.metadata.is_some(),
        optional: attr.words.optional.is_some(),
        selector: attr.selector.unwrap_or_default(),
        fields: attr.fields,
        one: attr.one,
        handler: attr.handler,
        predicate: attr.predicate.unwrap_or(Predicate::Content),
        debounce: attr.debounce,
        force,
        source: attr.source,
        is_vague,
    }
}

/// A parent that is not generated has a problem of its own, and then nothing is known of its children.
fn move_parent(secondary: &mut Secondary, places: &[Option<usize>]) {
    let Relation::Through { parent, any } = secondary.relation else { return };
    match places[parent] {
        Some(parent) => secondary.relation = Relation::Through { parent, any },
        None => (secondary.relation, secondary.is_vague) = (Relation::Owned { any }, true),
    }
}

/// Both would hold the same objects, and each change would count twice.
fn covers_again(
    attr: &SecondaryAttr,
    relation: Option<&Relation>,
    covered: &mut Vec<Covers>,
    problems: &mut Problems,
) -> bool {
    let Some(relation) = relation.filter(|_| !attr.is_vague) else { return false };
    let covers = Covers {
        ty: attr.ty.to_token_stream().to_string(),
        relation: relation.clone(),
        selector: attr.selector.clone().unwrap_or_default(),
        fields: attr.fields.clone(),
        metadata: attr.words.metadata.is_some(),
    };
    let again = covered.contains(&covers);
    if again {
        let kind = &attr.kind;
        problems.at(
            &attr.ty,
            format!(
                "`{kind}` is already declared as a secondary of this operator with the same relation and selectors, and one \
                 declaration covers all of its objects; remove one of the two"
            ),
        );
    } else {
        covered.push(covers);
    }
    again
}

/// Whether no secondary before has this name.
fn is_free(
    attr: &SecondaryAttr,
    name: &Ident,
    twice: bool,
    taken: &mut HashMap<Ident, String>,
    problems: &mut Problems,
) -> bool {
    match taken.get(name) {
        // What covers the same has its message already, and what could not be read may have been another name.
        Some(first) if !twice && (!attr.is_vague || attr.name.is_some()) => same_name(attr, name, first, problems),
        Some(_) => {}
        None => {
            taken.insert(name.clone(), attr.kind.to_string());
            return true;
        }
    }
    false
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
                problems.at(written, format!("`{text}` is not a name in snake case; write `name = {like}`"));
                // The code that uses it has no mistake of its own.
                return (text != "_").then(|| written.clone());
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
