//! What kube-apiserver makes of values of the kinds that it serves itself: it decodes them into Go structs, fills in
//! defaults, and stores what is left of them. Custom resources are stored as they were sent.
//!
//! Every row is needed at a place that managedFields knows as a whole only, or by the name that a value has in Go. A row too
//! few costs a write after a restart; a wrong one would lose a write. So a row must be true wherever its names occur.

use serde_json::Value;

use super::place::Place;
use crate::kind::KindInfo;

/// The field of a native kind below which JSON of others is kept as it is: device configurations of `resource.k8s.io`.
pub(super) const RAW: &str = "opaque";

/// Whether kube-apiserver itself serves the kind. The suffix `.k8s.io` says nothing: `gateway.networking.k8s.io` is a
/// group of custom resources. Definitions of custom resources and revisions of controllers contain raw JSON nearly
/// everywhere, and count as custom here.
pub(super) fn is_native(kind: &KindInfo) -> bool {
    let group = matches!(
        &*kind.group,
        "" | "admissionregistration.k8s.io"
            | "apiregistration.k8s.io"
            | "apps"
            | "autoscaling"
            | "batch"
            | "certificates.k8s.io"
            | "coordination.k8s.io"
            | "discovery.k8s.io"
            | "events.k8s.io"
            | "flowcontrol.apiserver.k8s.io"
            | "networking.k8s.io"
            | "node.k8s.io"
            | "policy"
            | "rbac.authorization.k8s.io"
            | "resource.k8s.io"
            | "scheduling.k8s.io"
            | "storage.k8s.io"
            | "storagemigration.k8s.io"
    );
    group && kind.kind != "ControllerRevision"
}

/// Whether the server leaves this field of an object's metadata out of managedFields.
pub(super) fn is_identity(field: &str) -> bool {
    matches!(
        field,
        "name"
            | "namespace"
            | "uid"
            | "resourceVersion"
            | "generation"
            | "creationTimestamp"
            | "selfLink"
            | "managedFields"
    )
}

/// Whether an empty object at this place is an empty Go map, which is the same as none. An empty struct often says
/// something: `podSelector: {}` is all Pods.
pub(super) fn is_map(kind: &KindInfo, place: &Place<'_>) -> bool {
    let outer = place.outer_name();
    match place.name() {
        "annotations" | "labels" | "matchLabels" | "limits" | "requests" | "hard" | "podFixed" => true,
        "options" | "volumeAttributes" | "userAnnotations" => true,
        "data" | "binaryData" | "parameters" => outer.is_empty(),
        "default" | "defaultRequest" | "max" | "min" | "maxLimitRequestRatio" => kind.kind == "LimitRange",
        "nodeSelector" => outer == "spec" && kind.group != "resource.k8s.io" || outer == "scheduling",
        "overhead" => outer == "spec",
        "selector" => outer == "spec" && matches!(&*kind.kind, "Service" | "ReplicationController"),
        "capacity" => kind.kind == "PersistentVolume",
        _ => false,
    }
}

/// Whether the text at this place is a quantity. Elsewhere `1000m` may be just that: the value of an environment variable.
pub(super) fn is_quantity(place: &Place<'_>) -> bool {
    if !place.is_native() || !place.is_nested_field() {
        return false;
    }
    let name = place.name();
    match place.outer_name() {
        "limits" | "requests" | "hard" | "capacity" | "overhead" | "podFixed" => true,
        "default" | "defaultRequest" | "max" | "min" | "maxLimitRequestRatio" => true,
        "emptyDir" => name == "sizeLimit",
        "resourceFieldRef" => name == "divisor",
        "target" => matches!(name, "value" | "averageValue"),
        "scaleUp" | "scaleDown" => name == "tolerance",
        _ => false,
    }
}

/// Whether the server would add this value at this place, if it is left out. Asked only within lists and structs that
/// are replaced as a whole.
pub(super) fn is_default(place: &Place<'_>, value: &Value) -> bool {
    if !place.is_native() {
        return false;
    }
    match (place.outer_name(), place.name()) {
        ("fieldRef", "apiVersion") => value == "v1",
        ("resourceFieldRef", "divisor") => value == "0",
        ("serviceAccountToken", "expirationSeconds") => value == 3600,
        ("volumeClaimTemplates", "apiVersion") => value == "v1",
        ("volumeClaimTemplates", "kind") => value == "PersistentVolumeClaim",
        ("volumeClaimTemplates", "status") => *value == serde_json::json!({ "phase": "Pending" }),
        // Of a volume claim template: no other `spec` lies within something that is replaced as a whole.
        ("spec", "volumeMode") => value == "Filesystem",
        // Of NetworkPolicies, Endpoints and EndpointSlices; those of containers and Services are merged.
        ("ports", "protocol") => value == "TCP",
        ("ports", "name") => value == "",
        ("roleRef" | "subjects", "apiGroup") => value == "rbac.authorization.k8s.io",
        ("onPodConditions", "status") => value == "True",
        ("rules" | "resourceRules" | "excludeResourceRules", "scope") => value == "*",
        ("matchConstraints" | "matchResources", "matchPolicy") => value == "Equivalent",
        ("matchConstraints" | "matchResources", "namespaceSelector" | "objectSelector") => {
            *value == serde_json::json!({})
        }
        _ => false,
    }
}

/// Whether this struct is merged, so that what the server adds to an empty one stays when it is applied again.
pub(super) fn is_merged(place: &Place<'_>) -> bool {
    place.is_native()
        && matches!(
            place.name(),
            "behavior"
                | "downwardAPI"
                | "persistentVolumeClaimRetentionPolicy"
                | "resources"
                | "rollingUpdate"
                | "scaleDown"
                | "scaleUp"
                | "securityContext"
                | "strategy"
                | "updateStrategy"
        )
}

/// Whether managedFields names this struct or map without its parts even if it has some: because it is replaced as a whole,
/// or because nobody knows.
pub(super) fn may_be_atomic(place: &Place<'_>) -> bool {
    if !place.is_native() || !place.is_field() {
        return true;
    }
    let name = place.name();
    matches!(
        name,
        "claimRef"
            | "dataSource"
            | "involvedObject"
            | "matchConstraints"
            | "matchResources"
            | "nodeTopology"
            | "paramKind"
            | "port"
            | "regarding"
            | "related"
            | "required"
            | "requiredDuringSchedulingIgnoredDuringExecution"
            | "resource"
            | "target"
    ) || name.ends_with("Ref")
        || name.ends_with("elector")
}
