//! Objects as the API server sends them.

use serde_json::{Value, json};

use crate::operators::GROUP;

/// The namespace of all objects.
pub(crate) const NAMESPACE: &str = "bench";
/// The label by which a plain client finds the children of one primary.
pub(crate) const LABEL: &str = "app.kubernetes.io/instance";

/// The kinds of objects that are made here; for primaries, the custom kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Primary(&'static str),
    Deployment,
    Service,
    ConfigMap,
    Secret,
    NetworkPolicy,
    ReplicaSet,
    Pod,
}

/// The secondaries of a `Site`, in the order of declaration.
pub(crate) const CHILDREN: [Form; 5] =
    [Form::Deployment, Form::Service, Form::ConfigMap, Form::Secret, Form::NetworkPolicy];

/// One object. What is left out is as in all others of its form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Object {
    pub(crate) form: Form,
    pub(crate) number: usize,
    /// Form and number of the owner.
    pub(crate) owner: Option<(Form, usize)>,
    pub(crate) rv: u64,
    /// Something that stands in the spec or in the data.
    pub(crate) content: u64,
    /// Something that stands in the status; only Deployments have one.
    pub(crate) status: u64,
}

impl Object {
    pub(crate) fn new(form: Form, number: usize, rv: u64) -> Self {
        Self { form, number, owner: None, rv, content: 1, status: 1 }
    }

    pub(crate) fn owned_by(self, form: Form, number: usize) -> Self {
        Self { owner: Some((form, number)), ..self }
    }

    /// A complete object in JSON, managedFields included.
    pub(crate) fn json(self) -> String {
        let (api_version, kind) = self.form.names();
        let mut object = json!({ "apiVersion": api_version, "kind": kind, "metadata": self.metadata() });
        let Value::Object(body) = self.body() else { unreachable!("a body is an object") };
        object.as_object_mut().expect("just made").extend(body);
        object.to_string()
    }

    /// The line of a watch that reports it.
    pub(crate) fn line(self, event: &str) -> String {
        format!("{{\"type\":\"{event}\",\"object\":{}}}\n", self.json())
    }

    fn metadata(self) -> Value {
        let instance = self.owner.map_or_else(|| "foreign".to_owned(), |(form, number)| form.name(number));
        let mut metadata = json!({
            "name": self.form.name(self.number),
            "namespace": NAMESPACE,
            "uid": self.form.uid(self.number),
            "resourceVersion": self.rv.to_string(),
            "generation": self.content,
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "labels": { LABEL: instance, "app.kubernetes.io/managed-by": "bench" },
            "managedFields": self.managed_fields(),
        });
        if let Some((form, number)) = self.owner {
            let (api_version, kind) = form.names();
            metadata["ownerReferences"] = json!([{
                "apiVersion": api_version, "kind": kind, "name": form.name(number), "uid": form.uid(number),
                "controller": true, "blockOwnerDeletion": true,
            }]);
        }
        metadata
    }

    fn body(self) -> Value {
        match self.form {
            Form::Primary(_) => json!({ "spec": { "size": self.content } }),
            Form::Deployment => json!({ "spec": self.deployment_spec(), "status": self.deployment_status() }),
            Form::Service => json!({
                "spec": {
                    "type": "ClusterIP", "clusterIP": "10.0.0.7", "clusterIPs": ["10.0.0.7"], "ipFamilies": ["IPv4"],
                    "selector": { LABEL: self.form.name(self.number) }, "sessionAffinity": "None",
                    "ports": [{ "name": "http", "port": 80, "protocol": "TCP", "targetPort": 8000 + self.content }],
                },
                "status": { "loadBalancer": {} },
            }),
            Form::ConfigMap => json!({ "data": { "content": self.content.to_string(), "file": "x".repeat(1024) } }),
            Form::Secret => json!({ "type": "Opaque", "data": { "password": "c2VjcmV0" } }),
            Form::ReplicaSet => json!({
                "spec": self.deployment_spec(),
                "status": { "observedGeneration": self.content, "replicas": self.status, "readyReplicas": self.status },
            }),
            Form::Pod => json!({
                "spec": self.deployment_spec()["template"]["spec"],
                "status": {
                    "phase": "Running", "podIP": "10.1.0.7", "qosClass": "Burstable",
                    "conditions": [{ "type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:10Z" }],
                },
            }),
            Form::NetworkPolicy => json!({
                "spec": {
                    "podSelector": { "matchLabels": { LABEL: self.form.name(self.number) } },
                    "policyTypes": ["Ingress"],
                    "ingress": [{ "ports": [{ "port": 8000 + self.content, "protocol": "TCP" }] }],
                },
            }),
        }
    }

