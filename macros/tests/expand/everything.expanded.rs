/// What one run of the operator `Databases` sees of its secondary resources.
///
/// Read from the caches of the runtime, never from the API server. It does not change while the run lasts.
/// By default there is nothing.
#[derive(
    ::steersman::__private::core::clone::Clone,
    ::steersman::__private::core::fmt::Debug,
    ::steersman::__private::core::default::Default
)]
#[allow(dead_code)]
pub struct DatabasesSnapshot {
    /// The metadata of every `Pod` with an owner reference to a `ReplicaSet` of `replica_sets`.
    ///
    /// Declared by `#[secondary(Pod, through = ReplicaSet, owned = any, metadata, predicate = changed(|pod| pod.metadata.name.clone()))]`.
    pub pods: ::steersman::Secondaries<::steersman::__private::PartialObjectMeta<Pod>>,
    /// Every `ReplicaSet` owned by a `Deployment` of `deployment`. `NotServed` while the API server does not serve the kind.
    ///
    /// Declared by `#[secondary(ReplicaSet, through = deployment, optional, predicate = owner_references_changed)]`.
    pub replica_sets: ::steersman::Optional<::steersman::Secondaries<ReplicaSet>>,
    /// The `Deployment` with an owner reference to a `Database`, if there is one. Should there be several, the oldest.
    ///
    /// Declared by `#[secondary(Deployment, one, owned = any, handler, debounce = "250ms")]`.
    pub deployment: ::steersman::__private::core::option::Option<
        ::steersman::__private::std::sync::Arc<Deployment>,
    >,
    /// Every `StatefulSet` that a `Database` owns.
    ///
    /// Declared by `#[secondary(k8s_openapi::api::apps::v1::StatefulSet, owned, predicate = any(generation_changed, any(changed(replicas), changed(|set| set.status.clone()))))]`.
    pub stateful_sets: ::steersman::Secondaries<k8s_openapi::api::apps::v1::StatefulSet>,
    /// Every `ControllerRevision` owned by a `StatefulSet` of `stateful_sets`.
    ///
    /// Declared by `#[secondary(ControllerRevision, through = StatefulSet, predicate = resource_version_changed)]`.
    pub controller_revisions: ::steersman::Secondaries<ControllerRevision>,
    /// The `Job` that a `Database` owns, if there is one. Should there be several, the oldest.
    ///
    /// Declared by `#[secondary(Job, one, read_only, debounce = "off", handler, predicate = generation_changed, ignore_status)]`.
    pub job: ::steersman::__private::core::option::Option<
        ::steersman::__private::std::sync::Arc<Job>,
    >,
    /// Every `Service` that a `Database` owns.
    ///
    /// Declared by `#[secondary(Service, force = false, predicate = spec_changed)]`.
    pub services: ::steersman::Secondaries<Service>,
    /// Every `PersistentVolumeClaim` whose label `demo.steersman.dev/database` names a `Database`.
    ///
    /// Declared by `#[secondary(PersistentVolumeClaim, label = "demo.steersman.dev/database", write, force = true, predicate = finalizers_changed)]`.
    pub persistent_volume_claims: ::steersman::Secondaries<PersistentVolumeClaim>,
    /// The `StorageClass` whose label `database` names a `Database`, if there is one. Should there be several, the oldest.
    ///
    /// Declared by `#[secondary(StorageClass, label = "database", one, selector = "a = b, c != d, e", predicate = labels_changed)]`.
    pub storage_class: ::steersman::__private::core::option::Option<
        ::steersman::__private::std::sync::Arc<StorageClass>,
    >,
    /// Every `Node` whose annotation `demo.steersman.dev/database` names a `Database`.
    ///
    /// Declared by `#[secondary(Node, annotation = "demo.steersman.dev/database", cross_namespace, predicate = annotations_changed)]`.
    pub nodes: ::steersman::Secondaries<Node>,
    /// The metadata of every `ServiceAccount` whose annotation `demo.steersman.dev/database` names a `Database`.
    ///
    /// Declared by `#[secondary(ServiceAccount, annotation = "demo.steersman.dev/database", metadata, predicate = generation_changed)]`.
    pub service_accounts: ::steersman::Secondaries<
        ::steersman::__private::PartialObjectMeta<ServiceAccount>,
    >,
    /// The `Secret` that a `Database` refers to, if there is one. Should there be several, the oldest.
    ///
    /// Declared by `#[secondary(Secret, one, name = tls, reference = spec.tls.secret_name, predicate = data_changed)]`.
    pub tls: ::steersman::__private::core::option::Option<
        ::steersman::__private::std::sync::Arc<Secret>,
    >,
    /// Every `Secret` that a `Database` refers to.
    ///
    /// Declared by `#[secondary(Secret, name = users, reference = |database| database.spec.users.iter().map(|user| &user.secret), write)]`.
    pub users: ::steersman::Secondaries<Secret>,
    /// Every `Secret` that a `Database` refers to.
    ///
    /// Declared by `#[secondary(Secret, name = backups, reference = crate::refs::backups, cross_namespace)]`.
    pub backups: ::steersman::Secondaries<Secret>,
    /// The `Secret` that a `Database` owns, if there is one. Should there be several, the oldest. `NotServed` while the API server does not serve the kind.
    ///
    /// Declared by `#[secondary(Secret, one, name = generated, selector = "kind = internal", optional)]`.
    pub generated: ::steersman::Optional<
        ::steersman::__private::core::option::Option<
            ::steersman::__private::std::sync::Arc<Secret>,
        >,
    >,
    /// The metadata of every `Secret` whose label `demo.steersman.dev/database` names a `Database`.
    ///
    /// Declared by `#[secondary(Secret, name = foreign, label = "demo.steersman.dev/database", metadata)]`.
    pub foreign: ::steersman::Secondaries<
        ::steersman::__private::PartialObjectMeta<Secret>,
    >,
    /// Every `ConfigMap` that the function of its `map` assigns to a `Database`.
    ///
    /// Declared by `#[secondary(ConfigMap, map = crate::owner, selector = "demo.steersman.dev/database, size in (1, 2)", fields = "metadata.name!=x")]`.
    pub config_maps: ::steersman::Secondaries<ConfigMap>,
    /// The metadata of every `Namespace` that the function of its `map` assigns to a `Database`. `NotServed` while the API server does not serve the kind.
    ///
    /// Declared by `#[secondary(Namespace, map = crate::namespaces, metadata, optional, debounce = crate::patience)]`.
    pub namespaces: ::steersman::Optional<
        ::steersman::Secondaries<::steersman::__private::PartialObjectMeta<Namespace>>,
    >,
    /// Every `Event` that the function of its `map` assigns to a `Database`.
    ///
    /// Declared by `#[secondary(Event, map = |event| owner(event), unbounded)]`.
    pub events: ::steersman::Secondaries<Event>,
    /// Every `Gateway` that a `Database` refers to.
    ///
    /// Declared by `#[secondary(gateway_api::Gateway<v1::Spec>, name = gateways, reference = |database| &database.spec.gateways, predicate = status_changed)]`.
    pub gateways: ::steersman::Secondaries<gateway_api::Gateway<v1::Spec>>,
}
/// What one run of the operator `Databases` may use: a handle for each secondary, the status, the client.
///
/// Cheap to clone.
#[derive(
    ::steersman::__private::core::clone::Clone,
    ::steersman::__private::core::fmt::Debug
)]
pub struct DatabasesContext(::steersman::__private::Run);
#[automatically_derived]
impl DatabasesContext {
    /// Reads the metadata of the `Pod` with an owner reference to a `ReplicaSet` of `replica_sets`.
    ///
    /// Declared by `#[secondary(Pod, through = ReplicaSet, owned = any, metadata, predicate = changed(|pod| pod.metadata.name.clone()))]`.
    #[allow(dead_code)]
    pub fn pods(
        &self,
    ) -> ::steersman::ReadHandle<::steersman::__private::PartialObjectMeta<Pod>> {
        let () = <Pod as ::steersman::__private::Kind>::OK;
        let () = <::steersman::__private::PartialObjectMeta<
            Pod,
        > as ::steersman::__private::Kind>::OK;
        self.0.read_handle::<::steersman::__private::PartialObjectMeta<Pod>>(0usize)
    }
}
#[automatically_derived]
impl DatabasesContext {
    /// Reads the `ReplicaSet` owned by a `Deployment` of `deployment`.
    ///
    /// Declared by `#[secondary(ReplicaSet, through = deployment, optional, predicate = owner_references_changed)]`.
    #[allow(dead_code)]
    pub fn replica_sets(&self) -> ::steersman::ReadHandle<ReplicaSet> {
        let () = <ReplicaSet as ::steersman::__private::Kind>::OK;
        self.0.read_handle::<ReplicaSet>(1usize)
    }
}
#[automatically_derived]
impl DatabasesContext {
    /// Writes the `Deployment` that the run wants.
    ///
    /// Declared by `#[secondary(Deployment, one, owned = any, handler, debounce = "250ms")]`.
    #[allow(dead_code)]
    pub fn deployment(&self) -> ::steersman::Handle<Deployment> {
        let () = <Deployment as ::steersman::__private::Kind>::OK;
        self.0.handle::<Deployment>(2usize)
    }
}
#[automatically_derived]
impl DatabasesContext {
    /// Writes the `StatefulSet` that the run wants.
    ///
    /// Declared by `#[secondary(k8s_openapi::api::apps::v1::StatefulSet, owned, predicate = any(generation_changed, any(changed(replicas), changed(|set| set.status.clone()))))]`.
    #[allow(dead_code)]
    pub fn stateful_sets(
        &self,
    ) -> ::steersman::Handle<k8s_openapi::api::apps::v1::StatefulSet> {
        let () = <k8s_openapi::api::apps::v1::StatefulSet as ::steersman::__private::Kind>::OK;
        self.0.handle::<k8s_openapi::api::apps::v1::StatefulSet>(3usize)
    }
}
#[automatically_derived]
impl DatabasesContext {
    /// Reads the `ControllerRevision` owned by a `StatefulSet` of `stateful_sets`.
    ///
    /// Declared by `#[secondary(ControllerRevision, through = StatefulSet, predicate = resource_version_changed)]`.
    #[allow(dead_code)]
    pub fn controller_revisions(&self) -> ::steersman::ReadHandle<ControllerRevision> {
        let () = <ControllerRevision as ::steersman::__private::Kind>::OK;
        self.0.read_handle::<ControllerRevision>(4usize)
    }
}
#[automatically_derived]
impl DatabasesContext {
    /// Reads the `Job` that a `Database` owns.
    ///
    /// Declared by `#[secondary(Job, one, read_only, debounce = "off", handler, predicate = generation_changed, ignore_status)]`.
    #[allow(dead_code)]
    pub fn job(&self) -> ::steersman::ReadHandle<Job> {
        let () = <Job as ::steersman::__private::Kind>::OK;
        self.0.read_handle::<Job>(5usize)
    }
}
#[automatically_derived]
impl DatabasesContext {
    /// Writes the `Service` that the run wants.
    ///
    /// Declared by `#[secondary(Service, force = false, predicate = spec_changed)]`.
    #[allow(dead_code)]
    pub fn services(&self) -> ::steersman::Handle<Service> {
        let () = <Service as ::steersman::__private::Kind>::OK;
        self.0.handle::<Service>(6usize)
    }
}
#[automatically_derived]
impl DatabasesContext {
    /// Writes the `PersistentVolumeClaim` whose label `demo.steersman.dev/database` names a `Database`.
    ///
    /// Declared by `#[secondary(PersistentVolumeClaim, label = "demo.steersman.dev/database", write, force = true, predicate = finalizers_changed)]`.
    #[allow(dead_code)]
    pub fn persistent_volume_claims(
        &self,
    ) -> ::steersman::Handle<PersistentVolumeClaim> {
        let () = <PersistentVolumeClaim as ::steersman::__private::Kind>::OK;
        self.0.handle::<PersistentVolumeClaim>(7usize)
    }
}
#[automatically_derived]
impl DatabasesContext {
    /// Reads the `StorageClass` whose label `database` names a `Database`.
    ///
    /// Declared by `#[secondary(StorageClass, label = "database", one, selector = "a = b, c != d, e", predicate = labels_changed)]`.
    #[allow(dead_code)]
    pub fn storage_class(&self) -> ::steersman::ReadHandle<StorageClass> {
        let () = <StorageClass as ::steersman::__private::Kind>::OK;
        self.0.read_handle::<StorageClass>(8usize)
    }
}
#[automatically_derived]
impl DatabasesContext {
    /// Reads the `Node` whose annotation `demo.steersman.dev/database` names a `Database`.
    ///
    /// Declared by `#[secondary(Node, annotation = "demo.steersman.dev/database", cross_namespace, predicate = annotations_changed)]`.
    #[allow(dead_code)]
    pub fn nodes(&self) -> ::steersman::ReadHandle<Node> {
        let () = <Node as ::steersman::__private::Kind>::OK;
        self.0.read_handle::<Node>(9usize)
    }
}
#[automatically_derived]
impl DatabasesContext {
    /// Reads the metadata of the `ServiceAccount` whose annotation `demo.steersman.dev/database` names a `Database`.
    ///
    /// Declared by `#[secondary(ServiceAccount, annotation = "demo.steersman.dev/database", metadata, predicate = generation_changed)]`.
    #[allow(dead_code)]
    pub fn service_accounts(
        &self,
    ) -> ::steersman::ReadHandle<
        ::steersman::__private::PartialObjectMeta<ServiceAccount>,
    > {
        let () = <ServiceAccount as ::steersman::__private::Kind>::OK;
        let () = <::steersman::__private::PartialObjectMeta<
            ServiceAccount,
        > as ::steersman::__private::Kind>::OK;
        self.0
            .read_handle::<
                ::steersman::__private::PartialObjectMeta<ServiceAccount>,
            >(10usize)
    }
}
#[automatically_derived]
impl DatabasesContext {
    /// Reads the `Secret` that a `Database` refers to.
    ///
    /// Declared by `#[secondary(Secret, one, name = tls, reference = spec.tls.secret_name, predicate = data_changed)]`.
    #[allow(dead_code)]
    pub fn tls(&self) -> ::steersman::ReadHandle<Secret> {
        let () = <Secret as ::steersman::__private::Kind>::OK;
        self.0.read_handle::<Secret>(11usize)
    }
}
#[automatically_derived]
impl DatabasesContext {
    /// Writes the `Secret` that a `Database` refers to.
    ///
    /// Declared by `#[secondary(Secret, name = users, reference = |database| database.spec.users.iter().map(|user| &user.secret), write)]`.
    #[allow(dead_code)]
    pub fn users(&self) -> ::steersman::Handle<Secret> {
        let () = <Secret as ::steersman::__private::Kind>::OK;
        self.0.handle::<Secret>(12usize)
    }
}
#[automatically_derived]
impl DatabasesContext {
    /// Reads the `Secret` that a `Database` refers to.
    ///
    /// Declared by `#[secondary(Secret, name = backups, reference = crate::refs::backups, cross_namespace)]`.
    #[allow(dead_code)]
    pub fn backups(&self) -> ::steersman::ReadHandle<Secret> {
        let () = <Secret as ::steersman::__private::Kind>::OK;
        self.0.read_handle::<Secret>(13usize)
    }
}
#[automatically_derived]
impl DatabasesContext {
    /// Writes the `Secret` that the run wants.
    ///
    /// Declared by `#[secondary(Secret, one, name = generated, selector = "kind = internal", optional)]`.
    #[allow(dead_code)]
    pub fn generated(&self) -> ::steersman::Handle<Secret> {
        let () = <Secret as ::steersman::__private::Kind>::OK;
        self.0.handle::<Secret>(14usize)
    }
}
#[automatically_derived]
impl DatabasesContext {
    /// Reads the metadata of the `Secret` whose label `demo.steersman.dev/database` names a `Database`.
    ///
    /// Declared by `#[secondary(Secret, name = foreign, label = "demo.steersman.dev/database", metadata)]`.
    #[allow(dead_code)]
    pub fn foreign(
        &self,
    ) -> ::steersman::ReadHandle<::steersman::__private::PartialObjectMeta<Secret>> {
        let () = <Secret as ::steersman::__private::Kind>::OK;
        let () = <::steersman::__private::PartialObjectMeta<
            Secret,
        > as ::steersman::__private::Kind>::OK;
        self.0.read_handle::<::steersman::__private::PartialObjectMeta<Secret>>(15usize)
    }
}
#[automatically_derived]
impl DatabasesContext {
    /// Reads the `ConfigMap` that the function of its `map` assigns to a `Database`.
    ///
    /// Declared by `#[secondary(ConfigMap, map = crate::owner, selector = "demo.steersman.dev/database, size in (1, 2)", fields = "metadata.name!=x")]`.
    #[allow(dead_code)]
    pub fn config_maps(&self) -> ::steersman::ReadHandle<ConfigMap> {
        let () = <ConfigMap as ::steersman::__private::Kind>::OK;
        self.0.read_handle::<ConfigMap>(16usize)
    }
}
#[automatically_derived]
impl DatabasesContext {
    /// Reads the metadata of the `Namespace` that the function of its `map` assigns to a `Database`.
    ///
    /// Declared by `#[secondary(Namespace, map = crate::namespaces, metadata, optional, debounce = crate::patience)]`.
    #[allow(dead_code)]
    pub fn namespaces(
        &self,
    ) -> ::steersman::ReadHandle<::steersman::__private::PartialObjectMeta<Namespace>> {
        let () = <Namespace as ::steersman::__private::Kind>::OK;
        let () = <::steersman::__private::PartialObjectMeta<
            Namespace,
        > as ::steersman::__private::Kind>::OK;
        self.0
            .read_handle::<::steersman::__private::PartialObjectMeta<Namespace>>(17usize)
    }
}
#[automatically_derived]
impl DatabasesContext {
    /// Reads the `Event` that the function of its `map` assigns to a `Database`.
    ///
    /// Declared by `#[secondary(Event, map = |event| owner(event), unbounded)]`.
    #[allow(dead_code)]
    pub fn events(&self) -> ::steersman::ReadHandle<Event> {
        let () = <Event as ::steersman::__private::Kind>::OK;
        self.0.read_handle::<Event>(18usize)
    }
}
#[automatically_derived]
impl DatabasesContext {
    /// Reads the `Gateway` that a `Database` refers to.
    ///
    /// Declared by `#[secondary(gateway_api::Gateway<v1::Spec>, name = gateways, reference = |database| &database.spec.gateways, predicate = status_changed)]`.
    #[allow(dead_code)]
    pub fn gateways(&self) -> ::steersman::ReadHandle<gateway_api::Gateway<v1::Spec>> {
        let () = <gateway_api::Gateway<v1::Spec> as ::steersman::__private::Kind>::OK;
        self.0.read_handle::<gateway_api::Gateway<v1::Spec>>(19usize)
    }
}
#[automatically_derived]
#[allow(dead_code)]
impl DatabasesContext {
    /// What this run sees now: what it started from, and the answers to its own writes.
    pub fn snapshot(&self) -> DatabasesSnapshot {
        DatabasesSnapshot::read(&self.0.view())
    }
    /// Every `Database` of this operator, as the cache holds them now: for what is made of all of them.
    ///
    /// It is no part of what the run saw: their changes wake nobody but themselves.
    pub fn primaries(
        &self,
    ) -> ::steersman::__private::std::vec::Vec<
        ::steersman::__private::std::sync::Arc<crate::Database>,
    > {
        let () = <crate::Database as ::steersman::__private::Kind>::OK;
        self.0.primaries::<crate::Database>()
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
    /// Applies the status of the `Database`, unless it is so already. The answer is the object as it is then.
    ///
    /// # Errors
    /// The API server refuses the status, or cannot be reached.
    pub async fn apply_status<
        S: ::steersman::__private::Serialize + ::steersman::__private::core::marker::Send,
    >(
        &self,
        status: S,
    ) -> ::steersman::__private::core::result::Result<
        ::steersman::__private::std::sync::Arc<crate::Database>,
        ::steersman::WriteError,
    > {
        let () = <crate::Database as ::steersman::__private::Kind>::OK;
        self.0.apply_status::<crate::Database, S>(status).await
    }
}
/// What the operator `Databases` does with a `Database`.
///
/// Implement it, with plain `async fn`s, for a type of your own, and hand that to `Databases::operator`.
pub trait DatabasesReconciler: ::steersman::__private::core::marker::Send + ::steersman::__private::core::marker::Sync + 'static {
    /// The error of every method; the runtime logs it and retries.
    type Error: ::steersman::__private::ReconcilerError;
    /// Brings the world to what the `Database` says.
    ///
    /// `seen` is what the run starts from; `cx` writes, and reads again what has been written. Runs of one primary never overlap.
    fn reconcile(
        &self,
        primary: ::steersman::__private::std::sync::Arc<crate::Database>,
        seen: DatabasesSnapshot,
        cx: DatabasesContext,
    ) -> impl ::steersman::__private::core::future::Future<
        Output = ::steersman::__private::core::result::Result<
            ::steersman::Action,
            Self::Error,
        >,
    > + ::steersman::__private::core::marker::Send;
    /// Runs instead of `reconcile` when nothing but `deployment` changed.
    ///
    /// Asked for by `#[secondary(Deployment, one, owned = any, handler, debounce = "250ms")]`.
    fn reconcile_deployment(
        &self,
        primary: ::steersman::__private::std::sync::Arc<crate::Database>,
        seen: DatabasesSnapshot,
        cx: DatabasesContext,
    ) -> impl ::steersman::__private::core::future::Future<
        Output = ::steersman::__private::core::result::Result<
            ::steersman::Handled,
            Self::Error,
        >,
    > + ::steersman::__private::core::marker::Send;
    /// Runs instead of `reconcile` when nothing but `job` changed.
    ///
    /// Asked for by `#[secondary(Job, one, read_only, debounce = "off", handler, predicate = generation_changed, ignore_status)]`.
    fn reconcile_job(
        &self,
        primary: ::steersman::__private::std::sync::Arc<crate::Database>,
        seen: DatabasesSnapshot,
        cx: DatabasesContext,
    ) -> impl ::steersman::__private::core::future::Future<
        Output = ::steersman::__private::core::result::Result<
            ::steersman::Handled,
            Self::Error,
        >,
    > + ::steersman::__private::core::marker::Send;
    /// Undoes what garbage collection does not, once the `Database` is being deleted.
    ///
    /// Asked for by the finalizer `demo.steersman.dev/database`, which the runtime adds and removes.
    fn cleanup(
        &self,
        primary: ::steersman::__private::std::sync::Arc<crate::Database>,
        seen: DatabasesSnapshot,
        cx: DatabasesContext,
    ) -> impl ::steersman::__private::core::future::Future<
        Output = ::steersman::__private::core::result::Result<
            ::steersman::Cleanup,
            Self::Error,
        >,
    > + ::steersman::__private::core::marker::Send;
}
#[doc(hidden)]
#[allow(unused_macros)]
macro_rules! __databases_reconciler {
    ($($implementation:tt)*) => {
        ::steersman::__private::check_reconciler! { { Databases, crate ::Database,
        ::steersman, { reconcile Action "", reconcile_deployment Handled
        "#[secondary(Deployment, one, owned = any, handler, debounce = \"250ms\")]",
        reconcile_job Handled
        "#[secondary(Job, one, read_only, debounce = \"off\", handler, predicate = generation_changed, ignore_status)]",
        cleanup Cleanup "#[operator(finalizer = \"demo.steersman.dev/database\")]", } {
        reconcile_pods
        "#[secondary(Pod, through = ReplicaSet, owned = any, metadata, predicate = changed(|pod| pod.metadata.name.clone()))]",
        reconcile_replica_sets
        "#[secondary(ReplicaSet, through = deployment, optional, predicate = owner_references_changed)]",
        reconcile_stateful_sets
        "#[secondary(k8s_openapi::api::apps::v1::StatefulSet, owned, predicate = any(generation_changed, any(changed(replicas), changed(|set| set.status.clone()))))]",
        reconcile_controller_revisions
        "#[secondary(ControllerRevision, through = StatefulSet, predicate = resource_version_changed)]",
        reconcile_services
        "#[secondary(Service, force = false, predicate = spec_changed)]",
        reconcile_persistent_volume_claims
        "#[secondary(PersistentVolumeClaim, label = \"demo.steersman.dev/database\", write, force = true, predicate = finalizers_changed)]",
        reconcile_storage_class
        "#[secondary(StorageClass, label = \"database\", one, selector = \"a = b, c != d, e\", predicate = labels_changed)]",
        reconcile_nodes
        "#[secondary(Node, annotation = \"demo.steersman.dev/database\", cross_namespace, predicate = annotations_changed)]",
        reconcile_service_accounts
        "#[secondary(ServiceAccount, annotation = \"demo.steersman.dev/database\", metadata, predicate = generation_changed)]",
        reconcile_tls
        "#[secondary(Secret, one, name = tls, reference = spec.tls.secret_name, predicate = data_changed)]",
        reconcile_users
        "#[secondary(Secret, name = users, reference = |database| database.spec.users.iter().map(|user| &user.secret), write)]",
        reconcile_backups
        "#[secondary(Secret, name = backups, reference = crate::refs::backups, cross_namespace)]",
        reconcile_generated
        "#[secondary(Secret, one, name = generated, selector = \"kind = internal\", optional)]",
        reconcile_foreign
        "#[secondary(Secret, name = foreign, label = \"demo.steersman.dev/database\", metadata)]",
        reconcile_config_maps
        "#[secondary(ConfigMap, map = crate::owner, selector = \"demo.steersman.dev/database, size in (1, 2)\", fields = \"metadata.name!=x\")]",
        reconcile_namespaces
        "#[secondary(Namespace, map = crate::namespaces, metadata, optional, debounce = crate::patience)]",
        reconcile_events "#[secondary(Event, map = |event| owner(event), unbounded)]",
        reconcile_gateways
        "#[secondary(gateway_api::Gateway<v1::Spec>, name = gateways, reference = |database| &database.spec.gateways, predicate = status_changed)]",
        } false } $($implementation)* }
    };
}
#[doc(hidden)]
#[allow(unused_imports)]
pub(crate) use __databases_reconciler as DatabasesReconciler;
/// The operator `Databases`, run by a [`DatabasesReconciler`]: the type behind `Databases::operator`.
pub struct DatabasesOperator<R>(R);
#[automatically_derived]
impl<R> ::steersman::__private::core::fmt::Debug for DatabasesOperator<R> {
    fn fmt(
        &self,
        f: &mut ::steersman::__private::core::fmt::Formatter<'_>,
    ) -> ::steersman::__private::core::fmt::Result {
        f.debug_struct("DatabasesOperator").finish_non_exhaustive()
    }
}
#[automatically_derived]
impl Databases {
    /// The operator `Databases`, run by `reconciler`; hand it to a `Manager`.
    pub fn operator<R: DatabasesReconciler>(
        reconciler: R,
    ) -> ::steersman::OperatorBuilder<DatabasesOperator<R>> {
        ::steersman::OperatorBuilder::new(DatabasesOperator(reconciler))
    }
    /// The rights that the operator `Databases` needs in all namespaces, as its attributes say; see `Rules`.
    ///
    /// No cluster is asked. Those of an operator in single namespaces are told by its builder.
    #[allow(dead_code)]
    pub fn rules() -> ::steersman::Rules {
        DatabasesOperator::<()>::declared().rules()
    }
}
#[automatically_derived]
impl DatabasesOperator<()> {
    fn declared() -> ::steersman::__private::Declaration {
        let () = <crate::Database as ::steersman::__private::Kind>::OK;
        let () = <Pod as ::steersman::__private::Kind>::OK;
        let () = <::steersman::__private::PartialObjectMeta<
            Pod,
        > as ::steersman::__private::Kind>::OK;
        let () = <ReplicaSet as ::steersman::__private::Kind>::OK;
        let () = <Deployment as ::steersman::__private::Kind>::OK;
        let () = <k8s_openapi::api::apps::v1::StatefulSet as ::steersman::__private::Kind>::OK;
        let () = <ControllerRevision as ::steersman::__private::Kind>::OK;
        let () = <Job as ::steersman::__private::Kind>::OK;
        let () = <Service as ::steersman::__private::Kind>::OK;
        let () = <PersistentVolumeClaim as ::steersman::__private::Kind>::OK;
        let () = <StorageClass as ::steersman::__private::Kind>::OK;
        let () = <Node as ::steersman::__private::Kind>::OK;
        let () = <ServiceAccount as ::steersman::__private::Kind>::OK;
        let () = <::steersman::__private::PartialObjectMeta<
            ServiceAccount,
        > as ::steersman::__private::Kind>::OK;
        let () = <Secret as ::steersman::__private::Kind>::OK;
        let () = <Secret as ::steersman::__private::Kind>::OK;
        let () = <Secret as ::steersman::__private::Kind>::OK;
        let () = <Secret as ::steersman::__private::Kind>::OK;
        let () = <Secret as ::steersman::__private::Kind>::OK;
        let () = <::steersman::__private::PartialObjectMeta<
            Secret,
        > as ::steersman::__private::Kind>::OK;
        let () = <ConfigMap as ::steersman::__private::Kind>::OK;
        let () = <Namespace as ::steersman::__private::Kind>::OK;
        let () = <::steersman::__private::PartialObjectMeta<
            Namespace,
        > as ::steersman::__private::Kind>::OK;
        let () = <Event as ::steersman::__private::Kind>::OK;
        let () = <gateway_api::Gateway<v1::Spec> as ::steersman::__private::Kind>::OK;
        ::steersman::__private::Declaration::new::<crate::Database>("Databases")
            .selector([
                ::steersman::__private::Expression::DoesNotExist(
                    ::steersman::__private::std::string::String::from("paused"),
                ),
                ::steersman::__private::Expression::NotIn(
                    ::steersman::__private::std::string::String::from("tier"),
                    ::steersman::__private::core::convert::Into::into([
                        ::steersman::__private::std::string::String::from("canary"),
                        ::steersman::__private::std::string::String::from("test"),
                    ]),
                ),
            ])
            .filter::<
                crate::Database,
            >(|object| ::steersman::__private::passes(
                object,
                |database| database.spec.managed,
            ))
            .finalizer("demo.steersman.dev/database")
            .former_finalizers(&["demo.steersman.dev/old"])
            .status({
                #[allow(unused_imports)]
                use ::steersman::__private::AnyType as _;
                type __Kind = crate::Database;
                type __Known = ::steersman::__private::TypeOf<__Kind>;
                const HAS_STATUS: bool = __Known::HAS_STATUS || __Known::DECLARES_STATUS
                    || !(__Known::IS_BUILT_IN || __Known::IS_CUSTOM);
                HAS_STATUS.then_some("#[operator(primary = \"crate::Database\")]")
            })
            .resync(
                ::steersman::__private::core::option::Option::Some(
                    ::steersman::__private::core::time::Duration::from_secs(5400u64),
                ),
            )
            .timeout(
                ::steersman::__private::core::time::Duration::from_millis(120500u64),
            )
            .predicate(
                ::steersman::__private::Projection::any([
                    ::steersman::__private::Projection::spec(),
                    ::steersman::__private::Projection::status(),
                    ::steersman::__private::Projection::labels(),
                ]),
            )
            .secondary(
                ::steersman::__private::Secondary::through::<
                    ::steersman::__private::PartialObjectMeta<Pod>,
                >(
                        "pods",
                        "#[secondary(Pod, through = ReplicaSet, owned = any, metadata, predicate = changed(|pod| pod.metadata.name.clone()))]",
                        1usize,
                    )
                    .any_owner()
                    .metadata()
                    .predicate(
                        ::steersman::__private::Projection::changed::<
                            ::steersman::__private::PartialObjectMeta<Pod>,
                        >(|object, hasher| {
                            #[allow(unused_imports)]
                            use ::steersman::__private::{
                                ProjectByHash as _, ProjectBySerialize as _,
                                ProjectNothing as _,
                            };
                            (&&&::steersman::__private::Taken(
                                ::steersman::__private::take(
                                    object,
                                    |pod| pod.metadata.name.clone(),
                                ),
                            ))
                                .project(hasher);
                        }),
                    ),
            )
            .secondary(
                ::steersman::__private::Secondary::through::<
                    ReplicaSet,
                >(
                        "replica_sets",
                        "#[secondary(ReplicaSet, through = deployment, optional, predicate = owner_references_changed)]",
                        2usize,
                    )
                    .optional()
                    .predicate(::steersman::__private::Projection::owner_references()),
            )
            .secondary(
                ::steersman::__private::Secondary::owned::<
                    Deployment,
                >(
                        "deployment",
                        "#[secondary(Deployment, one, owned = any, handler, debounce = \"250ms\")]",
                    )
                    .any_owner()
                    .one()
                    .handler()
                    .debounce(
                        ::steersman::__private::core::time::Duration::from_millis(250u64),
                    ),
            )
            .secondary(
                ::steersman::__private::Secondary::owned::<
                    k8s_openapi::api::apps::v1::StatefulSet,
                >(
                        "stateful_sets",
                        "#[secondary(k8s_openapi::api::apps::v1::StatefulSet, owned, predicate = any(generation_changed, any(changed(replicas), changed(|set| set.status.clone()))))]",
                    )
                    .predicate(
                        ::steersman::__private::Projection::any([
                            ::steersman::__private::Projection::generation(),
                            ::steersman::__private::Projection::changed::<
                                k8s_openapi::api::apps::v1::StatefulSet,
                            >(|object, hasher| {
                                #[allow(unused_imports)]
                                use ::steersman::__private::{
                                    ProjectByHash as _, ProjectBySerialize as _,
                                    ProjectNothing as _,
                                };
                                (&&&::steersman::__private::Taken(
                                    ::steersman::__private::take(object, replicas),
                                ))
                                    .project(hasher);
                            }),
                            ::steersman::__private::Projection::changed::<
                                k8s_openapi::api::apps::v1::StatefulSet,
                            >(|object, hasher| {
                                #[allow(unused_imports)]
                                use ::steersman::__private::{
                                    ProjectByHash as _, ProjectBySerialize as _,
                                    ProjectNothing as _,
                                };
                                (&&&::steersman::__private::Taken(
                                    ::steersman::__private::take(
                                        object,
                                        |set| set.status.clone(),
                                    ),
                                ))
                                    .project(hasher);
                            }),
                        ]),
                    ),
            )
            .secondary(
                ::steersman::__private::Secondary::through::<
                    ControllerRevision,
                >(
                        "controller_revisions",
                        "#[secondary(ControllerRevision, through = StatefulSet, predicate = resource_version_changed)]",
                        3usize,
                    )
                    .predicate(::steersman::__private::Projection::resource_version()),
            )
            .secondary(
                ::steersman::__private::Secondary::owned::<
                    Job,
                >(
                        "job",
                        "#[secondary(Job, one, read_only, debounce = \"off\", handler, predicate = generation_changed, ignore_status)]",
                    )
                    .read_only()
                    .one()
                    .handler()
                    .predicate(::steersman::__private::Projection::generation())
                    .debounce(
                        ::steersman::__private::core::time::Duration::from_secs(0u64),
                    ),
            )
            .secondary(
                ::steersman::__private::Secondary::owned::<
                    Service,
                >(
                        "services",
                        "#[secondary(Service, force = false, predicate = spec_changed)]",
                    )
                    .predicate(::steersman::__private::Projection::spec())
                    .force(false),
            )
            .secondary(
                ::steersman::__private::Secondary::label::<
                    PersistentVolumeClaim,
                >(
                        "persistent_volume_claims",
                        "#[secondary(PersistentVolumeClaim, label = \"demo.steersman.dev/database\", write, force = true, predicate = finalizers_changed)]",
                        "demo.steersman.dev/database",
                    )
                    .write()
                    .predicate(::steersman::__private::Projection::finalizers())
                    .force(true),
            )
            .secondary(
                ::steersman::__private::Secondary::label::<
                    StorageClass,
                >(
                        "storage_class",
                        "#[secondary(StorageClass, label = \"database\", one, selector = \"a = b, c != d, e\", predicate = labels_changed)]",
                        "database",
                    )
                    .selector([
                        ::steersman::__private::Expression::Exists(
                            ::steersman::__private::std::string::String::from("e"),
                        ),
                        ::steersman::__private::Expression::Equal(
                            ::steersman::__private::std::string::String::from("a"),
                            ::steersman::__private::std::string::String::from("b"),
                        ),
                        ::steersman::__private::Expression::NotEqual(
                            ::steersman::__private::std::string::String::from("c"),
                            ::steersman::__private::std::string::String::from("d"),
                        ),
                    ])
                    .one()
                    .predicate(::steersman::__private::Projection::labels()),
            )
            .secondary(
                ::steersman::__private::Secondary::annotation::<
                    Node,
                >(
                        "nodes",
                        "#[secondary(Node, annotation = \"demo.steersman.dev/database\", cross_namespace, predicate = annotations_changed)]",
                        "demo.steersman.dev/database",
                    )
                    .cross_namespace()
                    .predicate(::steersman::__private::Projection::annotations()),
            )
            .secondary(
                ::steersman::__private::Secondary::annotation::<
                    ::steersman::__private::PartialObjectMeta<ServiceAccount>,
                >(
                        "service_accounts",
                        "#[secondary(ServiceAccount, annotation = \"demo.steersman.dev/database\", metadata, predicate = generation_changed)]",
                        "demo.steersman.dev/database",
                    )
                    .metadata()
                    .predicate(::steersman::__private::Projection::generation()),
            )
            .secondary(
                ::steersman::__private::Secondary::reference::<
                    Secret,
                    crate::Database,
                >(
                        "tls",
                        "#[secondary(Secret, one, name = tls, reference = spec.tls.secret_name, predicate = data_changed)]",
                        |object, to| {
                            #[allow(unused_imports)]
                            use ::steersman::__private::{
                                ReferAlone as _, ReferEach as _, ReferNothing as _,
                            };
                            (&&&::steersman::__private::Taken(
                                &object.spec.tls.secret_name,
                            ))
                                .refer_to(to);
                        },
                    )
                    .one()
                    .predicate(::steersman::__private::Projection::data()),
            )
            .secondary(
                ::steersman::__private::Secondary::reference::<
                    Secret,
                    crate::Database,
                >(
                        "users",
                        "#[secondary(Secret, name = users, reference = |database| database.spec.users.iter().map(|user| &user.secret), write)]",
                        |object, to| {
                            #[allow(unused_imports)]
                            use ::steersman::__private::{
                                ReferAlone as _, ReferEach as _, ReferNothing as _,
                            };
                            (&&&::steersman::__private::Taken(
                                ::steersman::__private::take(
                                    object,
                                    |database| {
                                        database.spec.users.iter().map(|user| &user.secret)
                                    },
                                ),
                            ))
                                .refer_to(to);
                        },
                    )
                    .write(),
            )
            .secondary(
                ::steersman::__private::Secondary::reference::<
                    Secret,
                    crate::Database,
                >(
                        "backups",
                        "#[secondary(Secret, name = backups, reference = crate::refs::backups, cross_namespace)]",
                        |object, to| {
                            #[allow(unused_imports)]
                            use ::steersman::__private::{
                                ReferAlone as _, ReferEach as _, ReferNothing as _,
                            };
                            (&&&::steersman::__private::Taken(
                                ::steersman::__private::take(object, crate::refs::backups),
                            ))
                                .refer_to(to);
                        },
                    )
                    .cross_namespace(),
            )
            .secondary(
                ::steersman::__private::Secondary::owned::<
                    Secret,
                >(
                        "generated",
                        "#[secondary(Secret, one, name = generated, selector = \"kind = internal\", optional)]",
                    )
                    .optional()
                    .selector([
                        ::steersman::__private::Expression::Equal(
                            ::steersman::__private::std::string::String::from("kind"),
                            ::steersman::__private::std::string::String::from("internal"),
                        ),
                    ])
                    .one(),
            )
            .secondary(
                ::steersman::__private::Secondary::label::<
                    ::steersman::__private::PartialObjectMeta<Secret>,
                >(
                        "foreign",
                        "#[secondary(Secret, name = foreign, label = \"demo.steersman.dev/database\", metadata)]",
                        "demo.steersman.dev/database",
                    )
                    .metadata(),
            )
            .secondary(
                ::steersman::__private::Secondary::map::<
                    ConfigMap,
                    crate::Database,
                >(
                        "config_maps",
                        "#[secondary(ConfigMap, map = crate::owner, selector = \"demo.steersman.dev/database, size in (1, 2)\", fields = \"metadata.name!=x\")]",
                        |object, primaries| ::steersman::__private::map(
                            object,
                            primaries,
                            crate::owner,
                        ),
                    )
                    .selector([
                        ::steersman::__private::Expression::Exists(
                            ::steersman::__private::std::string::String::from(
                                "demo.steersman.dev/database",
                            ),
                        ),
                        ::steersman::__private::Expression::In(
                            ::steersman::__private::std::string::String::from("size"),
                            ::steersman::__private::core::convert::Into::into([
                                ::steersman::__private::std::string::String::from("1"),
                                ::steersman::__private::std::string::String::from("2"),
                            ]),
                        ),
                    ])
                    .fields("metadata.name!=x"),
            )
            .secondary(
                ::steersman::__private::Secondary::map::<
                    ::steersman::__private::PartialObjectMeta<Namespace>,
                    crate::Database,
                >(
                        "namespaces",
                        "#[secondary(Namespace, map = crate::namespaces, metadata, optional, debounce = crate::patience)]",
                        |object, primaries| ::steersman::__private::map(
                            object,
                            primaries,
                            crate::namespaces,
                        ),
                    )
                    .metadata()
                    .optional()
                    .debounce_by::<
                        ::steersman::__private::PartialObjectMeta<Namespace>,
                    >(|object| ::steersman::__private::waits(object, crate::patience)),
            )
            .secondary(
                ::steersman::__private::Secondary::map::<
                    Event,
                    crate::Database,
                >(
                    "events",
                    "#[secondary(Event, map = |event| owner(event), unbounded)]",
                    |object, primaries| ::steersman::__private::map(
                        object,
                        primaries,
                        |event| owner(event),
                    ),
                ),
            )
            .secondary(
                ::steersman::__private::Secondary::reference::<
                    gateway_api::Gateway<v1::Spec>,
                    crate::Database,
                >(
                        "gateways",
                        "#[secondary(gateway_api::Gateway<v1::Spec>, name = gateways, reference = |database| &database.spec.gateways, predicate = status_changed)]",
                        |object, to| {
                            #[allow(unused_imports)]
                            use ::steersman::__private::{
                                ReferAlone as _, ReferEach as _, ReferNothing as _,
                            };
                            (&&&::steersman::__private::Taken(
                                ::steersman::__private::take(
                                    object,
                                    |database| &database.spec.gateways,
                                ),
                            ))
                                .refer_to(to);
                        },
                    )
                    .predicate(::steersman::__private::Projection::status()),
            )
    }
}
#[automatically_derived]
impl DatabasesSnapshot {
    fn read(view: &::steersman::__private::View) -> Self {
        let () = <crate::Database as ::steersman::__private::Kind>::OK;
        let () = <Pod as ::steersman::__private::Kind>::OK;
        let () = <::steersman::__private::PartialObjectMeta<
            Pod,
        > as ::steersman::__private::Kind>::OK;
        let () = <ReplicaSet as ::steersman::__private::Kind>::OK;
        let () = <Deployment as ::steersman::__private::Kind>::OK;
        let () = <k8s_openapi::api::apps::v1::StatefulSet as ::steersman::__private::Kind>::OK;
        let () = <ControllerRevision as ::steersman::__private::Kind>::OK;
        let () = <Job as ::steersman::__private::Kind>::OK;
        let () = <Service as ::steersman::__private::Kind>::OK;
        let () = <PersistentVolumeClaim as ::steersman::__private::Kind>::OK;
        let () = <StorageClass as ::steersman::__private::Kind>::OK;
        let () = <Node as ::steersman::__private::Kind>::OK;
        let () = <ServiceAccount as ::steersman::__private::Kind>::OK;
        let () = <::steersman::__private::PartialObjectMeta<
            ServiceAccount,
        > as ::steersman::__private::Kind>::OK;
        let () = <Secret as ::steersman::__private::Kind>::OK;
        let () = <Secret as ::steersman::__private::Kind>::OK;
        let () = <Secret as ::steersman::__private::Kind>::OK;
        let () = <Secret as ::steersman::__private::Kind>::OK;
        let () = <Secret as ::steersman::__private::Kind>::OK;
        let () = <::steersman::__private::PartialObjectMeta<
            Secret,
        > as ::steersman::__private::Kind>::OK;
        let () = <ConfigMap as ::steersman::__private::Kind>::OK;
        let () = <Namespace as ::steersman::__private::Kind>::OK;
        let () = <::steersman::__private::PartialObjectMeta<
            Namespace,
        > as ::steersman::__private::Kind>::OK;
        let () = <Event as ::steersman::__private::Kind>::OK;
        let () = <gateway_api::Gateway<v1::Spec> as ::steersman::__private::Kind>::OK;
        Self {
            pods: view.many::<::steersman::__private::PartialObjectMeta<Pod>>(0usize),
            replica_sets: view.optional_many::<ReplicaSet>(1usize),
            deployment: view.one::<Deployment>(2usize),
            stateful_sets: view.many::<k8s_openapi::api::apps::v1::StatefulSet>(3usize),
            controller_revisions: view.many::<ControllerRevision>(4usize),
            job: view.one::<Job>(5usize),
            services: view.many::<Service>(6usize),
            persistent_volume_claims: view.many::<PersistentVolumeClaim>(7usize),
            storage_class: view.one::<StorageClass>(8usize),
            nodes: view.many::<Node>(9usize),
            service_accounts: view
                .many::<
                    ::steersman::__private::PartialObjectMeta<ServiceAccount>,
                >(10usize),
            tls: view.one::<Secret>(11usize),
            users: view.many::<Secret>(12usize),
            backups: view.many::<Secret>(13usize),
            generated: view.optional_one::<Secret>(14usize),
            foreign: view
                .many::<::steersman::__private::PartialObjectMeta<Secret>>(15usize),
            config_maps: view.many::<ConfigMap>(16usize),
            namespaces: view
                .optional_many::<
                    ::steersman::__private::PartialObjectMeta<Namespace>,
                >(17usize),
            events: view.many::<Event>(18usize),
            gateways: view.many::<gateway_api::Gateway<v1::Spec>>(19usize),
        }
    }
}
#[automatically_derived]
impl<R: DatabasesReconciler> ::steersman::Operator for DatabasesOperator<R> {
    type Primary = crate::Database;
    type Snapshot = DatabasesSnapshot;
    type Context = DatabasesContext;
    fn declaration() -> ::steersman::__private::Declaration {
        DatabasesOperator::<()>::declared()
    }
    fn definition() -> ::steersman::__private::core::option::Option<
        ::steersman::__private::CustomResourceDefinition,
    > {
        ::steersman::__private::core::option::Option::None
    }
    fn snapshot(view: &::steersman::__private::View) -> Self::Snapshot {
        DatabasesSnapshot::read(view)
    }
    fn context(run: ::steersman::__private::Run) -> Self::Context {
        DatabasesContext(run)
    }
    async fn reconcile(
        &self,
        primary: ::steersman::__private::std::sync::Arc<crate::Database>,
        seen: Self::Snapshot,
        cx: Self::Context,
    ) -> ::steersman::__private::core::result::Result<
        ::steersman::Action,
        ::steersman::__private::BoxError,
    > {
        <R as DatabasesReconciler>::reconcile(&self.0, primary, seen, cx)
            .await
            .map_err(::steersman::__private::ReconcilerError::boxed)
    }
    async fn handle(
        &self,
        secondary: usize,
        primary: ::steersman::__private::std::sync::Arc<crate::Database>,
        seen: Self::Snapshot,
        cx: Self::Context,
    ) -> ::steersman::__private::core::result::Result<
        ::steersman::Handled,
        ::steersman::__private::BoxError,
    > {
        match secondary {
            2usize => {
                <R as DatabasesReconciler>::reconcile_deployment(
                        &self.0,
                        primary,
                        seen,
                        cx,
                    )
                    .await
                    .map_err(::steersman::__private::ReconcilerError::boxed)
            }
            5usize => {
                <R as DatabasesReconciler>::reconcile_job(&self.0, primary, seen, cx)
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
        primary: ::steersman::__private::std::sync::Arc<crate::Database>,
        seen: Self::Snapshot,
        cx: Self::Context,
    ) -> ::steersman::__private::core::result::Result<
        ::steersman::Cleanup,
        ::steersman::__private::BoxError,
    > {
        <R as DatabasesReconciler>::cleanup(&self.0, primary, seen, cx)
            .await
            .map_err(::steersman::__private::ReconcilerError::boxed)
    }
}
const _: () = {
    {
        type __Kind = crate::Database;
        let () = <__Kind as ::steersman::__private::HasSpec<_>>::OK;
    }
    {
        type __Kind = crate::Database;
        let () = <__Kind as ::steersman::__private::HasStatus<_>>::OK;
    }
    {
        type __Kind = k8s_openapi::api::apps::v1::StatefulSet;
        let () = <__Kind as ::steersman::__private::HasGeneration<_>>::OK;
    }
    {
        type __Kind = Job;
        let () = <__Kind as ::steersman::__private::HasGeneration<_>>::OK;
    }
    {
        type __Kind = Service;
        let () = <__Kind as ::steersman::__private::HasSpec<_>>::OK;
    }
    {
        type __Kind = ServiceAccount;
        let () = <__Kind as ::steersman::__private::HasGeneration<_>>::OK;
    }
    {
        type __Kind = Secret;
        let () = <__Kind as ::steersman::__private::HasData<_>>::OK;
    }
    {
        type __Kind = gateway_api::Gateway<v1::Spec>;
        let () = <__Kind as ::steersman::__private::HasStatus<_>>::OK;
    }
};
const _: () = {
    #[allow(unused_imports)]
    use ::steersman::__private::AnyType as _;
    type __Kind = Deployment;
    type __Known = ::steersman::__private::TypeOf<__Kind>;
    if (__Known::HAS_STATUS || __Known::DECLARES_STATUS) != false {
        ::steersman::__private::core::panic!(
            "`reconcile_deployment` is not called when the status of a `Deployment` changes, as the content, which is compared by default, is without it; compare what it reads: `predicate = any(spec_changed, changed(steersman::ready::deployment))`, or, if it does not read the status, add `ignore_status`"
        )
    }
};
const _: () = {
    #[allow(unused_imports)]
    use ::steersman::__private::AnyType as _;
    type __Kind = Job;
    type __Known = ::steersman::__private::TypeOf<__Kind>;
    if (__Known::HAS_STATUS || __Known::DECLARES_STATUS) != true {
        ::steersman::__private::core::panic!(
            "`Job` has no status that could be ignored; remove `ignore_status`"
        )
    }
};
const _: () = if <ReplicaSet as ::steersman::__private::Kind>::NAMESPACED
    && !<Pod as ::steersman::__private::Kind>::NAMESPACED
{
    ::steersman::__private::core::panic!(
        "`Pod` is cluster-scoped and cannot be owned by the namespaced `ReplicaSet`; relate it to the primary, or remove this secondary"
    )
};
const _: () = if <Deployment as ::steersman::__private::Kind>::NAMESPACED
    && !<ReplicaSet as ::steersman::__private::Kind>::NAMESPACED
{
    ::steersman::__private::core::panic!(
        "`ReplicaSet` is cluster-scoped and cannot be owned by the namespaced `Deployment`; relate it to the primary, or remove this secondary"
    )
};
const _: () = if <crate::Database as ::steersman::__private::Kind>::NAMESPACED
    && !<Deployment as ::steersman::__private::Kind>::NAMESPACED
{
    ::steersman::__private::core::panic!(
        "`Deployment` is cluster-scoped and cannot be owned by the namespaced `Database`; make the primary cluster-scoped, without `namespaced`, or relate the two otherwise, such as by `annotation = \"..\", cross_namespace`"
    )
};
const _: () = if <crate::Database as ::steersman::__private::Kind>::NAMESPACED
    && !<k8s_openapi::api::apps::v1::StatefulSet as ::steersman::__private::Kind>::NAMESPACED
{
    ::steersman::__private::core::panic!(
        "`StatefulSet` is cluster-scoped and cannot be owned by the namespaced `Database`; make the primary cluster-scoped, without `namespaced`, or relate the two otherwise, such as by `annotation = \"..\", cross_namespace`"
    )
};
const _: () = if <k8s_openapi::api::apps::v1::StatefulSet as ::steersman::__private::Kind>::NAMESPACED
    && !<ControllerRevision as ::steersman::__private::Kind>::NAMESPACED
{
    ::steersman::__private::core::panic!(
        "`ControllerRevision` is cluster-scoped and cannot be owned by the namespaced `StatefulSet`; relate it to the primary, or remove this secondary"
    )
};
const _: () = if <crate::Database as ::steersman::__private::Kind>::NAMESPACED
    && !<Job as ::steersman::__private::Kind>::NAMESPACED
{
    ::steersman::__private::core::panic!(
        "`Job` is cluster-scoped and cannot be owned by the namespaced `Database`; make the primary cluster-scoped, without `namespaced`, or relate the two otherwise, such as by `annotation = \"..\", cross_namespace`"
    )
};
const _: () = if <crate::Database as ::steersman::__private::Kind>::NAMESPACED
    && !<Service as ::steersman::__private::Kind>::NAMESPACED
{
    ::steersman::__private::core::panic!(
        "`Service` is cluster-scoped and cannot be owned by the namespaced `Database`; make the primary cluster-scoped, without `namespaced`, or relate the two otherwise, such as by `annotation = \"..\", cross_namespace`"
    )
};
const _: () = if <crate::Database as ::steersman::__private::Kind>::NAMESPACED
    && !<PersistentVolumeClaim as ::steersman::__private::Kind>::NAMESPACED
{
    ::steersman::__private::core::panic!(
        "`PersistentVolumeClaim` is cluster-scoped, and the label `demo.steersman.dev/database` has no room for the namespace of a `Database`; write `annotation = \"demo.steersman.dev/database\", cross_namespace`, whose value is `namespace/name`"
    )
};
const _: () = if <crate::Database as ::steersman::__private::Kind>::NAMESPACED
    && !<StorageClass as ::steersman::__private::Kind>::NAMESPACED
{
    ::steersman::__private::core::panic!(
        "`StorageClass` is cluster-scoped, and the label `database` has no room for the namespace of a `Database`; write `annotation = \"database\", cross_namespace`, whose value is `namespace/name`"
    )
};
const _: () = if <crate::Database as ::steersman::__private::Kind>::NAMESPACED
    && !<ServiceAccount as ::steersman::__private::Kind>::NAMESPACED
{
    ::steersman::__private::core::panic!(
        "`ServiceAccount` is cluster-scoped, so its annotation has to name the namespace of a `Database` too; add `cross_namespace`, by which its value is `namespace/name`"
    )
};
const _: () = if <crate::Database as ::steersman::__private::Kind>::NAMESPACED
    && !<Secret as ::steersman::__private::Kind>::NAMESPACED
{
    ::steersman::__private::core::panic!(
        "`Secret` is cluster-scoped and cannot be owned by the namespaced `Database`; make the primary cluster-scoped, without `namespaced`, or relate the two otherwise, such as by `annotation = \"..\", cross_namespace`"
    )
};
const _: () = if <crate::Database as ::steersman::__private::Kind>::NAMESPACED
    && !<Secret as ::steersman::__private::Kind>::NAMESPACED
{
    ::steersman::__private::core::panic!(
        "`Secret` is cluster-scoped, and the label `demo.steersman.dev/database` has no room for the namespace of a `Database`; write `annotation = \"demo.steersman.dev/database\", cross_namespace`, whose value is `namespace/name`"
    )
};
const _: () = {
    #[allow(unused_imports)]
    use ::steersman::__private::AnyType as _;
    type __Kind = ConfigMap;
    type __Known = ::steersman::__private::TypeOf<__Kind>;
    if let ::steersman::__private::core::option::Option::Some(refusal) = &::steersman::__private::Refusal::new(
        __Known::SELECTABLE,
        "ConfigMap",
        "fields = \"metadata.name!=x\"",
        "metadata.name",
    ) {
        ::steersman::__private::core::panic!("{}", refusal.text())
    }
};
const _: () = {
    #[allow(dead_code)]
    trait EachNeedsAnotherRelationOrSelector {}
    impl EachNeedsAnotherRelationOrSelector for k8s_openapi::api::apps::v1::StatefulSet {}
    impl EachNeedsAnotherRelationOrSelector for Job {}
    impl EachNeedsAnotherRelationOrSelector for Service {}
};
