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
//!         seen: GreetingSnapshot,
//!         cx: GreetingContext,
//!     ) -> Result<Action, WriteError> {
//!         let mut desired = ConfigMap::default();
//!         desired.metadata.name = Some(greeting.name_any());
//!         desired.data = Some([("text".to_owned(), greeting.spec.text.clone())].into());
//!         let is = seen.config_map.as_ref().and_then(|map| map.data.as_ref());
//!         if is != desired.data.as_ref() {
//!             cx.config_map().apply(desired).await?;
//!         }
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
//! The attributes are described at [`derive@Operator`].
//!
//! # What wakes a primary
//!
//! A *primary* is a resource that is reconciled; its *secondaries* are the objects that a *relation* ties to it: an owner
//! reference, unless the declaration says something else (see below). A *predicate* says which part of an object matters, its *projection*: by default
//! everything but `status`, managedFields and the resourceVersion. All projections of one primary's secondaries of one
//! declaration are summed up in a *fingerprint*.
//!
//! **A primary is woken if and only if one of its fingerprints is not what its last successful run saw**, or one of these
//! is due: the start of the operator, the resync, a requeue that a run asked for, the retry after a failure. The
//! [triggers](Trigger) of a run say which.
//!
//! - A creation, a deletion (its beginning and its end) and a change of relation always count, whatever the predicate.
//! - A relist, a reconnect and a restart of the API server count for nothing; what was created, changed or deleted meanwhile
//!   counts, deletions included.
//! - What changed and was changed back before the primary's turn came counts for nothing.
//! - What a run writes itself is part of what it saw. It wakes that primary only if the answer may hide something foreign.
//! - The first run of a primary begins when every cache of its operator is complete.
//!
//! # What belongs to a primary
//!
//! | relation | an object belongs to a primary if | what is kept of objects that belong to nobody |
//! |---|---|---|
//! | `owned` | the primary controls it; with `owned = any`, if the primary is any of its owners | nothing |
//! | `label = ".."` | the label's value is the primary's name | everything that bears the label: the watch shows nothing else |
//! | `annotation = ".."` | the annotation's value is the primary's name, or with `cross_namespace` its namespace and name | everything that bears the annotation and names a primary that there could be |
//! | `reference = ..` | the primary names it; that it names another is a change by itself | its key, uid and version: a stub |
//! | `through = ..` | an object of another secondary of the primary controls it | a stub, with its owner |
//! | `map = ..` | a function of the object names the primary | everything that names a primary that there could be |
//!
//! Of a stub that comes to belong to somebody (a reference moves to it, its owner changes hands), the runtime fetches the rest by
//! one GET. No run of the primary begins before, so that none sees as missing what is there. A GET that fails is tried again and
//! said once, with the attribute. What is created after it was referred to is shown by the watch and costs nothing.
//!
//! A child that is shown before its parent waits for it, for as long as the watch of the parents lags behind. Watches of secondaries
//! begin once those of their owners have shown everything, or after 10 s without that, so that what is nobody's is passed by from
//! the beginning.
//!
//! A watch that is narrowed by a `selector`, `fields` or a label shows an object that leaves it as deleted. To the primary it is gone,
//! which is a change; nothing is deleted on that account, and a run that applies it again is told that it exists
//! ([`WriteError::NotOurs`]). A primary that leaves the `selector` of its operator is left alone from then on, with its finalizer and
//! all; if it comes back, its children do too. A watch that loses its right keeps showing what it has shown last.
//!
//! # What a run sees
//!
//! The snapshot that it started from and, in `cx.snapshot()`, the answers of its own writes. Never anything foreign that
//! came later: that is the business of the next run. The snapshot is consistent for each kind, not across kinds, and at
//! least as new as what woke the primary. It costs no request, and time in proportion to the number of declarations, not of
//! objects.
//!
//! # What a write does
//!
//! | through the [`Handle`] of a declaration | is | creates | what it demands of the object |
//! |---|---|---|---|
//! | [`apply`](Handle::apply) | server-side apply: the way to write | yes | the uid and version that the run saw, or that it does not exist |
//! | [`adopt`](Handle::adopt) | the same, also of an object that nobody controls | yes | no other controller |
//! | [`create`](Handle::create) | a creation, with a name of the API server's if wanted | only | that it does not exist |
//! | [`replace`](Handle::replace) | everything but the status | no | the uid and version that the run saw |
//! | [`patch`](Handle::patch) | a merge patch of single fields | no | the uid and version that the run saw |
//! | [`delete`](Handle::delete), [`delete_with`](Handle::delete_with), [`prune`](Handle::prune) | a deletion | no | the uid that the run saw |
//!
//! All of them set what the relation needs, so that what is written finds its way back, and see only what belongs to the primary:
//!
//! | relation | writable | what is set, or demanded | `force` |
//! |---|---|---|---|
//! | `owned` | yes | the controller reference; with `owned = any` a plain one | `true` |
//! | `label`, `annotation` | with `write` | the label, the annotation | `false` |
//! | `reference` | with `write` | the primary must refer to that name | `false` |
//! | `through` | with `write` | a new object must name one of the parents that the run sees as its owner | `false` |
//! | `map` | with `write` | the function must name the primary for it | `false` |
//! | with `metadata` | no | | |
//!
//! What breaks these rules is not sent ([`WriteError::CannotRelate`]). Only what the primary owns is collected with it; all else stays
//! when the primary goes. [`prune`](Handle::prune) takes nothing that the primary does not control, unless this operator has applied it.
//! So writes never change, revive, take over or delete what the run did not decide about; see [`WriteError::NotOurs`].
//! `cx.apply_status` applies the status of the primary; it demands the uid alone.
//!
//! **A write that would change nothing is not sent**, neither in a steady state nor after a restart. The desired object is
//! compared with the live one and with what the API server has noted in managedFields as applied by this operator; so a field
//! that is not desired any more is removed, and one that somebody else has changed is repaired. What the API server makes of
//! a value (quantities, defaults within lists, values that it leaves out) is known for the kinds of Kubernetes itself, and
//! remembered from its answers for all. Where it cannot be decided, the write is sent. The desired object must depend on
//! nothing but what the run sees: with a time or a random number in it, it is another one in each run.
//!
//! **Conflicts.** If the object was changed since the run saw it, the API server refuses the write (409); the runtime waits
//! until its watch shows the change, decides again on that, three times, and then demands the uid alone. A *field conflict*
//! cannot occur on what is owned: applies are forced, because the primary controls the object, and a field that somebody else has
//! taken could not be repaired otherwise. With `force = false`, the default of what is not owned, it is an error that names
//! field and manager ([`WriteError::FieldConflict`]). The [field manager](OperatorBuilder::field_manager) must not change between releases.
//!
//! **Unknown outcomes.** If the answer to a write is lost, or does not come within 30 s, another run follows, and sends even
//! what seems to change nothing. A request that its run has dropped, by a timeout say, goes on to its end without it; no other
//! run of that primary begins before.
//!
//! **Quarrels.** Somebody who keeps changing what the operator applies (5 repairs of one object, each within a minute), a
//! desired object that is another one in each run, and a run that makes another one follow by nothing but its own writes (4
//! in a row) are reported, with the field and both values, and slowed down like failures.
//!
//! An [`Event`] tells people what happened. It is sent beside the runs: it never fails or delays one, and wakes nobody.
//! [`Conditions`] keeps the conditions of a status as others expect them.
//!
//! # Deletion
//!
//! Secondaries that are owned carry a controller reference with `blockOwnerDeletion`, so that the garbage collector takes them away with
//! their primary; the operator has nothing to do for that. It never works against it: a primary that is being deleted is
//! reconciled no more, and a run that the deletion overtakes creates nothing more as soon as its watch has shown the deletion
//! ([`WriteError::PrimaryDeleted`]). What it has created just before is collected like everything else.
//!
//! With a `finalizer`, the primary stays until `cleanup` answers [`Cleanup::Done`]. It runs once the deletion begins, and
//! again when something changes or when it asks for that. What it finds depends on how the primary was deleted:
//!
//! | deletion | secondaries without a finalizer | with one |
//! |---|---|---|
//! | background | go after the primary | stay until `cleanup` is done, and go after the primary |
//! | foreground | go before the primary | go while `cleanup` runs; the primary waits for both |
//! | orphan | stay, without their owner | are let go at once: `cleanup` does not see them, and they stay |
//!
//! So a cleanup that needs a secondary may not find it any more; one that wants them gone first deletes them itself and
//! answers [`Cleanup::AwaitChange`] until its snapshot is empty. What it creates lives until the primary is gone at
//! most. An orphan belongs to nobody: a later primary of the same name takes it over only by [`Handle::adopt`].
//!
//! Finalizers of others are never touched, however often they change meanwhile; ours is there before the first `reconcile`
//! and never put on a primary that is being deleted already.
//!
//! # Failures
//!
//! An error, a panic and a timeout are failed runs: the primary is tried again after 100 ms, then after twice the time, up to
//! 5 minutes, ±20 %. An edit of the primary ends the wait; any other change earns one try before its end. A [`Terminal`]
//! error waits for a change. [`min_backoff`](OperatorBuilder::min_backoff), [`max_backoff`](OperatorBuilder::max_backoff) and an
//! [`error_policy`](OperatorBuilder::error_policy) set that differently. Other primaries are not affected. What fails because the API server cannot be reached, is too busy
//! or does not accept the operator's token for now, is tried again after 2 s at most, or as late as the API server asks.
//!
//! A watch that does not work (no right, no CRD, no connection, a server that hangs) is said once, with the kind and the
//! attribute that asks for it, and tried again, after at most a second if the server cannot be reached and five if it
//! refuses. An object that its Rust type does not take is said once and represented by its last good copy.
//!
//! **Secrets.** Logs and errors never show what is in a Secret, whatever Rust type it has: not in a difference, not where serde or
//! the API server quote the value that they do not take. What a reconciler itself says in an error, an [`Event`] or a panic is
//! its own matter.
//!
//! # Replicas
//!
//! With [`Manager::leader_election`], one of several replicas works. The others keep their caches warm and write nothing, so that a
//! failover takes no list: it takes up to a retry period (2 s) after a leader that was stopped, and up to the lease duration and
//! a retry period (17 s) after one that died. A leader that cannot renew its Lease for 10 s stops writing, 5 s before another may begin,
//! cancels its runs, and stands by in the same process. Time only shortens the overlap of two leaders: a request that has been sent
//! cannot be taken back. What protects the objects then is what each write demands (see above), and names that follow from the
//! primary. See [`LeaderElection`] for what exactly holds, and for what.
//!
//! # Limits for what goes on
//!
//! Runs at the same time: 32 of an operator ([`OperatorBuilder::concurrency`]), and as many in all as its operators may have together
//! ([`Manager::concurrency`]), with places shared fairly between them. Requests of an operator per second: as many as it has
//! ([`OperatorBuilder::rate_limit`]).
//!
//! # Stopping
//!
//! At SIGTERM, Ctrl-C or the end that [`Manager::run_until`] waits for, no run begins any more. Those in progress may go on for 25 s
//! ([`Manager::grace`]), then they are cancelled. The events that were told are sent, and the Lease is given up; that takes 5 s at
//! most, so that all is done within the 30 s that Kubernetes gives a Pod. A second signal ends the manager at once.
//!
//! # What is said at the start
//!
//! What only the cluster knows is said like a mistake at compile time, with the attribute, the cause and the remedy: in the field
//! `error` of the warning "the watch does not work; it is tried again", and again when it changes.
//!
//! | in the cluster | `state` | `error` |
//! |---|---|---|
//! | the kind is missing | `not served` | the API server does not serve Comet (example.com/v1), wanted by `#[secondary(Comet, one)]` of Sky; install the CRD `comets.example.com`, or write `#[secondary(Comet, one, optional)]` of Sky |
//! | it is there in other versions | `not served` | the API server serves `comets.example.com`, wanted by `#[secondary(Comet)]` of Sky, in v1beta1 and not in v1; install a CRD `comets.example.com` that serves v1, or write `version = "v1beta1"` in the `#[kube(..)]` of Comet |
//! | under another plural | `not served` | the API server serves Comet (example.com/v1), wanted by `#[derive(Operator)]` of Comet, as `cometes` and not as `comets`; write `plural = "cometes"` in the `#[kube(..)]` of Comet |
//! | in the other scope | `other scope` | Comet (example.com/v1), wanted by `#[derive(Operator)]` of Comet, is cluster-scoped in the cluster, and its Rust type is namespaced; remove `namespaced` from the `#[kube(..)]` of Comet, or delete the CRD `comets.example.com`, with all objects, and install it with `scope: Namespaced` |
//! | a field selector that it does not take | `not selectable` | the API server cannot select Comet (example.com/v1) by `spec.color`, wanted by `#[secondary(Comet, fields = "spec.color=red")]` of Sky; list it in the `selectableFields` of the CRD `comets.example.com`, with kube: `#[kube(selectable = ".spec.color")]` |
//! | a right is missing | `forbidden` | no right for `#[secondary(Comet)]` of Sky: comets.example.com is forbidden: User "sky" cannot watch resource "comets" in API group "example.com" in the namespace "shop"; bind `sky` to a Role in the namespace shop with this rule: `- {"apiGroups": ["example.com"], "resources": ["comets"], "verbs": ["list", "watch"]}` |
//! | the token has expired, or was revoked | `unauthorized` | the API server does not accept the operator's credentials: Unauthorized; renew the operator's token: a token file is read again within a minute, a token that stands in a kubeconfig only at the start |
//!
//! Discovery is asked when a kind is not served, and otherwise never. A watch of all namespaces of a kind that is cluster-scoped, or
//! the other way round, is answered by the API server as if all were well: its first object is the proof, and neither it nor any
//! other gets into the cache. Without an object there is nothing to say; a write says it ([`WriteError::NoPlace`]). An `optional` kind
//! that is missing is no warning; one of another version, plural or scope is one, and for the runs it is not served.
//!
//! # Operating it
//!
//! | | feature | see |
//! |---|---|---|
//! | a command line: run, install, explain | `cli` | `cli` |
//! | probes, metrics, debug views on one port | `server` | `Server` |
//! | leader election | | [`LeaderElection`] |
//! | rights | | [`Rules`], and below |
//! | counters, in the process | | [`Stats`], [`WakeUps`] |
//! | tests without a cluster | `testing` | `testing` |
//!
//! # Memory
//!
//! Objects that no relation ties to one of our primaries are looked at, metadata alone, and forgotten, but for a stub where they may
//! become ours without an event of their own (see above). With `metadata` the API server sends, and the cache keeps, the metadata
//! alone. What is kept is kept once for all operators of a [`Manager`] that declare the same kind, namespaces, selector and
//! representation; of managedFields, only what these operators have applied.
//!
//! # Rights
//!
//! What an operator may do is what it declares: `WebApp::rules()`, generated beside `WebApp::operator`, says exactly which rights that
//! needs, and [`OperatorBuilder::rules`] and [`Manager::rules`] say it for the [namespaces](OperatorBuilder::namespaces) and the
//! operators that were chosen. Nobody has to keep a list of them. See [`Rules`] for how to print them, and
//! [`Rules::grant`] for the roles and bindings of a user or service account.
//!
//! | for | verbs | on |
//! |---|---|---|
//! | each watch | `watch`; `list` where the API server does not know streaming lists, as before Kubernetes 1.34 | the kind |
//! | `reference`, `through`, and owned kinds of an operator with a `selector` | `get`, too: what a stub stands for is fetched | the kind |
//! | each kind that is written: owned without `read_only`, or with `write` | `create`, `delete`, `patch`, `update`: an [apply](Handle::apply) is a `patch`, and a `create` of what is not there; [`replace`](Handle::replace) is an `update` | the kind |
//! | the status, if the primary has one | `patch` | `<primary>/status` |
//! | a `finalizer`, or a former one | `patch` | the primary |
//! | what is owned and written, or written `through` others | `update`, where the API server enforces who may block the deletion of an owner, as OpenShift's does | `<owner>/finalizers` |
//! | `cx.event` | `create`; `patch` for what is repeated | `events` of `events.k8s.io` in the primary's namespace; in `default` if it has none |
//! | an `optional` kind with a CRD | `watch` | `customresourcedefinitions`, that one by its name |
//! | leader election | `create`; `get` and `update` by its name | `leases` of `coordination.k8s.io` |
//!
//! What reconcilers do besides, through `cx.client()` say, is not declared and needs rights of its own. So does an operator that
//! writes Roles: it must have what it gives, or `escalate` and `bind`
//! ([Kubernetes](https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping)).
//!
//! Without [`namespaces`](OperatorBuilder::namespaces) everything is needed in the whole cluster: a ClusterRole. With them, a Role in
//! each, and a ClusterRole for nothing but what is cluster-scoped. Where there are several, a ClusterRole makes one watch of them; Roles
//! make one in each. A namespace that is deleted takes its Roles along, maybe before a `cleanup` has come to its end, and then waits for
//! the finalizer for ever: an operator with a finalizer whose namespaces may be deleted needs a ClusterRole, or somebody who binds
//! it anew.
//!
//! **At the start** the API server is asked for each right, by SelfSubjectAccessReviews that are in nobody's way. One that is missing
//! is said once, as an error, with what asks for it, the user and the rule to paste:
//!
//! ```text
//! ERROR a right is missing; it is asked for again, and everything else goes on error=no right for `#[secondary(ConfigMap)]` of Shelf:
//! User "sky" cannot delete resource "configmaps" in API group "" in the namespace "shop"; bind `sky` to a Role in the namespace shop
//! with this rule: `- {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["delete"]}`
//! ```
//!
//! It is asked for again, once a minute after a while, and a line says when it has been given. A watch that is refused says so itself
//! (see above), and together with `watch` nothing is said of `list` and `get`. Two rights can be done without, and are mentioned
//! at level INFO, once: `update` on the finalizers of an owner, as most API servers do not ask for it, and `watch` on the definition
//! of an optional kind, without which up to a minute passes until the kind is noticed. Where the reviews themselves are
//! refused, as by an API server that does not grant them to everybody (`system:basic-user`), nothing is said.
//!
//! # Limits
//!
//! - resourceVersions are compared as decimal numbers, as they are for every resource that kube-apiserver stores itself
//!   ([promised since Kubernetes 1.35](https://github.com/kubernetes/enhancements/issues/5504)). Where they are none, as in
//!   some aggregated APIs, a run of the primary waits after its end, 5 s at most, until the watches have shown what it has
//!   written; an object that a run has deleted may be seen once more by the next one if a list comes between.
//! - A status that an earlier process of the operator has sent, and that reaches the API server only after the new process
//!   has seen the primary, stays until the next change or resync. Nothing in the API tells the two apart.
//! - Two releases that run at the same time, one of which calls the finalizer by a former name, take it off each other for as
//!   long as they overlap.
//! - An etcd that is restored from a backup turns versions back: restart the operator.
//! - Of an object with fields that its Rust type does not know, within a list or map that is applied as a whole, a difference
//!   in these fields is not noticed. They come from a newer release of the operator alone.
//!
#![doc = include_str!("../docs/logs.md")]
#![forbid(unsafe_code)]

mod action;
mod api;
#[cfg(feature = "cli")]
pub mod cli;
mod clock;
mod conditions;
mod core;
mod error;
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
