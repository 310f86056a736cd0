//! What a `changed(..)` takes out of an object, hashed.

use std::hash::Hash;

use serde::Serialize;
use serde::ser::Error;

use super::ProjectionHasher;
use super::serializer::FieldHasher;
use crate::refer::Taken;

/// A value that can be hashed. The generated code calls `(&&&Taken(..)).project(..)`: the method with the fewest
/// dereferences wins, so this one before [`ProjectBySerialize`]. `Hash` is what a type itself says about being equal,
/// fields that are not serialized included, and the cheaper one.
#[doc(hidden)]
pub trait ProjectByHash {
    fn project(self, hasher: &mut ProjectionHasher);
}

impl<T: Hash> ProjectByHash for &&&Taken<T> {
    fn project(self, hasher: &mut ProjectionHasher) {
        self.0.hash(hasher);
    }
}

/// A value that can be serialized, such as any part of a Kubernetes object. One that fails to be makes the object one
/// that cannot be decoded.
#[doc(hidden)]
pub trait ProjectBySerialize {
    fn project(self, hasher: &mut ProjectionHasher);
}

impl<T: Serialize> ProjectBySerialize for &&Taken<T> {
    fn project(self, hasher: &mut ProjectionHasher) {
        if let Err(error) = self.0.serialize(FieldHasher::new(hasher)) {
            hasher.fail(Error::custom(format!("what `changed(..)` takes out of it cannot be serialized: {error}")));
        }
    }
}

/// Neither: says so.
#[doc(hidden)]
pub trait ProjectNothing<T> {
    fn project(self, hasher: &mut ProjectionHasher)
    where
        T: Projected;
}

impl<T> ProjectNothing<T> for &Taken<T> {
    fn project(self, hasher: &mut ProjectionHasher)
    where
        T: Projected,
    {
        self.0.feed(hasher);
    }
}

/// What the function of a `changed(..)` may return: everything that can be hashed or serialized.
#[diagnostic::on_unimplemented(
    message = "`changed(..)` compares what its function returns by its hash, and `{Self}` can neither be hashed nor serialized",
    label = "returns `{Self}`, which implements neither `Hash` nor `Serialize`",
    note = "return the fields that matter: parts of the object, numbers, strings, and tuples, options, lists and maps of these"
)]
#[doc(hidden)]
pub trait Projected {
    fn feed(&self, hasher: &mut ProjectionHasher);
}

#[diagnostic::do_not_recommend]
impl<T: Hash> Projected for T {
    fn feed(&self, hasher: &mut ProjectionHasher) {
        self.hash(hasher);
    }
}
