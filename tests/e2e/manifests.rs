//! A realistic manifest of each kind that operators usually write, with much left to the API server.

use serde_json::{Value, json};

/// One object that the operator wants, and what is done to it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) kind: &'static str,
    pub(crate) name: &'static str,
    pub(crate) manifest: Value,
    /// A merge patch that somebody else applies: each of its values is at a field of ours.
    pub(crate) foreign: Value,
    /// The field, as a JSON pointer, that is not desired any more in the end; it goes away then.
    pub(crate) dropped: &'static str,
}

/// The manifests that are sent once more after each restart, and why.
pub(crate) const EXCEPTIONS: [(&str, &str, &str); 2] = [
    (
        "Palette",
        "mixed",
        "its atomic list has items with defaults: only the schema tells them from what an older release has written",
    ),
    ("Service", "virtual", "`clusterIP: \"\"` asks for any address, and one is there: that is only true of this field"),
];

/// All of them.
pub(crate) fn cases() -> Vec<Case> {
    [workloads(), jobs(), services(), network(), policies(), configuration(), limits(), rights(), custom()].concat()
}

/// Each gets a label that is dropped in the end, unless something better is, and another that somebody else changes, unless
/// something better is given.
fn case(kind: &'static str, name: &'static str, mut manifest: Value, mut foreign: Value) -> Case {
    manifest["metadata"] = json!({ "name": name, "labels": { "app": "web", "extra": "yes" }, "annotations": {} });
    if foreign.is_null() {
        foreign = json!({ "metadata": { "labels": { "app": "foreign" } } });
    }
    Case { kind, name, manifest, foreign, dropped: "/metadata/labels/extra" }
}

fn without(case: Case, dropped: &'static str) -> Case {
    Case { dropped, ..case }
}

fn labels() -> Value {
    json!({ "app": "web" })
}

