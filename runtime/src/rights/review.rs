//! Asks the API server at the start whether the operator has the rights that it needs, and says which are missing.
//!
//! A watch that is refused says so itself, in the same words, and is tried again: the review asks for `watch` in order not to say
//! the same once more. What nobody would notice before it is needed is found by asking.

use std::time::Duration;

use futures::StreamExt;
use k8s_openapi::api::authentication::v1::SelfSubjectReview;
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec, SubjectAccessReviewStatus,
};
use kube::api::PostParams;
use kube::{Api, Client};

use super::right::{Right, What};
use super::rules::Rules;
use super::text::{line, list, remedy};

/// So many rights are asked for at the same time: the watches begin meanwhile.
const AT_ONCE: usize = 4;
/// The time that one answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The wait before what is missing is asked for again; it doubles each time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// So often in a row the answer has to be no: an API server that has just started refuses everything for a moment.
const CERTAIN: u32 = 2;

/// Asks for all rights, and for those that are missing again until they are given. Whatever comes of it, nothing else stops.
pub(crate) async fn review(rules: Rules, client: Client) {
    let mut open: Vec<Open> = narrowed(&rules, &client).await.into_iter().map(Open::new).collect();
    let mut user = None;
    let mut pause = FIRST_PAUSE;
    loop {
        ask(&mut open, &client).await;
        open.retain(|open| !open.is_settled());
        if open.is_empty() {
            return;
        }
        if user.is_none() && open.iter().any(|open| open.denied >= CERTAIN) {
            user = name(&client).await;
        }
        tell(&mut open, user.as_deref());
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// One right that may be missing.
#[derive(Debug)]
struct Open {
    right: Right,
    /// How often in a row the API server has said that it is.
    denied: u32,
    /// The API server has said that it is not.
    given: bool,
    told: bool,
}

impl Open {
    fn new(right: Right) -> Self {
        Self { right, denied: 0, given: false, told: false }
    }

    /// Whether there is nothing more to ask or to say. What can be done without is said, and not awaited.
    fn is_settled(&self) -> bool {
        self.given || self.told && self.right.without().is_some()
    }
}

/// The rights to ask for one by one. Where the same is needed in several namespaces, it is asked for in all of them first, and
/// that may be all.
async fn narrowed(rules: &Rules, client: &Client) -> Vec<Right> {
    let mut wide: Vec<Right> = Vec::new();
    for right in rules.rights().filter(|right| right.namespace().is_some()) {
        let right = Right { what: What { namespace: None, ..right.what.clone() }, ..right.clone() };
        if !wide.iter().any(|other| other.what == right.what) {
            wide.push(right);
        }
    }
    let of = |wide: &Right| rules.rights().filter(|right| wide.what.covers(&right.what)).count();
    wide.retain(|wide| of(wide) > 1);
    let answers = answers(wide.clone(), client).await;
    let given: Vec<_> = wide.iter().zip(answers).filter(|(_, given)| *given == Some(true)).collect();
    let is_given = |right: &&Right| given.iter().any(|(wide, _)| wide.what.covers(&right.what));
    rules.rights().filter(|right| !is_given(right)).cloned().collect()
}

async fn ask(open: &mut [Open], client: &Client) {
    let rights = open.iter().map(|open| open.right.clone()).collect();
    for (open, answer) in open.iter_mut().zip(answers(rights, client).await) {
        match answer {
            Some(true) => {
                if open.told {
                    let Right { what: What { verb, group, resource, namespace, .. }, wanted_by, .. } = &open.right;
                    tracing::info!(
                        verb, group, resource, namespace, wanted_by = %list(wanted_by),
                        "a right that was missing has been given"
                    );
                }
                open.given = true;
            }
            Some(false) => open.denied = open.denied.saturating_add(1),
            None => open.denied = 0,
        }
    }
}

/// What the API server says of each.
async fn answers(rights: Vec<Right>, client: &Client) -> Vec<Option<bool>> {
    let asking = rights.into_iter().map(|right| has(client.clone(), right));
    futures::stream::iter(asking).buffered(AT_ONCE).collect().await
}

/// Says what is missing and has not been said: all verbs of one resource at once.
fn tell(open: &mut [Open], user: Option<&str>) {
    let certain = |open: &Open| open.denied >= CERTAIN;
    let unwatched: Vec<What> = open
        .iter()
        .filter(|open| certain(open) && is_watch(&open.right.what))
        .map(|open| open.right.what.clone())
        .collect();
    // The watch says it, with all that it needs.
    let is_told_by_watch = |what: &What| {
        is_watch(what)
            || matches!(what.verb, "list" | "get") && unwatched.contains(&What { verb: "watch", ..what.clone() })
    };
    let is_news = |open: &Open| certain(open) && !open.told && !is_told_by_watch(&open.right.what);
    while let Some(first) = open.iter().find(|open| is_news(open)).map(|open| open.right.clone()) {
        let without = first.without();
        let mut missing = Rules::default();
        for open in open.iter_mut().filter(|open| is_news(open)) {
            let what = What { verb: first.what.verb, ..open.right.what.clone() };
            if what == first.what && open.right.without() == without {
                missing.add(open.right.clone());
                open.told = true;
            }
        }
        let error = explain(&missing, user);
        match without {
            None => {
                tracing::error!(error = %error, "a right is missing; it is asked for again, and everything else goes on")
            }
            Some(without) => {
                tracing::info!(advice = %error, without = %without, "a right is missing that can be done without")
            }
        }
    }
}

/// Whether a watch of ours finds out itself. That of a definition is silent.
fn is_watch(what: &What) -> bool {
    what.verb == "watch" && what.name.is_none()
}

/// Rights on one resource, and the rule that gives them.
fn explain(missing: &Rules, user: Option<&str>) -> String {
    let Some(What { namespace, group, resource, .. }) = missing.rights().next().map(|right| &right.what) else {
        return String::new();
    };
    let verbs: Vec<_> = missing.rights().map(Right::verb).collect();
    let mut wanted: Vec<&String> = Vec::new();
    for by in missing.rights().flat_map(Right::wanted_by) {
        if !wanted.contains(&by) {
            wanted.push(by);
        }
    }
    let who = user.map_or_else(|| "the operator".to_owned(), |user| format!("User \"{user}\""));
    let scope = match namespace {
        Some(namespace) => format!("in the namespace \"{namespace}\""),
        None => "at the cluster scope".to_owned(),
    };
    let rules = [missing.cluster_wide(), namespace.as_deref().map(|n| missing.in_namespace(n)).unwrap_or_default()];
    let rule = rules.iter().flatten().map(line).collect::<Vec<_>>().join(" ");
    format!(
        "no right for {}: {who} cannot {} resource \"{resource}\" in API group \"{group}\" {scope}; {}",
        list(&wanted),
        list(&verbs),
        remedy(user, namespace.as_deref(), &rule)
    )
}

/// Whether we have a right; `None` if the API server does not say.
async fn has(client: Client, right: Right) -> Option<bool> {
    let What { namespace, group, resource, name, verb } = right.what;
    let (resource, subresource) = match resource.split_once('/') {
        Some((resource, subresource)) => (resource.to_owned(), Some(subresource.to_owned())),
        None => (resource, None),
    };
    let attributes = ResourceAttributes {
        namespace,
        group: Some(group),
        resource: Some(resource),
        subresource,
        name,
        verb: Some(verb.to_owned()),
        ..ResourceAttributes::default()
    };
    let spec = SelfSubjectAccessReviewSpec { resource_attributes: Some(attributes), ..Default::default() };
    let review = SelfSubjectAccessReview { spec, ..SelfSubjectAccessReview::default() };
    let SubjectAccessReviewStatus { allowed, .. } = create(&client, review).await?.status?;
    Some(allowed)
}

/// Who we are to the API server, if it says so.
async fn name(client: &Client) -> Option<String> {
    create(client, SelfSubjectReview::default()).await?.status?.user_info?.username
}

/// Nothing is stored by it: the answer is what was to be created, filled in.
async fn create<K>(client: &Client, review: K) -> Option<K>
where
    K: kube::Resource<DynamicType = (), Scope = k8s_openapi::ClusterResourceScope>
        + serde::Serialize
        + serde::de::DeserializeOwned
        + Clone
        + std::fmt::Debug,
{
    let api = Api::all(client.clone());
    let error = match tokio::time::timeout(PATIENCE, api.create(&PostParams::default(), &review)).await {
        Ok(Ok(answer)) => return Some(answer),
        Ok(Err(error)) => error.to_string(),
        Err(silence) => silence.to_string(),
    };
    tracing::debug!(review = %K::kind(&()), error, "the API server does not review the rights; it is asked again");
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn right(namespace: Option<&str>, verb: &'static str, by: &str) -> Right {
        let what = What {
            namespace: namespace.map(str::to_owned),
            group: "example.com".to_owned(),
            resource: "comets".to_owned(),
            name: None,
            verb,
        };
        Right { what, wanted_by: vec![by.to_owned()], without: None }
    }

    fn explained(rights: &[Right], user: Option<&str>) -> String {
        explain(&rights.iter().cloned().collect(), user)
    }

    #[test]
    fn what_is_missing_is_named_with_the_rule_that_gives_it() {
        let (a, b) = ("`#[secondary(Comet)]` of Sky", "`#[secondary(Comet, name = more)]` of Sky");
        let rights = [right(Some("shop"), "patch", a), right(Some("shop"), "create", b)];
        assert_eq!(
            explained(&rights, Some("system:serviceaccount:ops:sky")),
            r#"no right for `#[secondary(Comet, name = more)]` of Sky and `#[secondary(Comet)]` of Sky: User "#
                .to_owned()
                + r#""system:serviceaccount:ops:sky" cannot create and patch resource "comets" in API group "example.com" in the "#
                + r#"namespace "shop"; bind `system:serviceaccount:ops:sky` to a Role in the namespace shop with this rule: "#
                + r#"`- {"apiGroups": ["example.com"], "resources": ["comets"], "verbs": ["create", "patch"]}`"#
        );
        assert_eq!(
            explained(&[right(None, "delete", a)], None),
            r#"no right for `#[secondary(Comet)]` of Sky: the operator cannot delete resource "comets" in API group "#
                .to_owned()
                + r#""example.com" at the cluster scope; give the operator this rule: `- {"apiGroups": ["example.com"], "#
                + r#""resources": ["comets"], "verbs": ["delete"]}`"#
        );
    }

    fn told(open: &[Open]) -> Vec<&'static str> {
        open.iter().filter(|open| open.told).map(|open| open.right.verb()).collect()
    }

    #[test]
    fn what_a_watch_says_is_not_said_again() {
        let denied = |verb| Open { denied: CERTAIN, ..Open::new(right(None, verb, "x")) };
        let mut open = ["watch", "list", "get", "patch"].map(denied);
        tell(&mut open, None);
        assert_eq!(told(&open), ["patch"]);
        open[0].denied = 0;
        tell(&mut open, None);
        assert_eq!(told(&open), ["list", "get", "patch"]);
    }

    #[test]
    fn one_no_is_not_enough() {
        let mut open = [Open { denied: CERTAIN - 1, ..Open::new(right(None, "patch", "x")) }];
        tell(&mut open, None);
        assert_eq!(told(&open), [""; 0]);
    }
}
