//! Users with exactly the rights that they are given.

use std::time::Duration;

use k8s_openapi::api::authorization::v1::{ResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec};
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding};
use kube::api::PostParams;
use kube::{Api, Client, Resource};
use serde::Serialize;
use serde::de::DeserializeOwned;
use steersman::Rules;
use steersman::rights::{Grant, Right, Subject};

use crate::DEADLINE;

const POLL: Duration = Duration::from_millis(10);

/// The user behind a user agent of [`Place::agent`](crate::Place::agent): one of its own.
pub fn user_of(agent: &str) -> &str {
    agent.split_once('/').map_or(agent, |(name, _)| name)
}

/// Gives a user these rights by a grant of the user's name, and waits until the API server knows.
///
/// # Panics
/// If the API server, asked by this client, refuses.
pub async fn grant(client: Client, rules: Rules, user: String) {
    let grant = rules.grant(&user, &Subject::user(&user));
    create_all(&client, grant).await;
    // The rules of one role become known together.
    let mut last = None;
    for right in rules.rights().filter(|right| last.replace(right.namespace()) != Some(right.namespace())) {
        // By hand: a task that waits with a closure of ours cannot be spawned.
        let known = async {
            while !has(&client, right, &user).await {
                tokio::time::sleep(POLL).await;
            }
        };
        tokio::time::timeout(DEADLINE, known).await.expect("the API server gets to know the rights");
    }
}

/// Creates the objects of a grant.
///
/// # Panics
/// If the API server refuses.
pub async fn create_all(client: &Client, grant: Grant) {
    let Grant { cluster_role, cluster_role_binding, roles, role_bindings, .. } = grant;
    let (wide, bindings) = (Api::<ClusterRole>::all(client.clone()), Api::<ClusterRoleBinding>::all(client.clone()));
    if let Some(role) = cluster_role {
        create(&wide, &role).await;
    }
    if let Some(binding) = cluster_role_binding {
        create(&bindings, &binding).await;
    }
    let namespace = |metadata: &kube::core::ObjectMeta| metadata.namespace.clone().expect("a Role is in a namespace");
    for role in roles {
        create(&Api::<Role>::namespaced(client.clone(), &namespace(&role.metadata)), &role).await;
    }
    for binding in role_bindings {
        create(&Api::<RoleBinding>::namespaced(client.clone(), &namespace(&binding.metadata)), &binding).await;
    }
}

async fn create<K>(api: &Api<K>, object: &K)
where
    K: Resource + Serialize + DeserializeOwned + Clone + std::fmt::Debug,
{
    api.create(&PostParams::default(), object).await.expect("a role can be created");
}

/// Whether a user has a right, as the API server says.
///
/// # Panics
/// If it says nothing.
pub async fn has(client: &Client, right: &Right, user: &str) -> bool {
    let mut resource = right.resource().splitn(2, '/').map(str::to_owned);
    let attributes = ResourceAttributes {
        group: Some(right.group().to_owned()),
        resource: resource.next(),
        subresource: resource.next(),
        name: right.name().map(str::to_owned),
        namespace: right.namespace().map(str::to_owned),
        verb: Some(right.verb().to_owned()),
        ..ResourceAttributes::default()
    };
    let spec = SubjectAccessReviewSpec {
        user: Some(user.to_owned()),
        resource_attributes: Some(attributes),
        ..SubjectAccessReviewSpec::default()
    };
    let review = SubjectAccessReview { spec, ..SubjectAccessReview::default() };
    let reviews = Api::<SubjectAccessReview>::all(client.clone());
    let answer = reviews.create(&PostParams::default(), &review).await.expect("the admin may ask");
    answer.status.expect("an answer has a status").allowed
}
