//! All rights of an operator or a manager, as the rules of roles.

use std::collections::BTreeMap;
use std::fmt;

use k8s_openapi::api::rbac::v1::PolicyRule;

use super::right::{Right, What};
use super::text::line;

/// Exactly the rights that a run needs, as the declarations say: no more, and no less.
///
/// `WebApp::rules()`, generated beside `WebApp::operator`, has those of an operator in all namespaces,
/// [`OperatorBuilder::rules`](crate::OperatorBuilder::rules) those of one in its namespaces, and
/// [`Manager::rules`](crate::Manager::rules) those of all its operators together. No cluster is asked. What is needed for what is
/// described in [`guide::deployment`](crate::guide::deployment#rights).
///
/// ```
/// # use std::sync::Arc;
/// # use k8s_openapi::api::core::v1::ConfigMap;
/// # use kube::CustomResource;
/// # use schemars::JsonSchema;
/// # use serde::{Deserialize, Serialize};
/// # use steersman::{Action, Operator, WriteError};
/// #[derive(CustomResource, Operator, Clone, Debug, Deserialize, Serialize, JsonSchema)]
/// #[kube(group = "example.com", version = "v1", kind = "Greeting", namespaced)]
/// #[secondary(ConfigMap, one)]
/// pub struct GreetingSpec {
///     text: String,
/// }
/// # struct Controller;
/// # impl GreetingReconciler for Controller {
/// #     type Error = WriteError;
/// #     async fn reconcile(&self, _: Arc<Greeting>, _: GreetingSnapshot, cx: GreetingContext) -> Result<Action, WriteError> {
/// #         cx.config_map().apply(ConfigMap::default()).await?;
/// #         Ok(Action::await_change())
/// #     }
/// # }
///
/// assert_eq!(
///     Greeting::rules().to_string(),
///     r#"
/// ## for a ClusterRole
/// - {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create", "delete", "list", "patch", "update", "watch"]}
/// - {"apiGroups": ["events.k8s.io"], "resources": ["events"], "verbs": ["create", "patch"]}
/// - {"apiGroups": ["example.com"], "resources": ["greetings"], "verbs": ["list", "watch"]}
/// - {"apiGroups": ["example.com"], "resources": ["greetings/finalizers"], "verbs": ["update"]}
/// "#
///     .trim_start()
/// );
///
/// // In one namespace, for a service account:
/// use steersman::rights::Subject;
///
/// let rules = Greeting::operator(Controller).namespace("shop").rules();
/// let grant = rules.grant("greetings", &Subject::service_account("shop", "greeter"));
/// assert!(grant.cluster_role.is_none());
/// assert_eq!(grant.roles[0].metadata.namespace.as_deref(), Some("shop"));
/// ```
///
/// # Guarantees
/// - Minimal: a right that is contained in another one is left out, so that kinds that are declared several times, as secondaries of
///   one operator or of several, whole or by their `metadata`, add up to one rule.
/// - The order is that of the groups, resources and verbs, and the same in each process.
/// - A rule never gives more than its rights: resources share one only if they have the group and all verbs in common.
///
/// # Display
/// One rule per line, to be pasted below `rules:` of a role; above them a comment says of which role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Rules {
    /// None of them covers another one.
    rights: Vec<Right>,
}

impl Rules {
    /// Each right by itself, with who asks for it; first those that are needed in the whole cluster.
    pub fn rights(&self) -> impl Iterator<Item = &Right> {
        self.rights.iter()
    }

    /// The rules that a ClusterRole must have, bound by a ClusterRoleBinding; empty if all that is needed is in namespaces.
    pub fn cluster_wide(&self) -> Vec<PolicyRule> {
        self.merged(None)
    }

    /// The namespaces in which a Role is needed.
    pub fn namespaces(&self) -> impl Iterator<Item = &str> {
        let mut last = None;
        // Those of one namespace stand together.
        self.rights
            .iter()
            .filter_map(Right::namespace)
            .filter(move |namespace| last.replace(*namespace) != Some(*namespace))
    }

