//! `filter = ..`: which objects of a kind are primaries, by a function of the user's.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::kind::Kind;

/// Which objects of its kind are primaries of an operator, as a function of the object says.
#[derive(Clone)]
pub(crate) struct Filter(Arc<FilterFn>);

type FilterFn = dyn Fn(&(dyn Any + Send + Sync)) -> bool + Send + Sync;

impl Filter {
    /// Objects for which this holds.
    pub(crate) fn new<K: Kind>(holds: fn(&K) -> bool) -> Self {
        Self(Arc::new(move |object| object.downcast_ref::<Arc<K>>().is_some_and(|object| holds(object))))
    }

    /// Whether this object, as it was decoded, is a primary.
    pub(crate) fn passes(&self, object: &(dyn Any + Send + Sync)) -> bool {
        self.0(object)
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("filter")
    }
}

/// What the function of a `filter = ..` says. A function, so that the closure's argument has its type.
#[doc(hidden)]
pub fn passes<'a, K, R: Passes>(object: &'a K, filter: impl FnOnce(&'a K) -> R) -> bool {
    filter(object).passes()
}

/// What the function of a `filter = ..` may return.
#[diagnostic::on_unimplemented(
    message = "a `filter` says whether an object is a primary, `bool`, and `{Self}` does not",
    label = "returns `{Self}`, which is not `bool`",
    note = "what of the object is compared is `predicate = changed(..)`"
)]
#[doc(hidden)]
pub trait Passes {
    fn passes(self) -> bool;
}

impl Passes for bool {
    fn passes(self) -> bool {
        self
    }
}
