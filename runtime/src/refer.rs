//! Names of objects, as a spec refers to a secondary and as a mapper names a primary.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

use k8s_openapi::api::core::v1::{
    ConfigMapEnvSource, ConfigMapKeySelector, ConfigMapProjection, ConfigMapVolumeSource, LocalObjectReference,
    ObjectReference, PersistentVolumeClaimVolumeSource, SecretEnvSource, SecretKeySelector, SecretProjection,
    SecretReference, SecretVolumeSource, TypedLocalObjectReference, TypedObjectReference,
};
use kube::Resource;

/// The name of one object of kind `K`, with or without its namespace: what the function of a `map = ..` returns.
///
/// ```
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use steersman::ObjectRef;
///
/// let here = ObjectRef::<ConfigMap>::new("web");
/// let there = ObjectRef::<ConfigMap>::new("web").within("shop");
/// assert_eq!((here.to_string(), there.to_string()), ("web".to_owned(), "shop/web".to_owned()));
/// ```
pub struct ObjectRef<K> {
    named: Named,
    kind: PhantomData<fn() -> K>,
}

impl<K> ObjectRef<K> {
    /// An object of this name; in the namespace of the object that names it, where its kind has namespaces.
    pub fn new(name: impl Into<String>) -> Self {
        Self { named: Named { namespace: None, name: name.into() }, kind: PhantomData }
    }

    /// In this namespace. Without effect where the kind has none.
    #[must_use]
    pub fn within(mut self, namespace: impl Into<String>) -> Self {
        self.named.namespace = Some(namespace.into());
        self
    }

    pub(crate) fn into_named(self) -> Named {
        self.named
    }
}

impl<K: Resource> ObjectRef<K> {
    /// This object.
    pub fn from_obj(object: &K) -> Self {
        let meta = object.meta();
        let named = Named { namespace: meta.namespace.clone(), name: meta.name.clone().unwrap_or_default() };
        Self { named, kind: PhantomData }
    }
}

impl<K> Clone for ObjectRef<K> {
    fn clone(&self) -> Self {
        Self { named: self.named.clone(), kind: PhantomData }
    }
}

impl<K> PartialEq for ObjectRef<K> {
    fn eq(&self, other: &Self) -> bool {
        self.named == other.named
    }
}

impl<K> Eq for ObjectRef<K> {}

/// By namespace, then by name; one without a namespace comes first.
impl<K> Ord for ObjectRef<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.named.cmp(&other.named)
    }
}

impl<K> PartialOrd for ObjectRef<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// So that the function of a `map` may be that of a `changed`, too.
impl<K> Hash for ObjectRef<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.named.hash(state);
    }
}

impl<K> fmt::Debug for ObjectRef<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectRef({self})")
    }
}

/// `namespace/name`, or `name`.
impl<K> fmt::Display for ObjectRef<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.named.namespace {
            Some(namespace) => write!(f, "{namespace}/{}", self.named.name),
            None => f.write_str(&self.named.name),
        }
    }
}

/// A name, and a namespace where one was given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Named {
    pub(crate) namespace: Option<String>,
    pub(crate) name: String,
}

/// What a `reference = ..` has found: the names of the objects that a primary refers to. An empty name is none.
#[derive(Debug, Default)]
pub struct References(pub(crate) Vec<Named>);

impl References {
    /// An object of this name, in the namespace of the primary.
    pub fn add(&mut self, name: &str) {
        self.push(None, name);
    }

    /// An object of this name in this namespace. Outside of the primary's namespace it counts only where the declaration
    /// says `cross_namespace`.
    pub fn add_in(&mut self, namespace: &str, name: &str) {
        self.push(Some(namespace).filter(|namespace| !namespace.is_empty()), name);
    }

    fn push(&mut self, namespace: Option<&str>, name: &str) {
        if !name.is_empty() {
            self.0.push(Named { namespace: namespace.map(str::to_owned), name: name.to_owned() });
        }
    }
}

