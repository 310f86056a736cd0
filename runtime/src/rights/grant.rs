//! Rules as objects of Kubernetes.

use k8s_openapi::api::rbac::v1::{self as rbac, ClusterRole, ClusterRoleBinding, Role, RoleBinding, RoleRef};
use kube::api::{Api, Patch, PatchParams};
use kube::core::{NamespaceResourceScope, ObjectMeta};
use kube::{Client, Resource};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::rules::Rules;

const GROUP: &str = "rbac.authorization.k8s.io";

/// Who the operator is to the API server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// The user of this name.
    User(String),
    /// The service account that its Pod runs as.
    ServiceAccount {
        /// Where the service account is.
        namespace: String,
        /// Its name.
        name: String,
    },
}

impl Subject {
    /// The user of this name.
    pub fn user(name: impl Into<String>) -> Self {
        Self::User(name.into())
    }

    /// The service account of this namespace and name.
    pub fn service_account(namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self::ServiceAccount { namespace: namespace.into(), name: name.into() }
    }

    fn of_binding(&self) -> rbac::Subject {
        match self {
            Self::User(name) => rbac::Subject {
                api_group: Some(GROUP.to_owned()),
                kind: "User".to_owned(),
                name: name.clone(),
                namespace: None,
            },
            Self::ServiceAccount { namespace, name } => rbac::Subject {
                api_group: None,
                kind: "ServiceAccount".to_owned(),
                name: name.clone(),
                namespace: Some(namespace.clone()),
            },
        }
    }
}

/// The objects that give a subject the rights of [`Rules`], and no others.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Grant {
    /// What is needed in the whole cluster, if anything is.
    pub cluster_role: Option<ClusterRole>,
    /// Binds it.
    pub cluster_role_binding: Option<ClusterRoleBinding>,
    /// What is needed in each namespace.
    pub roles: Vec<Role>,
    /// Binds each of them.
    pub role_bindings: Vec<RoleBinding>,
}

impl Grant {
    /// Applies all of them, with this client: for tests, and programs that install operators. The field manager is `steersman`. It
    /// takes some time until the API server goes by them.
    ///
    /// # Errors
    /// If the API server refuses one; the others may be applied.
    pub async fn apply(&self, client: &Client) -> Result<(), kube::Error> {
        if let Some(role) = &self.cluster_role {
            apply(&Api::all(client.clone()), role).await?;
        }
        if let Some(binding) = &self.cluster_role_binding {
            apply(&Api::all(client.clone()), binding).await?;
        }
        for role in &self.roles {
            apply(&in_its_namespace(client, role), role).await?;
        }
        for binding in &self.role_bindings {
            apply(&in_its_namespace(client, binding), binding).await?;
        }
        Ok(())
    }
}

fn in_its_namespace<K>(client: &Client, object: &K) -> Api<K>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>,
{
    Api::namespaced(client.clone(), object.meta().namespace.as_deref().unwrap_or_default())
}

async fn apply<K>(api: &Api<K>, object: &K) -> Result<(), kube::Error>
where
    K: Resource<DynamicType = ()> + Serialize + DeserializeOwned + Clone + std::fmt::Debug,
{
    let name = object.meta().name.as_deref().unwrap_or_default();
    api.patch(name, &PatchParams::apply("steersman").force(), &Patch::Apply(object)).await?;
    Ok(())
}

impl Rules {
    /// The roles with these rules, and their bindings to a subject, all of this name. In the whole cluster, there must be no other
    /// ClusterRole of this name.
    pub fn grant(&self, name: &str, to: &Subject) -> Grant {
        let metadata = |namespace: Option<&str>| ObjectMeta {
            name: Some(name.to_owned()),
            namespace: namespace.map(str::to_owned),
            ..ObjectMeta::default()
        };
        // Whether it may be missing depends on the version of Kubernetes.
        let role_ref =
            |kind: &str| RoleRef { api_group: GROUP.to_owned().into(), kind: kind.to_owned(), name: name.to_owned() };
        let subjects = Some(vec![to.of_binding()]);
        let mut grant = Grant::default();
        let wide = self.cluster_wide();
        if !wide.is_empty() {
            grant.cluster_role =
                Some(ClusterRole { metadata: metadata(None), rules: Some(wide), ..ClusterRole::default() });
            grant.cluster_role_binding = Some(ClusterRoleBinding {
                metadata: metadata(None),
                role_ref: role_ref("ClusterRole"),
                subjects: subjects.clone(),
            });
        }
        for namespace in self.namespaces() {
            let (metadata, rules) = (metadata(Some(namespace)), Some(self.in_namespace(namespace)));
            let (role_ref, subjects) = (role_ref("Role"), subjects.clone());
            grant.role_bindings.push(RoleBinding { metadata: metadata.clone(), role_ref, subjects });
            grant.roles.push(Role { metadata, rules });
        }
        grant
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_bound_where_they_are() {
        let rules = Rules::default().and_lease("a", "x").and_lease("b", "x");
        let Grant { cluster_role, cluster_role_binding, roles, role_bindings } =
            rules.grant("sky", &Subject::service_account("ops", "sky"));
        assert_eq!((cluster_role, cluster_role_binding), (None, None));
        let places =
            |metadata: &[&ObjectMeta]| metadata.iter().map(|m| m.namespace.clone().unwrap()).collect::<Vec<_>>();
        assert_eq!(places(&roles.iter().map(|role| &role.metadata).collect::<Vec<_>>()), ["a", "b"]);
        assert_eq!(places(&role_bindings.iter().map(|role| &role.metadata).collect::<Vec<_>>()), ["a", "b"]);
        let subject = &role_bindings[0].subjects.as_ref().unwrap()[0];
        assert_eq!((&*subject.kind, subject.namespace.as_deref()), ("ServiceAccount", Some("ops")));
        assert_eq!((&*role_bindings[0].role_ref.kind, &*role_bindings[0].role_ref.name), ("Role", "sky"));
    }
}
