//! What each declaration needs.

use super::right::{Right, What};
use super::rules::Rules;
use super::text::quoted;
use crate::kind::KindInfo;
use crate::operator::Declaration;
use crate::run::Settings;
use crate::secondary::{Related, Secondary};
use crate::selectable::is_built_in;
use crate::watch::Attribute;

/// What a watch needs, and with `fetches` the fetching of single objects of it, too. A streaming list is a watch; `list` is for an
/// API server that does not know those.
pub(crate) fn to_watch(fetches: bool) -> impl Iterator<Item = &'static str> {
    fetches.then_some("get").into_iter().chain(["list", "watch"])
}

/// What the methods of a [`Handle`](crate::Handle) need: an apply `patch`, and `create` if there is nothing; `replace` is the
/// `update`.
const WRITE: [&str; 4] = ["create", "delete", "patch", "update"];

const UNBLOCKED: &str =
    "an API server that enforces who may block the deletion of an owner, as OpenShift's does, refuses what is owned";
const UNNOTICED: &str = "up to a minute passes until a kind that was missing is noticed";

/// Whether the runtime fetches objects of this secondary, because the watch may have shown them before they belonged to somebody.
/// By the same rule there are stubs of them.
pub(crate) fn is_fetched(declaration: &Declaration, secondary: &Secondary) -> bool {
    match secondary.related {
        Related::Reference(_) | Related::Through(_) => true,
        Related::Owned => declaration.is_narrowed(),
        Related::Label(_) | Related::Annotation(_) | Related::Map(_) => false,
    }
}

impl Declaration {
    /// What the operator needs in all namespaces.
    pub fn rules(&self) -> Rules {
        Needs::of(self, &[])
    }
}

impl Settings {
    /// What the operator needs in its namespaces.
    pub(crate) fn rules(&self) -> Rules {
        Self::rules_in(&self.declaration, &self.namespaces)
    }

    /// What the operator needs in these namespaces; in all, if there are none.
    pub(crate) fn rules_in(declaration: &Declaration, namespaces: &[String]) -> Rules {
        Needs::of(declaration, namespaces)
    }
}

/// The rights of one operator, as they are collected.
struct Needs<'a> {
    declaration: &'a Declaration,
    /// None for all.
    namespaces: &'a [String],
    rules: Rules,
}

impl<'a> Needs<'a> {
    fn of(declaration: &'a Declaration, namespaces: &'a [String]) -> Rules {
        let mut needs = Self { declaration, namespaces, rules: Rules::default() };
        needs.primary();
        declaration.secondaries.iter().for_each(|secondary| needs.secondary(secondary));
        needs.events();
        needs.rules
    }

    fn primary(&mut self) {
        let Declaration { primary, finalizers, status, .. } = self.declaration;
        self.need(primary, "", to_watch(false), Attribute::PRIMARY);
        if let Some(own) = finalizers.own {
            self.need(primary, "", ["patch"], &format!("#[operator(finalizer = \"{own}\")]"));
        }
        if !finalizers.former.is_empty() {
            let former = finalizers.former.join("\", \"");
            self.need(primary, "", ["patch"], &format!("#[operator(former_finalizers = [\"{former}\"])]"));
        }
        if let Some(attribute) = status {
            self.need(primary, "status", ["patch"], attribute);
        }
    }

    fn secondary(&mut self, secondary: &Secondary) {
        let Secondary { kind, attribute, related, write, optional, .. } = secondary;
        self.need(kind, "", to_watch(is_fetched(self.declaration, secondary)), attribute);
        if *write {
            self.need(kind, "", WRITE, attribute);
            let owner = match related {
                Related::Owned => Some(&self.declaration.primary),
                Related::Through(parent) => self.declaration.secondaries.get(*parent).map(|parent| &parent.kind),
                _ => None,
            };
            if let Some(owner) = owner {
                self.add(owner, "finalizers", ["update"], attribute, Some(UNBLOCKED));
            }
        }
        if *optional && !is_built_in(kind) {
            self.definition(kind, attribute);
        }
    }

    /// The definition of a kind that may be missing: its appearance is watched.
    fn definition(&mut self, kind: &KindInfo, attribute: &str) {
        let what = What {
            namespace: None,
            group: "apiextensions.k8s.io".to_owned(),
            resource: "customresourcedefinitions".to_owned(),
            name: Some(format!("{}.{}", kind.plural, kind.group)),
            verb: "watch",
        };
        let wanted_by = vec![self.quoted(attribute)];
        self.rules.add(Right { what, wanted_by, without: Some(UNNOTICED) });
    }

