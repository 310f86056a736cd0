//! Predicates as projections: the part of an object that is compared to decide whether a change matters.

mod changed;
mod hasher;
mod serializer;
#[cfg(test)]
mod serializer_tests;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;

pub use changed::{ProjectByHash, ProjectBySerialize, ProjectNothing};
pub use hasher::ProjectionHasher;

use crate::core::fingerprint::REFUSED;
use crate::core::raw::{RawMap, RawMeta};
use crate::filter::Filter;
use crate::kind::Kind;

/// What of an object a predicate looks at. Two versions of an object are the same to a predicate if their projections
/// are; so a predicate cannot lose a change, a creation or a deletion, however many events lie between.
#[derive(Clone)]
#[doc(hidden)]
pub struct Projection(Part);

#[derive(Clone)]
enum Part {
    Content,
    /// Fields at the top of the object, one after another.
    Fields(&'static [&'static str]),
    /// A field of the metadata.
    Metadata(&'static str),
    Changed(Arc<ProjectFn>),
    Any(Vec<Projection>),
    /// Of an object that passes the filter.
    Filtered(Filter, Box<Projection>),
}

type ProjectFn = dyn Fn(&(dyn Any + Send + Sync), &mut ProjectionHasher) + Send + Sync;

impl Projection {
    /// Everything but `status`, managedFields, resourceVersion and generation: the default.
    pub fn content() -> Self {
        Self(Part::Content)
    }

    /// `spec_changed`: the field `spec`.
    pub fn spec() -> Self {
        Self(Part::Fields(&["spec"]))
    }

    /// `status_changed`: the field `status`.
    pub fn status() -> Self {
        Self(Part::Fields(&["status"]))
    }

    /// `data_changed`: what ConfigMaps and Secrets hold. The API server turns a Secret's `stringData` into `data` and never
    /// shows it.
    pub fn data() -> Self {
        Self(Part::Fields(&["data", "binaryData"]))
    }

    /// `generation_changed`: `metadata.generation`.
    pub fn generation() -> Self {
        Self(Part::Metadata("generation"))
    }

    /// `resource_version_changed`: every write that changes anything.
    pub fn resource_version() -> Self {
        Self(Part::Metadata("resourceVersion"))
    }

    /// `labels_changed`.
    pub fn labels() -> Self {
        Self(Part::Metadata("labels"))
    }

    /// `annotations_changed`.
    pub fn annotations() -> Self {
        Self(Part::Metadata("annotations"))
    }

    /// `finalizers_changed`.
    pub fn finalizers() -> Self {
        Self(Part::Metadata("finalizers"))
    }

    /// `owner_references_changed`.
    pub fn owner_references() -> Self {
        Self(Part::Metadata("ownerReferences"))
    }

    /// `changed(f)`: what the function takes out of the object. It must be pure.
    pub fn changed<K: Kind>(project: fn(&K, &mut ProjectionHasher)) -> Self {
        let project = move |object: &(dyn Any + Send + Sync), hasher: &mut ProjectionHasher| {
            if let Some(object) = object.downcast_ref::<Arc<K>>() {
                project(object, hasher);
            }
        };
        Self(Part::Changed(Arc::new(project)))
    }

    /// `any(a, b)`: a change of one of them.
    pub fn any<I: IntoIterator<Item = Self>>(parts: I) -> Self {
        Self(Part::Any(parts.into_iter().collect()))
    }

    /// The same of objects that pass the filter; of all others, that they do not.
    pub(crate) fn filtered(self, filter: Filter) -> Self {
        Self(Part::Filtered(filter, Box::new(self)))
    }

    /// The fingerprint of one object: of its identity, of whether it is being deleted, and of its projection.
    pub(crate) fn fingerprint(
        &self,
        meta: &RawMeta,
        json: &str,
        object: &(dyn Any + Send + Sync),
    ) -> Result<u128, serde_json::Error> {
        if let Part::Filtered(filter, projection) = &self.0 {
            return if filter.passes(object) { projection.fingerprint(meta, json, object) } else { Ok(REFUSED) };
        }
        let mut hasher = ProjectionHasher::new();
        (meta.uid.0, meta.deleting).hash(&mut hasher);
        self.feed(json, object, &mut hasher)?;
        Ok(hasher.finish128())
    }

    fn feed(
        &self,
        json: &str,
        object: &(dyn Any + Send + Sync),
        hasher: &mut ProjectionHasher,
    ) -> Result<(), serde_json::Error> {
        match &self.0 {
            Part::Content => content(json)?.hash(hasher),
            Part::Fields(names) => {
                let fields = RawMap::parse(json)?;
                names.iter().for_each(|name| fields.get(name).hash(hasher));
            }
            Part::Metadata(name) => metadata(json)?.get(name).hash(hasher),
            Part::Changed(project) => {
                project(object, hasher);
                hasher.failed()?;
            }
            Part::Any(parts) => {
                for part in parts {
                    part.feed(json, object, hasher)?;
                }
            }
            Part::Filtered(_, projection) => projection.feed(json, object, hasher)?,
        }
        Ok(())
    }
}

impl fmt::Debug for Projection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Part::Content => f.write_str("content"),
            Part::Fields(names) => write!(f, "{}_changed", names[0]),
            Part::Metadata("resourceVersion") => f.write_str("resource_version_changed"),
            Part::Metadata("ownerReferences") => f.write_str("owner_references_changed"),
            Part::Metadata(name) => write!(f, "{name}_changed"),
            Part::Changed(_) => f.write_str("changed(..)"),
            Part::Any(parts) => {
                let mut tuple = f.debug_tuple("any");
                parts.iter().for_each(|part| {
                    tuple.field(part);
                });
                tuple.finish()
            }
            Part::Filtered(_, projection) => write!(f, "{projection:?}, filter"),
        }
    }
}

/// Fields of the metadata that say nothing about the content.
const BOOKKEEPING: [&str; 4] = ["managedFields", "resourceVersion", "generation", "selfLink"];

/// The sum over all fields: independent of their order, which may differ between answers of different servers. Items of
/// a list lack `apiVersion` and `kind`, so these do not count either.
fn content(json: &str) -> Result<u128, serde_json::Error> {
    let mut sum = 0u128;
    for (name, value) in RawMap::parse(json)?.iter() {
        match name {
            "apiVersion" | "kind" | "status" => {}
            "metadata" => {
                for (name, value) in RawMap::parse(value)?.iter() {
                    if !BOOKKEEPING.contains(&name) {
                        sum = sum.wrapping_add(entry("metadata", name, value));
                    }
                }
            }
            _ => sum = sum.wrapping_add(entry("", name, value)),
        }
    }
    Ok(sum)
}

fn entry(parent: &str, name: &str, value: &str) -> u128 {
    let mut hasher = ProjectionHasher::new();
    (parent, name, value).hash(&mut hasher);
    hasher.finish128()
}

fn metadata(json: &str) -> Result<RawMap<'_>, serde_json::Error> {
    RawMap::parse(RawMap::parse(json)?.get("metadata").unwrap_or("{}"))
}
