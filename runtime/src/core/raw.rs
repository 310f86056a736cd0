//! An object's JSON, looked at without decoding it: metadata first, the rest by name.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::key::{Key, Rv, Uid, Version};
use super::naming::Naming;

/// What every step needs to know of an object before it is decoded.
#[derive(Debug)]
pub(crate) struct RawMeta {
    pub(crate) key: Key,
    pub(crate) uid: Uid,
    pub(crate) rv: Rv,
    /// The resourceVersion where it is no number, so that only the watch that shows it can say when it was.
    pub(crate) opaque: Option<Box<str>>,
    /// Whether `deletionTimestamp` is set.
    pub(crate) deleting: bool,
    pub(crate) generation: Option<i64>,
    pub(crate) finalizers: Box<[Box<str>]>,
    /// RFC 3339 in UTC, so that text order is time order.
    pub(crate) created: Box<str>,
    pub(crate) owners: Box<[Owner]>,
    /// The names that it bears of others, for each naming that is asked of its kind. Those that stand in the object itself are
    /// known once it is decoded.
    pub(crate) names: Box<[Box<[Key]>]>,
}

/// One owner reference, as far as a relation looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) uid: Uid,
    pub(crate) group: Box<str>,
    pub(crate) kind: Box<str>,
    pub(crate) controller: bool,
}

impl RawMeta {
    /// Reads the metadata of an object in JSON, with the names that stand in it; everything else is skipped, not decoded.
    ///
    /// # Errors
    /// The text is no JSON object with `name`, a UUID as `uid` and a `resourceVersion`.
    pub(crate) fn parse(json: &str, namings: &[Naming]) -> Result<Self, serde_json::Error> {
        use serde::de::Error;
        let metadata: MetaHead<'_> = metadata(json)?;
        let text = |field: &'static str, value: Option<Cow<'_, str>>| {
            value.map(Cow::into_owned).ok_or_else(|| serde_json::Error::custom(format!("metadata.{field} is missing")))
        };
        let name = text("name", metadata.name)?;
        let uid = text("uid", metadata.uid)?;
        let (rv, opaque) = match Version::parse(&text("resourceVersion", metadata.resource_version)?) {
            Version::Number(rv) => (rv, None),
            Version::Opaque(text) => (Rv::default(), Some(text)),
        };
        let key = Key::new(metadata.namespace.as_deref(), &name);
        let names = names(&key, namings, metadata.labels, metadata.annotations)?;
        Ok(Self {
            key,
            uid: Uid::parse(&uid)
                .ok_or_else(|| serde_json::Error::custom(format!("metadata.uid `{uid}` is not a UUID")))?,
            rv,
            opaque,
            deleting: metadata.deletion_timestamp.is_some(),
            generation: metadata.generation,
            finalizers: metadata.finalizers.unwrap_or_default().into_iter().map(Into::into).collect(),
            created: metadata.creation_timestamp.unwrap_or_default().into(),
            owners: metadata.owner_references.unwrap_or_default().into_iter().filter_map(Owner::from_head).collect(),
            names,
        })
    }
}

/// The names in the metadata. Where none are asked for, labels and annotations are not looked at.
fn names(
    key: &Key,
    namings: &[Naming],
    labels: Option<&RawValue>,
    annotations: Option<&RawValue>,
) -> Result<Box<[Box<[Key]>]>, serde_json::Error> {
    if namings.is_empty() {
        return Ok(Box::default());
    }
    let marks = |json: Option<&RawValue>| -> Result<HashMap<String, String>, serde_json::Error> {
        json.map_or(Ok(HashMap::new()), |json| serde_json::from_str(json.get()))
    };
    let (labels, annotations) = (marks(labels)?, marks(annotations)?);
    Ok(namings.iter().map(|naming| naming.in_metadata(key, &labels, &annotations)).collect())
}

impl RawMeta {
    /// The resourceVersion as the API server writes it.
    pub(crate) fn version(&self) -> Version {
        self.opaque.clone().map_or(Version::Number(self.rv), Version::Opaque)
    }

    /// The version, if it can be compared with those of other kinds.
    pub(crate) fn comparable(&self) -> Option<Rv> {
        self.opaque.is_none().then_some(self.rv)
    }
}

impl Owner {
    fn from_head(head: OwnerHead<'_>) -> Option<Self> {
        let group = head.api_version.split_once('/').map_or("", |(group, _)| group);
        Some(Self {
            uid: Uid::parse(&head.uid)?,
            group: group.into(),
            kind: head.kind.into(),
            controller: head.controller.unwrap_or(false),
        })
    }
}

