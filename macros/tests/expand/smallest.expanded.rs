/// What one run of the operator `WebApp` sees of its secondary resources.
///
/// Read from the caches of the runtime, never from the API server. It does not change while the run lasts.
/// By default there is nothing.
#[derive(
    ::steersman::__private::core::clone::Clone,
    ::steersman::__private::core::fmt::Debug,
    ::steersman::__private::core::default::Default
)]
#[allow(dead_code)]
struct WebAppSnapshot {
    /// Every `Deployment` that a `WebApp` owns.
    ///
    /// Declared by `#[secondary(Deployment)]`.
    deployments: ::steersman::Secondaries<Deployment>,
}
/// What one run of the operator `WebApp` may use: a handle for each secondary, the status, the client.
///
/// Cheap to clone.
#[derive(
    ::steersman::__private::core::clone::Clone,
    ::steersman::__private::core::fmt::Debug
)]
struct WebAppContext(::steersman::__private::Run);
#[automatically_derived]
impl WebAppContext {
    /// Writes the `Deployment` that the run wants.
    ///
    /// Declared by `#[secondary(Deployment)]`.
    #[must_use]
    #[deny(
        dead_code,
        reason = "`#[secondary(Deployment)]` is owned, but nothing makes one: `cx.deployments()` is used by no reconciler, or by none that `WebApp::operator` hands to a manager; apply it there, or, if others make it, add `read_only`"
    )]
    fn deployments(&self) -> ::steersman::Handle<Deployment> {
        let () = <Deployment as ::steersman::__private::Kind>::OK;
        self.0.handle::<Deployment>(0usize)
    }
}
#[automatically_derived]
#[allow(dead_code)]
impl WebAppContext {
    /// What this run sees now: what it started from, and the answers to its own writes.
    fn snapshot(&self) -> WebAppSnapshot {
        WebAppSnapshot::read(&self.0.view())
    }
    /// Every `WebApp` of this operator, as the cache holds them now: for what is made of all of them.
    ///
    /// It is no part of what the run saw: their changes wake nobody but themselves.
    fn primaries(
        &self,
    ) -> ::steersman::__private::std::vec::Vec<
        ::steersman::__private::std::sync::Arc<WebApp>,
    > {
        let () = <WebApp as ::steersman::__private::Kind>::OK;
        self.0.primaries::<WebApp>()
    }
    /// Tells an event about the primary. It never fails and waits for nothing; see `Event`.
    ///
    /// # Rights
    /// `create` and `patch` on `events` in the group `events.k8s.io`.
    fn event(&self, event: ::steersman::Event) {
        self.0.event(event)
    }
    /// The client of the runtime, for what has no handle.
    fn client(&self) -> ::steersman::kube::Client {
        self.0.client()
    }
    /// Why the primary was woken: advice for logs and tests, no part of what is true.
    fn triggers(&self) -> &::steersman::Triggers {
        self.0.triggers()
    }
    #[doc(hidden)]
    fn apply_status<S>(
        &self,
        status: S,
    ) -> ::steersman::__private::core::future::Pending<
        ::steersman::__private::core::result::Result<
            ::steersman::__private::std::sync::Arc<WebApp>,
            ::steersman::WriteError,
        >,
    >
    where
        WebApp: ::steersman::__private::DeclaresStatus<S>,
    {
        let _ = status;
        ::steersman::__private::core::future::pending()
    }
}
/// What the operator `WebApp` does with a `WebApp`.
///
/// Implement it, with plain `async fn`s, for a type of your own, and hand that to `WebApp::operator`.
trait WebAppReconciler: ::steersman::__private::core::marker::Send + ::steersman::__private::core::marker::Sync + 'static {
    /// The error of every method; the runtime logs it and retries.
    type Error: ::steersman::__private::ReconcilerError;
    /// Brings the world to what the `WebApp` says.
    ///
    /// `seen` is what the run starts from; `cx` writes, and reads again what has been written. Runs of one primary never overlap.
    fn reconcile(
        &self,
        primary: ::steersman::__private::std::sync::Arc<WebApp>,
        seen: WebAppSnapshot,
        cx: WebAppContext,
    ) -> impl ::steersman::__private::core::future::Future<
        Output = ::steersman::__private::core::result::Result<
            ::steersman::Action,
            Self::Error,
        >,
    > + ::steersman::__private::core::marker::Send;
}
#[doc(hidden)]
#[allow(unused_macros)]
macro_rules! __web_app_reconciler {
    ($($implementation:tt)*) => {
        ::steersman::__private::check_reconciler! { { WebApp, WebApp, ::steersman, {
        reconcile Action "", } { reconcile_deployments "#[secondary(Deployment)]", }
        false } $($implementation)* }
    };
}
#[doc(hidden)]
#[allow(unused_imports)]
pub(crate) use __web_app_reconciler as WebAppReconciler;
/// The operator `WebApp`, run by a [`WebAppReconciler`]: the type behind `WebApp::operator`.
struct WebAppOperator<R>(R);
#[automatically_derived]
impl<R> ::steersman::__private::core::fmt::Debug for WebAppOperator<R> {
    fn fmt(
        &self,
        f: &mut ::steersman::__private::core::fmt::Formatter<'_>,
    ) -> ::steersman::__private::core::fmt::Result {
        f.debug_struct("WebAppOperator").finish_non_exhaustive()
    }
}
#[automatically_derived]
impl WebApp {
    /// The operator `WebApp`, run by `reconciler`; hand it to a `Manager`.
    fn operator<R: WebAppReconciler>(
        reconciler: R,
    ) -> ::steersman::OperatorBuilder<WebAppOperator<R>> {
        ::steersman::OperatorBuilder::new(WebAppOperator(reconciler))
    }
    /// The rights that the operator `WebApp` needs in all namespaces, as its attributes say; see `Rules`.
    ///
    /// No cluster is asked. Those of an operator in single namespaces are told by its builder.
    #[allow(dead_code)]
    fn rules() -> ::steersman::Rules {
        WebAppOperator::<()>::declared().rules()
    }
}
#[automatically_derived]
impl WebAppOperator<()> {
    fn declared() -> ::steersman::__private::Declaration {
        let () = <WebApp as ::steersman::__private::Kind>::OK;
        let () = <Deployment as ::steersman::__private::Kind>::OK;
        ::steersman::__private::Declaration::new::<WebApp>("WebApp")
            .secondary(
                ::steersman::__private::Secondary::owned::<
                    Deployment,
                >("deployments", "#[secondary(Deployment)]"),
            )
    }
}
#[automatically_derived]
impl WebAppSnapshot {
    fn read(view: &::steersman::__private::View) -> Self {
        let () = <WebApp as ::steersman::__private::Kind>::OK;
        let () = <Deployment as ::steersman::__private::Kind>::OK;
        Self {
            deployments: view.many::<Deployment>(0usize),
        }
    }
}
#[automatically_derived]
impl<R: WebAppReconciler> ::steersman::Operator for WebAppOperator<R> {
    type Primary = WebApp;
    type Snapshot = WebAppSnapshot;
    type Context = WebAppContext;
    fn declaration() -> ::steersman::__private::Declaration {
        WebAppOperator::<()>::declared()
    }
    fn definition() -> ::steersman::__private::core::option::Option<
        ::steersman::__private::CustomResourceDefinition,
    > {
        use ::steersman::__private::AnyType as _;
        ::steersman::__private::TypeOf::<WebApp>::CRD.map(|definition| definition())
    }
    fn snapshot(view: &::steersman::__private::View) -> Self::Snapshot {
        WebAppSnapshot::read(view)
    }
    fn context(run: ::steersman::__private::Run) -> Self::Context {
        WebAppContext(run)
    }
    async fn reconcile(
        &self,
        primary: ::steersman::__private::std::sync::Arc<WebApp>,
        seen: Self::Snapshot,
        cx: Self::Context,
    ) -> ::steersman::__private::core::result::Result<
        ::steersman::Action,
        ::steersman::__private::BoxError,
    > {
        <R as WebAppReconciler>::reconcile(&self.0, primary, seen, cx)
            .await
            .map_err(::steersman::__private::ReconcilerError::boxed)
    }
    async fn handle(
        &self,
        secondary: usize,
        primary: ::steersman::__private::std::sync::Arc<WebApp>,
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
        primary: ::steersman::__private::std::sync::Arc<WebApp>,
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
const _: () = if <WebApp as ::steersman::__private::Kind>::NAMESPACED
    && !<Deployment as ::steersman::__private::Kind>::NAMESPACED
{
    ::steersman::__private::core::panic!(
        "`Deployment` is cluster-scoped and cannot be owned by the namespaced `WebApp`; make the primary cluster-scoped, without `namespaced`, or relate the two otherwise, such as by `annotation = \"..\", cross_namespace`"
    )
};
