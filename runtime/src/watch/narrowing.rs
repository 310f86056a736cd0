//! What a watch is narrowed to.

use kube::core::Selector;

use crate::kind::KindInfo;
use crate::run::Settings;

/// Which objects of a kind a watch shows. Two watches of one kind that are narrowed alike are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Narrowing {
    /// None for all of them, and for cluster-scoped kinds.
    pub(crate) namespaces: Vec<String>,
    /// The label selector.
    pub(crate) labels: Selector,
    /// The field selector.
    pub(crate) fields: Option<&'static str>,
}

impl Narrowing {
    pub(crate) fn new(settings: &Settings, kind: &KindInfo, labels: Selector, fields: Option<&'static str>) -> Self {
        let mut namespaces = if kind.namespaced { settings.namespaces.clone() } else { Vec::new() };
        namespaces.sort();
        namespaces.dedup();
        Self { namespaces, labels, fields }
    }

    /// What selects the objects, to be read; empty for all.
    #[cfg(feature = "server")]
    pub(crate) fn selection(&self) -> String {
        let labels = (!self.labels.selects_all()).then(|| self.labels.to_string());
        labels.into_iter().chain(self.fields.map(|fields| format!("fields {fields}"))).collect::<Vec<_>>().join("; ")
    }

    /// As parameters of a request; empty, or with an ampersand before each.
    pub(super) fn parameters(&self) -> String {
        let labels =
            (!self.labels.selects_all()).then(|| format!("&labelSelector={}", escaped(&self.labels.to_string())));
        let fields = self.fields.map(|fields| format!("&fieldSelector={}", escaped(fields)));
        labels.into_iter().chain(fields).collect()
    }
}

/// A text as the value of a query.
pub(super) fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use kube::core::Expression;

    use super::*;

    #[test]
    fn selectors_become_parameters() {
        let labels = [Expression::Exists("a/b".into()), Expression::NotIn("t".into(), ["x".into(), "y".into()].into())];
        let narrowing = Narrowing {
            namespaces: Vec::new(),
            labels: labels.into_iter().collect(),
            fields: Some("metadata.name=web"),
        };
        assert_eq!(
            narrowing.parameters(),
            "&labelSelector=a%2Fb%2Ct%20notin%20%28x%2Cy%29&fieldSelector=metadata.name%3Dweb"
        );
    }
}
