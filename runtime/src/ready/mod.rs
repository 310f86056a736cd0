//! Ready-made projections: how far the objects that Kubernetes works on have come.
//!
//! For `predicate = changed(..)`, and for the reconciler that looks at what has changed. What they return is worth a run
//! whenever it changes, and changes seldom: a rollout has two or three steps, not one for each replica.
//!
//! ```
//! # use std::sync::Arc;
//! use k8s_openapi::api::apps::v1::Deployment;
//! use steersman::ready::{self, Readiness};
//! # use k8s_openapi::api::core::v1::ConfigMap;
//! # use steersman::{Action, WriteError};
//!
//! #[derive(steersman::Operator)]
//! #[operator(primary = "ConfigMap")]
//! #[secondary(Deployment, one, predicate = any(spec_changed, changed(ready::deployment)))]
//! struct Web;
//!
//! # struct Controller;
//! # fn desired() -> Deployment { Deployment::default() }
//! impl WebReconciler for Controller {
//! #   type Error = WriteError;
//!     async fn reconcile(&self, _: Arc<ConfigMap>, seen: WebSnapshot, cx: WebContext) -> Result<Action, WriteError> {
//!         cx.deployment().apply(desired()).await?;
//!         match seen.deployment.as_ref().map(|deployment| ready::deployment(deployment)) {
//!             Some(Readiness::Ready) => println!("up"),
//!             Some(Readiness::Failed) => println!("stuck"),
//!             _ => println!("on its way"),
//!         }
//!         Ok(Action::await_change())
//!     }
//! }
//! # let _ = Web::operator(Controller);
//! ```

mod conditions;
mod replicas;
#[cfg(test)]
mod rollout_tests;
#[cfg(test)]
mod tests;

pub use conditions::{condition, job, pod};
pub use replicas::{daemon_set, deployment, replica_set, stateful_set};

/// How far an object is on the way to what its spec says. Which of these occur, and what they mean, each function says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Readiness {
    /// It is what its spec says, and works.
    Ready,
    /// Something is still missing; nothing to do but wait.
    Progressing,
    /// Its spec tells it to wait.
    Suspended,
    /// It has done what it was there for.
    Completed,
    /// It will not come further by itself.
    Failed,
}

impl Readiness {
    fn ready_if(ready: bool) -> Self {
        if ready { Self::Ready } else { Self::Progressing }
    }
}

/// A field that is optional in some of the Kubernetes versions that `k8s-openapi` knows.
trait Field<T: ?Sized> {
    fn value(&self) -> Option<&T>;
}

impl<T> Field<T> for T {
    fn value(&self) -> Option<&T> {
        Some(self)
    }
}

impl<T> Field<T> for Option<T> {
    fn value(&self) -> Option<&T> {
        self.as_ref()
    }
}
