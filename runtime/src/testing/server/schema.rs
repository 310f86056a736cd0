//! What is known of the form of objects: which lists and maps are merged, what has a generation.

use serde_json::Value;

use super::path::Resource;

/// What a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    /// Replaced as a whole.
    Atomic,
    /// A set of values.
    Set,
    /// Items with these keys.
    Keyed(&'static [&'static str]),
}

/// One place in an object: the names of the fields on the way, those in lists without their keys.
#[derive(Clone, Debug)]
pub(super) struct Place<'a> {
    native: bool,
    kind: &'a str,
    names: Vec<&'a str>,
}

impl<'a> Place<'a> {
    /// An object as a whole.
    pub(super) fn root(resource: &'a Resource) -> Self {
        Self { native: is_native(&resource.group), kind: &resource.plural, names: Vec::new() }
    }

    pub(super) fn field(&self, name: &'a str) -> Self {
        let mut place = self.clone();
        place.names.push(name);
        place
    }

    /// The object itself, or its metadata: nobody manages them as such.
    pub(super) fn is_head(&self) -> bool {
        matches!(self.names[..], [] | ["metadata"])
    }

    /// Whether the API server leaves it out of managedFields.
    pub(super) fn is_identity(&self) -> bool {
        match self.names[..] {
            ["apiVersion" | "kind"] => true,
            ["metadata", name] => matches!(
                name,
                "name"
                    | "namespace"
                    | "uid"
                    | "resourceVersion"
                    | "generation"
                    | "creationTimestamp"
                    | "deletionTimestamp"
                    | "deletionGracePeriodSeconds"
                    | "selfLink"
                    | "managedFields"
                    | "generateName"
            ),
            _ => false,
        }
    }

    /// Whether the map here is replaced as a whole: selectors and most references of built-in kinds are.
    pub(super) fn is_atomic_map(&self) -> bool {
        let Some(name) = self.names.last().filter(|_| self.native) else { return false };
        name.ends_with("elector") || name.ends_with("Ref") && *name != "scaleTargetRef"
    }

    /// Of custom resources every list is atomic, as it is unless their definition says otherwise.
    pub(super) fn list(&self, items: &[Value]) -> List {
        let name = self.names.last().copied().unwrap_or_default();
        if let ["metadata", name] = self.names[..] {
            return match name {
                "ownerReferences" => List::Keyed(&["uid"]),
                "finalizers" => List::Set,
                _ => List::Atomic,
            };
        }
        if !self.native {
            return List::Atomic;
        }
        let has = |field: &str| items.iter().all(|item| item.get(field).is_some());
        let keys: &[&str] = match name {
            "imagePullSecrets" if self.kind == "serviceaccounts" => return List::Atomic,
            "containers"
            | "initContainers"
            | "ephemeralContainers"
            | "env"
            | "volumes"
            | "imagePullSecrets"
            | "resourceClaims"
            | "schedulingGates" => &["name"],
            "volumeMounts" => &["mountPath"],
            "volumeDevices" => &["devicePath"],
            "hostAliases" | "podIPs" | "hostIPs" => &["ip"],
            "topologySpreadConstraints" => &["topologyKey", "whenUnsatisfiable"],
            "conditions" => &["type"],
            "secrets" if self.kind == "serviceaccounts" => &["name"],
            "ports" if self.kind == "services" => &["port", "protocol"],
            "ports" if has("containerPort") => &["containerPort", "protocol"],
            _ => return List::Atomic,
        };
        let given = |key: &&str| **key == *"protocol" || has(key);
        if keys.iter().all(given) { List::Keyed(keys) } else { List::Atomic }
    }
}

/// The value of a key field; the one default that is known is filled in.
pub(super) fn key_value(item: &Value, key: &str) -> Value {
    match item.get(key) {
        Some(value) => value.clone(),
        None if key == "protocol" => "TCP".into(),
        None => Value::Null,
    }
}

/// Whether two items of a list are the same one, by these keys.
pub(super) fn is_same(a: &Value, b: &Value, keys: &[&str]) -> bool {
    keys.iter().all(|key| key_value(a, key) == key_value(b, key))
}

/// Groups without a dot, and those of Kubernetes itself. Of the others, nothing is known.
fn is_native(group: &str) -> bool {
    !group.contains('.') || group.ends_with(".k8s.io")
}

/// Whether the API server keeps a generation. It does for custom resources, and for few kinds of the core.
pub(super) fn has_generation(resource: &Resource) -> bool {
    match &*resource.group {
        "" => matches!(&*resource.plural, "pods" | "replicationcontrollers"),
        "apps" | "batch" | "policy" | "discovery.k8s.io" | "flowcontrol.apiserver.k8s.io" => true,
        "networking.k8s.io" => matches!(&*resource.plural, "ingresses" | "ingressclasses" | "networkpolicies"),
        "storage.k8s.io" => resource.plural == "csidrivers",
        "admissionregistration.k8s.io" | "apiextensions.k8s.io" => true,
        group => !is_native(group),
    }
}
