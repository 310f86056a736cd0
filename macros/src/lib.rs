//! The derive macro of [steersman](https://docs.rs/steersman), which re-exports it: depend on that crate, not on this one.

mod attrs;
mod derive;
mod duration;
mod expand;
mod fallback;
mod fields;
mod finalizer;
mod model;
mod naming;
mod problems;
mod qualified;
mod selector;
mod validate;
mod words;

#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// Declares a Kubernetes operator: its primary resource, the secondary resources that it watches and owns, and what of
/// them wakes it.
///
/// ```
/// use std::sync::Arc;
///
/// use k8s_openapi::api::apps::v1::Deployment;
/// use k8s_openapi::api::core::v1::{ConfigMap, Service};
/// use kube::CustomResource;
/// use schemars::JsonSchema;
/// use serde::{Deserialize, Serialize};
/// use steersman::{Action, Cleanup, Handled, Operator, WriteError};
///
/// #[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
/// #[kube(group = "demo.steersman.dev", version = "v1", kind = "WebApp", namespaced, status = "WebAppStatus")]
/// #[operator(finalizer = "demo.steersman.dev/cleanup", resync = "30m")]
/// #[secondary(Deployment, one, handler, predicate = any(spec_changed, changed(ready_replicas)))]
/// #[secondary(Service, one)]
/// #[secondary(ConfigMap)]
/// pub struct WebAppSpec {
///     pub replicas: i32,
/// }
///
/// #[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
/// pub struct WebAppStatus {
///     pub ready: i32,
/// }
///
/// fn ready_replicas(deployment: &Deployment) -> i32 {
///     deployment.status.as_ref().and_then(|status| status.ready_replicas).unwrap_or_default()
/// }
///
/// struct Controller;
///
/// impl WebAppReconciler for Controller {
///     type Error = WriteError;
///
///     async fn reconcile(&self, app: Arc<WebApp>, seen: WebAppSnapshot, cx: WebAppContext) -> Result<Action, WriteError> {
///         // .. write what `app` wants: `cx.deployment().apply(..).await?`
///         let ready = seen.deployment.as_deref().map_or(0, ready_replicas);
///         cx.apply_status(WebAppStatus { ready }).await?;
///         Ok(Action::await_change())
///     }
///
///     async fn reconcile_deployment(
///         &self,
///         app: Arc<WebApp>,
///         seen: WebAppSnapshot,
///         cx: WebAppContext,
///     ) -> Result<Handled, WriteError> {
///         let ready = seen.deployment.as_deref().map_or(0, ready_replicas);
///         cx.apply_status(WebAppStatus { ready }).await?;
///         Ok(Handled::Done)
///     }
///
///     async fn cleanup(&self, _: Arc<WebApp>, _: WebAppSnapshot, _: WebAppContext) -> Result<Cleanup, WriteError> {
///         Ok(Cleanup::Done)
///     }
/// }
///
/// let operator = WebApp::operator(Controller);
/// ```
///
/// # What is generated
/// Beside the struct and as visible as it, named after the kind (or its `#[kube(root = "..")]`):
///
/// | item | what it is |
/// |---|---|
/// | `WebAppReconciler` | the trait to implement: `reconcile`, a method for each `handler`, `cleanup` with a finalizer |
/// | `WebAppSnapshot` | what a run sees: a field for each secondary, `Option<Arc<K>>` with `one`, else `Secondaries<K>` |
/// | `WebAppContext` | what a run may use: a `Handle<K>` for each secondary, `snapshot`, `client`, `triggers`, `apply_status`, `event` |
/// | `WebApp::operator` | the operator, ready for a `Manager` |
/// | `WebAppOperator` | the type behind it |
///
/// # `#[operator(..)]`
/// Optional; may be given several times.
///
/// | item | meaning | default |
/// |---|---|---|
/// | `finalizer = "<domain>/<name>"` | adds this finalizer to each primary, and makes `cleanup` a required method | none |
/// | `former_finalizers = ["<domain>/<name>"]` | removes these, which earlier releases of the operator added, see below | none |
/// | `resync = "30m"`, `"off"` | the period of the safety net | `"30m"` |
/// | `timeout = "5m"` | the time that one run may take | `"5m"` |
/// | `predicate = ..` | what of the primary is compared, see below | its content |
/// | `primary = "Gateway"` | the primary is a kind that is defined elsewhere, see below | the kind in `#[kube(..)]` |
/// | `crate = ::path` | where the crate `steersman` is found, if it has another name | `::steersman` |
///
/// Durations are numbers with the units `h`, `m`, `s` and `ms`, such as `"1h30m"`.
///
/// # `#[secondary(Type, ..)]`
/// One for each kind that belongs to the primary; at most 64. Related are the objects that the primary owns by a controller
/// reference.
///
/// | item | meaning | default |
/// |---|---|---|
/// | `one` | at most one per primary | any number |
/// | `name = tls` | the field of the snapshot and the method of the context | the kind in snake case, plural without `one` |
/// | `handler` | changes of this secondary alone run `reconcile_<name>`, a required method | they run `reconcile` |
/// | `predicate = ..` | what of the object is compared, see below | its content |
/// | `debounce = "100ms"`, `"off"` | how long its changes wait for further ones, see below | that of the `OperatorBuilder`: none |
/// | `force = false` | a field that another manager owns is an error, `WriteError::FieldConflict`, instead of taken over | `true` |
/// | `owned` | the relation, for whoever likes to see it | `owned` |
///
/// Clippy's `duplicated_attributes` takes the same word in two of them for a mistake
/// ([rust-clippy#13238](https://github.com/rust-lang/rust-clippy/issues/13238)); allow that lint.
///
/// # Finalizers
/// The finalizer is added before the first run of a primary, and removed when `cleanup` says that all is done. Those of
/// others are never touched.
///
/// An operator that renames its finalizer names the old one among the `former_finalizers`. It is replaced by the new one in
/// one write before the next full run, and until then a deletion waits for `cleanup` as before. An operator that drops its
/// finalizer does the same without `finalizer`: there is no `cleanup` then, and what is being deleted is let go.
///
/// # Debounce
/// A change of a secondary with a `debounce` waits so long for further changes before it wakes the primary, and however many
/// follow, never longer than ten times that. Meant is a secondary that changes in small steps, such as a Deployment that
/// becomes ready. What changes elsewhere does not wait: the primary runs at once, sees all, and the debounce is over. If
/// everything that changed has a debounce, the shortest counts. The last change is never lost.
///
/// # Force
/// An apply takes over the fields that it names, whoever owns them: the primary controls the object, and what somebody else
/// has taken could not be repaired otherwise. With `force = false` it fails instead if such a field has another value, and
/// the error names the field and its manager; the run is repeated, with backoff, until they let go of it. Meant is an
/// object whose fields are shared by agreement. What others may decide alone is better left out of what is applied, such as
/// `replicas` beside an autoscaler.
///
/// # Predicates
/// A predicate names the part of an object that is compared. Two versions with equal parts are the same to it, so none can
/// lose a change; creation, deletion and the begin of a deletion always count.
///
/// | predicate | compares |
/// |---|---|
/// | (none) | the content: everything but the status and the bookkeeping in the metadata |
/// | `spec_changed` | the field `spec` |
/// | `generation_changed` | `metadata.generation`, on kinds for which the API server keeps one |
/// | `resource_version_changed` | `metadata.resourceVersion`: every write |
/// | `changed(path)`, `changed(closure)` | what the function takes out of the object: anything that implements `Hash` or `Serialize` |
/// | `any(.., ..)` | all of its parts |
///
/// The function of a `changed` must be pure: the same object, the same answer. It may return a reference into the object. A
/// part that has no `Hash` is compared by what it is serialized to; a `HashSet` looks changed then when it is not, so collect
/// it into a `BTreeSet`. The module `steersman::ready` has functions for how far a Deployment, a Pod and the like have come:
/// `changed(steersman::ready::deployment)`. There is no `all` and no `not`: they lose changes.
///
/// # Kinds that are defined elsewhere
/// An operator for a built-in kind, or a second one for a kind, stands on a unit struct, after which everything is named:
///
/// ```
/// use k8s_openapi::api::core::v1::{Namespace, ResourceQuota};
///
/// #[derive(steersman::Operator)]
/// #[operator(primary = "Namespace")]
/// #[secondary(ResourceQuota, one)]
/// struct NamespaceQuota;
///
/// # struct Controller;
/// impl NamespaceQuotaReconciler for Controller {
/// #     type Error = std::convert::Infallible;
/// #     async fn reconcile(
/// #         &self,
/// #         _: std::sync::Arc<Namespace>,
/// #         _: NamespaceQuotaSnapshot,
/// #         _: NamespaceQuotaContext,
/// #     ) -> Result<steersman::Action, Self::Error> {
/// #         Ok(steersman::Action::await_change())
/// #     }
///     // ..
/// }
///
/// let operator = NamespaceQuota::operator(Controller);
/// ```
#[proc_macro_derive(Operator, attributes(kube, operator, secondary))]
pub fn operator(input: TokenStream) -> TokenStream {
    derive::derive(input.into()).into()
}
