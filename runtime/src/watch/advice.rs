//! What is said of a watch that the cluster does not allow as it was declared: the cause, and what to write or to install. The
//! derive speaks like this of what it can know at compile time.

use std::fmt;

use super::discovery::Served;
use crate::kind::KindInfo;
use crate::rights::{list, quoted, remedy};
use crate::selectable::is_built_in;

/// An attribute that asks for a watch.
#[derive(Clone, Debug)]
pub(crate) struct Attribute {
    /// As it was written.
    pub(crate) text: String,
    /// The operator that it is of.
    pub(crate) operator: &'static str,
    pub(crate) asks: Asks,
}

/// What an attribute asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asks {
    /// The primary, without which there is no operator.
    Primary,
    Secondary,
    /// A secondary that may be missing.
    Optional,
}

/// `#[secondary(Deployment, one)] of WebApp`.
impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.text, self.operator)
    }
}

impl Attribute {
    /// What asks for the watch of the primaries.
    pub(crate) const PRIMARY: &'static str = "#[derive(Operator)]";

    /// As a sentence quotes it.
    fn quoted(&self) -> String {
        quoted(&self.text, self.operator)
    }

    /// The same with `optional`, to be pasted.
    fn with_optional(&self) -> String {
        let text = self.text.strip_suffix(")]").unwrap_or(&self.text);
        format!("`{text}, optional)]` of {}", self.operator)
    }
}

/// Advice about the watch of a kind that these attributes ask for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Advice<'a> {
    pub(super) kind: &'a KindInfo,
    pub(super) attributes: &'a [Attribute],
    /// The rule that gives the rights, as a line.
    pub(super) rule: &'a str,
}

impl Advice<'_> {
    /// What is served is not what was declared.
    pub(super) fn served(self, served: &Served) -> String {
        let (kind, wanted) = (self.kind, format!("wanted by {}", self.wanted()));
        match served {
            Served::Nothing => {
                format!("the API server does not serve {kind}, {wanted}; {}", self.install_or_do_without())
            }
            Served::In(versions) => format!(
                "the API server serves `{}`, {wanted}, in {} and not in {}; {}",
                kind.resource(),
                list(versions),
                kind.version,
                self.meet(versions)
            ),
            Served::Named(plural) => format!(
                "the API server serves {kind}, {wanted}, as `{plural}` and not as `{}`; write `plural = \"{plural}\"` in the \
                 `#[kube(..)]` of {}",
                kind.plural, kind.kind
            ),
            Served::OtherScope => self.other_scope(),
        }
    }

    /// The kind is there in these versions: how the Rust type and the cluster come together.
    fn meet(self, versions: &[String]) -> String {
        let KindInfo { kind, version, .. } = self.kind;
        let served = versions.first().map_or("", String::as_str);
        if is_built_in(self.kind) {
            return format!("use the Rust type of {served}");
        }
        format!(
            "install a CRD `{}` that serves {version}, or write `version = \"{served}\"` in the `#[kube(..)]` of {kind}",
            self.kind.resource()
        )
    }

    fn other_scope(self) -> String {
        let kind = self.kind;
        let (served, declared, write, scope) = if kind.namespaced {
            ("cluster-scoped", "namespaced", "remove `namespaced` from", "Namespaced")
        } else {
            ("namespaced", "cluster-scoped", "write `namespaced` in", "Cluster")
        };
        format!(
            "{kind}, wanted by {}, is {served} in the cluster, and its Rust type is {declared}; {write} the `#[kube(..)]` of {}, \
             or delete the CRD `{}`, with all objects, and install it with `scope: {scope}`",
            self.wanted(),
            kind.kind,
            kind.resource()
        )
    }

    /// The API server cannot select the kind by this field.
    pub(super) fn not_selectable(self, path: &str) -> String {
        let said = format!("the API server cannot select {} by `{path}`, wanted by {}", self.kind, self.wanted());
        if is_built_in(self.kind) {
            return format!("{said}; use a Kubernetes that can, or write `selector = \"..\"` instead");
        }
        format!(
            "{said}; list it in the `selectableFields` of the CRD `{}`, with kube: `#[kube(selectable = \".{path}\")]`",
            self.kind.resource()
        )
    }

    /// A right is missing, in this namespace or in all: what the API server says, and the rule that gives it.
    pub(super) fn forbidden(self, message: &str, namespace: Option<&str>) -> String {
        format!("no right for {}: {message}; {}", self.wanted(), remedy(user(message), namespace, self.rule))
    }

    fn wanted(self) -> String {
        list(&self.attributes.iter().map(Attribute::quoted).collect::<Vec<_>>())
    }

    fn install_or_do_without(self) -> String {
        let kind = self.kind;
        let install = if is_built_in(kind) {
            let version = kind.api_version();
            format!("use a Kubernetes that serves it, or start the API server with `--runtime-config={version}=true`")
        } else {
            format!("install the CRD `{}`", kind.resource())
        };
        // Where a primary needs it, `optional` elsewhere is of no use.
        if self.attributes.iter().any(|attribute| attribute.asks == Asks::Primary) {
            return install;
        }
        let required = self.attributes.iter().filter(|attribute| attribute.asks == Asks::Secondary);
        let optional: Vec<_> = required.map(Attribute::with_optional).collect();
        if optional.is_empty() { install } else { format!("{install}, or write {}", list(&optional)) }
    }
}

