//! What a run sees of the secondaries.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::core::record::Record;
use crate::kind::Kind;

/// The records of one secondary that are related to one primary, ordered by namespace and name. Shared with the cache
/// until one of the two changes.
pub(crate) type Records = Arc<Vec<Arc<Record>>>;

/// The secondaries of one kind in a snapshot, ordered by namespace and name.
///
/// # Guarantees
/// - Immutable: what a run holds does not change under it.
/// - The objects are those of the cache, shared, not copied. They come without managedFields.
/// - An object that cannot be decoded into `K` is represented by its last good copy; if there never was one, it is not
///   here, and the error has been logged.
pub struct Secondaries<K> {
    records: Records,
    kind: PhantomData<fn() -> K>,
}

impl<K: Kind> Secondaries<K> {
    pub(crate) fn new(records: Records) -> Self {
        Self { records, kind: PhantomData }
    }

    /// All objects, ordered by namespace and name.
    pub fn iter(&self) -> Iter<'_, K> {
        Iter { records: self.records.iter(), kind: PhantomData }
    }

    /// The object of this name. Where a cluster-scoped primary has secondaries of one name in several namespaces, the
    /// first; see [`Secondaries::get_in`]. Time: logarithmic within a namespace.
    pub fn get(&self, name: &str) -> Option<&Arc<K>> {
        let namespace = self.records.first()?.key.namespace();
        self.find(namespace, name).or_else(|| self.records.iter().find(|r| r.key.name() == name)?.object())
    }

    /// The object of this name in this namespace.
    pub fn get_in(&self, namespace: &str, name: &str) -> Option<&Arc<K>> {
        self.find(Some(namespace), name)
    }

    /// The number of objects.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    fn find(&self, namespace: Option<&str>, name: &str) -> Option<&Arc<K>> {
        let i = self.records.binary_search_by(|r| (r.key.namespace(), r.key.name()).cmp(&(namespace, name))).ok()?;
        self.records[i].object()
    }
}

impl<K> Clone for Secondaries<K> {
    fn clone(&self) -> Self {
        Self { records: self.records.clone(), kind: PhantomData }
    }
}

impl<K> Default for Secondaries<K> {
    fn default() -> Self {
        Self { records: Records::default(), kind: PhantomData }
    }
}

/// Bound by what it needs alone, so that the derived `Debug` of a snapshot says nothing about a `K` that is no kind.
impl<K: Any + fmt::Debug + Send + Sync> fmt::Debug for Secondaries<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.records.iter().filter_map(|record| record.object::<K>())).finish()
    }
}

impl<'a, K: Kind> IntoIterator for &'a Secondaries<K> {
    type Item = &'a Arc<K>;
    type IntoIter = Iter<'a, K>;

    fn into_iter(self) -> Iter<'a, K> {
        self.iter()
    }
}

/// Iterates over [`Secondaries`].
pub struct Iter<'a, K> {
    records: std::slice::Iter<'a, Arc<Record>>,
    kind: PhantomData<fn() -> K>,
}

impl<'a, K: Kind> Iterator for Iter<'a, K> {
    type Item = &'a Arc<K>;

    fn next(&mut self) -> Option<&'a Arc<K>> {
        self.records.by_ref().find_map(|record| record.object())
    }
}

impl<K> fmt::Debug for Iter<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.records.clone()).finish()
    }
}

/// The field of a secondary that is declared `optional`: its kind may be missing from the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Optional<T> {
    /// The API server does not serve the kind: its CRD is not installed.
    NotServed,
    /// The kind is served. There need not be any object of it.
    Served(T),
}

/// Served, and nothing there.
impl<T: Default> Default for Optional<T> {
    fn default() -> Self {
        Self::Served(T::default())
    }
}

/// A method of `Option` that an [`Optional`] has: none. The bound of those that people look for, so that the message names what
/// there is.
#[diagnostic::on_unimplemented(
    message = "an `Optional` says first whether the kind is served",
    label = "no method of `Optional`",
    note = "ask with `is_served()`, match `Optional::NotServed` and `Optional::Served(..)`, or get an `Option` by `served()`, for what \
            is `one` by `served().flatten()`"
)]
#[doc(hidden)]
pub trait LikeOption {}

macro_rules! unlike_option {
    ($($method:ident -> $answer:ty;)*) => {
        impl<T> Optional<T> {
            $(
                /// Cannot be called; its bound says what there is.
                #[doc(hidden)]
                pub fn $method(&self) -> $answer
                where
                    Self: LikeOption,
                {
                    unreachable!("nothing has the bound")
                }
            )*
        }
    };
}

unlike_option! {
    is_some -> bool;
    is_none -> bool;
    is_empty -> bool;
    unwrap -> &T;
}

impl<T> Optional<T> {
    /// Whether the API server serves the kind.
    pub fn is_served(&self) -> bool {
        matches!(self, Self::Served(_))
    }

    /// What is there, if the kind is served.
    pub fn served(self) -> Option<T> {
        match self {
            Self::NotServed => None,
            Self::Served(value) => Some(value),
        }
    }

    /// The same, borrowed.
    pub fn as_ref(&self) -> Optional<&T> {
        match self {
            Self::NotServed => Optional::NotServed,
            Self::Served(value) => Optional::Served(value),
        }
    }
}

/// What one run sees of its primary and all secondaries, without types: the derive reads the typed snapshot out of it.
#[derive(Clone, Debug)]
#[doc(hidden)]
pub struct View {
    pub(crate) primary: Arc<Record>,
    /// In the order of declaration.
    pub(crate) secondaries: Vec<Records>,
    /// Whether the API server serves each kind.
    pub(crate) served: Arc<[bool]>,
}

impl View {
    /// All objects of the secondary with this index.
    pub fn many<K: Kind>(&self, secondary: usize) -> Secondaries<K> {
        Secondaries::new(self.secondaries[secondary].clone())
    }

    /// The one object of a secondary that is declared `one`: the oldest, then the first by name.
    pub fn one<K: Kind>(&self, secondary: usize) -> Option<Arc<K>> {
        let records = self.secondaries[secondary].iter().filter(|record| record.is_decoded());
        records.min_by(|a, b| (&a.created, &a.key).cmp(&(&b.created, &b.key)))?.object().cloned()
    }

    /// The same for a secondary that is declared `optional`.
    pub fn optional_many<K: Kind>(&self, secondary: usize) -> Optional<Secondaries<K>> {
        if self.served[secondary] { Optional::Served(self.many(secondary)) } else { Optional::NotServed }
    }

    /// The same for a secondary that is declared `optional` and `one`.
    pub fn optional_one<K: Kind>(&self, secondary: usize) -> Optional<Option<Arc<K>>> {
        if self.served[secondary] { Optional::Served(self.one(secondary)) } else { Optional::NotServed }
    }
}
