//! The trait that `#[derive(Operator)]` implements, and the declaration that it carries.

use std::error::Error;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::action::{Action, Cleanup, Handled};
use crate::core::finalizers::Finalizers;
use crate::kind::{Kind, KindInfo};
use crate::projection::Projection;

use crate::snapshot::View;
use crate::write::Run;

/// Any error of the user's, as the runtime keeps and logs it.
pub type BoxError = Box<dyn Error + Send + Sync>;

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
    pub(crate) projection: Projection,
    pub(crate) finalizers: Finalizers,
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
            projection: Projection::content(),
            finalizers: Finalizers::default(),
            resync: Some(DEFAULT_RESYNC),
            timeout: DEFAULT_TIMEOUT,
            secondaries: Vec::new(),
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

/// One `#[secondary(..)]`, as data.
#[derive(Clone, Debug)]
#[doc(hidden)]
pub struct Secondary {
    /// The field of the snapshot.
    pub(crate) name: &'static str,
    /// The attribute as the user wrote it, for errors.
    pub(crate) attribute: &'static str,
    pub(crate) kind: KindInfo,
    pub(crate) projection: Projection,
    pub(crate) one: bool,
    pub(crate) handler: bool,
    /// `None`: that of the operator.
    pub(crate) debounce: Option<Duration>,
    /// Whether an apply takes over the fields of other managers.
    pub(crate) force: bool,
}

impl Secondary {
    /// A secondary that is related by a controller reference to the primary. `name` is the field of the snapshot,
    /// `attribute` the source text of the attribute.
    pub fn owned<K: Kind>(name: &'static str, attribute: &'static str) -> Self {
        Self {
            name,
            attribute,
            kind: K::info(),
            projection: Projection::content(),
            one: false,
            handler: false,
            debounce: None,
            force: true,
        }
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
