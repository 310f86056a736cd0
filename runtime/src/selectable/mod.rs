//! The fields that the objects of a built-in kind can be selected by: what `fields = ".."` may name.
//!
//! The API server knows them by code of its own and publishes them nowhere. A kind is found by its group and its name, so the
//! table is one for all versions of Kubernetes that `k8s-openapi` has; an end-to-end test compares it with what the real API
//! server takes and refuses, for every kind that it serves.
//!
//! The table is that of Kubernetes 1.37. Since 1.33, the oldest release that `k8s-openapi` has, one field was added, `spec.pool.name`
//! of a ResourceSlice, and none was removed; what an older API server refuses is said when the watch begins. The old name
//! `spec.host` of a Pod's `spec.nodeName` is no field of its type, and not in the table.

mod refuse;
#[cfg(test)]
mod tests;

pub use refuse::Refusal;

use crate::kind::KindInfo;

/// What the API server knows of kinds that have no list of their own.
const NAMESPACED: &[&str] = &["metadata.name", "metadata.namespace"];
const CLUSTER_SCOPED: &[&str] = &["metadata.name"];

/// One group: of kinds with a list of their own the list, and of all others the name.
struct Group {
    name: &'static str,
    kinds: &'static [(&'static str, &'static [&'static str])],
    /// Selected by name, and by namespace where they live in one.
    others: &'static [&'static str],
}

/// All built-in kinds.
const GROUPS: &[Group] = &[
    Group {
        name: "",
        kinds: &[
            (
                "Event",
                &[
                    "metadata.name",
                    "metadata.namespace",
                    "involvedObject.kind",
                    "involvedObject.namespace",
                    "involvedObject.name",
                    "involvedObject.uid",
                    "involvedObject.apiVersion",
                    "involvedObject.resourceVersion",
                    "involvedObject.fieldPath",
                    "reason",
                    "reportingComponent",
                    "source",
                    "type",
                ],
            ),
            ("Namespace", &["metadata.name", "status.phase"]),
            ("Node", &["metadata.name", "spec.unschedulable"]),
            (
                "Pod",
                &[
                    "metadata.name",
                    "metadata.namespace",
                    "spec.nodeName",
                    "spec.restartPolicy",
                    "spec.schedulerName",
                    "spec.serviceAccountName",
                    "spec.hostNetwork",
                    "status.phase",
                    "status.podIP",
                    "status.podIPs",
                    "status.nominatedNodeName",
                ],
            ),
            ("ReplicationController", &["metadata.name", "metadata.namespace", "status.replicas"]),
            ("Secret", &["metadata.name", "metadata.namespace", "type"]),
            ("Service", &["metadata.name", "metadata.namespace", "spec.clusterIP", "spec.type"]),
        ],
        others: &[
            "ComponentStatus",
            "ConfigMap",
            "Endpoints",
            "LimitRange",
            "PersistentVolume",
            "PersistentVolumeClaim",
            "PodTemplate",
            "ResourceQuota",
            "ServiceAccount",
        ],
    },
    Group {
        name: "admissionregistration.k8s.io",
        kinds: &[],
        others: &[
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ],
    },
    Group { name: "apiextensions.k8s.io", kinds: &[], others: &["CustomResourceDefinition"] },
    Group { name: "apiregistration.k8s.io", kinds: &[], others: &["APIService"] },
    Group {
        name: "apps",
        kinds: &[],
        others: &["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"],
    },
    Group { name: "autoscaling", kinds: &[], others: &["HorizontalPodAutoscaler"] },
    Group {
        name: "batch",
        kinds: &[("Job", &["metadata.name", "metadata.namespace", "status.successful"])],
        others: &["CronJob"],
    },
    Group {
        name: "certificates.k8s.io",
        kinds: &[
            ("CertificateSigningRequest", &["metadata.name", "spec.signerName"]),
            ("ClusterTrustBundle", &["metadata.name", "spec.signerName"]),
            // Namespaced, and yet not by its namespace.
            ("PodCertificateRequest", &["metadata.name", "spec.signerName", "spec.podName", "spec.nodeName"]),
        ],
        others: &[],
    },
    Group { name: "coordination.k8s.io", kinds: &[], others: &["Lease", "LeaseCandidate"] },
    Group { name: "discovery.k8s.io", kinds: &[], others: &["EndpointSlice"] },
    Group {
        name: "events.k8s.io",
        kinds: &[(
            "Event",
            &[
                "metadata.name",
                "metadata.namespace",
                "reason",
                "regarding.kind",
                "regarding.namespace",
                "regarding.name",
                "regarding.uid",
                "regarding.apiVersion",
                "regarding.resourceVersion",
                "regarding.fieldPath",
                "reportingController",
                "type",
            ],
        )],
        others: &[],
    },
    Group { name: "flowcontrol.apiserver.k8s.io", kinds: &[], others: &["FlowSchema", "PriorityLevelConfiguration"] },
    Group { name: "internal.apiserver.k8s.io", kinds: &[], others: &["StorageVersion"] },
    Group { name: "lifecycle.k8s.io", kinds: &[], others: &["Eviction", "EvictionRequest"] },
    Group {
        name: "networking.k8s.io",
        kinds: &[],
        others: &["IPAddress", "Ingress", "IngressClass", "NetworkPolicy", "ServiceCIDR"],
    },
    Group { name: "node.k8s.io", kinds: &[], others: &["RuntimeClass"] },
    Group { name: "policy", kinds: &[], others: &["PodDisruptionBudget"] },
    Group {
        name: "rbac.authorization.k8s.io",
        kinds: &[],
        others: &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
    },
    Group {
        name: "resource.k8s.io",
        kinds: &[("ResourceSlice", &["metadata.name", "spec.nodeName", "spec.driver", "spec.pool.name"])],
        others: &[
            "DeviceClass",
            "DeviceTaintRule",
            "ResourceClaim",
            "ResourceClaimTemplate",
            "ResourcePoolStatusRequest",
        ],
    },
    Group {
        name: "scheduling.k8s.io",
        kinds: &[],
        others: &["CompositePodGroup", "PodGroup", "PriorityClass", "Workload"],
    },
    Group {
        name: "storage.k8s.io",
        kinds: &[],
        others: &[
            "CSIDriver",
            "CSINode",
            "CSIStorageCapacity",
            "StorageClass",
            "VolumeAttachment",
            "VolumeAttributesClass",
        ],
    },
    Group { name: "storagemigration.k8s.io", kinds: &[], others: &["StorageVersionMigration"] },
];

