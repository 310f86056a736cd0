//! Users with exactly the rights that they are given.

use std::time::Duration;

use k8s_openapi::api::authorization::v1::{ResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec};
use kube::api::PostParams;
use kube::{Api, Client};
use steersman::Rules;
use steersman::rights::{Right, Subject};

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
    rules.grant(&user, &Subject::user(&user)).apply(&client).await.expect("a role can be created");
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
