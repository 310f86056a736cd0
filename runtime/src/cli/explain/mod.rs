//! What an operator watches, and why: its declarations as a table, as JSON or as a picture.

mod mermaid;
mod table;
#[cfg(test)]
mod tests;

use std::fmt;

use serde::Serialize;

use crate::core::world::World;
use crate::operator::Declaration;
use crate::rights::{Right, Rules, quoted};
use crate::run::{Plan, Settings};
use crate::secondary::{Related, Secondary};
use crate::watch::{Attribute, Watch};

/// The watches of some operators, and who reads what from them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Explanation {
    operators: Vec<Explained>,
    watches: Vec<ExplainedWatch>,
}

/// One operator, apart from its watches.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Explained {
    name: &'static str,
    primary: String,
    field_manager: String,
    finalizer: Option<&'static str>,
    /// In seconds; none if it is switched off.
    resync_seconds: Option<f64>,
    timeout_seconds: f64,
    concurrency: usize,
}

/// One watch. Its cache is shared by all readers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ExplainedWatch {
    kind: String,
    api_version: String,
    /// As RBAC names it, `deployments.apps`.
    resource: String,
    scope: Scope,
    /// Only objects with such labels are shown; empty for all.
    selector: String,
    /// Only objects with such fields are shown; empty for all.
    fields: &'static str,
    storage: Storage,
    others: Others,
    readers: Vec<Reader>,
}

/// Where a watch looks.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Scope {
    /// The kind has no namespaces.
    Cluster,
    AllNamespaces,
    Namespaces(Vec<String>),
}

/// What the cache holds of an object.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Storage {
    Whole,
    Metadata,
}

/// What is kept of objects that belong to nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
enum Others {
    Nothing,
    /// Key, uid, version and owners.
    Stubs,
    /// Whatever names somebody that there could be.
    Named,
    /// They are primaries: all of them are somebody's.
    None,
}

/// One declaration that reads from a watch.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Reader {
    operator: &'static str,
    /// The place of the operator among all.
    #[serde(skip)]
    place: usize,
    /// The field of the snapshot; `primary` for the primary itself.
    name: &'static str,
    attribute: String,
    relation: String,
    predicate: String,
    one: bool,
    optional: bool,
    handler: bool,
    /// Whether the context has a handle that writes.
    writable: bool,
    /// The verbs that this declaration needs on the resource; those on others, with their resources.
    rights: Vec<String>,
}

impl Explanation {
    /// Of these operators, as one manager would run them.
    pub(super) fn of<'a>(settings: impl IntoIterator<Item = &'a Settings>) -> Self {
        let settings: Vec<&Settings> = settings.into_iter().collect();
        let (mut plan, mut world) = (Plan::default(), World::default());
        for settings in &settings {
            plan.add(settings, &mut world, 0);
        }
        let mut watches: Vec<ExplainedWatch> = plan.watches().iter().map(ExplainedWatch::new).collect();
        for (operator, settings) in settings.iter().enumerate() {
            let rules = settings.rules();
            for (index, source) in plan.sources(operator).iter().enumerate() {
                let watch = &mut watches[source.cache.0];
                watch.others = watch.others.max(Others::of(&settings.declaration, index));
                watch.readers.push(Reader::new(settings, operator, index, &rules));
            }
        }
        Self { operators: settings.into_iter().map(Explained::new).collect(), watches }
    }

    /// As a Mermaid flowchart.
    pub(super) fn mermaid(&self) -> String {
        mermaid::draw(self)
    }
}

/// As tables for people.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        table::write(self, f)
    }
}

impl Explained {
    fn new(settings: &Settings) -> Self {
        let Declaration { name, primary, finalizers, resync, timeout, .. } = &settings.declaration;
        Self {
            name,
            primary: primary.to_string(),
            field_manager: settings.field_manager.clone(),
            finalizer: finalizers.own,
            resync_seconds: resync.map(|period| period.as_secs_f64()),
            timeout_seconds: timeout.as_secs_f64(),
            concurrency: settings.concurrency,
        }
    }
}