/// A value that names objects: what the field of a `reference = ..` may be, and what its function may return, alone or
/// in an iterator.
///
/// Implement it for types of your own. It must be pure: the same value, the same names.
///
/// ```
/// use steersman::{Refer, References};
///
/// struct CredentialsRef {
///     secret: String,
///     namespace: Option<String>,
/// }
///
/// impl Refer for CredentialsRef {
///     fn refer(&self, to: &mut References) {
///         match &self.namespace {
///             Some(namespace) => to.add_in(namespace, &self.secret),
///             None => to.add(&self.secret),
///         }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` names no object, so it cannot be a `reference`",
    label = "names no object",
    note = "name a field, or return an iterator over values, that are strings, `LocalObjectReference`, `SecretKeySelector` and \
            the like, options or lists of these, or implement `steersman::Refer`"
)]
pub trait Refer {
    #[doc(hidden)]
    const OK: () = ();

    /// Adds the names.
    fn refer(&self, to: &mut References);
}

impl Refer for str {
    fn refer(&self, to: &mut References) {
        to.add(self);
    }
}

impl Refer for String {
    fn refer(&self, to: &mut References) {
        to.add(self);
    }
}

/// In the namespace of the reference.
impl<K> Refer for ObjectRef<K> {
    fn refer(&self, to: &mut References) {
        to.push(self.named.namespace.as_deref(), &self.named.name);
    }
}

macro_rules! by_pointer {
    ($($pointer:ty),*) => {$(
        impl<T: Refer + ?Sized> Refer for $pointer {
            fn refer(&self, to: &mut References) {
                (**self).refer(to);
            }
        }
    )*};
}

by_pointer!(&T, Box<T>, Arc<T>);

macro_rules! by_items {
    ($([$($generics:tt)*] $list:ty),* $(,)?) => {$(
        impl<T: Refer, $($generics)*> Refer for $list {
            fn refer(&self, to: &mut References) {
                self.iter().for_each(|item| item.refer(to));
            }
        }
    )*};
}

by_items!([] Option<T>, [] Vec<T>, [] [T], [] BTreeSet<T>, [const N: usize] [T; N]);

/// The values; keys are names of something else.
impl<N, T: Refer> Refer for BTreeMap<N, T> {
    fn refer(&self, to: &mut References) {
        self.values().for_each(|item| item.refer(to));
    }
}

macro_rules! by_field {
    ($($kind:ty: $field:ident;)*) => {$(
        impl Refer for $kind {
            fn refer(&self, to: &mut References) {
                self.$field.refer(to);
            }
        }
    )*};
}

by_field! {
    LocalObjectReference: name;
    SecretKeySelector: name;
    ConfigMapKeySelector: name;
    SecretEnvSource: name;
    ConfigMapEnvSource: name;
    SecretVolumeSource: secret_name;
    ConfigMapVolumeSource: name;
    SecretProjection: name;
    ConfigMapProjection: name;
    PersistentVolumeClaimVolumeSource: claim_name;
    TypedLocalObjectReference: name;
}

/// The kind that it names is not looked at.
impl Refer for TypedObjectReference {
    fn refer(&self, to: &mut References) {
        to.push(self.namespace.as_deref().filter(|namespace| !namespace.is_empty()), &self.name);
    }
}

/// The kind that it names is not looked at.
impl Refer for ObjectReference {
    fn refer(&self, to: &mut References) {
        let namespace = self.namespace.as_deref().filter(|namespace| !namespace.is_empty());
        to.push(namespace, self.name.as_deref().unwrap_or_default());
    }
}

impl Refer for SecretReference {
    fn refer(&self, to: &mut References) {
        let namespace = self.namespace.as_deref().filter(|namespace| !namespace.is_empty());
        to.push(namespace, self.name.as_deref().unwrap_or_default());
    }
}

/// What a function takes out of an object, before it is known whether that is a [`Refer`] or an iterator over them. The
/// generated code calls `(&&&Taken(..)).refer_to(..)`: the method with the fewest dereferences wins.
#[derive(Debug)]
#[doc(hidden)]
pub struct Taken<T>(pub T);

/// Calls the function, so that its argument has its type and what it returns may borrow from the object.
#[doc(hidden)]
pub fn take<'a, K, R>(object: &'a K, take: impl FnOnce(&'a K) -> R) -> R {
    take(object)
}