fn pod() -> Value {
    json!({
        "metadata": { "labels": labels() },
        "spec": {
            "hostNetwork": false,
            "nodeSelector": {},
            "securityContext": {},
            "tolerations": [{ "key": "edge", "operator": "Exists" }],
            "topologySpreadConstraints": [{
                "maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": { "matchLabels": labels() },
            }],
            "initContainers": [
                { "name": "first", "image": "init:1", "command": [] },
                { "name": "after", "image": "init:1", "env": [{ "name": "EMPTY", "value": "" }] },
            ],
            "containers": [{
                "name": "web",
                "image": "web:1",
                "args": ["--quantity", "1000m"],
                "env": [
                    { "name": "TEXT", "value": "1000m" },
                    { "name": "EMPTY", "value": "" },
                    { "name": "POD", "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } },
                    { "name": "CPU", "valueFrom": { "resourceFieldRef": { "resource": "limits.cpu" } } },
                    { "name": "KEY", "valueFrom": { "configMapKeyRef": { "name": "config", "key": "key", "optional": true } } },
                ],
                "envFrom": [{ "configMapRef": { "name": "config" } }],
                "ports": [{ "containerPort": 8080 }, { "containerPort": 53, "protocol": "UDP", "name": "dns" }],
                "resources": { "limits": { "cpu": "1000m", "memory": "1.5Gi" }, "requests": { "cpu": "0.25" } },
                "readinessProbe": { "httpGet": { "path": "/", "port": 8080, "httpHeaders": [{ "name": "a", "value": "" }] } },
                "livenessProbe": { "tcpSocket": { "port": "dns" }, "periodSeconds": 10 },
                "volumeMounts": [{ "name": "cache", "mountPath": "/cache" }, { "name": "all", "mountPath": "/all" }],
            }],
            "volumes": [
                { "name": "cache", "emptyDir": { "sizeLimit": "0.5Gi" } },
                { "name": "scratch", "emptyDir": {} },
                { "name": "config", "configMap": { "name": "config", "items": [{ "key": "key", "path": "path" }] } },
                { "name": "all", "projected": { "sources": [
                    { "serviceAccountToken": { "path": "token" } },
                    { "secret": { "name": "secret", "optional": true } },
                    { "downwardAPI": { "items": [
                        { "path": "name", "fieldRef": { "fieldPath": "metadata.name" } },
                        { "path": "cpu", "resourceFieldRef": { "containerName": "web", "resource": "limits.cpu" } },
                    ] } },
                ] } },
            ],
        },
    })
}

fn image(image: &str) -> Value {
    json!({ "spec": { "template": { "spec": { "priorityClassName": null, "hostname": image } } } })
}

fn workloads() -> Vec<Case> {
    let mut named = pod();
    named["spec"]["hostname"] = "web".into();
    let deployment = json!({ "spec": {
        "replicas": 1, "minReadySeconds": 0, "strategy": {}, "selector": { "matchLabels": labels() }, "template": named,
    } });
    let set = json!({ "spec": {
        "replicas": 1, "serviceName": "web", "selector": { "matchLabels": labels() }, "template": named,
        "updateStrategy": { "rollingUpdate": {} },
        "volumeClaimTemplates": [{
            "metadata": { "name": "disk", "labels": labels() },
            "spec": { "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "0.5Gi" } } },
        }],
    } });
    let daemons = json!({ "spec": { "selector": { "matchLabels": labels() }, "template": named } });
    vec![
        without(
            case("Deployment", "web", deployment, image("foreign")),
            "/spec/template/spec/containers/0/readinessProbe",
        ),
        without(case("StatefulSet", "web", set, image("foreign")), "/spec/template/spec/tolerations"),
        without(case("DaemonSet", "web", daemons, image("foreign")), "/spec/template/spec/containers/0/env/4"),
    ]
}

fn jobs() -> Vec<Case> {
    let mut pod = pod();
    pod["spec"]["restartPolicy"] = "Never".into();
    let job = json!({
        "backoffLimit": 2,
        "suspend": true,
        "template": pod,
        "podFailurePolicy": { "rules": [
            { "action": "Ignore", "onPodConditions": [{ "type": "DisruptionTarget" }] },
            { "action": "FailJob", "onExitCodes": { "operator": "In", "values": [42] } },
        ] },
    });
    let cron = json!({ "spec": { "schedule": "0 0 1 1 *", "suspend": true, "jobTemplate": { "spec": job } } });
    vec![
        case("Job", "once", json!({ "spec": job }), json!({ "spec": { "backoffLimit": 5 } })),
        without(
            case("CronJob", "yearly", cron, json!({ "spec": { "schedule": "0 0 * * *" } })),
            "/spec/jobTemplate/spec/template/spec/volumes/1",
        ),
    ]
}

fn services() -> Vec<Case> {
    let service = |name, spec: Value| {
        case("Service", name, json!({ "spec": spec }), json!({ "spec": { "selector": { "app": "foreign" } } }))
    };
    let port = json!([{ "port": 80 }]);
    let both = json!([{ "port": 53, "name": "tcp" }, { "port": 53, "name": "udp", "protocol": "UDP" }]);
    vec![
        without(service("plain", json!({ "selector": labels(), "ports": both })), "/spec/ports/1"),
        service("headless", json!({ "clusterIP": "None", "selector": labels(), "ports": port })),
        service("nodes", json!({ "type": "NodePort", "selector": labels(), "ports": port })),
        service("balanced", json!({ "type": "LoadBalancer", "selector": labels(), "ports": port, "externalIPs": [] })),
        service("virtual", json!({ "clusterIP": "", "selector": labels(), "ports": port })),
        case(
            "Service",
            "external",
            json!({ "spec": { "type": "ExternalName", "externalName": "example.com", "selector": {} } }),
            json!({ "spec": { "externalName": "foreign.com" } }),
        ),
    ]
}

fn network() -> Vec<Case> {
    let backend = json!({ "service": { "name": "web", "port": { "number": 80 } } });
    let ingress = json!({ "spec": {
        "rules": [{ "host": "a.example.com", "http": { "paths": [{ "path": "/", "pathType": "Prefix", "backend": backend }] } }],
        "tls": [{ "hosts": ["a.example.com"], "secretName": "tls" }],
    } });
    let open = json!({ "spec": {
        "podSelector": {},
        "ingress": [{ "from": [{ "podSelector": { "matchLabels": labels() } }, { "namespaceSelector": {} }], "ports": [{ "port": 80 }] }],
        "egress": [{ "to": [{ "ipBlock": { "cidr": "10.0.0.0/8", "except": [] } }] }],
        "policyTypes": ["Ingress", "Egress"],
    } });
    let closed = json!({ "spec": {
        "podSelector": { "matchLabels": labels(), "matchExpressions": [] }, "ingress": [], "egress": [], "policyTypes": ["Ingress"],
    } });
    vec![
        without(
            case("Ingress", "web", ingress, json!({ "spec": { "rules": [{ "host": "foreign.example.com" }] } })),
            "/spec/tls",
        ),
        without(case("NetworkPolicy", "open", open, json!({ "spec": { "ingress": [{}] } })), "/spec/egress"),
        case("NetworkPolicy", "closed", closed, json!({ "spec": { "policyTypes": ["Ingress", "Egress"] } })),
    ]
}

fn policies() -> Vec<Case> {
    let budget = json!({ "spec": { "minAvailable": "50%", "selector": { "matchLabels": labels() } } });
    let scaler = json!({ "spec": {
        "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": "nobody" },
        "maxReplicas": 3,
        "metrics": [
            { "type": "Resource", "resource": { "name": "cpu", "target": { "type": "Utilization", "averageUtilization": 50 } } },
            { "type": "Pods", "pods": { "metric": { "name": "hits" }, "target": { "type": "AverageValue", "averageValue": "0.5k" } } },
        ],
        "behavior": { "scaleDown": { "policies": [{ "type": "Pods", "value": 1, "periodSeconds": 60 }] } },
    } });
    vec![
        case("PodDisruptionBudget", "web", budget, json!({ "spec": { "minAvailable": 7 } })),
        without(
            case("HorizontalPodAutoscaler", "web", scaler, json!({ "spec": { "maxReplicas": 9 } })),
            "/spec/behavior",
        ),
    ]
}

fn configuration() -> Vec<Case> {
    let map = json!({ "data": { "key": "1000m", "limits": "1", "empty": "" }, "binaryData": {} });
    let secret = json!({ "data": { "both": "b2xk", "old": "b2xk" }, "stringData": { "both": "new", "text": "text" } });
    let claim = json!({ "spec": {
        "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "1024Mi" } }, "storageClassName": "none",
    } });
    vec![
        without(case("ConfigMap", "config", map, json!({ "data": { "key": "1" } })), "/data/empty"),
        without(case("ConfigMap", "bare", json!({ "data": {} }), Value::Null), "/metadata/labels/extra"),
        without(case("Secret", "secret", secret, json!({ "data": { "both": "Zm9yZWlnbg==" } })), "/stringData/text"),
        case("PersistentVolumeClaim", "disk", claim, Value::Null),
    ]
}

fn limits() -> Vec<Case> {
    let range = json!({ "spec": { "limits": [{ "type": "Pod", "max": { "cpu": "4000m" }, "min": {} }] } });
    let quota =
        json!({ "spec": { "hard": { "count/things.example.com": "1k", "requests.storage": "0.5Ti" }, "scopes": [] } });
    let slice = json!({
        "addressType": "IPv4",
        "endpoints": [{ "addresses": ["10.1.2.3"], "conditions": { "ready": true } }],
        "ports": [{ "port": 80 }],
    });
    vec![
        case("LimitRange", "pods", range, json!({ "spec": { "limits": [{ "type": "Pod", "max": { "cpu": "5" } }] } })),
        without(
            case("ResourceQuota", "things", quota, json!({ "spec": { "hard": { "requests.storage": "1Gi" } } })),
            "/spec/hard/count~1things.example.com",
        ),
        without(case("EndpointSlice", "web", slice, json!({ "endpoints": [] })), "/ports"),
    ]
}

fn rights() -> Vec<Case> {
    // Who writes a Role must have what it gives.
    let rule = json!({ "apiGroups": [""], "resources": ["configmaps"], "verbs": ["list"], "resourceNames": [] });
    let group = "rbac.authorization.k8s.io";
    let binding = json!({
        "roleRef": { "apiGroup": group, "kind": "Role", "name": "reader" },
        "subjects": [
            { "kind": "ServiceAccount", "name": "web", "namespace": "default" },
            { "kind": "User", "name": "jane" },
        ],
    });
    let account =
        json!({ "automountServiceAccountToken": false, "imagePullSecrets": [{ "name": "pull" }], "secrets": [] });
    vec![
        case("ServiceAccount", "web", account, json!({ "automountServiceAccountToken": true })),
        case("Role", "reader", json!({ "rules": [rule] }), json!({ "rules": [] })),
        case("Role", "nothing", json!({ "rules": [] }), Value::Null),
        without(case("RoleBinding", "reader", binding, json!({ "subjects": [] })), "/subjects"),
    ]
}

fn custom() -> Vec<Case> {
    let plain = json!({ "spec": {
        "title": "plain", "notes": [], "sizes": {}, "colors": [{ "name": "red", "shade": 7 }], "tags": ["warm", "dark"],
        "spots": [{ "name": "left" }, { "name": "left", "layer": "top", "size": 3 }, { "name": "right", "layer": "main" }],
    } });
    let mixed = json!({ "spec": { "title": "mixed", "colors": [{ "name": "red" }] } });
    vec![
        without(case("Palette", "plain", plain, json!({ "spec": { "title": "foreign" } })), "/spec/colors"),
        case("Palette", "mixed", mixed, json!({ "spec": { "colors": [] } })),
    ]
}
