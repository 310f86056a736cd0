/// What one run of the operator `GatewayPods` sees of its secondary resources.
///
/// Read from the caches of the runtime, never from the API server. It does not change while the run lasts.
/// By default there is nothing.
#[derive(
    ::steersman::__private::core::clone::Clone,
    ::steersman::__private::core::fmt::Debug,
    ::steersman::__private::core::default::Default
)]
#[allow(dead_code)]
pub(crate) struct GatewayPodsSnapshot {
    /// Every `Pod` that a `Gateway` owns.
    ///
    /// Declared by `#[secondary(Pod, owned)]`.
    pub(crate) pods: ::steersman::Secondaries<Pod>,
}
/// What one run of the operator `GatewayPods` may use: a handle for each secondary, the status, the client.
///
/// Cheap to clone.
#[derive(
    ::steersman::__private::core::clone::Clone,
    ::steersman::__private::core::fmt::Debug
)]
pub(crate) struct GatewayPodsContext(::steersman::__private::Run);
#[automatically_derived]
impl GatewayPodsContext {
    /// Writes the `Pod` that the run wants.
    ///
    /// Declared by `#[secondary(Pod, owned)]`.
    #[must_use]
    #[deny(
        dead_code,
        reason = "`#[secondary(Pod, owned)]` is owned, but nothing makes one: `cx.pods()` is used by no reconciler, or by none that `GatewayPods::operator` hands to a manager; apply it there, or, if others make it, add `read_only`"
    )]
    pub(crate) fn pods(&self) -> ::steersman::Handle<Pod> {
        let () = <Pod as ::steersman::__private::Kind>::OK;
        self.0.handle::<Pod>(0usize)
    }
}
#[automatically_derived]
#[allow(dead_code)]
impl GatewayPodsContext {
    /// What this run sees now: what it started from, and the answers to its own writes.
    pub(crate) fn snapshot(&self) -> GatewayPodsSnapshot {
        GatewayPodsSnapshot::read(&self.0.view())
    }
    /// Every `Gateway` of this operator, as the cache holds them now: for what is made of all of them.
    ///
    /// It is no part of what the run saw: their changes wake nobody but themselves.
    pub(crate) fn primaries(
        &self,
    ) -> ::steersman::__private::std::vec::Vec<
        ::steersman::__private::std::sync::Arc<gateway_api::Gateway>,
    > {
        let () = <gateway_api::Gateway as ::steersman::__private::Kind>::OK;
        self.0.primaries::<gateway_api::Gateway>()
    }
    /// Tells an event about the primary. It never fails and waits for nothing; see `Event`.
    ///
    /// # Rights
    /// `create` and `patch` on `events` in the group `events.k8s.io`.
    pub(crate) fn event(&self, event: ::steersman::Event) {
        self.0.event(event)
    }
    /// The client of the runtime, for what has no handle.
    pub(crate) fn client(&self) -> ::steersman::kube::Client {
        self.0.client()
    }
    /// Why the primary was woken: advice for logs and tests, no part of what is true.
    pub(crate) fn triggers(&self) -> &::steersman::Triggers {
        self.0.triggers()
    }
    /// Applies the status of the `Gateway`, unless it is so already. The answer is the object as it is then.
    ///
    /// # Errors
    /// The API server refuses the status, or cannot be reached.
    pub(crate) async fn apply_status<
        S: ::steersman::__private::Serialize + ::steersman::__private::core::marker::Send,
    >(
        &self,
        status: S,
    ) -> ::steersman::__private::core::result::Result<
        ::steersman::__private::std::sync::Arc<gateway_api::Gateway>,
        ::steersman::WriteError,
    > {
        let () = <gateway_api::Gateway as ::steersman::__private::Kind>::OK;
        self.0.apply_status::<gateway_api::Gateway, S>(status).await
    }
}
/// What the operator `GatewayPods` does with a `Gateway`.
///
/// Implement it, with plain `async fn`s, for a type of your own, and hand that to `GatewayPods::operator`.
pub(crate) trait GatewayPodsReconciler: ::steersman::__private::core::marker::Send + ::steersman::__private::core::marker::Sync + 'static {
    /// The error of every method; the runtime logs it and retries.
    type Error: ::steersman::__private::ReconcilerError;
    /// Brings the world to what the `Gateway` says.
    ///
    /// `seen` is what the run starts from; `cx` writes, and reads again what has been written. Runs of one primary never overlap.
    fn reconcile(
        &self,
        primary: ::steersman::__private::std::sync::Arc<gateway_api::Gateway>,
        seen: GatewayPodsSnapshot,
        cx: GatewayPodsContext,
    ) -> impl ::steersman::__private::core::future::Future<
        Output = ::steersman::__private::core::result::Result<
            ::steersman::Action,
            Self::Error,
        >,
    > + ::steersman::__private::core::marker::Send;
}
#[doc(hidden)]
#[allow(unused_macros)]
macro_rules! __gateway_pods_reconciler {
    ($($implementation:tt)*) => {
        ::steersman::__private::check_reconciler! { { GatewayPods, gateway_api::Gateway,
        ::steersman, { reconcile Action "", } { reconcile_pods
        "#[secondary(Pod, owned)]", } false } $($implementation)* }
    };
}
#[doc(hidden)]
#[allow(unused_imports)]
pub(crate) use __gateway_pods_reconciler as GatewayPodsReconciler;
/// The operator `GatewayPods`, run by a [`GatewayPodsReconciler`]: the type behind `GatewayPods::operator`.
pub(crate) struct GatewayPodsOperator<R>(R);
#[automatically_derived]
impl<R> ::steersman::__private::core::fmt::Debug for GatewayPodsOperator<R> {
    fn fmt(
        &self,
        f: &mut ::steersman::__private::core::fmt::Formatter<'_>,
    ) -> ::steersman::__private::core::fmt::Result {
        f.debug_struct("GatewayPodsOperator").finish_non_exhaustive()
    }
}
#[automatically_derived]
impl GatewayPods {
    /// The operator `GatewayPods`, run by `reconciler`; hand it to a `Manager`.
    pub(crate) fn operator<R: GatewayPodsReconciler>(
        reconciler: R,
    ) -> ::steersman::OperatorBuilder<GatewayPodsOperator<R>> {
        ::steersman::OperatorBuilder::new(GatewayPodsOperator(reconciler))
    }
    /// The rights that the operator `GatewayPods` needs in all namespaces, as its attributes say; see `Rules`.
    ///
    /// No cluster is asked. Those of an operator in single namespaces are told by its builder.
    #[allow(dead_code)]
    pub(crate) fn rules() -> ::steersman::Rules {
        GatewayPodsOperator::<()>::declared().rules()
    }
}
#[automatically_derived]
impl GatewayPodsOperator<()> {
    fn declared() -> ::steersman::__private::Declaration {
        let () = <gateway_api::Gateway as ::steersman::__private::Kind>::OK;
        let () = <Pod as ::steersman::__private::Kind>::OK;
        ::steersman::__private::Declaration::new::<gateway_api::Gateway>("GatewayPods")
            .status({
                #[allow(unused_imports)]
                use ::steersman::__private::AnyType as _;
                type __Kind = gateway_api::Gateway;
                type __Known = ::steersman::__private::TypeOf<__Kind>;
                const HAS_STATUS: bool = __Known::HAS_STATUS || __Known::DECLARES_STATUS
                    || !(__Known::IS_BUILT_IN || __Known::IS_CUSTOM);
                HAS_STATUS.then_some("#[operator(primary = \"gateway_api::Gateway\")]")
            })
            .resync(::steersman::__private::core::option::Option::None)
            .predicate(::steersman::__private::Projection::resource_version())
            .secondary(
                ::steersman::__private::Secondary::owned::<
                    Pod,
                >("pods", "#[secondary(Pod, owned)]"),
            )
    }
}
#[automatically_derived]
impl GatewayPodsSnapshot {
    fn read(view: &::steersman::__private::View) -> Self {
        let () = <gateway_api::Gateway as ::steersman::__private::Kind>::OK;
        let () = <Pod as ::steersman::__private::Kind>::OK;
        Self {
            pods: view.many::<Pod>(0usize),
        }
    }
}
#[automatically_derived]
impl<R: GatewayPodsReconciler> ::steersman::Operator for GatewayPodsOperator<R> {
    type Primary = gateway_api::Gateway;
    type Snapshot = GatewayPodsSnapshot;
    type Context = GatewayPodsContext;
    fn declaration() -> ::steersman::__private::Declaration {
        GatewayPodsOperator::<()>::declared()
    }
    fn definition() -> ::steersman::__private::core::option::Option<
        ::steersman::__private::CustomResourceDefinition,
    > {
        ::steersman::__private::core::option::Option::None
    }
    fn snapshot(view: &::steersman::__private::View) -> Self::Snapshot {
        GatewayPodsSnapshot::read(view)
    }
    fn context(run: ::steersman::__private::Run) -> Self::Context {
        GatewayPodsContext(run)
    }
    async fn reconcile(
        &self,
        primary: ::steersman::__private::std::sync::Arc<gateway_api::Gateway>,
        seen: Self::Snapshot,
        cx: Self::Context,
    ) -> ::steersman::__private::core::result::Result<
        ::steersman::Action,
        ::steersman::__private::BoxError,
    > {
        <R as GatewayPodsReconciler>::reconcile(&self.0, primary, seen, cx)
            .await
            .map_err(::steersman::__private::ReconcilerError::boxed)
    }
    async fn handle(
        &self,
        secondary: usize,
        primary: ::steersman::__private::std::sync::Arc<gateway_api::Gateway>,
        seen: Self::Snapshot,
        cx: Self::Context,
    ) -> ::steersman::__private::core::result::Result<
        ::steersman::Handled,
        ::steersman::__private::BoxError,
    > {
        let _ = (secondary, primary, seen, cx);
        ::steersman::__private::core::result::Result::Ok(::steersman::Handled::Escalate)
    }
    async fn cleanup(
        &self,
        primary: ::steersman::__private::std::sync::Arc<gateway_api::Gateway>,
        seen: Self::Snapshot,
        cx: Self::Context,
    ) -> ::steersman::__private::core::result::Result<
        ::steersman::Cleanup,
        ::steersman::__private::BoxError,
    > {
        let _ = (primary, seen, cx);
        ::steersman::__private::core::result::Result::Ok(::steersman::Cleanup::Done)
    }
}
const _: () = if <gateway_api::Gateway as ::steersman::__private::Kind>::NAMESPACED
    && !<Pod as ::steersman::__private::Kind>::NAMESPACED
{
    ::steersman::__private::core::panic!(
        "`Pod` is cluster-scoped and cannot be owned by the namespaced `Gateway`; make the primary cluster-scoped, without `namespaced`, or relate the two otherwise, such as by `annotation = \"..\", cross_namespace`"
    )
};