/// Collects what the function of a `map = ..` names. A function, so that the closure's argument has its type.
#[doc(hidden)]
pub fn map<'a, K, P, R: NamesPrimaries<P>>(
    object: &'a K,
    primaries: &mut Vec<ObjectRef<P>>,
    map: impl FnOnce(&'a K) -> R,
) {
    map(object).name(primaries);
}

/// What the function of a `map = ..` may return.
#[diagnostic::on_unimplemented(
    message = "a `map` names primaries, `ObjectRef<{P}>`, and `{Self}` does not",
    label = "returns `{Self}`, which is no iterator over `ObjectRef<{P}>`",
    note = "return a list, an option or an iterator of `steersman::ObjectRef`, such as `Some(ObjectRef::new(name))`"
)]
#[doc(hidden)]
pub trait NamesPrimaries<P> {
    fn name(self, primaries: &mut Vec<ObjectRef<P>>);
}

#[diagnostic::do_not_recommend]
impl<P, I: IntoIterator<Item = ObjectRef<P>>> NamesPrimaries<P> for I {
    fn name(self, primaries: &mut Vec<ObjectRef<P>>) {
        primaries.extend(self);
    }
}

#[doc(hidden)]
pub trait ReferAlone {
    fn refer_to(self, to: &mut References);
}

impl<T: Refer> ReferAlone for &&&Taken<T> {
    fn refer_to(self, to: &mut References) {
        self.0.refer(to);
    }
}

#[doc(hidden)]
pub trait ReferEach {
    fn refer_to(self, to: &mut References);
}

impl<T: IntoIterator<Item: Refer> + Clone> ReferEach for &&Taken<T> {
    fn refer_to(self, to: &mut References) {
        self.0.clone().into_iter().for_each(|item| item.refer(to));
    }
}

#[doc(hidden)]
pub trait ReferNothing<T> {
    fn refer_to(self, to: &mut References)
    where
        T: Refer;
}

impl<T> ReferNothing<T> for &Taken<T> {
    fn refer_to(self, to: &mut References)
    where
        T: Refer,
    {
        self.0.refer(to);
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Secret;

    use super::*;

    fn found(value: &(impl Refer + ?Sized)) -> Vec<String> {
        let mut to = References::default();
        value.refer(&mut to);
        to.0.into_iter().map(|n| n.namespace.map_or(n.name.clone(), |ns| format!("{ns}/{}", n.name))).collect()
    }

    #[test]
    fn plain_values_and_those_of_kubernetes_name_objects() {
        assert_eq!(found("a"), ["a"]);
        assert_eq!(found(&Some("a".to_owned())), ["a"]);
        assert_eq!(found(&vec![Some("a"), None, Some("b")]), ["a", "b"]);
        assert_eq!(found(&LocalObjectReference { name: "a".into() }), ["a"]);
        assert_eq!(found(&SecretKeySelector { name: "a".into(), key: "k".into(), ..Default::default() }), ["a"]);
        assert_eq!(found(&SecretReference { name: Some("a".into()), namespace: Some("n".into()) }), ["n/a"]);
        assert_eq!(found(&BTreeMap::from([("x", "a"), ("y", "b")])), ["a", "b"]);
    }

    #[test]
    fn references_have_an_order() {
        let [here, there, other] = ["web", "web", "api"].map(ObjectRef::<Secret>::new);
        let there = there.within("shop");
        let sorted: BTreeSet<_> = [&there, &here, &other].into_iter().collect();
        assert_eq!(sorted.into_iter().collect::<Vec<_>>(), [&other, &here, &there]);
    }

    #[test]
    fn an_empty_name_is_none() {
        assert_eq!(found(""), [""; 0]);
        assert_eq!(found(&LocalObjectReference::default()), [""; 0]);
        assert_eq!(found(&SecretReference { name: Some("a".into()), namespace: Some(String::new()) }), ["a"]);
    }

    #[test]
    #[expect(clippy::needless_borrow, reason = "as the generated code has it, which does not know the type")]
    fn a_function_may_return_a_reference_or_an_iterator_over_them() {
        let mut to = References::default();
        (&&&Taken("a")).refer_to(&mut to);
        (&&&Taken(["b", "c"].iter().filter(|name| **name != "b"))).refer_to(&mut to);
        assert_eq!(to.0.iter().map(|named| &*named.name).collect::<Vec<_>>(), ["a", "c"]);
    }
}
