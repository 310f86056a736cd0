//! A derive-first framework for Kubernetes operators.
//!
//! `#[derive(Operator)]` on the spec of a custom resource, with a `#[secondary(..)]` for each kind that the operator
//! manages for it, generates the watches, a typed snapshot of all secondaries and a trait to implement. A [`Manager`] runs
//! it.
//!
//! ```
//! use std::sync::Arc;
//!
//! use k8s_openapi::api::core::v1::ConfigMap;
//! use kube::{CustomResource, ResourceExt};
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//! use steersman::{Action, Operator, WriteError};
//!
//! /// A greeting, kept in a ConfigMap.
//! #[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
//! #[kube(group = "example.com", version = "v1", kind = "Greeting", namespaced)]
//! #[secondary(ConfigMap, one)]
//! pub struct GreetingSpec {
//!     text: String,
//! }
//!
//! struct Controller;
//!
//! impl GreetingReconciler for Controller {
//!     type Error = WriteError;
//!
//!     async fn reconcile(
//!         &self,
//!         greeting: Arc<Greeting>,
//!         _: GreetingSnapshot,
//!         cx: GreetingContext,
//!     ) -> Result<Action, WriteError> {
//!         let mut desired = ConfigMap::default();
//!         desired.metadata.name = Some(greeting.name_any());
//!         desired.data = Some([("text".to_owned(), greeting.spec.text.clone())].into());
//!         cx.config_map().apply(desired).await?;
//!         Ok(Action::await_change())
//!     }
//! }
//!
//! # #[allow(dead_code)]
//! # async fn main_() -> Result<(), steersman::Error> {
//! steersman::Manager::try_default().await?.with(Greeting::operator(Controller)).run().await
//! # }
//! ```
//!
//! # What is promised
//!
//! 1. **A declared change is never missed**: a primary is woken if and only if what the caches hold differs from what its last
//!    successful run has seen ([`guide::waking`]).
//! 2. **Nobody is woken in vain**: not by own writes, not by a relist, not by what no predicate looks at.
//! 3. **A reconcile reads nothing from the API server**: the snapshot holds what belongs to the primary.
//! 4. **Nothing is written for nothing**, and nothing that the run has not seen is overwritten ([`guide::writes`]).
//! 5. **A watch that cannot work does not compile**, and what only the cluster knows is said at the start, with the attribute
//!    and the remedy ([`guide::deployment`]).
//! 6. **What is not ours is not harmed**: nothing is adopted, pruned or released by accident ([`guide::deletion`]).
//!
//! # Where to read on
//!
//! [`guide`] is the book, and begins with [an operator in four steps](guide::start). The attributes are described at
//! [`derive@Operator`].
//!
//! | feature | brings | see |
//! |---|---|---|
//! | `server` | one port: probes, metrics, debug views | `Server` |
//! | `cli` | a command line: run, install, explain; and `server` | `cli` |
//! | `testing` | tests without a cluster | `testing` |
//!
//! None is on by default. Rights ([`Rules`]), leader election ([`LeaderElection`]) and counters ([`Stats`], [`WakeUps`]) need none.
#![forbid(unsafe_code)]

mod action;
mod api;
#[cfg(feature = "cli")]
pub mod cli;
mod clock;
mod conditions;
mod core;
mod debounce;
mod error;
mod filter;
#[cfg(any(doc, doctest))]
pub mod guide;
#[cfg(feature = "server")]
mod inspect;
mod kind;
mod kinds;
mod leader;
mod matcher;
#[cfg(feature = "server")]
mod metrics;
mod operator;
mod projection;
pub mod ready;
mod refer;
pub mod rights;
mod run;
mod secondary;
mod secret;
mod selectable;
#[cfg(feature = "server")]
mod server;
mod shared;
mod snapshot;
mod stats;
#[cfg(feature = "testing")]
pub mod testing;
mod trigger;
mod watch;
mod write;

#[doc(hidden)]
pub mod __private;
#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod bench;

pub use action::{Action, Cleanup, Handled};
pub use conditions::Conditions;
pub use error::{Error, FieldConflict, InvalidField, ObjectName, Retry, Terminal, WriteError};
pub use kind::Kind;
pub use kinds::{HasData, HasGeneration, HasSpec, HasStatus};
pub use leader::LeaderElection;
pub use operator::{BoxError, Operator};
pub use refer::{ObjectRef, Refer, References};
pub use rights::Rules;
pub use run::{Manager, OperatorBuilder};
#[cfg(feature = "server")]
pub use server::{DebugViews, Server};
pub use snapshot::{Iter, Optional, Secondaries};
pub use stats::{Changes, RunResult, RunTask, Stats, WakeUp, WakeUps};
pub use steersman_macros::{Operator, reconciler};
pub use trigger::{Trigger, Triggers};
pub use write::{Deletion, Event, Handle, ReadHandle};

/// The version of kube that the runtime works with: `steersman::kube::Client` is the type that it takes.
pub use kube;
/// The version of prometheus-client that [`Server::registry`] takes a registry of.
#[cfg(feature = "server")]
pub use prometheus_client;