    /// The rules that a Role in this namespace must have, beside those of the ClusterRole.
    pub fn in_namespace(&self, namespace: &str) -> Vec<PolicyRule> {
        self.merged(Some(namespace))
    }

    /// These and the others.
    pub fn and(mut self, others: Self) -> Self {
        self.extend(others.rights);
        self
    }

    /// These, and what leader election with this Lease needs. The Lease is created under its name, which no rule can demand
    /// ([Kubernetes](https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-resources)); everything else is
    /// limited to it.
    pub fn and_lease(mut self, namespace: &str, name: &str) -> Self {
        for (verb, name) in [("create", None), ("get", Some(name)), ("update", Some(name))] {
            let what = What {
                namespace: Some(namespace.to_owned()),
                group: "coordination.k8s.io".to_owned(),
                resource: "leases".to_owned(),
                name: name.map(str::to_owned),
                verb,
            };
            self.add(Right { what, wanted_by: vec!["`Manager::leader_election`".to_owned()], without: None });
        }
        self
    }

    /// Adds a right, unless it is contained in one that is there; takes out those that it contains.
    pub(super) fn add(&mut self, mut right: Right) {
        if let Some(wider) = self.rights.iter_mut().find(|other| other.what.covers(&right.what)) {
            wider.join(right);
            return;
        }
        let (covered, mut rights): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.rights).into_iter().partition(|other| right.what.covers(&other.what));
        covered.into_iter().for_each(|other| right.join(other));
        let place = rights.partition_point(|other| other.what < right.what);
        rights.insert(place, right);
        self.rights = rights;
    }

    /// As few rules as give nothing else. Resources of one group with the same verbs share one, unless single objects are meant.
    fn merged(&self, namespace: Option<&str>) -> Vec<PolicyRule> {
        /// The verbs of one object, or of all.
        type Verbs<'a> = BTreeMap<(&'a str, &'a str, Option<&'a str>), Vec<&'static str>>;
        let mut verbs = Verbs::new();
        for right in self.rights.iter().filter(|right| right.namespace() == namespace) {
            verbs.entry((right.group(), right.resource(), right.name())).or_default().push(right.verb());
        }
        let mut rules: Vec<PolicyRule> = Vec::new();
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        for ((group, resource, name), verbs) in verbs {
            let rule = PolicyRule {
                api_groups: Some(words(&[group])),
                resources: Some(words(&[resource])),
                resource_names: name.map(|name| words(&[name])),
                verbs: words(&verbs),
                ..PolicyRule::default()
            };
            match rules.iter_mut().find(|other| may_share(other, &rule)) {
                Some(other) if name.is_some() => push(&mut other.resource_names, rule.resource_names),
                Some(other) => push(&mut other.resources, rule.resources),
                None => rules.push(rule),
            }
        }
        rules
    }
}

/// Whether two rules say the same of several resources, or of several objects of one.
fn may_share(one: &PolicyRule, other: &PolicyRule) -> bool {
    let same = one.api_groups == other.api_groups && one.verbs == other.verbs;
    same && match (&one.resource_names, &other.resource_names) {
        (None, None) => true,
        (Some(_), Some(_)) => one.resources == other.resources,
        _ => false,
    }
}

fn push(to: &mut Option<Vec<String>>, more: Option<Vec<String>>) {
    to.get_or_insert_default().extend(more.into_iter().flatten());
}

/// Of some rights: those of others that are to be given apart, say.
///
/// ```
/// # use steersman::Rules;
/// let rules = Rules::default().and_lease("ops", "sky");
/// let (create, others): (Rules, Rules) = rules.rights().cloned().partition(|right| right.verb() == "create");
/// assert_eq!(create.and(others), rules);
/// ```
impl FromIterator<Right> for Rules {
    fn from_iter<I: IntoIterator<Item = Right>>(rights: I) -> Self {
        let mut rules = Self::default();
        rules.extend(rights);
        rules
    }
}