    /// Events are in the namespace of what they are about, or else in `default`.
    fn events(&mut self) {
        let namespaces = match self.declaration.primary.namespaced {
            true => self.scope(true),
            false => vec![Some("default".to_owned())],
        };
        for namespace in namespaces {
            for verb in ["create", "patch"] {
                let (group, resource) = ("events.k8s.io".to_owned(), "events".to_owned());
                let what = What { namespace: namespace.clone(), group, resource, name: None, verb };
                let wanted_by = vec![self.quoted("cx.event")];
                self.rules.add(Right { what, wanted_by, without: None });
            }
        }
    }

    fn need(
        &mut self,
        kind: &KindInfo,
        subresource: &str,
        verbs: impl IntoIterator<Item = &'static str>,
        attribute: &str,
    ) {
        self.add(kind, subresource, verbs, attribute, None);
    }

    fn add(
        &mut self,
        kind: &KindInfo,
        subresource: &str,
        verbs: impl IntoIterator<Item = &'static str>,
        attribute: &str,
        without: Option<&'static str>,
    ) {
        let slash = if subresource.is_empty() { "" } else { "/" };
        let resource = format!("{}{slash}{subresource}", kind.plural);
        for verb in verbs {
            for namespace in self.scope(kind.namespaced) {
                let (group, resource) = (kind.group.to_string(), resource.clone());
                let what = What { namespace, group, resource, name: None, verb };
                self.rules.add(Right { what, wanted_by: vec![self.quoted(attribute)], without });
            }
        }
    }

    /// Where a right is needed.
    fn scope(&self, namespaced: bool) -> Vec<Option<String>> {
        match self.namespaces {
            namespaces if namespaced && !namespaces.is_empty() => namespaces.iter().cloned().map(Some).collect(),
            _ => vec![None],
        }
    }

    fn quoted(&self, attribute: &str) -> String {
        quoted(attribute, self.declaration.name)
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
    use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Secret};
    use kube::core::Expression;

    use super::*;
    use crate::refer::References;

    fn app() -> Declaration {
        Declaration::new::<Deployment>("App")
    }

    fn in_shop(declaration: Declaration) -> String {
        let mut settings = Settings::new(declaration);
        settings.namespaces = vec!["shop".to_owned()];
        settings.rules().to_string()
    }

    #[test]
    fn an_operator_that_does_nothing_but_watch() {
        let expected = r#"
# for a ClusterRole
- {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["list", "watch"]}
- {"apiGroups": ["events.k8s.io"], "resources": ["events"], "verbs": ["create", "patch"]}
"#;
        assert_eq!(app().rules().to_string(), expected.trim_start());
        assert_eq!(in_shop(app()), expected.trim_start().replace("a ClusterRole", "a Role in the namespace shop"));
    }

    #[test]
    fn status_and_finalizers() {
        let rules = app().status(Some("#[kube(status = \"S\")]")).former_finalizers(&["a/b", "a/c"]).rules();
        let expected = r#"
# for a ClusterRole
- {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["list", "patch", "watch"]}
- {"apiGroups": ["apps"], "resources": ["deployments/status"], "verbs": ["patch"]}
- {"apiGroups": ["events.k8s.io"], "resources": ["events"], "verbs": ["create", "patch"]}
"#;
        assert_eq!(rules.to_string(), expected.trim_start());
        let wanted: Vec<_> = rules.rights().flat_map(Right::wanted_by).map(String::as_str).collect();
        assert_eq!(
            wanted,
            [
                "`#[derive(Operator)]` of App",
                "`#[operator(former_finalizers = [\"a/b\", \"a/c\"])]` of App",
                "`#[derive(Operator)]` of App",
                "`#[kube(status = \"S\")]` of App",
                "`cx.event` of App",
                "`cx.event` of App",
            ]
        );
        assert_eq!(app().finalizer("a/b").rules().rights().filter(|right| right.verb() == "patch").count(), 2);
    }

