#[kube(group = "demo.steersman.dev", version = "v1", kind = "Database", namespaced, status = "DatabaseStatus")]
#[operator(selector = "tier notin (test, canary), !paused", predicate = any(spec_changed, status_changed, labels_changed))]
#[secondary(Pod, through = ReplicaSet, owned = any, metadata, predicate = changed(|pod| pod.metadata.name.clone()))]
#[secondary(ReplicaSet, through = deployment, optional, predicate = owner_references_changed)]
#[secondary(Deployment, one, owned = any)]
#[secondary(PersistentVolumeClaim, label = "demo.steersman.dev/database", write, force = true, predicate = finalizers_changed)]
#[secondary(Node, annotation = "demo.steersman.dev/database", cross_namespace, predicate = annotations_changed)]
#[secondary(Secret, one, name = tls, reference = spec.tls.secret_name, predicate = data_changed)]
#[secondary(Secret, name = users, reference = |spec| spec.users.iter().map(|user| &user.secret), write)]
#[secondary(Secret, name = backups, reference = crate::refs::backups, cross_namespace)]
#[secondary(Secret, one, name = generated, selector = "kind = internal", optional)]
#[secondary(ConfigMap, map = crate::owner, selector = "demo.steersman.dev/database, size in (1, 2)", fields = "metadata.name!=x")]
#[secondary(Event, map = |event| owner(event), unbounded)]
pub struct DatabaseSpec {
    pub tls: Tls,
}