/// The selectable fields of a built-in kind, and its scope.
#[derive(Clone, Copy, Debug)]
pub struct Selectable {
    namespaced: bool,
    fields: &'static [&'static str],
}

impl Selectable {
    /// What the table says of this kind; nothing if it is not in it, as no custom resource is.
    pub const fn of(group: &str, kind: &str, namespaced: bool) -> Option<Self> {
        let mut i = 0;
        while i < GROUPS.len() {
            if equal(GROUPS[i].name, group) {
                return GROUPS[i].kind(kind, namespaced);
            }
            i += 1;
        }
        None
    }

    /// The paths, as a selector names them.
    pub const fn fields(&self) -> &'static [&'static str] {
        self.fields
    }

    const fn knows(&self, path: &str) -> bool {
        let mut i = 0;
        while i < self.fields.len() {
            if equal(self.fields[i], path) {
                return true;
            }
            i += 1;
        }
        false
    }
}

impl Group {
    const fn kind(&self, kind: &str, namespaced: bool) -> Option<Selectable> {
        let mut i = 0;
        while i < self.kinds.len() {
            if equal(self.kinds[i].0, kind) {
                return Some(Selectable { namespaced, fields: self.kinds[i].1 });
            }
            i += 1;
        }
        i = 0;
        while i < self.others.len() {
            if equal(self.others[i], kind) {
                let fields = if namespaced { NAMESPACED } else { CLUSTER_SCOPED };
                return Some(Selectable { namespaced, fields });
            }
            i += 1;
        }
        None
    }
}

/// Whether the API server has the kind without a definition: no custom resource has one of these groups, of which the suffix
/// `.k8s.io` says nothing.
pub(crate) fn is_built_in(kind: &KindInfo) -> bool {
    GROUPS.iter().any(|group| group.name == kind.group)
}

/// `==` is not for constants.
const fn equal(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}
