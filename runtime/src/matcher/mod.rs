//! Whether a server-side apply would change anything, told without asking the API server.
//!
//! An apply changes nothing if and only if the fields of the desired object are the fields of our own Apply entry in
//! managedFields, and each of them has the value that the API server would store for it. As soon as somebody else changes
//! the value of one of our fields, the server takes the field out of our entry; so a field that is in it was stored by our
//! own last apply, if maybe by an older release of the operator.
//!
//! No schema is at hand. The entry itself says which lists and maps are merged (a node with children) and which are replaced
//! as a whole (a node without). What the server makes of a value on its way into the store is known for the kinds that it
//! serves itself, by the few tables of [`native`]. Where they do not reach, the verdict is [`Verdict::Unknown`]: a write too
//! many, never one too few.
//!
//! The order of a merged list counts: an apply restores it, although a foreign change of the order takes nothing out of our
//! entry.
//!
//! Of custom resources it cannot be told whether a map that the entry names without its parts, or an empty list that it
//! does not name, is merged. What is there is compared all the same: if it is as desired, nothing is lost by not applying
//! it, though an apply could make it ours beside somebody else's. As soon as it changes, it is not as desired any more.

mod between;
mod compare;
mod keyed;
mod native;
mod normalize;
mod owned;
mod place;
mod quantity;

use std::fmt;

use serde_json::Value;

use crate::kind::KindInfo;

pub(crate) use between::first_difference;
pub(crate) use normalize::normalize;
pub(crate) use owned::{Forms, OwnedFields, owned_part};

/// What an apply would do.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It would change nothing.
    Same,
    /// It would change something: this, for one.
    Differs(Difference),
    /// It has to be sent to find out, because of this place.
    Unknown(Difference),
}

/// One place at which the live object is not what is desired. Values are shortened, and those of a Secret are hidden, so
/// that it can be logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Such as `.spec.template.spec.containers[name=app].image`.
    pub(crate) path: String,
    /// `None` if it is not desired any more.
    pub(crate) desired: Option<String>,
    /// `None` if it is not there.
    pub(crate) live: Option<String>,
}

/// Whether applying `desired`, which is [normalized](normalize()), to `live`, in which `owned` are our fields, would change
/// nothing. Name, uid and the like, which the API server does not count among the fields, do not matter here either. Both
/// objects must have been through the same Rust type.
///
/// It costs time in proportion to the desired object, but for merged lists: there, to the square of their length.
pub(crate) fn compare(kind: &KindInfo, desired: &Value, live: &Value, owned: &OwnedFields) -> Verdict {
    compare::compare(kind, desired, live, owned)
}

/// `.spec.replicas is 3 instead of 5`.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, desired, live } = self;
        match (desired, live) {
            (Some(desired), Some(live)) => write!(f, "{path} is {live} instead of {desired}"),
            (Some(desired), None) => write!(f, "{path} is missing, {desired} is desired"),
            (None, Some(live)) => write!(f, "{path} is {live} and not desired any more"),
            (None, None) => write!(f, "{path} is not desired any more"),
        }
    }
}

#[cfg(test)]
mod tests;
