//! The names that an object bears of others: of the primaries that it is related to, or of the objects that a primary refers to.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;

use super::key::Key;
use crate::refer::Named;
use crate::secondary::NamesFn;

/// Where the names stand.
#[derive(Clone)]
pub(crate) enum Naming {
    /// The name of a primary is the value of this label.
    Label { key: &'static str, namespaced: bool },
    /// The name of a primary is the value of this annotation. `cross`: it may be one of another namespace.
    Annotation { key: &'static str, namespaced: bool, cross: bool },
    /// A function of the decoded object says them. `namespaced`: of the kind that is named.
    Function { names: NamesFn, namespaced: bool, cross: bool },
}

/// Labels or annotations.
pub(crate) type Marks = HashMap<String, String>;

impl Naming {
    /// The names in the metadata of an object; none if they are to be found in the object itself.
    pub(crate) fn in_metadata(&self, object: &Key, labels: &Marks, annotations: &Marks) -> Box<[Key]> {
        let name = match self {
            Self::Label { key, namespaced } => {
                let name = labels.get(*key).filter(|name| !name.is_empty());
                name.map(|name| Key::new(object.namespace().filter(|_| *namespaced), name))
            }
            Self::Annotation { key, namespaced, cross } => {
                annotations.get(*key).and_then(|text| annotated(object, text, *namespaced, *cross))
            }
            Self::Function { .. } => None,
        };
        name.into_iter().collect()
    }

    /// Whether the names are known only once the object is decoded.
    pub(crate) fn is_typed(&self) -> bool {
        matches!(self, Self::Function { .. })
    }

    /// The names in a decoded object; `None` if they stand in its metadata.
    pub(crate) fn in_object(&self, key: &Key, object: &(dyn Any + Send + Sync)) -> Option<Box<[Key]>> {
        let Self::Function { names, namespaced, cross } = self else { return None };
        let mut found: Vec<Key> = Vec::new();
        for named in names(object) {
            let name = qualified(key, named, *namespaced, *cross);
            found.extend(name.filter(|name| !found.contains(name)));
        }
        Some(found.into())
    }
}

/// `name`, or `namespace/name` where other namespaces may be named: otherwise whoever may write in one namespace could put
/// objects before the primaries of another.
fn annotated(object: &Key, text: &str, namespaced: bool, cross: bool) -> Option<Key> {
    let named = match text.split_once('/') {
        Some((namespace, name)) if cross => Named { namespace: Some(namespace.into()), name: name.into() },
        Some(_) => return None,
        None => Named { namespace: None, name: text.into() },
    };
    qualified(object, named, namespaced, cross)
}

/// A name without a namespace is one of the namespace of whoever bears it.
fn qualified(bearer: &Key, named: Named, namespaced: bool, cross: bool) -> Option<Key> {
    let Named { namespace, name } = named;
    if name.is_empty() || name.contains('/') {
        return None;
    }
    if !namespaced {
        return Some(Key::new(None, &name));
    }
    let home = bearer.namespace();
    let namespace = namespace.as_deref().filter(|namespace| !namespace.is_empty()).or(home)?;
    (cross || Some(namespace) == home || home.is_none()).then(|| Key::new(Some(namespace), &name))
}

impl fmt::Debug for Naming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label { key, .. } => write!(f, "label {key}"),
            Self::Annotation { key, .. } => write!(f, "annotation {key}"),
            Self::Function { .. } => f.write_str("function"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::core::testing::key;

    fn names(naming: &Naming, object: &str, value: &str) -> Vec<String> {
        let marks = Marks::from([("k".into(), value.into())]);
        naming.in_metadata(&key(object), &marks, &marks).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_label_names_a_primary_of_the_same_namespace() {
        let label = |namespaced| Naming::Label { key: "k", namespaced };
        assert_eq!(names(&label(true), "shop/pod", "web"), ["shop/web"]);
        assert_eq!(names(&label(false), "shop/pod", "web"), ["web"]);
        assert_eq!(names(&label(true), "shop/pod", ""), [""; 0]);
        assert_eq!(names(&Naming::Label { key: "other", namespaced: true }, "shop/pod", "web"), [""; 0]);
    }

    #[test]
    fn an_annotation_names_one_of_another_namespace_only_where_that_is_declared() {
        let annotation = |namespaced, cross| Naming::Annotation { key: "k", namespaced, cross };
        assert_eq!(names(&annotation(true, false), "shop/pod", "web"), ["shop/web"]);
        assert_eq!(names(&annotation(true, false), "shop/pod", "bank/web"), [""; 0]);
        assert_eq!(names(&annotation(true, false), "shop/pod", "shop/web"), [""; 0]);
        assert_eq!(names(&annotation(true, true), "shop/pod", "bank/web"), ["bank/web"]);
        assert_eq!(names(&annotation(true, true), "shop/pod", "web"), ["shop/web"]);
        assert_eq!(names(&annotation(true, true), "shop/pod", "/web"), ["shop/web"]);
        assert_eq!(names(&annotation(true, true), "shop/pod", "a/b/c"), [""; 0]);
        assert_eq!(names(&annotation(true, true), "pod", "bank/web"), ["bank/web"]);
        assert_eq!(names(&annotation(true, true), "pod", "web"), [""; 0]);
        assert_eq!(names(&annotation(false, false), "shop/pod", "web"), ["web"]);
    }

    #[test]
    fn a_function_names_each_once_and_leaves_its_namespace_only_where_that_is_declared() {
        let named =
            |namespace: Option<&str>, name: &str| Named { namespace: namespace.map(Into::into), name: name.into() };
        let found = move |_: &(dyn Any + Send + Sync)| {
            vec![named(None, "a"), named(Some("shop"), "a"), named(Some("bank"), "b"), named(None, "")]
        };
        let function = |namespaced, cross| Naming::Function { names: Arc::new(found), namespaced, cross };
        let names = |naming: Naming, bearer: &str| -> Vec<String> {
            naming.in_object(&key(bearer), &()).unwrap().iter().map(ToString::to_string).collect()
        };
        assert_eq!(names(function(true, false), "shop/web"), ["shop/a"]);
        assert_eq!(names(function(true, true), "shop/web"), ["shop/a", "bank/b"]);
        // A cluster-scoped bearer is at home everywhere, and has no namespace to lend.
        assert_eq!(names(function(true, false), "web"), ["shop/a", "bank/b"]);
        assert_eq!(names(function(false, false), "shop/web"), ["a", "b"]);
    }
}
