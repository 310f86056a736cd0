//! How rights are put into words: the one place for the text of a rule, and of what to do with it.

use k8s_openapi::api::rbac::v1::PolicyRule;

/// A rule as a line below `rules:`, in YAML or, without the dash, in JSON.
pub(crate) fn line(rule: &PolicyRule) -> String {
    let fields = [
        ("apiGroups", &rule.api_groups),
        ("resources", &rule.resources),
        ("resourceNames", &rule.resource_names),
        ("verbs", &Some(rule.verbs.clone())),
    ];
    let field = |(name, values): (&str, &Option<Vec<String>>)| {
        let values = values.as_ref()?.iter().map(|value| format!("\"{value}\"")).collect::<Vec<_>>();
        Some(format!("\"{name}\": [{}]", values.join(", ")))
    };
    format!("- {{{}}}", fields.into_iter().filter_map(field).collect::<Vec<_>>().join(", "))
}

/// How the user, if the name is known, gets what this rule gives, in this namespace or in all.
pub(crate) fn remedy(user: Option<&str>, namespace: Option<&str>, rule: &str) -> String {
    let role = match namespace {
        Some(namespace) => format!("a Role in the namespace {namespace}"),
        None => "a ClusterRole".to_owned(),
    };
    match user {
        None => format!("give the operator this rule: `{rule}`"),
        Some("system:anonymous") => {
            "give the operator credentials, since the API server does not know who it is".to_owned()
        }
        Some(user) => format!("bind `{user}` to {role} with this rule: `{rule}`"),
    }
}

/// An attribute of an operator, as a sentence quotes it.
pub(crate) fn quoted(attribute: &str, operator: &str) -> String {
    format!("`{attribute}` of {operator}")
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list<S: AsRef<str>>(words: &[S]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match &words[..] {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_one_line_of_yaml_and_of_json() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let mut rule = PolicyRule {
            api_groups: Some(words(&["apps"])),
            resources: Some(words(&["deployments", "replicasets"])),
            verbs: words(&["get", "list"]),
            ..PolicyRule::default()
        };
        let text = line(&rule);
        assert_eq!(
            text,
            r#"- {"apiGroups": ["apps"], "resources": ["deployments", "replicasets"], "verbs": ["get", "list"]}"#
        );
        rule.resource_names = Some(words(&["web"]));
        let text = line(&rule);
        assert!(text.contains(r#", "resourceNames": ["web"], "verbs""#), "{text}");
        assert_eq!(serde_json::from_str::<PolicyRule>(text.trim_start_matches("- ")).unwrap(), rule);
    }
}
