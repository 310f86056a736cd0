//! What a Kubernetes kind must offer to take part in an operator, and its description without a type parameter.

use std::any::{Any, TypeId};
use std::borrow::Cow;
use std::fmt;

use k8s_openapi::{ClusterResourceScope, NamespaceResourceScope};
use kube::Resource;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// A typed Kubernetes kind: a `k8s-openapi` resource or a `#[derive(CustomResource)]` type.
///
/// Implemented for every such type; there is nothing to implement by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a Kubernetes resource type, so it cannot be a primary or a secondary",
    label = "not a Kubernetes resource type",
    note = "name the resource itself, such as `Deployment`, not a part of it, such as `DeploymentSpec`"
)]
pub trait Kind: Any + Clone + fmt::Debug + Send + Sync {
    #[doc(hidden)]
    const OK: () = ();

    /// Whether the objects live in namespaces.
    #[doc(hidden)]
    const NAMESPACED: bool;

    /// The description of this kind that the runtime works with.
    #[doc(hidden)]
    fn info() -> KindInfo;

    /// The object's metadata.
    #[doc(hidden)]
    fn metadata(&self) -> &kube::core::ObjectMeta;

    /// The object as JSON, as the API server would take it.
    #[doc(hidden)]
    fn to_json(&self) -> Result<serde_json::Value, serde_json::Error>;
}

#[diagnostic::do_not_recommend]
impl<K> Kind for K
where
    K: Resource<DynamicType = (), Scope: Scope> + Any + Clone + fmt::Debug + Serialize + DeserializeOwned + Send + Sync,
{
    const NAMESPACED: bool = <K::Scope as Scope>::NAMESPACED;

    fn info() -> KindInfo {
        KindInfo {
            group: K::group(&()),
            version: K::version(&()),
            kind: K::kind(&()),
            plural: K::plural(&()),
            namespaced: <K::Scope as Scope>::NAMESPACED,
            metadata: false,
            type_id: TypeId::of::<K>(),
            decode: decode::<K>,
            encode: encode::<K>,
        }
    }

    fn metadata(&self) -> &kube::core::ObjectMeta {
        self.meta()
    }

    fn to_json(&self) -> Result<serde_json::Value, serde_json::Error> {
        serde_json::to_value(self)
    }
}

/// Whether the objects of a kind live in namespaces.
#[doc(hidden)]
pub trait Scope {
    /// True for namespaced kinds.
    const NAMESPACED: bool;
}

impl Scope for NamespaceResourceScope {
    const NAMESPACED: bool = true;
}

impl Scope for ClusterResourceScope {
    const NAMESPACED: bool = false;
}

/// A decoded object whose type only its kind knows: always an `Arc<Arc<K>>`, so that a reader gets a `&Arc<K>`.
pub(crate) type AnyObject = Arc<dyn Any + Send + Sync>;

/// A kind without its type parameter: names, scope and how to decode its objects.
#[derive(Clone)]
#[doc(hidden)]
pub struct KindInfo {
    pub(crate) group: Cow<'static, str>,
    pub(crate) version: Cow<'static, str>,
    pub(crate) kind: Cow<'static, str>,
    pub(crate) plural: Cow<'static, str>,
    pub(crate) namespaced: bool,
    /// Whether the API server is asked for the metadata alone.
    pub(crate) metadata: bool,
    pub(crate) type_id: TypeId,
    pub(crate) decode: fn(&str) -> Result<AnyObject, serde_json::Error>,
    /// The object as JSON; `None` if it is of another type, or cannot be written so.
    pub(crate) encode: fn(&(dyn Any + Send + Sync)) -> Option<serde_json::Value>,
}

impl KindInfo {
    /// `group/version`, or `version` alone for the core group.
    pub(crate) fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.to_string() } else { format!("{}/{}", self.group, self.version) }
    }

    /// The same kind, of whose objects only the metadata is asked for.
    pub(crate) fn metadata_only(self) -> Self {
        Self { metadata: true, ..self }
    }

    /// As RBAC names it: `deployments.apps`, `configmaps`.
    pub(crate) fn resource(&self) -> String {
        resource(&self.group, &self.plural)
    }

    /// The URL path of the collection; `namespace` is ignored for a cluster-scoped kind.
    pub(crate) fn collection_path(&self, namespace: Option<&str>) -> String {
        let root = if self.group.is_empty() { "api" } else { "apis" };
        let namespace = match namespace {
            Some(namespace) if self.namespaced => format!("namespaces/{namespace}/"),
            _ => String::new(),
        };
        format!("/{root}/{}/{namespace}{}", self.api_version(), self.plural)
    }
}

/// A resource with its group, if that is not the core group.
pub(crate) fn resource(group: &str, plural: &str) -> String {
    if group.is_empty() { plural.to_owned() } else { format!("{plural}.{group}") }
}

impl fmt::Debug for KindInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// `Deployment (apps/v1)`, the form used in logs and errors.
impl fmt::Display for KindInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.kind, self.api_version())
    }
}

/// Decodes an object that is to be kept, without managedFields.
fn decode<K: Resource + Clone + DeserializeOwned + Any + Send + Sync>(
    json: &str,
) -> Result<AnyObject, serde_json::Error> {
    let mut object: K = serde_json::from_str(json)?;
    object.meta_mut().managed_fields = None;
    // Decoded lists have room for more items, and items are large. A copy has not.
    Ok(Arc::new(Arc::new(object.clone())))
}

fn encode<K: Serialize + Any>(object: &(dyn Any + Send + Sync)) -> Option<serde_json::Value> {
    serde_json::to_value(&**object.downcast_ref::<Arc<K>>()?).ok()
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::Deployment;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_kept_has_no_room_to_spare() {
        let container = json!({ "name": "app", "env": [{ "name": "A", "value": "1" }] });
        let spec = json!({ "selector": {}, "template": { "spec": { "containers": [container] } } });
        let owner = json!({ "apiVersion": "v1", "kind": "Shop", "name": "s", "uid": "1", "controller": true });
        let object = json!({ "metadata": { "managedFields": [], "ownerReferences": [owner] }, "spec": spec });
        let kept = (Deployment::info().decode)(&object.to_string()).unwrap();
        let kept = kept.downcast_ref::<Arc<Deployment>>().unwrap();
        let containers = &kept.spec.template.spec.as_ref().unwrap().containers;
        let (env, owners) = (containers[0].env.as_ref().unwrap(), kept.metadata.owner_references.as_ref().unwrap());
        assert_eq!([containers.capacity(), env.capacity(), owners.capacity()], [1; 3]);
        assert_eq!(kept.metadata.managed_fields, None);
    }
}