/// Whom the API server means by `.. User "operator" cannot list ..`.
fn user(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("User \"")?;
    Some(rest.split_once("\" cannot ")?.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::testing;

    fn comet(namespaced: bool) -> KindInfo {
        KindInfo { group: "example.com".into(), plural: "comets".into(), ..testing::kind("Comet", namespaced) }
    }

    fn secondary(text: &str) -> Attribute {
        Attribute { text: text.into(), operator: "Sky", asks: Asks::Secondary }
    }

    fn primary() -> Attribute {
        Attribute { text: "#[derive(Operator)]".into(), operator: "Comet", asks: Asks::Primary }
    }

    /// The rule does not matter to it.
    fn advice<'a>(kind: &'a KindInfo, attributes: &'a [Attribute]) -> Advice<'a> {
        Advice { kind, attributes, rule: r#"- {"verbs": ["watch"]}"# }
    }

    fn served(kind: &KindInfo, attributes: &[Attribute], served: &Served) -> String {
        advice(kind, attributes).served(served)
    }

    #[test]
    fn a_missing_kind_is_installed_or_optional() {
        assert_eq!(
            served(&comet(true), &[secondary("#[secondary(Comet, one)]")], &Served::Nothing),
            "the API server does not serve Comet (example.com/v1), wanted by `#[secondary(Comet, one)]` of Sky; install the \
             CRD `comets.example.com`, or write `#[secondary(Comet, one, optional)]` of Sky"
        );
    }

    #[test]
    fn a_missing_primary_is_installed() {
        assert_eq!(
            served(&comet(true), &[primary()], &Served::Nothing),
            "the API server does not serve Comet (example.com/v1), wanted by `#[derive(Operator)]` of Comet; install the CRD \
             `comets.example.com`"
        );
    }

    #[test]
    fn optional_is_proposed_where_that_is_enough_and_not_said_yet() {
        let said = |attributes: &[Attribute]| served(&comet(true), attributes, &Served::Nothing);
        let optional = Attribute { asks: Asks::Optional, ..secondary("#[secondary(Comet, optional)]") };
        let two = [optional.clone(), secondary("#[secondary(Comet)]")];
        assert!(
            said(&two)
                .ends_with("install the CRD `comets.example.com`, or write `#[secondary(Comet, optional)]` of Sky")
        );
        assert!(said(&[primary(), secondary("#[secondary(Comet)]")]).ends_with("install the CRD `comets.example.com`"));
        assert!(said(&[optional]).ends_with("install the CRD `comets.example.com`"));
    }

    #[test]
    fn kinds_of_kubernetes_have_no_crd() {
        let kind = KindInfo { group: "resource.k8s.io".into(), plural: "resourceclaims".into(), ..comet(true) };
        let said = served(&kind, &[primary()], &Served::Nothing);
        let remedy = "; use a Kubernetes that serves it, or start the API server with `--runtime-config=resource.k8s.io/v1=true`";
        assert!(said.ends_with(remedy), "{said}");
        let said = served(&kind, &[primary()], &Served::In(vec!["v1beta2".into()]));
        assert!(said.ends_with(" in v1beta2 and not in v1; use the Rust type of v1beta2"), "{said}");
        let kind = KindInfo { group: "apps".into(), ..testing::kind("ControllerRevision", true) };
        assert!(!served(&kind, &[primary()], &Served::Nothing).contains("CRD"));
    }

    #[test]
    fn other_versions_are_named() {
        let versions = ["v1beta2", "v1beta1", "v1alpha1"].map(str::to_owned).to_vec();
        assert_eq!(
            served(&comet(true), &[primary()], &Served::In(versions)),
            "the API server serves `comets.example.com`, wanted by `#[derive(Operator)]` of Comet, in v1beta2, v1beta1 and \
             v1alpha1 and not in v1; install a CRD `comets.example.com` that serves v1, or write `version = \"v1beta2\"` in \
             the `#[kube(..)]` of Comet"
        );
    }

    #[test]
    fn another_plural_is_named() {
        assert_eq!(
            served(&comet(true), &[primary()], &Served::Named("cometes".into())),
            "the API server serves Comet (example.com/v1), wanted by `#[derive(Operator)]` of Comet, as `cometes` and not as \
             `comets`; write `plural = \"cometes\"` in the `#[kube(..)]` of Comet"
        );
    }

    #[test]
    fn the_other_scope_is_named() {
        assert_eq!(
            served(&comet(true), &[primary()], &Served::OtherScope),
            "Comet (example.com/v1), wanted by `#[derive(Operator)]` of Comet, is cluster-scoped in the cluster, and its Rust \
             type is namespaced; remove `namespaced` from the `#[kube(..)]` of Comet, or delete the CRD `comets.example.com`, \
             with all objects, and install it with `scope: Namespaced`"
        );
        let said = served(&comet(false), &[primary()], &Served::OtherScope);
        assert!(
            said.contains("is namespaced in the cluster, and its Rust type is cluster-scoped; write `namespaced` in")
        );
        assert!(said.ends_with("`scope: Cluster`"), "{said}");
    }

    #[test]
    fn a_field_that_is_not_selectable_is_listed_in_the_crd() {
        let (kind, attributes) = (comet(true), [secondary("#[secondary(Comet, fields = \"spec.a=b\")]")]);
        assert_eq!(
            advice(&kind, &attributes).not_selectable("spec.a"),
            "the API server cannot select Comet (example.com/v1) by `spec.a`, wanted by `#[secondary(Comet, fields = \
             \"spec.a=b\")]` of Sky; list it in the `selectableFields` of the CRD `comets.example.com`, with kube: \
             `#[kube(selectable = \".spec.a\")]`"
        );
        let kind = KindInfo { group: "apps".into(), plural: "deployments".into(), ..comet(true) };
        let said = advice(&kind, &attributes).not_selectable("spec.a");
        assert!(said.ends_with("; use a Kubernetes that can, or write `selector = \"..\"` instead"), "{said}");
    }

    #[test]
    fn the_rule_in_need_can_be_pasted() {
        let (kind, attributes) = (comet(true), [secondary("#[secondary(Comet)]")]);
        let advice = advice(&kind, &attributes);
        let message =
            |user: &str| format!(r#"comets.example.com is forbidden: User "{user}" cannot watch resource "comets""#);
        assert_eq!(
            advice.forbidden(&message("system:serviceaccount:ops:sky"), Some("shop")),
            r#"no right for `#[secondary(Comet)]` of Sky: comets.example.com is forbidden: User "#.to_owned()
                + r#""system:serviceaccount:ops:sky" cannot watch resource "comets"; bind `system:serviceaccount:ops:sky` to a "#
                + r#"Role in the namespace shop with this rule: `- {"verbs": ["watch"]}`"#
        );
        assert!(advice.forbidden(&message("a"), None).contains("; bind `a` to a ClusterRole with this rule: `- {"));
        let anonymous = advice.forbidden(&message("system:anonymous"), None);
        assert!(anonymous.contains("; give the operator credentials") && !anonymous.contains("rule"), "{anonymous}");
        assert!(advice.forbidden("no", None).contains("no; give the operator this rule: `- {"));
    }
}
