//! What a request is about.

use http::{Method, Uri};

use super::super::request::Verb;
use crate::core::key::Key;
use crate::kind::KindInfo;

/// A resource of the API, in whatever version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Resource {
    pub(crate) group: String,
    pub(crate) plural: String,
}

impl Resource {
    pub(crate) fn of(kind: &KindInfo) -> Self {
        Self { group: kind.group.to_string(), plural: kind.plural.to_string() }
    }
}

/// A request's path and query, taken apart.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) resource: Resource,
    pub(super) api_version: String,
    pub(super) namespace: Option<String>,
    pub(super) name: Option<String>,
    pub(super) subresource: String,
    pub(super) query: Vec<(String, String)>,
}

impl Target {
    /// `None` for what is no resource.
    pub(super) fn parse(uri: &Uri) -> Option<Self> {
        let mut parts = uri.path().split('/').filter(|part| !part.is_empty());
        let group = match parts.next()? {
            "api" => "",
            "apis" => parts.next()?,
            _ => return None,
        };
        let version = parts.next()?;
        let rest: Vec<&str> = parts.collect();
        let (namespace, plural, name, subresource) = match rest[..] {
            ["namespaces", name, sub @ ("status" | "finalize")] => (None, "namespaces", Some(name), sub),
            ["namespaces", namespace, plural] => (Some(namespace), plural, None, ""),
            ["namespaces", namespace, plural, name] => (Some(namespace), plural, Some(name), ""),
            ["namespaces", namespace, plural, name, sub] => (Some(namespace), plural, Some(name), sub),
            [plural] => (None, plural, None, ""),
            [plural, name] => (None, plural, Some(name), ""),
            [plural, name, sub] => (None, plural, Some(name), sub),
            _ => return None,
        };
        let api_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
        Some(Self {
            resource: Resource { group: group.to_owned(), plural: plural.to_owned() },
            api_version,
            namespace: namespace.map(str::to_owned),
            name: name.map(str::to_owned),
            subresource: subresource.to_owned(),
            query: query(uri),
        })
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.parameter(name), Some("true" | "1"))
    }

    pub(super) fn key(&self) -> Option<Key> {
        self.name.as_deref().map(|name| Key::new(self.namespace.as_deref(), name))
    }

    /// What is asked, by the method and the form of the body.
    pub(super) fn verb(&self, method: &Method, content: &str) -> Option<Verb> {
        let named = self.name.is_some();
        Some(match *method {
            Method::GET if named => Verb::Get,
            Method::GET if self.flag("watch") => Verb::Watch,
            Method::GET => Verb::List,
            Method::POST => Verb::Create,
            Method::PUT if named => Verb::Update,
            Method::PATCH if named && content.contains("apply-patch") => Verb::Apply,
            Method::PATCH if named => Verb::Patch,
            Method::DELETE if named => Verb::Delete,
            _ => return None,
        })
    }
}

fn query(uri: &Uri) -> Vec<(String, String)> {
    let pairs = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let pair = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (unescaped(key), unescaped(value))
    };
    pairs.map(pair).collect()
}

fn unescaped(text: &str) -> String {
    let (bytes, mut plain, mut i) = (text.as_bytes(), Vec::with_capacity(text.len()), 0);
    while i < bytes.len() {
        let escape = text.get(i + 1..i + 3).filter(|_| bytes[i] == b'%');
        let byte = escape.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        plain.push(byte.unwrap_or(if bytes[i] == b'+' { b' ' } else { bytes[i] }));
        i += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&plain).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_taken_apart() {
        let target = |uri: &str| Target::parse(&uri.parse().unwrap()).unwrap();
        let status = target("/apis/demo.dev/v1/namespaces/a/apps/b/status?fieldManager=x&force=true");
        assert_eq!((&*status.resource.group, &*status.resource.plural), ("demo.dev", "apps"));
        assert_eq!((status.key(), &*status.subresource), (Some(Key::new(Some("a"), "b")), "status"));
        assert!(status.flag("force") && status.api_version == "demo.dev/v1");
        let watch = target("/api/v1/configmaps?watch=true&labelSelector=a%2Fb%2Ct%20in%20%28x%29");
        assert_eq!(watch.parameter("labelSelector"), Some("a/b,t in (x)"));
        assert_eq!(watch.verb(&Method::GET, ""), Some(Verb::Watch));
        assert_eq!(target("/api/v1/namespaces/a").key(), Some(Key::new(None, "a")));
        assert!(Target::parse(&"/version".parse().unwrap()).is_none());
    }
}
