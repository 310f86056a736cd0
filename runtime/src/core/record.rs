//! One object as a cache holds it.

use std::any::Any;
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use serde_json::value::RawValue;

use super::fingerprint::REFUSED;
use super::naming::Naming;
use super::raw::{Owner, RawMeta, metadata};
use crate::kind::{AnyObject, KindInfo};
use crate::matcher::{Forms, OwnedFields};
use crate::projection::{Projection, ProjectionHasher};
use crate::secret::without_value;

/// One version of one object: what the core needs of its metadata, its fingerprint for each projection that is asked of
/// its kind, and the decoded object.
pub(crate) struct Record {
    meta: RawMeta,
    /// In the order of the cache's projections.
    pub(crate) fingerprints: Box<[u128]>,
    /// `None` if no version could be decoded. If only the newest could not, the last good copy.
    object: Option<AnyObject>,
    /// Whether `object` is of this version.
    current: bool,
    /// The bytes of JSON that it came as.
    size: u32,
    /// What the operators of this process have applied to it.
    owned: Box<[Owned]>,
}

/// What is asked of the objects of one cache.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// One for each reader of the cache.
    pub(crate) projections: Arc<[Projection]>,
    /// The field managers of these readers.
    pub(crate) managers: Arc<[Arc<str>]>,
    /// The names that these readers look for.
    pub(crate) namings: Arc<[Naming]>,
    /// Which fields these managers have applied, where many objects share that.
    pub(crate) forms: Arc<Forms>,
}

/// The fields that one field manager has applied, to the object or to its status.
#[derive(Debug)]
struct Owned {
    manager: Arc<str>,
    /// Empty, or `status`.
    subresource: Box<str>,
    fields: OwnedFields,
}

/// What is known of an object that could not be decoded.
#[derive(Debug)]
pub(crate) struct Undecodable {
    pub(crate) meta: RawMeta,
    pub(crate) error: serde_json::Error,
}

impl Record {
    /// Decodes `json` and takes its fingerprints.
    ///
    /// # Errors
    /// The object is not what its Rust type expects, or a predicate panics on it; see [`Record::undecodable`] for what to
    /// keep then.
    pub(crate) fn decode(kind: &KindInfo, asked: &Asked, meta: RawMeta, json: &str) -> Result<Self, Box<Undecodable>> {
        // The user's code takes part here: `Deserialize` and the functions in `changed(..)`. Its panic must not end a watch.
        let decoded = catch_unwind(AssertUnwindSafe(|| {
            let fields = managed_fields(json)?;
            let rest = without(json, fields);
            let object = (kind.decode)(&rest)?;
            let prints = asked.projections.iter().map(|p| p.fingerprint(&meta, &rest, object.as_ref()));
            let prints = prints.collect::<Result<_, _>>()?;
            let names = asked.namings.iter().map(|naming| naming.in_object(&meta.key, object.as_ref()));
            Ok((prints, names.collect::<Vec<_>>(), object, Owned::parse(fields, asked)?))
        }));
        match decoded {
            Ok(Ok((fingerprints, names, object, owned))) => {
                let mut meta = meta;
                for (place, names) in meta.names.iter_mut().zip(names) {
                    *place = names.unwrap_or_else(|| std::mem::take(place));
                }
                let size = u32::try_from(json.len()).unwrap_or(u32::MAX);
                Ok(Self { meta, fingerprints, object: Some(object), current: true, size, owned })
            }
            Ok(Err(error)) => Err(Box::new(Undecodable { meta, error: without_value(kind, error) })),
            Err(_) => {
                let error = serde::de::Error::custom(
                    "a predicate, a `reference`, a `map` or the type's `Deserialize` panicked on it",
                );
                Err(Box::new(Undecodable { meta, error }))
            }
        }
    }

    /// What is kept of an object that could not be decoded: it exists, it has owners, and any write changes its
    /// fingerprints, since nobody can say what changed. `copy` is an older version that could be decoded.
    pub(crate) fn undecodable(meta: RawMeta, asked: &Asked, copy: Option<&Record>) -> Self {
        use std::hash::Hash;
        let mut hasher = ProjectionHasher::new();
        (meta.uid.0, meta.deleting, meta.rv, &meta.opaque).hash(&mut hasher);
        let copy = copy.filter(|copy| copy.uid == meta.uid);
        let object = copy.and_then(|copy| copy.object.clone());
        let size = copy.map_or(0, |copy| copy.size);
        let mut meta = meta;
        for (i, _) in asked.namings.iter().enumerate().filter(|(_, naming)| naming.is_typed()) {
            let names = copy.and_then(|copy| copy.names.get(i)).cloned();
            meta.names[i] = names.unwrap_or_default();
        }
        let print = hasher.finish128();
        // What was no primary does not become one by that.
        let refused = |i: usize| copy.is_some_and(|copy| copy.fingerprints.get(i) == Some(&REFUSED));
        let fingerprints = (0..asked.projections.len()).map(|i| if refused(i) { REFUSED } else { print }).collect();
        Self { meta, fingerprints, object, current: false, size, owned: Box::default() }
    }