impl Extend<Right> for Rules {
    fn extend<I: IntoIterator<Item = Right>>(&mut self, rights: I) {
        rights.into_iter().for_each(|right| self.add(right));
    }
}

impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wide = self.cluster_wide();
        if !wide.is_empty() {
            writeln!(f, "# for a ClusterRole")?;
            wide.iter().try_for_each(|rule| writeln!(f, "{}", line(rule)))?;
        }
        for namespace in self.namespaces() {
            writeln!(f, "# for a Role in the namespace {namespace}")?;
            self.in_namespace(namespace).iter().try_for_each(|rule| writeln!(f, "{}", line(rule)))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn right(namespace: Option<&str>, resource: &str, name: Option<&str>, verb: &'static str, by: &str) -> Right {
        let what = What {
            namespace: namespace.map(str::to_owned),
            group: "g".to_owned(),
            resource: resource.to_owned(),
            name: name.map(str::to_owned),
            verb,
        };
        Right { what, wanted_by: vec![by.to_owned()], without: None }
    }

    fn rules(rights: impl IntoIterator<Item = Right>) -> Rules {
        rights.into_iter().collect()
    }

    #[test]
    fn what_is_contained_in_something_else_is_left_out_and_keeps_its_reasons() {
        let narrow = right(Some("shop"), "a", Some("x"), "get", "one");
        let wide = right(None, "a", None, "get", "two");
        for rules in [rules([narrow.clone(), wide.clone()]), rules([wide, narrow])] {
            assert_eq!(
                rules.to_string(),
                "# for a ClusterRole\n- {\"apiGroups\": [\"g\"], \"resources\": [\"a\"], \"verbs\": [\"get\"]}\n"
            );
            let mut by = rules.rights[0].wanted_by.clone();
            by.sort();
            assert_eq!(by, ["one", "two"]);
        }
    }

    #[test]
    fn who_cannot_do_without_a_right_decides() {
        let spare = Right { without: Some("slowly"), ..right(None, "a", None, "get", "one") };
        let needed = right(None, "a", None, "get", "two");
        assert_eq!(rules([spare.clone(), needed]).rights[0].without(), None);
        assert_eq!(rules([spare.clone(), spare]).rights[0].without(), Some("slowly"));
    }

    #[test]
    fn resources_share_a_rule_if_all_their_verbs_are_equal() {
        let rules = rules([
            right(None, "c", None, "watch", ""),
            right(None, "c", None, "list", ""),
            right(None, "b", None, "list", ""),
            right(None, "a", None, "list", ""),
            right(None, "a", None, "watch", ""),
            right(Some("z"), "d", Some("x"), "get", ""),
            right(Some("z"), "d", Some("y"), "get", ""),
            right(Some("z"), "e", Some("y"), "get", ""),
            right(Some("y"), "d", None, "get", ""),
        ]);
        let expected = r#"
# for a ClusterRole
- {"apiGroups": ["g"], "resources": ["a", "c"], "verbs": ["list", "watch"]}
- {"apiGroups": ["g"], "resources": ["b"], "verbs": ["list"]}
# for a Role in the namespace y
- {"apiGroups": ["g"], "resources": ["d"], "verbs": ["get"]}
# for a Role in the namespace z
- {"apiGroups": ["g"], "resources": ["d"], "resourceNames": ["x", "y"], "verbs": ["get"]}
- {"apiGroups": ["g"], "resources": ["e"], "resourceNames": ["y"], "verbs": ["get"]}
"#;
        assert_eq!(rules.to_string(), expected.trim_start());
    }

    #[test]
    fn a_lease_is_limited_by_its_name_except_for_its_creation() {
        let expected = r#"
# for a Role in the namespace ops
- {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["create"]}
- {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "resourceNames": ["sky"], "verbs": ["get", "update"]}
"#;
        assert_eq!(Rules::default().and_lease("ops", "sky").to_string(), expected.trim_start());
    }
}
