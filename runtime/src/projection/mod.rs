//! Predicates as projections: the part of an object that is compared to decide whether a change matters.

use std::any::Any;
use std::fmt;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::{Arc, LazyLock};

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::core::raw::{RawMap, RawMeta};
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

    /// `data_changed`: what ConfigMaps and Secrets hold.
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

    /// The fingerprint of one object: of its identity, of whether it is being deleted, and of its projection.
    pub(crate) fn fingerprint(
        &self,
        meta: &RawMeta,
        json: &str,
        object: &(dyn Any + Send + Sync),
    ) -> Result<u128, serde_json::Error> {
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
            Part::Changed(project) => project(object, hasher),
            Part::Any(parts) => {
                for part in parts {
                    part.feed(json, object, hasher)?;
                }
            }
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
            Part::Any(parts) => f.debug_tuple("any").field(parts).finish(),
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

/// The hasher behind fingerprints: SipHash with 128 bits and keys drawn once per process, so that two contents that
/// look the same to it are neither met by chance nor made on purpose.
#[derive(Clone, Debug)]
#[doc(hidden)]
pub struct ProjectionHasher(SipHasher13);

impl ProjectionHasher {
    pub(crate) fn new() -> Self {
        static KEYS: LazyLock<(u64, u64)> = LazyLock::new(|| {
            let state = RandomState::new();
            (state.hash_one(0), state.hash_one(1))
        });
        Self(SipHasher13::new_with_keys(KEYS.0, KEYS.1))
    }

    pub(crate) fn finish128(&self) -> u128 {
        self.0.finish128().as_u128()
    }
}

impl Hasher for ProjectionHasher {
    fn finish(&self) -> u64 {
        self.0.finish()
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }
}

/// Hashes what a `changed(..)` takes out of an object. A function, so that the closure's argument has its type and what
/// it returns may borrow from the object.
#[doc(hidden)]
pub fn project<'a, K, R: Projected>(object: &'a K, hasher: &mut ProjectionHasher, take: impl FnOnce(&'a K) -> R) {
    take(object).project(hasher);
}

/// What the function of a `changed(..)` may return: everything that can be hashed.
#[diagnostic::on_unimplemented(
    message = "`changed(..)` compares what its function returns by its hash, and `{Self}` cannot be hashed",
    label = "returns `{Self}`, which cannot be hashed",
    note = "return the fields that matter: numbers, strings, maps of strings, and tuples, options and lists of these"
)]
#[doc(hidden)]
pub trait Projected {
    fn project(&self, hasher: &mut ProjectionHasher);
}

#[diagnostic::do_not_recommend]
impl<T: Hash + ?Sized> Projected for T {
    fn project(&self, hasher: &mut ProjectionHasher) {
        self.hash(hasher);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::api::apps::v1::Deployment;

    const UID: &str = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";

    fn json(rv: u32, generation: u32, annotation: &str, replicas: u32, ready: u32) -> String {
        format!(
            r#"{{"metadata":{{"name":"web","namespace":"shop","uid":"{UID}","resourceVersion":"{rv}","generation":{generation},
            "annotations":{{"a":"{annotation}"}},"managedFields":[{{"manager":"{rv}"}}]}},
            "spec":{{"replicas":{replicas},"selector":{{}},"template":{{}}}},"status":{{"readyReplicas":{ready}}}}}"#
        )
    }

    fn fingerprint(projection: &Projection, json: &str) -> u128 {
        let object = (Deployment::info().decode)(json).unwrap();
        projection.fingerprint(&RawMeta::parse(json, &[]).unwrap(), json, object.as_ref()).unwrap()
    }

    /// Which of the projections see a change from `a` to `b`.
    fn seen(a: &str, b: &str) -> Vec<String> {
        let ready = Projection::changed::<Deployment>(|object, hasher| {
            project(object, hasher, |d| d.status.as_ref().map(|s| s.ready_replicas));
        });
        [
            Projection::content(),
            Projection::spec(),
            Projection::generation(),
            Projection::resource_version(),
            ready.clone(),
            Projection::any([Projection::spec(), ready]),
        ]
        .iter()
        .filter(|p| fingerprint(p, a) != fingerprint(p, b))
        .map(|p| format!("{p:?}"))
        .collect()
    }

    #[test]
    fn each_projection_sees_its_own_part_alone() {
        let base = json(1, 1, "x", 2, 0);
        assert_eq!(seen(&base, &json(1, 1, "x", 2, 0)), [""; 0]);
        assert_eq!(seen(&base, &json(2, 1, "x", 2, 0)), ["resource_version_changed"]);
        assert_eq!(seen(&base, &json(1, 2, "x", 2, 0)), ["generation_changed"]);
        assert_eq!(seen(&base, &json(1, 1, "y", 2, 0)), ["content"]);
        assert_eq!(
            seen(&base, &json(1, 1, "x", 3, 0)),
            ["content", "spec_changed", "any([spec_changed, changed(..)])"]
        );
        assert_eq!(seen(&base, &json(1, 1, "x", 2, 1)), ["changed(..)", "any([spec_changed, changed(..)])"]);
    }

    #[test]
    fn content_does_not_depend_on_the_order_of_fields() {
        let a = r#"{"metadata":{"name":"a","labels":{"x":"y"}},"data":{"k":"v"}}"#;
        let b = r#"{"kind":"ConfigMap","data":{"k":"v"},"metadata":{"labels":{"x":"y"},"name":"a"}}"#;
        assert_eq!(content(a).unwrap(), content(b).unwrap());
    }

    #[test]
    fn a_deletion_that_begins_is_seen_by_every_projection() {
        let alive = json(1, 1, "x", 2, 0);
        let deleting = alive.replace(r#""name""#, r#""deletionTimestamp":"2026-01-01T00:00:00Z","name""#);
        assert_eq!(seen(&alive, &deleting).len(), 6);
    }
}
