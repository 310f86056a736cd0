//! One right, and who asks for it.

use k8s_openapi::api::rbac::v1::PolicyRule;

/// One verb on one resource, in one namespace or everywhere: the smallest part of [`Rules`](super::Rules).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Right {
    pub(super) what: What,
    /// `#[secondary(ConfigMap)]` of Shelf, as sentences quote it.
    pub(super) wanted_by: Vec<String>,
    /// What happens without it, where the operator does its work nevertheless.
    pub(super) without: Option<&'static str>,
}

/// A right by itself. Its order is that of the rules: what is needed everywhere comes first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct What {
    /// `None`: in all of them, or in none.
    pub(super) namespace: Option<String>,
    pub(super) group: String,
    /// With its subresource: `webapps/status`.
    pub(super) resource: String,
    /// `None`: all of them.
    pub(super) name: Option<String>,
    pub(super) verb: &'static str,
}

impl What {
    /// Whether who has this right has the other one.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let Self { namespace, group, resource, name, verb } = self;
        (group, resource, verb) == (&other.group, &other.resource, &other.verb)
            && (namespace.is_none() || *namespace == other.namespace)
            && (name.is_none() || *name == other.name)
    }
}

impl Right {
    /// `get`, `list`, `watch`, `create`, `update`, `patch` or `delete`.
    pub fn verb(&self) -> &'static str {
        self.what.verb
    }

    /// The API group; empty for the core group.
    pub fn group(&self) -> &str {
        &self.what.group
    }

    /// The resource in the plural, with its subresource if there is one: `webapps/status`.
    pub fn resource(&self) -> &str {
        &self.what.resource
    }

    /// The one object that is enough; `None` if any object may be meant.
    pub fn name(&self) -> Option<&str> {
        self.what.name.as_deref()
    }

    /// Where it is needed; `None` for the whole cluster, which for a namespaced kind is all namespaces.
    pub fn namespace(&self) -> Option<&str> {
        self.what.namespace.as_deref()
    }

    /// What asks for it, in the words of the code: `` `#[secondary(ConfigMap)]` of Shelf ``. At least one.
    pub fn wanted_by(&self) -> &[String] {
        &self.wanted_by
    }

    /// What happens without it, if that stops nothing: not every cluster asks for it, or there is another way. `None` if
    /// something that is declared cannot work without it.
    pub fn without(&self) -> Option<&'static str> {
        self.without
    }

    /// The rule that gives this right and nothing else.
    pub fn policy_rule(&self) -> PolicyRule {
        PolicyRule {
            api_groups: Some(vec![self.what.group.clone()]),
            resources: Some(vec![self.what.resource.clone()]),
            resource_names: self.what.name.clone().map(|name| vec![name]),
            verbs: vec![self.what.verb.to_owned()],
            ..PolicyRule::default()
        }
    }

    /// Somebody else wants it, too.
    pub(super) fn join(&mut self, other: Self) {
        for wanted in other.wanted_by {
            if !self.wanted_by.contains(&wanted) {
                self.wanted_by.push(wanted);
            }
        }
        // Who cannot do without it decides.
        self.without = self.without.and(other.without);
    }
}
