//! For those who test their operators without a cluster (feature `testing`).
//!
//! | to test | use | it is |
//! |---|---|---|
//! | what a handler makes of a snapshot | a literal of the generated `..Snapshot` | plain data |
//! | what a handler or `reconcile` writes | [`TestRun`] | a real context before an API server in memory |
//! | when it runs, why, and what that costs | [`Simulation`] | the whole runtime under paused time |
//! | what only a cluster does | the crate `steersman-control-plane` | a real API server, without nodes |
//!
//! ```toml
//! [dev-dependencies]
//! steersman = { version = "0.1", features = ["testing"] }
//! tokio = { version = "1", features = ["macros", "rt", "test-util"] }
//! ```
//!
//! # A simulation
//!
//! Nothing of the runtime is replaced but the API server at the other end of its client. The test is everybody else in the cluster;
//! time stands still until it says so.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use k8s_openapi::api::core::v1::ConfigMap;
//! use kube::CustomResource;
//! use kube::core::ObjectMeta;
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//! use steersman::testing::{Cost, Simulation, Verb};
//! use steersman::{Action, Operator, WriteError};
//!
//! #[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
//! #[kube(group = "example.com", version = "v1", kind = "Greeting", namespaced)]
//! #[secondary(ConfigMap, one, predicate = data_changed)]
//! pub struct GreetingSpec {
//!     text: String,
//! }
//!
//! struct Controller;
//!
//! impl GreetingReconciler for Controller {
//!     type Error = WriteError;
//!
//!     async fn reconcile(&self, greeting: Arc<Greeting>, _: GreetingSnapshot, cx: GreetingContext) -> Result<Action, WriteError> {
//!         let data = [("text".to_owned(), greeting.spec.text.clone())].into();
//!         let metadata = ObjectMeta { name: greeting.metadata.name.clone(), ..ObjectMeta::default() };
//!         cx.config_map().apply(ConfigMap { metadata, data: Some(data), ..ConfigMap::default() }).await?;
//!         Ok(Action::await_change())
//!     }
//! }
//!
//! # /*
//! #[tokio::test(start_paused = true)]
//! # */
//! # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() { test().await }
//! async fn test() {
//!     let sim = Simulation::start(Greeting::operator(Controller)).await;
//!
//!     // Created: one run, one write, and what the run has written wakes nobody.
//!     sim.add(Greeting::new("hello", GreetingSpec { text: "world".into() }));
//!     sim.settle().await;
//!     sim.assert_triggers("default/hello", &["primary"]);
//!     sim.assert_requests(Cost { reads: 0, writes: 1 });
//!
//!     // Somebody deletes the ConfigMap, and the first try to repair that fails.
//!     sim.checkpoint();
//!     sim.fail_next(Verb::Apply, 500);
//!     sim.delete::<ConfigMap>("default/hello");
//!     sim.settle().await;
//!     assert!(sim.get::<ConfigMap>("default/hello").is_none());
//!     sim.advance(Duration::from_secs(2)).await;
//!     sim.assert_triggers("default/hello", &["config_map", "config_map, retry"]);
//!     assert_eq!(sim.get::<ConfigMap>("default/hello").unwrap().data.as_ref().unwrap()["text"], "world");
//!
//!     // What the predicate does not look at, and a list of all there is, is nothing to anybody.
//!     sim.assert_woke_nobody(|api| {
//!         api.change("default/hello", |map: &mut ConfigMap| map.metadata.labels = Some([("a".into(), "b".into())].into()));
//!         api.relist();
//!     })
//!     .await;
//! }
//! ```
//!
//! # One run
//!
//! ```
//! # use std::sync::Arc;
//! # use k8s_openapi::api::core::v1::ConfigMap;
//! # use kube::{CustomResource, core::ObjectMeta};
//! # use steersman::{Action, Operator, WriteError};
//! # #[derive(CustomResource, Operator, Clone, Debug, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
//! # #[kube(group = "example.com", version = "v1", kind = "Greeting", namespaced)]
//! # #[secondary(ConfigMap, one, predicate = data_changed)]
//! # pub struct GreetingSpec { text: String }
//! # struct Controller;
//! # impl GreetingReconciler for Controller {
//! #     type Error = WriteError;
//! #     async fn reconcile(&self, greeting: Arc<Greeting>, _: GreetingSnapshot, cx: GreetingContext) -> Result<Action, WriteError> {
//! #         let data = [("text".to_owned(), greeting.spec.text.clone())].into();
//! #         let metadata = ObjectMeta { name: greeting.metadata.name.clone(), ..ObjectMeta::default() };
//! #         cx.config_map().apply(ConfigMap { metadata, data: Some(data), ..ConfigMap::default() }).await?;
//! #         Ok(Action::await_change())
//! #     }
//! # }
//! use steersman::testing::{ApiServer, TestRun};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() { test().await.unwrap() }
//! async fn test() -> Result<(), WriteError> {
//!     let api = ApiServer::new();
//!     api.add(Greeting::new("hello", GreetingSpec { text: "world".into() }));
//!
//!     let run = TestRun::begin(&api, Greeting::operator(Controller), "default/hello").await;
//!     let action = Controller.reconcile(run.primary(), run.snapshot(), run.context()).await?;
//!
//!     assert_eq!(action, Action::await_change());
//!     let sent: Vec<ConfigMap> = api.requests().iter().filter_map(|request| request.sent()).collect();
//!     assert_eq!(sent[0].data.as_ref().unwrap()["text"], "world");
//!     Ok(())
//! }
//! ```
//!
//! # A snapshot by hand
//!
//! The fields of a snapshot are public, and by default there is nothing: `WebAppSnapshot { deployment: Some(deployment.into()),
//! config_maps: [config, env].into_iter().collect(), ..Default::default() }`. For many handlers that is enough, if what they decide is a
//! function of their own.

mod clock;
mod fault;
mod journal;
mod request;
mod server;
mod simulation;
mod snapshots;
mod test_run;

pub use clock::Clock;
pub use fault::Fault;
pub use journal::Run;
pub(crate) use journal::{Journal, SentBy};
pub use request::{Cost, Request, Verb};
pub use server::ApiServer;
pub use simulation::Simulation;
pub use test_run::TestRun;
