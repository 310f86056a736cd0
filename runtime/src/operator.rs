//! The trait that `#[derive(Operator)]` implements, and the declaration that it carries.

use std::error::Error;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::core::{Expression, Selector};

use crate::action::{Action, Cleanup, Handled};
use crate::core::finalizers::Finalizers;
use crate::filter::Filter;
use crate::kind::{Kind, KindInfo};
use crate::projection::Projection;
use crate::secondary::Secondary;
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