    fn deployment_spec(self) -> Value {
        let name = self.form.name(self.number);
        json!({
            "replicas": self.content,
            "revisionHistoryLimit": 10,
            "progressDeadlineSeconds": 600,
            "selector": { "matchLabels": { LABEL: name } },
            "strategy": { "type": "RollingUpdate", "rollingUpdate": { "maxSurge": "25%", "maxUnavailable": "25%" } },
            "template": {
                "metadata": { "labels": { LABEL: name } },
                "spec": {
                    "containers": [{
                        "name": "web", "image": "registry.example.com/shop/web:1.27.3", "imagePullPolicy": "IfNotPresent",
                        "ports": [{ "containerPort": 8080, "protocol": "TCP" }],
                        "env": [{ "name": "LOG", "value": "info" }, { "name": "REGION", "value": "eu-central-1" }],
                        "resources": { "limits": { "memory": "128Mi" }, "requests": { "cpu": "50m", "memory": "64Mi" } },
                        "readinessProbe": {
                            "httpGet": { "path": "/ready", "port": 8080, "scheme": "HTTP" },
                            "periodSeconds": 10, "timeoutSeconds": 1, "failureThreshold": 3, "successThreshold": 1,
                        },
                        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
                    }],
                    "dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "schedulerName": "default-scheduler",
                    "securityContext": {}, "terminationGracePeriodSeconds": 30,
                },
            },
        })
    }

    fn deployment_status(self) -> Value {
        let condition = |kind: &str, reason: &str| {
            json!({
                "type": kind, "status": "True", "reason": reason, "message": "Deployment has minimum availability.",
                "lastTransitionTime": "2026-01-01T00:00:10Z", "lastUpdateTime": "2026-01-01T00:00:10Z",
            })
        };
        json!({
            "observedGeneration": self.content, "replicas": self.content, "updatedReplicas": self.content,
            "readyReplicas": self.status, "availableReplicas": self.status,
            "conditions": [condition("Available", "MinimumReplicasAvailable"), condition("Progressing", "NewReplicaSetAvailable")],
        })
    }

    /// As server-side apply and, for a Deployment, its controller leave them.
    fn managed_fields(self) -> Value {
        let entry = |manager: &str, operation: &str, subresource: &str, fields: Value| {
            json!({
                "manager": manager, "operation": operation, "subresource": subresource, "apiVersion": self.form.names().0,
                "time": "2026-01-01T00:00:00Z", "fieldsType": "FieldsV1", "fieldsV1": fields,
            })
        };
        let metadata =
            json!({ "f:labels": { format!("f:{LABEL}"): {} }, "f:ownerReferences": { "k:{\"uid\":\"\"}": {} } });
        if self.form != Form::Deployment {
            return json!([entry(
                "site.bench",
                "Apply",
                "",
                json!({ "f:metadata": metadata, "f:data": { "f:file": {} } })
            )]);
        }
        let container = json!({
            ".": {}, "f:name": {}, "f:image": {}, "f:ports": { "k:{\"containerPort\":8080,\"protocol\":\"TCP\"}": { ".": {} } },
            "f:env": { "k:{\"name\":\"LOG\"}": { "f:value": {} }, "k:{\"name\":\"REGION\"}": { "f:value": {} } },
            "f:readinessProbe": { "f:httpGet": { "f:path": {}, "f:port": {} }, "f:periodSeconds": {} },
        });
        let spec = json!({
            "f:replicas": {}, "f:selector": {}, "f:strategy": { "f:type": {} },
            "f:template": { "f:metadata": { "f:labels": {} }, "f:spec": { "f:containers": { "k:{\"name\":\"web\"}": container } } },
        });
        let status = json!({
            "f:availableReplicas": {}, "f:observedGeneration": {}, "f:readyReplicas": {}, "f:replicas": {},
            "f:conditions": { ".": {}, "k:{\"type\":\"Available\"}": { ".": {}, "f:reason": {}, "f:status": {}, "f:type": {} } },
        });
        json!([
            entry("site.bench", "Apply", "", json!({ "f:metadata": metadata, "f:spec": spec })),
            entry("kube-controller-manager", "Update", "status", json!({ "f:status": status })),
        ])
    }
}

impl Form {
    pub(crate) fn names(self) -> (String, &'static str) {
        match self {
            Self::Primary(kind) => (format!("{GROUP}/v1"), kind),
            Self::Deployment => ("apps/v1".into(), "Deployment"),
            Self::Service => ("v1".into(), "Service"),
            Self::ConfigMap => ("v1".into(), "ConfigMap"),
            Self::Secret => ("v1".into(), "Secret"),
            Self::NetworkPolicy => ("networking.k8s.io/v1".into(), "NetworkPolicy"),
            Self::ReplicaSet => ("apps/v1".into(), "ReplicaSet"),
            Self::Pod => ("v1".into(), "Pod"),
        }
    }

    pub(crate) fn name(self, number: usize) -> String {
        format!("{}-{number}", self.names().1.to_lowercase())
    }

    /// The same number has another uid in each form.
    pub(crate) fn uid(self, number: usize) -> String {
        let mut forms = CHILDREN.iter().chain(&[Self::ReplicaSet, Self::Pod]);
        let form = forms.position(|form| *form == self).map_or(0, |place| place + 1);
        // As spread as real ones are, so that no hash has it easier than in life.
        let spread = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        format!("{:08x}-{:04x}-4000-8{form:03x}-{number:012x}", spread >> 32, spread & 0xffff)
    }
}