impl ExplainedWatch {
    fn new(watch: &Watch) -> Self {
        let Watch { kind, narrowing, .. } = watch;
        let scope = match &narrowing.namespaces[..] {
            _ if !kind.namespaced => Scope::Cluster,
            [] => Scope::AllNamespaces,
            namespaces => Scope::Namespaces(namespaces.to_vec()),
        };
        Self {
            kind: kind.kind.to_string(),
            api_version: kind.api_version(),
            resource: kind.resource(),
            scope,
            selector: narrowing.labels.to_string(),
            fields: narrowing.fields.unwrap_or_default(),
            storage: if kind.metadata { Storage::Metadata } else { Storage::Whole },
            others: Others::Nothing,
            readers: Vec::new(),
        }
    }
}

impl Others {
    fn of(declaration: &Declaration, index: usize) -> Self {
        let Some(secondary) = secondary(declaration, index) else { return Self::None };
        match secondary.related {
            Related::Owned if !declaration.is_narrowed() => Self::Nothing,
            Related::Owned | Related::Reference(_) | Related::Through(_) => Self::Stubs,
            Related::Label(_) | Related::Annotation(_) | Related::Map(_) => Self::Named,
        }
    }
}

impl Reader {
    fn new(settings: &Settings, place: usize, index: usize, rules: &Rules) -> Self {
        let declaration = &settings.declaration;
        let rights = rights(declaration, index, rules);
        let Some(secondary) = secondary(declaration, index) else {
            return Self {
                operator: declaration.name,
                place,
                name: "primary",
                attribute: Attribute::PRIMARY.to_owned(),
                relation: "primary".to_owned(),
                predicate: format!("{:?}", declaration.compared()),
                one: false,
                optional: false,
                handler: false,
                writable: false,
                rights,
            };
        };
        Self {
            operator: declaration.name,
            place,
            name: secondary.name,
            attribute: secondary.attribute.to_owned(),
            relation: relation(declaration, secondary),
            predicate: format!("{:?}", secondary.projection),
            one: secondary.one,
            optional: secondary.optional,
            handler: secondary.handler,
            writable: secondary.write,
            rights,
        }
    }

    /// What its row says beside the relation.
    fn words(&self) -> String {
        let words = [(self.one, "one"), (self.optional, "optional"), (self.handler, "handler")];
        words.into_iter().filter(|(is, _)| *is).map(|(_, word)| format!(", {word}")).collect()
    }
}

fn secondary(declaration: &Declaration, index: usize) -> Option<&Secondary> {
    declaration.secondaries.get(index.checked_sub(1)?)
}

/// What the declaration at this index asks for.
fn rights(declaration: &Declaration, index: usize, rules: &Rules) -> Vec<String> {
    let of = |secondary: &Secondary| quoted(secondary.attribute, declaration.name);
    let secondary = secondary(declaration, index);
    let kind = secondary.map_or(&declaration.primary, |secondary| &secondary.kind);
    let is_wanted = |wanted: &String| match secondary {
        Some(secondary) => *wanted == of(secondary),
        // What no secondary asks for is for the primary: its watch, status and finalizers.
        None => declaration.secondaries.iter().all(|secondary| *wanted != of(secondary)),
    };
    let is_of_primary =
        |right: &Right| right.group() == kind.group && right.resource().split('/').next() == Some(&*kind.plural);
    let (mut texts, mut beside) = (Vec::new(), Vec::new());
    for right in rules.rights().filter(|right| right.wanted_by().iter().any(is_wanted)) {
        if secondary.is_none() && !is_of_primary(right) {
            continue;
        }
        let here = right.group() == kind.group && right.resource() == kind.plural;
        let text = if here { right.verb().to_owned() } else { format!("{} on {}", right.verb(), right.resource()) };
        let of = if here { &mut texts } else { &mut beside };
        if !of.contains(&text) {
            of.push(text);
        }
    }
    texts.append(&mut beside);
    texts
}

fn relation(declaration: &Declaration, secondary: &Secondary) -> String {
    let text = match secondary.related {
        Related::Owned => "owned".to_owned(),
        Related::Label(key) => format!("label {key}"),
        Related::Annotation(key) => format!("annotation {key}"),
        Related::Reference(_) => "reference".to_owned(),
        Related::Through(parent) => format!("through {}", declaration.secondaries[parent].name),
        Related::Map(_) => "map".to_owned(),
    };
    let any = if secondary.any_owner { ", any owner" } else { "" };
    let cross = if secondary.cross_namespace { ", any namespace" } else { "" };
    format!("{text}{any}{cross}")
}
