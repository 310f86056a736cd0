//! The trait that `#[derive(Operator)]` implements, and the declaration that it carries.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::core::{Expression, Selector};

use crate::action::{Action, Cleanup, Handled};
use crate::core::finalizers::Finalizers;
use crate::kind::{Kind, KindInfo};
use crate::projection::{Filter, Projection};
use crate::refer::{Named, ObjectRef, References};
use crate::snapshot::View;
use crate::write::Run;

/// Any error of the user's, as the runtime keeps and logs it.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// What can be the error of a reconciler: everything that can be boxed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a reconciler: it is no `Send` error that can be boxed",
    label = "not an error",
    note = "derive it with `thiserror::Error`, or write `type Error = steersman::WriteError;` or `type Error = steersman::BoxError;`"
)]
#[doc(hidden)]
pub trait ReconcilerError {
    /// Boxes it.
    fn boxed(self) -> BoxError;
}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError> + Send + 'static> ReconcilerError for E {
    fn boxed(self) -> BoxError {
        self.into()
    }
}

/// The default time that one run may take.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5 * 60);
/// The default period of the resync: a safety net, not a mechanism.
pub(crate) const DEFAULT_RESYNC: Duration = Duration::from_secs(30 * 60);

/// An operator as the runtime drives it. `#[derive(Operator)]` writes the implementation, on a local adapter type that
/// holds the user's reconciler; nobody implements it by hand.
pub trait Operator: Send + Sync + 'static {
    /// The kind that is reconciled.
    type Primary: Kind;
    /// One typed field for each declared secondary.
    type Snapshot: Send + 'static;
    /// One handle for each declared secondary, and what else a run may use.
    type Context: Send + 'static;

    /// The watches, relations, predicates and settings that the attributes declare.
    #[doc(hidden)]
    fn declaration() -> Declaration;
    /// The definition of the primary, where that is a custom resource on whose spec the operator is derived.
    #[doc(hidden)]
    fn definition() -> Option<CustomResourceDefinition>;
    #[doc(hidden)]
    fn snapshot(view: &View) -> Self::Snapshot;
    #[doc(hidden)]
    fn context(run: Run) -> Self::Context;
    #[doc(hidden)]
    fn reconcile(
        &self,
        primary: Arc<Self::Primary>,
        seen: Self::Snapshot,
        cx: Self::Context,
    ) -> impl Future<Output = Result<Action, BoxError>> + Send;
    /// Runs the handler of the secondary with this index; called only for those declared with `handler`.
    #[doc(hidden)]
    fn handle(
        &self,
        secondary: usize,
        primary: Arc<Self::Primary>,
        seen: Self::Snapshot,
        cx: Self::Context,
    ) -> impl Future<Output = Result<Handled, BoxError>> + Send;
    /// Called only where a finalizer is declared, or a former one.
    #[doc(hidden)]
    fn cleanup(
        &self,
        primary: Arc<Self::Primary>,
        seen: Self::Snapshot,
        cx: Self::Context,
    ) -> impl Future<Output = Result<Cleanup, BoxError>> + Send;
}

/// Everything that the attributes of one operator say, as data.
#[derive(Clone, Debug)]
#[doc(hidden)]
pub struct Declaration {
    pub(crate) name: &'static str,
    pub(crate) primary: KindInfo,
    pub(crate) selector: Selector,
    pub(crate) filter: Option<Filter>,
    pub(crate) projection: Projection,
    pub(crate) finalizers: Finalizers,
    /// The attribute that says that the primary has a status, if it has one.
    pub(crate) status: Option<&'static str>,
    pub(crate) resync: Option<Duration>,
    pub(crate) timeout: Duration,
    pub(crate) secondaries: Vec<Secondary>,
}

impl Declaration {
    /// An operator called `name` for the primary kind `P`, with the defaults of everything else.
    pub fn new<P: Kind>(name: &'static str) -> Self {
        Self {
            name,
            primary: P::info(),
            selector: Selector::default(),
            filter: None,
            projection: Projection::content(),
            finalizers: Finalizers::default(),
            status: None,
            resync: Some(DEFAULT_RESYNC),
            timeout: DEFAULT_TIMEOUT,
            secondaries: Vec::new(),
        }
    }

    /// `#[operator(selector = "..")]`.
    #[must_use]
    pub fn selector<I: IntoIterator<Item = Expression>>(self, expressions: I) -> Self {
        Self { selector: expressions.into_iter().collect(), ..self }
    }

    /// `filter = ..`, with the function of objects of the primary kind `P`.
    #[must_use]
    pub fn filter<P: Kind>(self, holds: fn(&P) -> bool) -> Self {
        Self { filter: Some(Filter::new(holds)), ..self }
    }

    /// Whether an object may become a primary long after it, and what belongs to it, has come into being.
    pub(crate) fn is_narrowed(&self) -> bool {
        !self.selector.selects_all() || self.filter.is_some()
    }

    /// What of an object of the primary's kind is compared.
    pub(crate) fn compared(&self) -> Projection {
        match self.filter.clone() {
            Some(filter) => self.projection.clone().filtered(filter),
            None => self.projection.clone(),
        }
    }

    /// `finalizer = ".."`.
    #[must_use]
    pub fn finalizer(self, finalizer: &'static str) -> Self {
        Self { finalizers: Finalizers { own: Some(finalizer), ..self.finalizers }, ..self }
    }

    /// `former_finalizers = [..]`.
    #[must_use]
    pub fn former_finalizers(self, former: &'static [&'static str]) -> Self {
        Self { finalizers: Finalizers { former, ..self.finalizers }, ..self }
    }

    /// The primary has a status, as this attribute says; `None` if it has none.
    #[must_use]
    pub fn status(self, attribute: Option<&'static str>) -> Self {
        Self { status: attribute, ..self }
    }

    /// `resync = ".."`; `None` for `"off"`.
    #[must_use]
    pub fn resync(self, resync: Option<Duration>) -> Self {
        Self { resync, ..self }
    }

    /// `timeout = ".."`.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// `#[operator(predicate = ..)]`.
    #[must_use]
    pub fn predicate(self, projection: Projection) -> Self {
        Self { projection, ..self }
    }

    /// The next `#[secondary(..)]`, in the order of declaration.
    #[must_use]
    pub fn secondary(mut self, secondary: Secondary) -> Self {
        self.secondaries.push(secondary);
        self
    }
}

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
    pub(crate) debounce: Option<Duration>,
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
        Self { debounce: Some(debounce), ..self }
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
