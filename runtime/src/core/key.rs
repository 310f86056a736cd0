//! Names, identities and versions of objects.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Namespace and name of an object; no namespace for a cluster-scoped kind. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key(Arc<str>);

impl Key {
    /// The namespace is `None` for objects of cluster-scoped kinds.
    pub(crate) fn new(namespace: Option<&str>, name: &str) -> Self {
        match namespace {
            Some(namespace) => Self(format!("{namespace}/{name}").into()),
            None => Self(name.into()),
        }
    }

    pub(crate) fn namespace(&self) -> Option<&str> {
        self.0.split_once('/').map(|(namespace, _)| namespace)
    }

    pub(crate) fn name(&self) -> &str {
        self.0.split_once('/').map_or(&self.0, |(_, name)| name)
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.namespace(), self.name()).cmp(&(other.namespace(), other.name()))
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// `namespace/name`, or `name`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The identity of one incarnation of an object: `metadata.uid`, a UUID.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Uid(pub(crate) u128);

impl Uid {
    /// Reads a UUID in its hyphenated form; `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() != 36 {
            return None;
        }
        let mut value = 0u128;
        for (i, byte) in text.bytes().enumerate() {
            let digit = match (i, byte) {
                (8 | 13 | 18 | 23, b'-') => continue,
                (8 | 13 | 18 | 23, _) => return None,
                (_, b'0'..=b'9') => byte - b'0',
                (_, b'a'..=b'f') => byte - b'a' + 10,
                _ => return None,
            };
            value = value << 4 | u128::from(digit);
        }
        Some(Self(value))
    }
}

/// UUIDs are spread well already: half of the bits are hash enough.
impl Hash for Uid {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64((self.0 ^ self.0 >> 64) as u64);
    }
}

/// The hyphenated form.
impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let v = self.0;
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            v >> 96,
            v >> 80 & 0xffff,
            v >> 64 & 0xffff,
            v >> 48 & 0xffff,
            v & 0xffff_ffff_ffff
        )
    }
}

impl fmt::Debug for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A resourceVersion, compared as a decimal number: promised by Kubernetes since 1.35 (KEP-5504) and true of every API
/// that kube-apiserver serves itself. Where it is none, the place in the order in which a watch has shown it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Rv(pub(crate) u64);

/// A resourceVersion as an API server writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Number(Rv),
    /// Of an API that some other server aggregates: equal to itself, and neither before nor after another one.
    Opaque(Box<str>),
}

impl Version {
    pub(crate) fn parse(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Opaque(text.into()), |number| Self::Number(Rv(number)))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(rv) => rv.fmt(f),
            Self::Opaque(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Rv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_order_by_namespace_then_name() {
        let mut keys = [Key::new(Some("a-b"), "x"), Key::new(Some("a"), "y"), Key::new(None, "z")];
        keys.sort();
        assert_eq!(keys.map(|k| k.to_string()), ["z", "a/y", "a-b/x"]);
    }

    #[test]
    fn uids_read_and_write_the_same_text() {
        let text = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
        assert_eq!(Uid::parse(text).unwrap().to_string(), text);
    }

    #[test]
    fn what_is_no_uuid_is_no_uid() {
        for text in ["", "x", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8fg", "0a1b2c3d04e5f-6071-8293-a4b5c6d7e8f9"] {
            assert_eq!(Uid::parse(text), None, "{text}");
        }
    }
}