/// The metadata of an object in JSON. What comes behind it, most of the object where the API server knows its type, is not even
/// skipped: that the text is JSON is somebody else's business.
pub(crate) fn metadata<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, serde_json::Error> {
    struct Until<'f, T>(&'f mut Option<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Until<'_, T> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object with metadata")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some(Name(name)) = map.next_key()? {
                if name == "metadata" {
                    *self.0 = Some(map.next_value()?);
                    break;
                }
                map.next_value::<IgnoredAny>()?;
            }
            Ok(())
        }
    }
    let mut found = None;
    // An end before the end of the object is an error to serde.
    let ended = serde_json::Deserializer::from_str(json).deserialize_map(Until(&mut found));
    match (found, ended) {
        (Some(metadata), _) => Ok(metadata),
        (None, Err(error)) => Err(error),
        (None, Ok(())) => Err(serde::de::Error::missing_field("metadata")),
    }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct MetaHead<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    namespace: Option<Cow<'a, str>>,
    #[serde(borrow)]
    uid: Option<Cow<'a, str>>,
    #[serde(borrow)]
    resource_version: Option<Cow<'a, str>>,
    #[serde(borrow)]
    deletion_timestamp: Option<Cow<'a, str>>,
    #[serde(borrow)]
    creation_timestamp: Option<Cow<'a, str>>,
    generation: Option<i64>,
    finalizers: Option<Vec<String>>,
    #[serde(borrow)]
    labels: Option<&'a RawValue>,
    #[serde(borrow)]
    annotations: Option<&'a RawValue>,
    #[serde(borrow)]
    owner_references: Option<Vec<OwnerHead<'a>>>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct OwnerHead<'a> {
    #[serde(borrow)]
    api_version: Cow<'a, str>,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    uid: Cow<'a, str>,
    controller: Option<bool>,
}

/// The entries of a JSON object, each value as the text that it arrived as.
pub(crate) struct RawMap<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> RawMap<'a> {
    pub(crate) fn parse(json: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    pub(crate) fn get(&self, field: &str) -> Option<&'a str> {
        self.0.iter().find(|(name, _)| name == field).map(|(_, value)| value.get())
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.get()))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for RawMap<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::with_capacity(8);
                while let Some((Name(name), value)) = map.next_entry()? {
                    entries.push((name, value));
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(Entries).map(RawMap)
    }
}

/// A field name, borrowed unless it is written with escapes.
pub(crate) struct Name<'a>(pub(crate) Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        struct Borrowed<'a>(#[serde(borrow)] Cow<'a, str>);
        Borrowed::deserialize(deserializer).map(|Borrowed(name)| Name(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UID: &str = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";

    #[test]
    fn metadata_is_read_and_the_rest_skipped() {
        let json = format!(
            r#"{{"spec":{{"x":[1,2]}},"metadata":{{"name":"web","namespace":"shop","uid":"{UID}","resourceVersion":"17",
            "deletionTimestamp":"2026-01-01T00:00:00Z","finalizers":["a/b"],
            "ownerReferences":[{{"apiVersion":"apps/v1","kind":"Deployment","name":"d","uid":"{UID}","controller":true}}]}}}}"#
        );
        let meta = RawMeta::parse(&json, &[]).unwrap();
        assert_eq!(
            (meta.key.to_string().as_str(), meta.rv, meta.deleting, &*meta.finalizers[0]),
            ("shop/web", Rv(17), true, "a/b")
        );
        assert_eq!(
            (&*meta.owners[0].group, &*meta.owners[0].kind, meta.owners[0].controller),
            ("apps", "Deployment", true)
        );
    }

    #[test]
    fn metadata_is_found_wherever_it_stands() {
        let meta = format!(r#""metadata":{{"name":"web","uid":"{UID}","resourceVersion":"17"}}"#);
        for json in [format!("{{{meta}}}"), format!(r#"{{{meta},"spec":{{}}}}"#), format!(r#"{{"a":[{{}}],{meta}}}"#)] {
            assert_eq!(RawMeta::parse(&json, &[]).unwrap().rv, Rv(17), "{json}");
        }
        for (json, error) in
            [("{}", "missing field `metadata`"), ("[]", "invalid type: sequence"), (r#"{"a":1"#, "EOF")]
        {
            let said = RawMeta::parse(json, &[]).unwrap_err().to_string();
            assert!(said.starts_with(error), "{said}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = RawMeta::parse(r#"{"metadata":{"name":"web"}}"#, &[]).unwrap_err().to_string();
        assert_eq!(error, "metadata.uid is missing");
    }

    #[test]
    fn a_field_name_with_escapes_is_read() {
        let map = RawMap::parse(r#"{"a\u003cb": 1, "c": {"d": "e"}}"#).unwrap();
        assert_eq!((map.get("a<b"), map.get("c")), (Some("1"), Some(r#"{"d": "e"}"#)));
    }
}