    #[test]
    fn what_may_be_known_by_a_stub_is_fetched() {
        let gets = |declaration: Declaration| {
            let rules = declaration.rules();
            rules.rights().filter(|right| right.verb() == "get").map(|r| r.resource().to_owned()).collect::<Vec<_>>()
        };
        let owned = || Secondary::owned::<ConfigMap>("maps", "");
        fn refer(_: &Deployment, _: &mut References) {}
        assert_eq!(gets(app().secondary(owned())), [""; 0]);
        let selected = app().selector([Expression::Exists("a".to_owned())]);
        assert_eq!(
            gets(selected.secondary(owned()).secondary(Secondary::label::<Secret>("secrets", "", "a"))),
            ["configmaps"]
        );
        assert_eq!(gets(app().secondary(Secondary::reference::<Secret, Deployment>("secret", "", refer))), ["secrets"]);
        let through = Secondary::through::<ConfigMap>("maps", "", 0);
        assert_eq!(
            gets(app().secondary(Secondary::owned::<ReplicaSet>("sets", "")).secondary(through)),
            ["configmaps"]
        );
    }

    #[test]
    fn what_is_written_and_named_as_its_owner() {
        let declaration = app()
            .secondary(Secondary::owned::<ReplicaSet>("sets", "#[secondary(ReplicaSet)]"))
            .secondary(Secondary::through::<ConfigMap>("maps", "#[secondary(ConfigMap)]", 0).write())
            .secondary(Secondary::owned::<Secret>("secrets", "#[secondary(Secret)]").read_only());
        let rules = declaration.rules();
        let expected = r#"
# for a ClusterRole
- {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"]}
- {"apiGroups": [""], "resources": ["secrets"], "verbs": ["list", "watch"]}
- {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["list", "watch"]}
- {"apiGroups": ["apps"], "resources": ["deployments/finalizers", "replicasets/finalizers"], "verbs": ["update"]}
- {"apiGroups": ["apps"], "resources": ["replicasets"], "verbs": ["create", "delete", "list", "patch", "update", "watch"]}
- {"apiGroups": ["events.k8s.io"], "resources": ["events"], "verbs": ["create", "patch"]}
"#;
        assert_eq!(rules.to_string(), expected.trim_start());
        let spare: Vec<_> = rules.rights().filter(|right| right.without().is_some()).map(Right::resource).collect();
        assert_eq!(spare, ["deployments/finalizers", "replicasets/finalizers"]);
    }

    #[test]
    fn a_kind_that_is_declared_in_several_ways_is_one_rule() {
        let declaration =
            app().secondary(Secondary::owned::<ConfigMap>("own", "#[secondary(ConfigMap, name = own)]")).secondary(
                Secondary::label::<ConfigMap>("marked", "#[secondary(ConfigMap, name = marked)]", "a").metadata(),
            );
        let rules = declaration.rules();
        let maps: Vec<_> = rules.rights().filter(|right| right.resource() == "configmaps").collect();
        assert_eq!(
            maps.iter().map(|right| right.verb()).collect::<Vec<_>>(),
            ["create", "delete", "list", "patch", "update", "watch"]
        );
        let wanted = |i: usize| maps[i].wanted_by().len();
        assert_eq!([0, 1, 2, 3, 4, 5].map(wanted), [1, 1, 2, 1, 1, 2]);
    }

    /// What is in no namespace is needed in the whole cluster, and events about it are in `default`.
    #[test]
    fn a_cluster_scoped_primary_in_one_namespace() {
        let declaration = Declaration::new::<Namespace>("Home").secondary(Secondary::owned::<ConfigMap>("maps", ""));
        let expected = r#"
# for a ClusterRole
- {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["list", "watch"]}
- {"apiGroups": [""], "resources": ["namespaces/finalizers"], "verbs": ["update"]}
# for a Role in the namespace default
- {"apiGroups": ["events.k8s.io"], "resources": ["events"], "verbs": ["create", "patch"]}
# for a Role in the namespace shop
- {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create", "delete", "list", "patch", "update", "watch"]}
"#;
        assert_eq!(in_shop(declaration), expected.trim_start());
    }

    #[test]
    fn the_definition_of_a_custom_kind_that_may_be_missing_is_watched() {
        let built_in = Secondary::label::<ConfigMap>("maps", "", "a").optional();
        let custom = Secondary { kind: crate::core::testing::kind("comets", true), ..built_in.clone() };
        let rules = app().secondary(built_in).secondary(custom).rules();
        let line = r#"- {"apiGroups": ["apiextensions.k8s.io"], "resources": ["customresourcedefinitions"], "resourceNames": ["comets.test"], "verbs": ["watch"]}"#;
        let said = rules.to_string();
        assert!(said.contains(line) && said.matches("customresourcedefinitions").count() == 1, "{said}");
    }
}
