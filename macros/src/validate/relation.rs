//! The relation of one secondary, and the words that go with some relations alone.

use proc_macro2::Span;

use crate::attrs::{RelationValue, SecondaryAttr};
use crate::model::{Predicate, Relation};
use crate::problems::Problems;

/// The relation, with the place of its parent if it has one; `None` if that is not known, after a problem.
pub(super) fn validate(attr: &SecondaryAttr, parent: Option<usize>, problems: &mut Problems) -> Option<Relation> {
    needs_the_object(attr, problems);
    only_one(attr, problems);
    let relation = choose(attr, parent)?;
    writing(attr, &relation, problems);
    ignoring(attr, problems);
    if let Some(span) = attr.words.cross_namespace {
        crosses_namespaces(&relation, span, problems);
    }
    bounds(attr, &relation, problems);
    Some(relation)
}

/// The first one, but `owned = any` beside `through` says which owner references count there.
fn choose(attr: &SecondaryAttr, parent: Option<usize>) -> Option<Relation> {
    let is_any = |value: &Option<RelationValue>| matches!(value, Some(RelationValue::Owned { any: true }));
    let mut relations = attr.relations.iter();
    let first = match relations.next() {
        Some(first) if is_any(&first.value) && attr.through().is_some() => {
            return parent.map(|parent| Relation::Through { parent, any: true });
        }
        Some(first) => first.value.as_ref()?,
        None => return (!attr.has_unknown).then_some(Relation::Owned { any: false }),
    };
    Some(match first {
        RelationValue::Owned { any } => Relation::Owned { any: *any },
        RelationValue::Label(key) => Relation::Label(key.clone()),
        RelationValue::Annotation(key) => Relation::Annotation(key.clone()),
        RelationValue::Reference(reference) => Relation::Reference(reference.clone()),
        RelationValue::Through(_) => {
            Relation::Through { parent: parent?, any: relations.any(|relation| is_any(&relation.value)) }
        }
        RelationValue::Map(function) => Relation::Map(function.clone()),
    })
}

/// An object related by either of two would be a relation of its own; nobody could say why it woke the primary.
fn only_one(attr: &SecondaryAttr, problems: &mut Problems) {
    let mut relations = attr.relations.iter();
    let Some(first) = relations.next() else { return };
    for other in relations {
        let (one, two) = (first.text(), other.text());
        let are_joined =
            [(&one, &two), (&two, &one)].iter().any(|pair| (&**pair.0, &**pair.1) == ("owned = any", "through"));
        if !are_joined {
            problems.at(
                &other.key,
                format!(
                    "`{one}` and `{two}` are two relations, and a secondary has one; remove one of them, or declare another \
                     secondary for it"
                ),
            );
        }
    }
}

/// What is owned can be written anyway, and of what is not there can be nothing to write.
fn writing(attr: &SecondaryAttr, relation: &Relation, problems: &mut Problems) {
    let words = &attr.words;
    let metadata = words.metadata.is_some();
    if let Some(span) = words.write {
        if metadata {
            problems.at_span(
                span,
                "`write` needs the whole object, and `metadata` keeps a part of it alone; remove one of the two",
            );
        } else if words.read_only.is_some() {
            problems.at_span(span, "`write` and `read_only` contradict each other; remove one of the two");
        } else if relation.is_owned() {
            problems.at_span(span, "what is owned can be written without saying so; remove `write`");
        }
    }
    match words.read_only {
        Some(span) if !relation.is_owned() && words.write.is_none() => {
            problems.at_span(span, "what is not owned is read only by default; remove `read_only`");
        }
        None if metadata && relation.is_owned() && !attr.is_vague => made_by_others(attr, problems),
        _ => {}
    }
    let Some(force) = &attr.force else { return };
    if metadata {
        problems.at(&force.key, "`force` is about writing, and what is `metadata` cannot be written; remove it");
    } else if words.read_only.is_some() {
        problems.at(&force.key, "`force` is about writing, and what is `read_only` is not written; remove it");
    } else if !relation.is_owned() && words.write.is_none() {
        problems.at(
            &force.key,
            "`force` is about writing, and what is not owned is read only; remove it, or add `write` to open it",
        );
    }
}