    /// A record without JSON behind it.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn made(meta: RawMeta, fingerprints: Box<[u128]>, object: Option<AnyObject>) -> Self {
        let current = object.is_some();
        Self { meta, fingerprints, object, current, size: 100, owned: Box::default() }
    }

    /// The decoded object; `None` if no version of it could be decoded, or if it is of another type.
    pub(crate) fn object<K: Any + Send + Sync>(&self) -> Option<&Arc<K>> {
        self.object.as_ref()?.downcast_ref()
    }

    /// The decoded object; if only the newest version could not be decoded, the last good copy.
    #[cfg(feature = "server")]
    pub(crate) fn any(&self) -> Option<&(dyn Any + Send + Sync)> {
        self.object.as_deref()
    }

    /// Whether some version of the object could be decoded.
    pub(crate) fn is_decoded(&self) -> bool {
        self.object.is_some()
    }

    /// The decoded object, if it is of this version and not an older copy.
    pub(crate) fn current(&self) -> Option<&(dyn Any + Send + Sync)> {
        self.object.as_deref().filter(|_| self.current)
    }

    /// The bytes of JSON that its object came as.
    pub(crate) fn size(&self) -> u64 {
        u64::from(self.size)
    }

    /// The fields of the object, or of this subresource, that `manager` has applied, as of this version.
    pub(crate) fn owned(&self, manager: &str, subresource: &str) -> Option<&OwnedFields> {
        let owned = self.owned.iter();
        let of = owned.filter(|owned| *owned.manager == *manager && *owned.subresource == *subresource);
        of.map(|owned| &owned.fields).next()
    }

    /// The owner that controls this object; there is at most one.
    pub(crate) fn controller(&self) -> Option<&Owner> {
        self.owners.iter().find(|owner| owner.controller)
    }
}

impl Owned {
    /// The entries of managedFields that are ours. All others are not kept.
    fn parse(fields: Option<&str>, asked: &Asked) -> Result<Box<[Self]>, serde_json::Error> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Entry<'a> {
            #[serde(borrow, default)]
            manager: Cow<'a, str>,
            #[serde(borrow, default)]
            operation: Cow<'a, str>,
            #[serde(borrow, default)]
            subresource: Cow<'a, str>,
            #[serde(borrow)]
            fields_v1: Option<&'a RawValue>,
        }
        let entries: Vec<Entry<'_>> = fields.map_or(Ok(Vec::new()), serde_json::from_str)?;
        let ours = entries.into_iter().filter(|entry| entry.operation == "Apply");
        let owned = ours.filter_map(|entry| {
            let manager = asked.managers.iter().find(|manager| ***manager == *entry.manager)?.clone();
            Some(Self {
                manager,
                subresource: (*entry.subresource).into(),
                fields: asked.forms.owned(entry.fields_v1?.get()),
            })
        });
        Ok(owned.collect())
    }
}

/// The managedFields of an object in JSON, unless there are none.
fn managed_fields(json: &str) -> Result<Option<&str>, serde_json::Error> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Metadata<'a> {
        #[serde(borrow, default)]
        managed_fields: Option<&'a RawValue>,
    }
    let Metadata { managed_fields } = metadata(json)?;
    Ok(managed_fields.map(RawValue::get))
}

/// The same object without these managedFields, which are a part of its text: they are 40 to 50 % of its bytes, the most costly
/// ones to decode, and nobody who reconciles reads them.
fn without<'a>(json: &'a str, fields: Option<&str>) -> Cow<'a, str> {
    let Some(fields) = fields else { return json.into() };
    let begin = fields.as_ptr().addr() - json.as_ptr().addr();
    [&json[..begin], "[]", &json[begin + fields.len()..]].concat().into()
}

/// A record is read like its metadata.
impl Deref for Record {
    type Target = RawMeta;

    fn deref(&self) -> &RawMeta {
        &self.meta
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.key, self.version())
    }
}
