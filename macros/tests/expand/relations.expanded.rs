/// What one run of the operator `Database` sees of its secondary resources.
///
/// Read from the caches of the runtime, never from the API server. It does not change while the run lasts.
#[derive(
    ::steersman::__private::core::clone::Clone,
    ::steersman::__private::core::fmt::Debug
)]
#[allow(dead_code)]
pub struct DatabaseSnapshot {
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
    /// Declared by `#[secondary(Deployment, one, owned = any)]`.
    pub deployment: ::steersman::__private::core::option::Option<
        ::steersman::__private::std::sync::Arc<Deployment>,
    >,
    /// Every `PersistentVolumeClaim` whose label `demo.steersman.dev/database` names a `Database`.
    ///
    /// Declared by `#[secondary(PersistentVolumeClaim, label = "demo.steersman.dev/database", write, force = true, predicate = finalizers_changed)]`.
    pub persistent_volume_claims: ::steersman::Secondaries<PersistentVolumeClaim>,
    /// Every `Node` whose annotation `demo.steersman.dev/database` names a `Database`.
    ///
    /// Declared by `#[secondary(Node, annotation = "demo.steersman.dev/database", cross_namespace, predicate = annotations_changed)]`.
    pub nodes: ::steersman::Secondaries<Node>,
    /// The `Secret` that a `Database` refers to, if there is one. Should there be several, the oldest.
    ///
    /// Declared by `#[secondary(Secret, one, name = tls, reference = spec.tls.secret_name, predicate = data_changed)]`.
    pub tls: ::steersman::__private::core::option::Option<
        ::steersman::__private::std::sync::Arc<Secret>,
    >,
    /// Every `Secret` that a `Database` refers to.
    ///
    /// Declared by `#[secondary(Secret, name = users, reference = |spec| spec.users.iter().map(|user| &user.secret), write)]`.
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
    /// Every `ConfigMap` that the function of its `map` assigns to a `Database`.
    ///
    /// Declared by `#[secondary(ConfigMap, map = crate::owner, selector = "demo.steersman.dev/database, size in (1, 2)", fields = "metadata.name!=x")]`.
    pub config_maps: ::steersman::Secondaries<ConfigMap>,
    /// Every `Event` that the function of its `map` assigns to a `Database`.
    ///
    /// Declared by `#[secondary(Event, map = |event| owner(event), unbounded)]`.
    pub events: ::steersman::Secondaries<Event>,
}
/// What one run of the operator `Database` may use: a handle for each secondary, the status, the client.
///
/// Cheap to clone.
#[derive(
    ::steersman::__private::core::clone::Clone,
    ::steersman::__private::core::fmt::Debug
)]
pub struct DatabaseContext(::steersman::__private::Run);
#[automatically_derived]
impl DatabaseContext {
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
impl DatabaseContext {
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
impl DatabaseContext {
    /// Writes the `Deployment` that the run wants.
    ///
    /// Declared by `#[secondary(Deployment, one, owned = any)]`.
    #[must_use]
    #[deny(
        dead_code,
        reason = "`#[secondary(Deployment, one, owned = any)]` is owned, but nothing makes one: no reconciler that is run by `Database::operator` uses `cx.deployment()`; apply it there, or, if others make it, add `read_only`"
    )]
    pub(crate) fn deployment(&self) -> ::steersman::Handle<Deployment> {
        let () = <Deployment as ::steersman::__private::Kind>::OK;
        self.0.handle::<Deployment>(2usize)
    }
}
#[automatically_derived]
impl DatabaseContext {
    /// Writes the `PersistentVolumeClaim` whose label `demo.steersman.dev/database` names a `Database`.
    ///
    /// Declared by `#[secondary(PersistentVolumeClaim, label = "demo.steersman.dev/database", write, force = true, predicate = finalizers_changed)]`.
    #[allow(dead_code)]
    pub fn persistent_volume_claims(
        &self,
    ) -> ::steersman::Handle<PersistentVolumeClaim> {
        let () = <PersistentVolumeClaim as ::steersman::__private::Kind>::OK;
        self.0.handle::<PersistentVolumeClaim>(3usize)
    }
}
#[automatically_derived]
impl DatabaseContext {
    /// Reads the `Node` whose annotation `demo.steersman.dev/database` names a `Database`.
    ///
    /// Declared by `#[secondary(Node, annotation = "demo.steersman.dev/database", cross_namespace, predicate = annotations_changed)]`.
    #[allow(dead_code)]
    pub fn nodes(&self) -> ::steersman::ReadHandle<Node> {
        let () = <Node as ::steersman::__private::Kind>::OK;
        self.0.read_handle::<Node>(4usize)
    }
}
#[automatically_derived]
impl DatabaseContext {
    /// Reads the `Secret` that a `Database` refers to.
    ///
    /// Declared by `#[secondary(Secret, one, name = tls, reference = spec.tls.secret_name, predicate = data_changed)]`.
    #[allow(dead_code)]
    pub fn tls(&self) -> ::steersman::ReadHandle<Secret> {
        let () = <Secret as ::steersman::__private::Kind>::OK;
        self.0.read_handle::<Secret>(5usize)
    }
}
#[automatically_derived]
impl DatabaseContext {
    /// Writes the `Secret` that a `Database` refers to.
    ///
    /// Declared by `#[secondary(Secret, name = users, reference = |spec| spec.users.iter().map(|user| &user.secret), write)]`.
    #[allow(dead_code)]
    pub fn users(&self) -> ::steersman::Handle<Secret> {
        let () = <Secret as ::steersman::__private::Kind>::OK;
        self.0.handle::<Secret>(6usize)
    }
}
#[automatically_derived]
impl DatabaseContext {
    /// Reads the `Secret` that a `Database` refers to.
    ///
    /// Declared by `#[secondary(Secret, name = backups, reference = crate::refs::backups, cross_namespace)]`.
    #[allow(dead_code)]
    pub fn backups(&self) -> ::steersman::ReadHandle<Secret> {
        let () = <Secret as ::steersman::__private::Kind>::OK;
        self.0.read_handle::<Secret>(7usize)
    }
}
#[automatically_derived]
impl DatabaseContext {
    /// Writes the `Secret` that the run wants.
    ///
    /// Declared by `#[secondary(Secret, one, name = generated, selector = "kind = internal", optional)]`.
    #[must_use]
    #[deny(
        dead_code,
        reason = "`#[secondary(Secret, one, name = generated, selector = \"kind = internal\", optional)]` is owned, but nothing makes one: no reconciler that is run by `Database::operator` uses `cx.generated()`; apply it there, or, if others make it, add `read_only`"
    )]
    pub(crate) fn generated(&self) -> ::steersman::Handle<Secret> {
        let () = <Secret as ::steersman::__private::Kind>::OK;
        self.0.handle::<Secret>(8usize)
    }
}
#[automatically_derived]
impl DatabaseContext {
    /// Reads the `ConfigMap` that the function of its `map` assigns to a `Database`.
    ///
    /// Declared by `#[secondary(ConfigMap, map = crate::owner, selector = "demo.steersman.dev/database, size in (1, 2)", fields = "metadata.name!=x")]`.
    #[allow(dead_code)]
    pub fn config_maps(&self) -> ::steersman::ReadHandle<ConfigMap> {
        let () = <ConfigMap as ::steersman::__private::Kind>::OK;
        self.0.read_handle::<ConfigMap>(9usize)
    }
}
#[automatically_derived]
impl DatabaseContext {
    /// Reads the `Event` that the function of its `map` assigns to a `Database`.
    ///
    /// Declared by `#[secondary(Event, map = |event| owner(event), unbounded)]`.
    #[allow(dead_code)]
    pub fn events(&self) -> ::steersman::ReadHandle<Event> {
        let () = <Event as ::steersman::__private::Kind>::OK;
        self.0.read_handle::<Event>(10usize)
    }
}
#[automatically_derived]
#[allow(dead_code)]
impl DatabaseContext {
    /// What this run sees now: what it started from, and the answers to its own writes.
    pub fn snapshot(&self) -> DatabaseSnapshot {
        DatabaseSnapshot::read(&self.0.view())
    }
    /// Every `Database` of this operator, as the cache holds them now: for what is made of all of them.
    ///
    /// It is no part of what the run saw: their changes wake nobody but themselves.
    pub fn primaries(
        &self,
    ) -> ::steersman::__private::std::vec::Vec<
        ::steersman::__private::std::sync::Arc<Database>,
    > {
        let () = <Database as ::steersman::__private::Kind>::OK;
        self.0.primaries::<Database>()
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
    pub async fn apply_status(
        &self,
        status: DatabaseStatus,
    ) -> ::steersman::__private::core::result::Result<
        ::steersman::__private::std::sync::Arc<Database>,
        ::steersman::WriteError,
    > {
        let () = <Database as ::steersman::__private::Kind>::OK;
        self.0.apply_status::<Database, DatabaseStatus>(status).await
    }
}
/// What the operator `Database` does with a `Database`.
///
/// Implement it, with plain `async fn`s, for a type of your own, and hand that to `Database::operator`.
pub trait DatabaseReconciler: ::steersman::__private::core::marker::Send + ::steersman::__private::core::marker::Sync + 'static {
    /// The error of every method; the runtime logs it and retries.
    type Error: ::steersman::__private::ReconcilerError;
    /// Brings the world to what the `Database` says.
    ///
    /// `seen` is what the run starts from; `cx` writes, and reads again what has been written. Runs of one primary never overlap.
    fn reconcile(
        &self,
        primary: ::steersman::__private::std::sync::Arc<Database>,
        seen: DatabaseSnapshot,
        cx: DatabaseContext,
    ) -> impl ::steersman::__private::core::future::Future<
        Output = ::steersman::__private::core::result::Result<
            ::steersman::Action,
            Self::Error,
        >,
    > + ::steersman::__private::core::marker::Send;
}
#[doc(hidden)]
#[allow(unused_macros)]
macro_rules! __database_reconciler {
    ($($implementation:tt)*) => {
        ::steersman::__private::check_reconciler! { { Database, Database, ::steersman, {
        reconcile Action, } { reconcile_pods
        "#[secondary(Pod, through = ReplicaSet, owned = any, metadata, predicate = changed(|pod| pod.metadata.name.clone()))]",
        reconcile_replica_sets
        "#[secondary(ReplicaSet, through = deployment, optional, predicate = owner_references_changed)]",
        reconcile_deployment "#[secondary(Deployment, one, owned = any)]",
        reconcile_persistent_volume_claims
        "#[secondary(PersistentVolumeClaim, label = \"demo.steersman.dev/database\", write, force = true, predicate = finalizers_changed)]",
        reconcile_nodes
        "#[secondary(Node, annotation = \"demo.steersman.dev/database\", cross_namespace, predicate = annotations_changed)]",
        reconcile_tls
        "#[secondary(Secret, one, name = tls, reference = spec.tls.secret_name, predicate = data_changed)]",
        reconcile_users
        "#[secondary(Secret, name = users, reference = |spec| spec.users.iter().map(|user| &user.secret), write)]",
        reconcile_backups
        "#[secondary(Secret, name = backups, reference = crate::refs::backups, cross_namespace)]",
        reconcile_generated
        "#[secondary(Secret, one, name = generated, selector = \"kind = internal\", optional)]",
        reconcile_config_maps
        "#[secondary(ConfigMap, map = crate::owner, selector = \"demo.steersman.dev/database, size in (1, 2)\", fields = \"metadata.name!=x\")]",
        reconcile_events "#[secondary(Event, map = |event| owner(event), unbounded)]", }
        } $($implementation)* }
    };
}
#[doc(hidden)]
#[allow(unused_imports)]
pub(crate) use __database_reconciler as DatabaseReconciler;
/// The operator `Database`, run by a [`DatabaseReconciler`]: the type behind `Database::operator`.
pub struct DatabaseOperator<R>(R);
#[automatically_derived]
impl<R> ::steersman::__private::core::fmt::Debug for DatabaseOperator<R> {
    fn fmt(
        &self,
        f: &mut ::steersman::__private::core::fmt::Formatter<'_>,
    ) -> ::steersman::__private::core::fmt::Result {
        f.debug_struct("DatabaseOperator").finish_non_exhaustive()
    }
}
#[automatically_derived]
impl Database {
    /// The operator `Database`, run by `reconciler`; hand it to a `Manager`.
    pub fn operator<R: DatabaseReconciler>(
        reconciler: R,
    ) -> ::steersman::OperatorBuilder<DatabaseOperator<R>> {
        ::steersman::OperatorBuilder::new(DatabaseOperator(reconciler))
    }
}
#[automatically_derived]
impl DatabaseSnapshot {
    fn read(view: &::steersman::__private::View) -> Self {
        let () = <Database as ::steersman::__private::Kind>::OK;
        let () = <Pod as ::steersman::__private::Kind>::OK;
        let () = <::steersman::__private::PartialObjectMeta<
            Pod,
        > as ::steersman::__private::Kind>::OK;
        let () = <ReplicaSet as ::steersman::__private::Kind>::OK;
        let () = <Deployment as ::steersman::__private::Kind>::OK;
        let () = <PersistentVolumeClaim as ::steersman::__private::Kind>::OK;
        let () = <Node as ::steersman::__private::Kind>::OK;
        let () = <Secret as ::steersman::__private::Kind>::OK;
        let () = <Secret as ::steersman::__private::Kind>::OK;
        let () = <Secret as ::steersman::__private::Kind>::OK;
        let () = <Secret as ::steersman::__private::Kind>::OK;
        let () = <ConfigMap as ::steersman::__private::Kind>::OK;
        let () = <Event as ::steersman::__private::Kind>::OK;
        Self {
            pods: view.many::<::steersman::__private::PartialObjectMeta<Pod>>(0usize),
            replica_sets: view.optional_many::<ReplicaSet>(1usize),
            deployment: view.one::<Deployment>(2usize),
            persistent_volume_claims: view.many::<PersistentVolumeClaim>(3usize),
            nodes: view.many::<Node>(4usize),
            tls: view.one::<Secret>(5usize),
            users: view.many::<Secret>(6usize),
            backups: view.many::<Secret>(7usize),
            generated: view.optional_one::<Secret>(8usize),
            config_maps: view.many::<ConfigMap>(9usize),
            events: view.many::<Event>(10usize),
        }
    }
}
#[automatically_derived]
impl<R: DatabaseReconciler> ::steersman::Operator for DatabaseOperator<R> {
    type Primary = Database;
    type Snapshot = DatabaseSnapshot;
    type Context = DatabaseContext;
    fn declaration() -> ::steersman::__private::Declaration {
        let () = <Database as ::steersman::__private::Kind>::OK;
        let () = <Pod as ::steersman::__private::Kind>::OK;
        let () = <::steersman::__private::PartialObjectMeta<
            Pod,
        > as ::steersman::__private::Kind>::OK;
        let () = <ReplicaSet as ::steersman::__private::Kind>::OK;
        let () = <Deployment as ::steersman::__private::Kind>::OK;
        let () = <PersistentVolumeClaim as ::steersman::__private::Kind>::OK;
        let () = <Node as ::steersman::__private::Kind>::OK;
        let () = <Secret as ::steersman::__private::Kind>::OK;
        let () = <Secret as ::steersman::__private::Kind>::OK;
        let () = <Secret as ::steersman::__private::Kind>::OK;
        let () = <Secret as ::steersman::__private::Kind>::OK;
        let () = <ConfigMap as ::steersman::__private::Kind>::OK;
        let () = <Event as ::steersman::__private::Kind>::OK;
        ::steersman::__private::Declaration::new::<Database>("Database")
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
                >("deployment", "#[secondary(Deployment, one, owned = any)]")
                    .any_owner()
                    .one(),
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
                ::steersman::__private::Secondary::reference::<
                    Secret,
                    Database,
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
                    Database,
                >(
                        "users",
                        "#[secondary(Secret, name = users, reference = |spec| spec.users.iter().map(|user| &user.secret), write)]",
                        |object, to| {
                            #[allow(unused_imports)]
                            use ::steersman::__private::{
                                ReferAlone as _, ReferEach as _, ReferNothing as _,
                            };
                            (&&&::steersman::__private::Taken(
                                ::steersman::__private::take(
                                    &object.spec,
                                    |spec| spec.users.iter().map(|user| &user.secret),
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
                    Database,
                >(
                        "backups",
                        "#[secondary(Secret, name = backups, reference = crate::refs::backups, cross_namespace)]",
                        |object, to| {
                            #[allow(unused_imports)]
                            use ::steersman::__private::{
                                ReferAlone as _, ReferEach as _, ReferNothing as _,
                            };
                            (&&&::steersman::__private::Taken(
                                ::steersman::__private::take(
                                    &object.spec,
                                    crate::refs::backups,
                                ),
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
                ::steersman::__private::Secondary::map::<
                    ConfigMap,
                    Database,
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
                    Event,
                    Database,
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
    }
    fn snapshot(view: &::steersman::__private::View) -> Self::Snapshot {
        DatabaseSnapshot::read(view)
    }
    fn context(run: ::steersman::__private::Run) -> Self::Context {
        DatabaseContext(run)
    }
    async fn reconcile(
        &self,
        primary: ::steersman::__private::std::sync::Arc<Database>,
        seen: Self::Snapshot,
        cx: Self::Context,
    ) -> ::steersman::__private::core::result::Result<
        ::steersman::Action,
        ::steersman::__private::BoxError,
    > {
        <R as DatabaseReconciler>::reconcile(&self.0, primary, seen, cx)
            .await
            .map_err(::steersman::__private::ReconcilerError::boxed)
    }
    async fn handle(
        &self,
        secondary: usize,
        primary: ::steersman::__private::std::sync::Arc<Database>,
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
        primary: ::steersman::__private::std::sync::Arc<Database>,
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
const _: () = {
    let () = <Database as ::steersman::__private::HasSpec<_>>::OK;
    let () = <Database as ::steersman::__private::HasStatus<_>>::OK;
    let () = <Secret as ::steersman::__private::HasData<_>>::OK;
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
const _: () = if <Database as ::steersman::__private::Kind>::NAMESPACED
    && !<Deployment as ::steersman::__private::Kind>::NAMESPACED
{
    ::steersman::__private::core::panic!(
        "`Deployment` is cluster-scoped and cannot be owned by the namespaced `Database`; make the primary cluster-scoped, or relate the two otherwise, such as by `annotation = \"..\", cross_namespace`"
    )
};
const _: () = if <Database as ::steersman::__private::Kind>::NAMESPACED
    && !<PersistentVolumeClaim as ::steersman::__private::Kind>::NAMESPACED
{
    ::steersman::__private::core::panic!(
        "`PersistentVolumeClaim` is cluster-scoped, and the label `demo.steersman.dev/database` has no room for the namespace of a `Database`; write `annotation = \"demo.steersman.dev/database\", cross_namespace`, whose value is `namespace/name`"
    )
};
const _: () = if <Database as ::steersman::__private::Kind>::NAMESPACED
    && !<Secret as ::steersman::__private::Kind>::NAMESPACED
{
    ::steersman::__private::core::panic!(
        "`Secret` is cluster-scoped and cannot be owned by the namespaced `Database`; make the primary cluster-scoped, or relate the two otherwise, such as by `annotation = \"..\", cross_namespace`"
    )
};
const _: () = {
    #[allow(unused_imports)]
    use ::steersman::__private::AnyType as _;
    type __Secondary = ConfigMap;
    let selectable = ::steersman::__private::TypeOf::<__Secondary>::SELECTABLE;
    if let ::steersman::__private::core::option::Option::Some(refusal) = &::steersman::__private::Refusal::new(
        selectable,
        "ConfigMap",
        "fields = \"metadata.name!=x\"",
        "metadata.name",
    ) {
        ::steersman::__private::core::panic!("{}", refusal.text())
    }
};