/// Of what is owned and cannot be written, somebody else sets the owner reference; most of the time, the relation is forgotten.
fn made_by_others(attr: &SecondaryAttr, problems: &mut Problems) {
    problems.at_span(
        attr.words.metadata.unwrap_or_else(Span::call_site),
        format!(
            "`{}` is owned, but this operator cannot make one of which it has the `metadata` alone; name another relation, such as \
             `through = ..` or `label = \"..\"`, or, if others make it with an owner reference to the primary, add `read_only`",
            attr.source
        ),
    );
}

/// It is the answer to a question that only some declarations raise.
fn ignoring(attr: &SecondaryAttr, problems: &mut Problems) {
    let Some(span) = attr.words.ignore_status else { return };
    if attr.handler.is_none() {
        problems.at_span(
            span,
            "`ignore_status` says that a `handler` does without the status, and there is none; remove it",
        );
    } else if !attr.predicate.as_ref().is_none_or(Predicate::is_blind) {
        problems.at_span(
            span,
            "`ignore_status` is for a `predicate` that does not see the status, and this one does; remove it",
        );
    }
}

/// Only some relations have a place for the name of a namespace.
fn crosses_namespaces(relation: &Relation, span: Span, problems: &mut Problems) {
    let reason = match relation {
        Relation::Annotation(_) | Relation::Reference(_) => return,
        Relation::Owned { .. } | Relation::Through { .. } => "an owner reference never leaves its namespace; remove it",
        Relation::Label(_) => {
            "the value of a label has no room for a namespace; remove it, or write `annotation = \"..\"`, whose value then is \
             `namespace/name`"
        }
        Relation::Map(_) => "the function of a `map` says it itself, by `ObjectRef::within`; remove it",
    };
    problems.at_span(span, format!("`cross_namespace` is for `annotation` and `reference`: {reason}"));
}

/// A function can look for anything, so nothing narrows its watch by itself.
fn bounds(attr: &SecondaryAttr, relation: &Relation, problems: &mut Problems) {
    let bound = [
        ("selector", attr.selector.is_some()),
        ("fields", attr.fields.is_some()),
        ("metadata", attr.words.metadata.is_some()),
    ];
    let bound = bound.into_iter().find(|(_, given)| *given).map(|(word, _)| word);
    let is_map = matches!(relation, Relation::Map(_));
    match attr.words.unbounded {
        Some(span) if !is_map => problems
            .at_span(span, "`unbounded` is for `map`: every other relation tells which objects to keep; remove it"),
        Some(span) => {
            if let Some(word) = bound {
                problems.at_span(
                    span,
                    format!("`unbounded` says that nothing bounds the `map`, and `{word}` does; remove one of the two"),
                );
            }
        }
        None if is_map && bound.is_none() && !attr.is_vague => {
            let kind = &attr.kind;
            let key = attr.relations.iter().find(|relation| relation.key == "map").map(|relation| &relation.key);
            problems.at(
                key,
                format!(
                    "this `map` receives and decodes every `{kind}` in the cluster, at each change and each start, as its \
                     function may want any of them; narrow it with `selector = \"..\"`, look at less with `metadata`, or write \
                     `unbounded` if that is meant"
                ),
            );
        }
        None => {}
    }
}

/// There is nothing but metadata to compare.
fn needs_the_object(attr: &SecondaryAttr, problems: &mut Problems) {
    if attr.words.metadata.is_none() {
        return;
    }
    for part in attr.predicate.iter().flat_map(Predicate::parts) {
        let Predicate::Word(word, span) = part else { continue };
        if let Some(field) = word.field() {
            problems.at_span(
                *span,
                format!(
                    "`{field}_changed` compares the field `{field}`, and `metadata` keeps the metadata alone; remove `metadata`, or \
                     write another predicate, such as `generation_changed`"
                ),
            );
        }
    }
}
