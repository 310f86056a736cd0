//! What one `#[secondary(..)]` declares.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use kube::core::{Expression, Selector};

use crate::debounce::Debounce;
use crate::kind::{Kind, KindInfo};
use crate::projection::Projection;
use crate::refer::{Named, ObjectRef, References};

/// How the attribute ties its objects to primaries.
#[derive(Clone)]
pub(crate) enum Related {
    /// By an owner reference to the primary.
    Owned,
    /// By a label with this key, whose value is the primary's name.
    Label(&'static str),
    /// By an annotation with this key, whose value is the primary's name.
    Annotation(&'static str),
    /// By what the primary names.
    Reference(NamesFn),
    /// By an owner reference to an object of the secondary with this place in the declaration.
    Through(usize),
    /// By what a function of the object names.
    Map(NamesFn),
}

/// The names that a function of the user's finds in a decoded object.
pub(crate) type NamesFn = Arc<dyn Fn(&(dyn Any + Send + Sync)) -> Vec<Named> + Send + Sync>;

/// One `#[secondary(..)]`, as data.
#[derive(Clone)]
#[doc(hidden)]
pub struct Secondary {
    /// The field of the snapshot.
    pub(crate) name: &'static str,
    /// The attribute as the user wrote it, for errors.
    pub(crate) attribute: &'static str,
    pub(crate) kind: KindInfo,
    pub(crate) related: Related,
    /// Whether any owner reference relates, and not just that of the controller.
    pub(crate) any_owner: bool,
    /// Whether an annotation or a reference may name an object in another namespace.
    pub(crate) cross_namespace: bool,
    /// Whether runs may write it.
    pub(crate) write: bool,
    /// Whether the kind may be missing.
    pub(crate) optional: bool,
    pub(crate) selector: Selector,
    pub(crate) fields: Option<&'static str>,
    pub(crate) projection: Projection,
    pub(crate) one: bool,
    pub(crate) handler: bool,
    /// `None`: that of the operator.
    pub(crate) debounce: Option<Debounce>,
    /// Whether an apply takes over the fields of other managers.
    pub(crate) force: bool,
}

impl Secondary {
    fn new<K: Kind>(name: &'static str, attribute: &'static str, related: Related) -> Self {
        Self { name, attribute, ..Self::of_kind(K::info(), related) }
    }

    pub(crate) fn of_kind(kind: KindInfo, related: Related) -> Self {
        // What the primary controls is its own; what is merely related may be somebody else's.
        let ours = matches!(related, Related::Owned);
        Self {
            name: "",
            attribute: "",
            kind,
            related,
            any_owner: false,
            cross_namespace: false,
            write: ours,
            optional: false,
            selector: Selector::default(),
            fields: None,
            projection: Projection::content(),
            one: false,
            handler: false,
            debounce: None,
            force: ours,
        }
    }

    /// `owned`: related by a controller reference to the primary. `name` is the field of the snapshot, `attribute` the source
    /// text of the attribute.
    pub fn owned<K: Kind>(name: &'static str, attribute: &'static str) -> Self {
        Self::new::<K>(name, attribute, Related::Owned)
    }

    /// `label = "key"`.
    pub fn label<K: Kind>(name: &'static str, attribute: &'static str, key: &'static str) -> Self {
        Self::new::<K>(name, attribute, Related::Label(key))
    }

    /// `annotation = "key"`.
    pub fn annotation<K: Kind>(name: &'static str, attribute: &'static str, key: &'static str) -> Self {
        Self::new::<K>(name, attribute, Related::Annotation(key))
    }

    /// `through = ..`: owned by an object of the secondary at `parent` in the order of declaration, which may come later.
    pub fn through<K: Kind>(name: &'static str, attribute: &'static str, parent: usize) -> Self {
        Self::new::<K>(name, attribute, Related::Through(parent))
    }

    /// `reference = ..`: named by the primary `P`.
    pub fn reference<K: Kind, P: Kind>(
        name: &'static str,
        attribute: &'static str,
        refer: fn(&P, &mut References),
    ) -> Self {
        let names = move |object: &(dyn Any + Send + Sync)| {
            let mut to = References::default();
            if let Some(object) = object.downcast_ref::<Arc<P>>() {
                refer(object, &mut to);
            }
            to.0
        };
        Self::new::<K>(name, attribute, Related::Reference(Arc::new(names)))
    }

    /// `map = ..`: what the object names.
    pub fn map<K: Kind, P: Kind>(
        name: &'static str,
        attribute: &'static str,
        map: fn(&K, &mut Vec<ObjectRef<P>>),
    ) -> Self {
        let names = move |object: &(dyn Any + Send + Sync)| {
            let mut primaries = Vec::new();
            if let Some(object) = object.downcast_ref::<Arc<K>>() {
                map(object, &mut primaries);
            }
            primaries.into_iter().map(ObjectRef::into_named).collect()
        };
        Self::new::<K>(name, attribute, Related::Map(Arc::new(names)))
    }

    /// `owned = any`: any owner reference relates, not just that of the controller.
    #[must_use]
    pub fn any_owner(self) -> Self {
        Self { any_owner: true, ..self }
    }

    /// `cross_namespace`.
    #[must_use]
    pub fn cross_namespace(self) -> Self {
        Self { cross_namespace: true, ..self }
    }

    /// `read_only`.
    #[must_use]
    pub fn read_only(self) -> Self {
        Self { write: false, ..self }
    }

    /// `write`.
    #[must_use]
    pub fn write(self) -> Self {
        Self { write: true, ..self }
    }

    /// `metadata`: the type is a `PartialObjectMeta`.
    #[must_use]
    pub fn metadata(self) -> Self {
        Self { kind: self.kind.metadata_only(), write: false, ..self }
    }

    /// `optional`: the kind may be missing.
    #[must_use]
    pub fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// `selector = ".."`.
    #[must_use]
    pub fn selector<I: IntoIterator<Item = Expression>>(self, expressions: I) -> Self {
        Self { selector: expressions.into_iter().collect(), ..self }
    }

    /// `fields = ".."`.
    #[must_use]
    pub fn fields(self, fields: &'static str) -> Self {
        Self { fields: Some(fields), ..self }
    }

    /// `one`: at most one per primary.
    #[must_use]
    pub fn one(self) -> Self {
        Self { one: true, ..self }
    }

    /// `handler`: changes of this secondary alone run `reconcile_<name>`.
    #[must_use]
    pub fn handler(self) -> Self {
        Self { handler: true, ..self }
    }

    /// `debounce = ".."`; zero for `"off"`.
    #[must_use]
    pub fn debounce(self, debounce: Duration) -> Self {
        Self { debounce: Some(Debounce::For(debounce)), ..self }
    }

    /// `debounce = ..`, with a function of the object.
    #[must_use]
    pub fn debounce_by<K: Kind>(self, wait: fn(&K) -> Duration) -> Self {
        Self { debounce: Some(Debounce::by(self.attribute, wait)), ..self }
    }

    /// `force = ..`.
    #[must_use]
    pub fn force(self, force: bool) -> Self {
        Self { force, ..self }
    }

    /// `predicate = ..`.
    #[must_use]
    pub fn predicate(self, projection: Projection) -> Self {
        Self { projection, ..self }
    }
}

impl fmt::Debug for Secondary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secondary")
            .field("name", &self.name)
            .field("attribute", &self.attribute)
            .field("kind", &self.kind)
            .field("projection", &self.projection)
            .field("one", &self.one)
            .field("handler", &self.handler)
            .field("debounce", &self.debounce)
            .field("write", &self.write)
            .field("force", &self.force)
            .finish_non_exhaustive()
    }
}
