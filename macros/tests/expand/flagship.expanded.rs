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
pub struct WebAppSnapshot {
    /// The `Deployment` that a `WebApp` owns, if there is one. Should there be several, the oldest.
    ///
    /// Declared by `#[secondary(Deployment, one, handler, predicate = any(spec_changed, changed(ready_replicas)), debounce = "100ms")]`.
    pub deployment: ::steersman::__private::core::option::Option<
        ::steersman::__private::std::sync::Arc<Deployment>,
    >,
    /// The `Service` that a `WebApp` owns, if there is one. Should there be several, the oldest.
    ///
    /// Declared by `#[secondary(Service, one, debounce = "off", force = false)]`.
    pub service: ::steersman::__private::core::option::Option<
        ::steersman::__private::std::sync::Arc<Service>,
    >,
    /// Every `ConfigMap` that a `WebApp` owns.
    ///
    /// Declared by `#[secondary(ConfigMap, predicate = changed(|map| &map.data))]`.
    pub config_maps: ::steersman::Secondaries<ConfigMap>,
    /// Every `NetworkPolicy` that a `WebApp` owns.
    ///
    /// Declared by `#[secondary(k8s_openapi::api::networking::v1::NetworkPolicy, name = policies, predicate = generation_changed)]`.
    pub policies: ::steersman::Secondaries<
        k8s_openapi::api::networking::v1::NetworkPolicy,
    >,
}
/// What one run of the operator `WebApp` may use: a handle for each secondary, the status, the client.
///
/// Cheap to clone.
#[derive(
    ::steersman::__private::core::clone::Clone,
    ::steersman::__private::core::fmt::Debug
)]
pub struct WebAppContext(::steersman::__private::Run);
#[automatically_derived]
impl WebAppContext {
    /// Writes the `Deployment` that the run wants.
    ///
    /// Declared by `#[secondary(Deployment, one, handler, predicate = any(spec_changed, changed(ready_replicas)), debounce = "100ms")]`.
    #[must_use]
    #[deny(
        dead_code,
        reason = "`#[secondary(Deployment, one, handler, predicate = any(spec_changed, changed(ready_replicas)), debounce = \"100ms\")]` is owned, but nothing makes one: `cx.deployment()` is used by no reconciler, or by none that `WebApp::operator` hands to a manager; apply it there, or, if others make it, add `read_only`"
    )]
    pub(crate) fn deployment(&self) -> ::steersman::Handle<Deployment> {
        let () = <Deployment as ::steersman::__private::Kind>::OK;
        self.0.handle::<Deployment>(0usize)
    }
}
#[automatically_derived]
impl WebAppContext {
    /// Writes the `Service` that the run wants.
    ///
    /// Declared by `#[secondary(Service, one, debounce = "off", force = false)]`.
    #[must_use]
    #[deny(
        dead_code,
        reason = "`#[secondary(Service, one, debounce = \"off\", force = false)]` is owned, but nothing makes one: `cx.service()` is used by no reconciler, or by none that `WebApp::operator` hands to a manager; apply it there, or, if others make it, add `read_only`"
    )]
    pub(crate) fn service(&self) -> ::steersman::Handle<Service> {
        let () = <Service as ::steersman::__private::Kind>::OK;
        self.0.handle::<Service>(1usize)
    }
}
#[automatically_derived]
impl WebAppContext {
    /// Writes the `ConfigMap` that the run wants.
    ///
    /// Declared by `#[secondary(ConfigMap, predicate = changed(|map| &map.data))]`.
    #[must_use]
    #[deny(
        dead_code,
        reason = "`#[secondary(ConfigMap, predicate = changed(|map| &map.data))]` is owned, but nothing makes one: `cx.config_maps()` is used by no reconciler, or by none that `WebApp::operator` hands to a manager; apply it there, or, if others make it, add `read_only`"
    )]
    pub(crate) fn config_maps(&self) -> ::steersman::Handle<ConfigMap> {
        let () = <ConfigMap as ::steersman::__private::Kind>::OK;
        self.0.handle::<ConfigMap>(2usize)
    }
}
#[automatically_derived]
impl WebAppContext {
    /// Writes the `NetworkPolicy` that the run wants.
    ///
    /// Declared by `#[secondary(k8s_openapi::api::networking::v1::NetworkPolicy, name = policies, predicate = generation_changed)]`.
    #[must_use]
    #[deny(
        dead_code,
        reason = "`#[secondary(k8s_openapi::api::networking::v1::NetworkPolicy, name = policies, predicate = generation_changed)]` is owned, but nothing makes one: `cx.policies()` is used by no reconciler, or by none that `WebApp::operator` hands to a manager; apply it there, or, if others make it, add `read_only`"
    )]
    pub(crate) fn policies(
        &self,
    ) -> ::steersman::Handle<k8s_openapi::api::networking::v1::NetworkPolicy> {
        let () = <k8s_openapi::api::networking::v1::NetworkPolicy as ::steersman::__private::Kind>::OK;
        self.0.handle::<k8s_openapi::api::networking::v1::NetworkPolicy>(3usize)
    }
}
#[automatically_derived]
#[allow(dead_code)]
impl WebAppContext {
    /// What this run sees now: what it started from, and the answers to its own writes.
    pub fn snapshot(&self) -> WebAppSnapshot {
        WebAppSnapshot::read(&self.0.view())
    }
    /// Every `WebApp` of this operator, as the cache holds them now: for what is made of all of them.
    ///
    /// It is no part of what the run saw: their changes wake nobody but themselves.
    pub fn primaries(
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
    pub fn event(&self, event: ::steersman::Event) {
        self.0.event(event)
    }
    /// The client of the runtime, for what has no handle.
    pub fn client(&self) -> ::steersman::kube::Client {
        self.0.client()
    }
    /// Why the primary was woken: advice for logs and tests, no part of what is true.
    pub fn triggers(&self) -> &::steersman::Triggers {
        self.0.triggers()
    }
    /// Applies the status of the `WebApp`, unless it is so already. The answer is the object as it is then.
    ///
    /// # Errors
    /// The API server refuses the status, or cannot be reached.
    pub async fn apply_status(
        &self,
        status: WebAppStatus,
    ) -> ::steersman::__private::core::result::Result<
        ::steersman::__private::std::sync::Arc<WebApp>,
        ::steersman::WriteError,
    > {
        let () = <WebApp as ::steersman::__private::Kind>::OK;
        self.0.apply_status::<WebApp, WebAppStatus>(status).await
    }
}
/// What the operator `WebApp` does with a `WebApp`.
///
/// Implement it, with plain `async fn`s, for a type of your own, and hand that to `WebApp::operator`.
pub trait WebAppReconciler: ::steersman::__private::core::marker::Send + ::steersman::__private::core::marker::Sync + 'static {
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
    /// Runs instead of `reconcile` when nothing but `deployment` changed.
    ///
    /// Asked for by `#[secondary(Deployment, one, handler, predicate = any(spec_changed, changed(ready_replicas)), debounce = "100ms")]`.
    fn reconcile_deployment(
        &self,
        primary: ::steersman::__private::std::sync::Arc<WebApp>,
        seen: WebAppSnapshot,
        cx: WebAppContext,
    ) -> impl ::steersman::__private::core::future::Future<
        Output = ::steersman::__private::core::result::Result<
            ::steersman::Handled,
            Self::Error,
        >,
    > + ::steersman::__private::core::marker::Send;
    /// Undoes what garbage collection does not, once the `WebApp` is being deleted.
    ///
    /// Asked for by the finalizer `demo.steersman.dev/cleanup`, which the runtime adds and removes.
    fn cleanup(
        &self,
        primary: ::steersman::__private::std::sync::Arc<WebApp>,
        seen: WebAppSnapshot,
        cx: WebAppContext,
    ) -> impl ::steersman::__private::core::future::Future<
        Output = ::steersman::__private::core::result::Result<
            ::steersman::Cleanup,
            Self::Error,
        >,
    > + ::steersman::__private::core::marker::Send;
}
#[doc(hidden)]
#[allow(unused_macros)]
macro_rules! __web_app_reconciler {
    ($($implementation:tt)*) => {
        ::steersman::__private::check_reconciler! { { WebApp, WebApp, ::steersman, {
        reconcile Action "", reconcile_deployment Handled
        "#[secondary(Deployment, one, handler, predicate = any(spec_changed, changed(ready_replicas)), debounce = \"100ms\")]",
        cleanup Cleanup "#[operator(finalizer = \"demo.steersman.dev/cleanup\")]", } {
        reconcile_service
        "#[secondary(Service, one, debounce = \"off\", force = false)]",
        reconcile_config_maps
        "#[secondary(ConfigMap, predicate = changed(|map| &map.data))]",
        reconcile_policies
        "#[secondary(k8s_openapi::api::networking::v1::NetworkPolicy, name = policies, predicate = generation_changed)]",
        } false } $($implementation)* }
    };
}
#[doc(hidden)]
#[allow(unused_imports)]
pub(crate) use __web_app_reconciler as WebAppReconciler;
/// The operator `WebApp`, run by a [`WebAppReconciler`]: the type behind `WebApp::operator`.
pub struct WebAppOperator<R>(R);
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
    pub fn operator<R: WebAppReconciler>(
        reconciler: R,
    ) -> ::steersman::OperatorBuilder<WebAppOperator<R>> {
        ::steersman::OperatorBuilder::new(WebAppOperator(reconciler))
    }
    /// The rights that the operator `WebApp` needs in all namespaces, as its attributes say; see `Rules`.
    ///
    /// No cluster is asked. Those of an operator in single namespaces are told by its builder.
    #[allow(dead_code)]
    pub fn rules() -> ::steersman::Rules {
        WebAppOperator::<()>::declared().rules()
    }
}
#[automatically_derived]
impl WebAppOperator<()> {
    fn declared() -> ::steersman::__private::Declaration {
        let () = <WebApp as ::steersman::__private::Kind>::OK;
        let () = <Deployment as ::steersman::__private::Kind>::OK;
        let () = <Service as ::steersman::__private::Kind>::OK;
        let () = <ConfigMap as ::steersman::__private::Kind>::OK;
        let () = <k8s_openapi::api::networking::v1::NetworkPolicy as ::steersman::__private::Kind>::OK;
        ::steersman::__private::Declaration::new::<WebApp>("WebApp")
            .finalizer("demo.steersman.dev/cleanup")
            .former_finalizers(&["old.steersman.dev/cleanup", "cleanup"])
            .status(
                ::steersman::__private::core::option::Option::Some(
                    "#[kube(status = \"WebAppStatus\")]",
                ),
            )
            .resync(
                ::steersman::__private::core::option::Option::Some(
                    ::steersman::__private::core::time::Duration::from_secs(1800u64),
                ),
            )
            .timeout(::steersman::__private::core::time::Duration::from_secs(90u64))
            .predicate(::steersman::__private::Projection::generation())
            .secondary(
                ::steersman::__private::Secondary::owned::<
                    Deployment,
                >(
                        "deployment",
                        "#[secondary(Deployment, one, handler, predicate = any(spec_changed, changed(ready_replicas)), debounce = \"100ms\")]",
                    )
                    .one()
                    .handler()
                    .predicate(
                        ::steersman::__private::Projection::any([
                            ::steersman::__private::Projection::spec(),
                            ::steersman::__private::Projection::changed::<
                                Deployment,
                            >(|object, hasher| {
                                #[allow(unused_imports)]
                                use ::steersman::__private::{
                                    ProjectByHash as _, ProjectBySerialize as _,
                                    ProjectNothing as _,
                                };
                                (&&&::steersman::__private::Taken(
                                    ::steersman::__private::take(object, ready_replicas),
                                ))
                                    .project(hasher);
                            }),
                        ]),
                    )
                    .debounce(
                        ::steersman::__private::core::time::Duration::from_millis(100u64),
                    ),
            )
            .secondary(
                ::steersman::__private::Secondary::owned::<
                    Service,
                >(
                        "service",
                        "#[secondary(Service, one, debounce = \"off\", force = false)]",
                    )
                    .one()
                    .debounce(
                        ::steersman::__private::core::time::Duration::from_secs(0u64),
                    )
                    .force(false),
            )
            .secondary(
                ::steersman::__private::Secondary::owned::<
                    ConfigMap,
                >(
                        "config_maps",
                        "#[secondary(ConfigMap, predicate = changed(|map| &map.data))]",
                    )
                    .predicate(
                        ::steersman::__private::Projection::changed::<
                            ConfigMap,
                        >(|object, hasher| {
                            #[allow(unused_imports)]
                            use ::steersman::__private::{
                                ProjectByHash as _, ProjectBySerialize as _,
                                ProjectNothing as _,
                            };
                            (&&&::steersman::__private::Taken(
                                ::steersman::__private::take(object, |map| &map.data),
                            ))
                                .project(hasher);
                        }),
                    ),
            )
            .secondary(
                ::steersman::__private::Secondary::owned::<
                    k8s_openapi::api::networking::v1::NetworkPolicy,
                >(
                        "policies",
                        "#[secondary(k8s_openapi::api::networking::v1::NetworkPolicy, name = policies, predicate = generation_changed)]",
                    )
                    .predicate(::steersman::__private::Projection::generation()),
            )
    }
}
#[automatically_derived]
impl WebAppSnapshot {
    fn read(view: &::steersman::__private::View) -> Self {
        let () = <WebApp as ::steersman::__private::Kind>::OK;
        let () = <Deployment as ::steersman::__private::Kind>::OK;
        let () = <Service as ::steersman::__private::Kind>::OK;
        let () = <ConfigMap as ::steersman::__private::Kind>::OK;
        let () = <k8s_openapi::api::networking::v1::NetworkPolicy as ::steersman::__private::Kind>::OK;
        Self {
            deployment: view.one::<Deployment>(0usize),
            service: view.one::<Service>(1usize),
            config_maps: view.many::<ConfigMap>(2usize),
            policies: view
                .many::<k8s_openapi::api::networking::v1::NetworkPolicy>(3usize),
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
        match secondary {
            0usize => {
                <R as WebAppReconciler>::reconcile_deployment(&self.0, primary, seen, cx)
                    .await
                    .map_err(::steersman::__private::ReconcilerError::boxed)
            }
            _ => {
                ::steersman::__private::core::result::Result::Ok(
                    ::steersman::Handled::Escalate,
                )
            }
        }
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
        <R as WebAppReconciler>::cleanup(&self.0, primary, seen, cx)
            .await
            .map_err(::steersman::__private::ReconcilerError::boxed)
    }
}
const _: () = {
    {
        type __Kind = WebApp;
        let () = <__Kind as ::steersman::__private::HasGeneration<_>>::OK;
    }
    {
        type __Kind = Deployment;
        let () = <__Kind as ::steersman::__private::HasSpec<_>>::OK;
    }
    {
        type __Kind = k8s_openapi::api::networking::v1::NetworkPolicy;
        let () = <__Kind as ::steersman::__private::HasGeneration<_>>::OK;
    }
};
const _: () = if <WebApp as ::steersman::__private::Kind>::NAMESPACED
    && !<Deployment as ::steersman::__private::Kind>::NAMESPACED
{
    ::steersman::__private::core::panic!(
        "`Deployment` is cluster-scoped and cannot be owned by the namespaced `WebApp`; make the primary cluster-scoped, without `namespaced`, or relate the two otherwise, such as by `annotation = \"..\", cross_namespace`"
    )
};
const _: () = if <WebApp as ::steersman::__private::Kind>::NAMESPACED
    && !<Service as ::steersman::__private::Kind>::NAMESPACED
{
    ::steersman::__private::core::panic!(
        "`Service` is cluster-scoped and cannot be owned by the namespaced `WebApp`; make the primary cluster-scoped, without `namespaced`, or relate the two otherwise, such as by `annotation = \"..\", cross_namespace`"
    )
};
const _: () = if <WebApp as ::steersman::__private::Kind>::NAMESPACED
    && !<ConfigMap as ::steersman::__private::Kind>::NAMESPACED
{
    ::steersman::__private::core::panic!(
        "`ConfigMap` is cluster-scoped and cannot be owned by the namespaced `WebApp`; make the primary cluster-scoped, without `namespaced`, or relate the two otherwise, such as by `annotation = \"..\", cross_namespace`"
    )
};
const _: () = if <WebApp as ::steersman::__private::Kind>::NAMESPACED
    && !<k8s_openapi::api::networking::v1::NetworkPolicy as ::steersman::__private::Kind>::NAMESPACED
{
    ::steersman::__private::core::panic!(
        "`NetworkPolicy` is cluster-scoped and cannot be owned by the namespaced `WebApp`; make the primary cluster-scoped, without `namespaced`, or relate the two otherwise, such as by `annotation = \"..\", cross_namespace`"
    )
};
const _: () = {
    #[allow(dead_code)]
    trait EachNeedsAnotherRelationOrSelector {}
    impl EachNeedsAnotherRelationOrSelector for Deployment {}
    impl EachNeedsAnotherRelationOrSelector for Service {}
    impl EachNeedsAnotherRelationOrSelector for ConfigMap {}
    impl EachNeedsAnotherRelationOrSelector
    for k8s_openapi::api::networking::v1::NetworkPolicy {}
};
