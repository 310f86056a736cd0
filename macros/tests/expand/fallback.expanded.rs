::core::compile_error! {
    "`finaliser` is not an item of `#[operator(..)]`; did you mean `finalizer`?"
}
::core::compile_error! {
    "`handlr` is not an item of `#[secondary(..)]`; did you mean `handler`?"
}
::core::compile_error! {
    "`all` of predicates loses changes: one part changes from A to B, the other from B to C, and neither step counts; compare what matters with `changed(..)`"
}
::core::compile_error! {
    "`type` is a keyword of Rust; choose another name for the field of the snapshot"
}
::core::compile_error! {
    "`Deploymnt` is no secondary of this operator; did you mean `Deployment`?"
}
::core::compile_error! {
    "`map` and `reference` are two relations, and a secondary has one; remove one of them, or declare another secondary for it"
}
::core::compile_error! {
    "this `map` receives and decodes every `ConfigMap` in the cluster, at each change and each start, as its function may want any of them; narrow it with `selector = \"..\"`, look at less with `metadata`, or write `unbounded` if that is meant"
}
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
    /// Declared by `#[secondary(Deployment, one, handlr)]`.
    pub deployment: ::steersman::__private::core::option::Option<
        ::steersman::__private::std::sync::Arc<Deployment>,
    >,
    /// Every `Service` that a `WebApp` owns.
    ///
    /// Declared by `#[secondary(Service, predicate = all(spec_changed, generation_changed))]`.
    pub services: ::steersman::Secondaries<Service>,
    /// The metadata of every `Pod` that a `WebApp` owns. `NotServed` while the API server does not serve the kind.
    ///
    /// Declared by `#[secondary(Pod, through = Deploymnt, metadata, optional)]`.
    pub pods: ::steersman::Optional<
        ::steersman::Secondaries<::steersman::__private::PartialObjectMeta<Pod>>,
    >,
    /// The `ConfigMap` that the function of its `map` assigns to a `WebApp`, if there is one. Should there be several, the oldest.
    ///
    /// Declared by `#[secondary(ConfigMap, one, map = crate::owner, reference = spec.config)]`.
    pub config_map: ::steersman::__private::core::option::Option<
        ::steersman::__private::std::sync::Arc<ConfigMap>,
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
    /// Declared by `#[secondary(Deployment, one, handlr)]`.
    #[must_use]
    #[deny(
        dead_code,
        reason = "`#[secondary(Deployment, one, handlr)]` is owned, but nothing makes one: `cx.deployment()` is used by no reconciler, or by none that `WebApp::operator` hands to a manager; apply it there, or, if others make it, add `read_only`"
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
    /// Declared by `#[secondary(Service, predicate = all(spec_changed, generation_changed))]`.
    #[must_use]
    #[deny(
        dead_code,
        reason = "`#[secondary(Service, predicate = all(spec_changed, generation_changed))]` is owned, but nothing makes one: `cx.services()` is used by no reconciler, or by none that `WebApp::operator` hands to a manager; apply it there, or, if others make it, add `read_only`"
    )]
    pub(crate) fn services(&self) -> ::steersman::Handle<Service> {
        let () = <Service as ::steersman::__private::Kind>::OK;
        self.0.handle::<Service>(1usize)
    }
}
#[automatically_derived]
impl WebAppContext {
    /// Reads the metadata of the `Pod` that a `WebApp` owns.
    ///
    /// Declared by `#[secondary(Pod, through = Deploymnt, metadata, optional)]`.
    #[allow(dead_code)]
    pub fn pods(
        &self,
    ) -> ::steersman::ReadHandle<::steersman::__private::PartialObjectMeta<Pod>> {
        let () = <Pod as ::steersman::__private::Kind>::OK;
        let () = <::steersman::__private::PartialObjectMeta<
            Pod,
        > as ::steersman::__private::Kind>::OK;
        self.0.read_handle::<::steersman::__private::PartialObjectMeta<Pod>>(2usize)
    }
}
#[automatically_derived]
impl WebAppContext {
    /// Reads the `ConfigMap` that the function of its `map` assigns to a `WebApp`.
    ///
    /// Declared by `#[secondary(ConfigMap, one, map = crate::owner, reference = spec.config)]`.
    #[allow(dead_code)]
    pub fn config_map(&self) -> ::steersman::ReadHandle<ConfigMap> {
        let () = <ConfigMap as ::steersman::__private::Kind>::OK;
        self.0.read_handle::<ConfigMap>(3usize)
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
    > + ::steersman::__private::core::marker::Send {
        let _ = (primary, seen, cx);
        ::steersman::__private::core::future::pending::<
            ::steersman::__private::core::result::Result<
                ::steersman::Action,
                Self::Error,
            >,
        >()
    }
    /// Runs instead of `reconcile` when nothing but `deployment` changed.
    ///
    /// Asked for by `#[secondary(Deployment, one, handlr)]`.
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
    > + ::steersman::__private::core::marker::Send {
        let _ = (primary, seen, cx);
        ::steersman::__private::core::future::pending::<
            ::steersman::__private::core::result::Result<
                ::steersman::Handled,
                Self::Error,
            >,
        >()
    }
    /// Runs instead of `reconcile` when nothing but `services` changed.
    ///
    /// Asked for by `#[secondary(Service, predicate = all(spec_changed, generation_changed))]`.
    fn reconcile_services(
        &self,
        primary: ::steersman::__private::std::sync::Arc<WebApp>,
        seen: WebAppSnapshot,
        cx: WebAppContext,
    ) -> impl ::steersman::__private::core::future::Future<
        Output = ::steersman::__private::core::result::Result<
            ::steersman::Handled,
            Self::Error,
        >,
    > + ::steersman::__private::core::marker::Send {
        let _ = (primary, seen, cx);
        ::steersman::__private::core::future::pending::<
            ::steersman::__private::core::result::Result<
                ::steersman::Handled,
                Self::Error,
            >,
        >()
    }
    /// Runs instead of `reconcile` when nothing but `pods` changed.
    ///
    /// Asked for by `#[secondary(Pod, through = Deploymnt, metadata, optional)]`.
    fn reconcile_pods(
        &self,
        primary: ::steersman::__private::std::sync::Arc<WebApp>,
        seen: WebAppSnapshot,
        cx: WebAppContext,
    ) -> impl ::steersman::__private::core::future::Future<
        Output = ::steersman::__private::core::result::Result<
            ::steersman::Handled,
            Self::Error,
        >,
    > + ::steersman::__private::core::marker::Send {
        let _ = (primary, seen, cx);
        ::steersman::__private::core::future::pending::<
            ::steersman::__private::core::result::Result<
                ::steersman::Handled,
                Self::Error,
            >,
        >()
    }
    /// Runs instead of `reconcile` when nothing but `config_map` changed.
    ///
    /// Asked for by `#[secondary(ConfigMap, one, map = crate::owner, reference = spec.config)]`.
    fn reconcile_config_map(
        &self,
        primary: ::steersman::__private::std::sync::Arc<WebApp>,
        seen: WebAppSnapshot,
        cx: WebAppContext,
    ) -> impl ::steersman::__private::core::future::Future<
        Output = ::steersman::__private::core::result::Result<
            ::steersman::Handled,
            Self::Error,
        >,
    > + ::steersman::__private::core::marker::Send {
        let _ = (primary, seen, cx);
        ::steersman::__private::core::future::pending::<
            ::steersman::__private::core::result::Result<
                ::steersman::Handled,
                Self::Error,
            >,
        >()
    }
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
    > + ::steersman::__private::core::marker::Send {
        let _ = (primary, seen, cx);
        ::steersman::__private::core::future::pending::<
            ::steersman::__private::core::result::Result<
                ::steersman::Cleanup,
                Self::Error,
            >,
        >()
    }
}
#[doc(hidden)]
#[allow(unused_macros)]
macro_rules! __web_app_reconciler {
    ($($implementation:tt)*) => {
        ::steersman::__private::check_reconciler! { { WebApp, WebApp, ::steersman, {
        reconcile Action "", reconcile_deployment Handled
        "#[secondary(Deployment, one, handlr)]", reconcile_services Handled
        "#[secondary(Service, predicate = all(spec_changed, generation_changed))]",
        reconcile_pods Handled
        "#[secondary(Pod, through = Deploymnt, metadata, optional)]",
        reconcile_config_map Handled
        "#[secondary(ConfigMap, one, map = crate::owner, reference = spec.config)]", } {}
        true } $($implementation)* }
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
        let () = <Pod as ::steersman::__private::Kind>::OK;
        let () = <::steersman::__private::PartialObjectMeta<
            Pod,
        > as ::steersman::__private::Kind>::OK;
        let () = <ConfigMap as ::steersman::__private::Kind>::OK;
        ::steersman::__private::Declaration::new::<WebApp>("WebApp")
            .status(
                ::steersman::__private::core::option::Option::Some(
                    "#[kube(status = \"WebAppStatus\")]",
                ),
            )
            .secondary(
                ::steersman::__private::Secondary::owned::<
                    Deployment,
                >("deployment", "#[secondary(Deployment, one, handlr)]")
                    .one(),
            )
            .secondary(
                ::steersman::__private::Secondary::owned::<
                    Service,
                >(
                    "services",
                    "#[secondary(Service, predicate = all(spec_changed, generation_changed))]",
                ),
            )
            .secondary(
                ::steersman::__private::Secondary::owned::<
                    ::steersman::__private::PartialObjectMeta<Pod>,
                >("pods", "#[secondary(Pod, through = Deploymnt, metadata, optional)]")
                    .metadata()
                    .optional(),
            )
            .secondary(
                ::steersman::__private::Secondary::map::<
                    ConfigMap,
                    WebApp,
                >(
                        "config_map",
                        "#[secondary(ConfigMap, one, map = crate::owner, reference = spec.config)]",
                        |object, primaries| ::steersman::__private::map(
                            object,
                            primaries,
                            crate::owner,
                        ),
                    )
                    .one(),
            )
    }
}
#[automatically_derived]
impl WebAppSnapshot {
    fn read(view: &::steersman::__private::View) -> Self {
        let () = <WebApp as ::steersman::__private::Kind>::OK;
        let () = <Deployment as ::steersman::__private::Kind>::OK;
        let () = <Service as ::steersman::__private::Kind>::OK;
        let () = <Pod as ::steersman::__private::Kind>::OK;
        let () = <::steersman::__private::PartialObjectMeta<
            Pod,
        > as ::steersman::__private::Kind>::OK;
        let () = <ConfigMap as ::steersman::__private::Kind>::OK;
        Self {
            deployment: view.one::<Deployment>(0usize),
            services: view.many::<Service>(1usize),
            pods: view
                .optional_many::<::steersman::__private::PartialObjectMeta<Pod>>(2usize),
            config_map: view.one::<ConfigMap>(3usize),
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
    && !<Service as ::steersman::__private::Kind>::NAMESPACED
{
    ::steersman::__private::core::panic!(
        "`Service` is cluster-scoped and cannot be owned by the namespaced `WebApp`; make the primary cluster-scoped, without `namespaced`, or relate the two otherwise, such as by `annotation = \"..\", cross_namespace`"
    )
};
const _: () = {
    let _: ::core::marker::PhantomData<Deployment>;
    let _: ::core::marker::PhantomData<Service>;
    let _: ::core::marker::PhantomData<Secret>;
    let _: ::core::marker::PhantomData<Pod>;
    let _: ::core::marker::PhantomData<ConfigMap>;
};
const _: () = {};
