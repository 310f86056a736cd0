//! What a request is about, as RBAC and the audit log of the API server would say.

use http::{Method, Uri};

/// The verb and the resource of a request, read from its method and path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target<'a> {
    pub(super) verb: &'static str,
    /// Empty for the core group, and for what is no resource.
    pub(super) group: &'a str,
    /// Empty for what is no resource: discovery, `/version`.
    pub(super) plural: &'a str,
    pub(super) subresource: &'a str,
}

/// Subresources that do something however they are asked for: a GET of `pods/exec` runs a command.
const CONNECTING: [&str; 4] = ["exec", "attach", "portforward", "proxy"];

impl<'a> Target<'a> {
    pub(super) fn of(method: &Method, uri: &'a Uri) -> Self {
        let Some((group, path)) = resource_path(uri.path()) else {
            return Self { verb: plain(method), group: "", plural: "", subresource: "" };
        };
        let (plural, name, subresource) = path;
        let named = name.is_some();
        let verb = match *method {
            Method::GET | Method::HEAD if named => "get",
            Method::GET | Method::HEAD if is_watch(uri) => "watch",
            Method::GET | Method::HEAD => "list",
            Method::DELETE if !named => "deletecollection",
            _ => plain(method),
        };
        Self { verb, group, plural, subresource }
    }

    /// Whether it may change something. Reviews create nothing, though they are POSTs.
    pub(super) fn is_write(&self) -> bool {
        let reads = matches!(self.verb, "get" | "list" | "watch" | "head" | "options");
        let reviews = matches!(self.group, "authorization.k8s.io" | "authentication.k8s.io");
        let asks = self.verb == "create" && reviews && self.plural.starts_with("selfsubject");
        !(reads && !CONNECTING.contains(&self.subresource) || asks)
    }

    /// `deployments.apps`, `configmaps`; empty for what is no resource.
    pub(super) fn resource(&self) -> String {
        crate::kind::resource(self.group, self.plural)
    }
}

/// The group, and then plural, name and subresource.
#[expect(clippy::type_complexity, reason = "the parts of a path, in their order")]
fn resource_path(path: &str) -> Option<(&str, (&str, Option<&str>, &str))> {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let group = match parts.next()? {
        "api" => "",
        "apis" => parts.next()?,
        _ => return None,
    };
    let _version = parts.next()?;
    let first = parts.next()?;
    let (second, third) = (parts.next(), parts.next());
    let resource = match (first, second, third) {
        // A namespace itself, with its subresources; everything else below it is in it.
        ("namespaces", _, None | Some("status" | "finalize")) => (first, second, third.unwrap_or_default()),
        ("namespaces", _, Some(plural)) => (plural, parts.next(), parts.next().unwrap_or_default()),
        _ => (first, second, third.unwrap_or_default()),
    };
    Some((group, resource))
}

fn is_watch(uri: &Uri) -> bool {
    let parameters = uri.query().unwrap_or_default().split('&');
    parameters
        .filter_map(|parameter| parameter.strip_prefix("watch"))
        .any(|rest| matches!(rest, "=true" | "=1" | "" | "="))
}

/// The verb of a method where the path does not matter.
fn plain(method: &Method) -> &'static str {
    match *method {
        Method::GET => "get",
        Method::HEAD => "head",
        Method::OPTIONS => "options",
        Method::POST => "create",
        Method::PUT => "update",
        Method::PATCH => "patch",
        Method::DELETE => "delete",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(method: &str, uri: &str) -> (&'static str, String, String, bool) {
        let uri: Uri = uri.parse().unwrap();
        let target = Target::of(&method.parse().unwrap(), &uri);
        (target.verb, target.resource(), target.subresource.to_owned(), target.is_write())
    }

    #[test]
    fn verbs_and_resources() {
        for (method, uri, verb, resource, subresource, write) in [
            ("GET", "/api/v1/configmaps", "list", "configmaps", "", false),
            ("GET", "/api/v1/configmaps?limit=500&watch=true&resourceVersion=1", "watch", "configmaps", "", false),
            ("GET", "/api/v1/configmaps?watch=1", "watch", "configmaps", "", false),
            ("GET", "/api/v1/configmaps?watch=false", "list", "configmaps", "", false),
            ("GET", "/api/v1/configmaps?allowWatchBookmarks=true", "list", "configmaps", "", false),
            ("GET", "/api/v1/namespaces/a/configmaps", "list", "configmaps", "", false),
            ("GET", "/api/v1/namespaces/a/configmaps/b", "get", "configmaps", "", false),
            ("POST", "/api/v1/namespaces/a/configmaps?fieldManager=x", "create", "configmaps", "", true),
            ("PUT", "/apis/apps/v1/namespaces/a/deployments/b", "update", "deployments.apps", "", true),
            ("PATCH", "/apis/apps/v1/namespaces/a/deployments/b/status", "patch", "deployments.apps", "status", true),
            ("PATCH", "/apis/demo.dev/v1/namespaces/a/apps/b?force=true", "patch", "apps.demo.dev", "", true),
            ("DELETE", "/api/v1/namespaces/a/pods/b", "delete", "pods", "", true),
            ("DELETE", "/api/v1/namespaces/a/pods", "deletecollection", "pods", "", true),
            ("POST", "/api/v1/namespaces/a/pods/b/eviction", "create", "pods", "eviction", true),
            ("GET", "/api/v1/namespaces/a/pods/b/log", "get", "pods", "log", false),
            ("GET", "/api/v1/namespaces/a/pods/b/exec?command=x", "get", "pods", "exec", true),
            ("GET", "/api/v1/namespaces", "list", "namespaces", "", false),
            ("GET", "/api/v1/namespaces/a", "get", "namespaces", "", false),
            ("PATCH", "/api/v1/namespaces/a", "patch", "namespaces", "", true),
            ("PUT", "/api/v1/namespaces/a/finalize", "update", "namespaces", "finalize", true),
            ("GET", "/api/v1/nodes/a", "get", "nodes", "", false),
            ("PATCH", "/api/v1/nodes/a/status", "patch", "nodes", "status", true),
            (
                "POST",
                "/apis/rbac.authorization.k8s.io/v1/clusterroles",
                "create",
                "clusterroles.rbac.authorization.k8s.io",
                "",
                true,
            ),
        ] {
            assert_eq!(read(method, uri), (verb, resource.to_owned(), subresource.to_owned(), write), "{method} {uri}");
        }
    }

    #[test]
    fn reviews_of_oneself_write_nothing() {
        let reviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        assert_eq!(read("POST", reviews).1, "selfsubjectaccessreviews.authorization.k8s.io");
        assert!(!read("POST", reviews).3);
        assert!(!read("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews").3);
        assert!(!read("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews").3);
        assert!(read("POST", "/apis/example.com/v1/selfsubjectreviews").3, "anybody's kind may be called so");
    }

    #[test]
    fn what_is_no_resource() {
        for (uri, verb) in
            [("/version", "get"), ("/apis", "get"), ("/apis/apps/v1", "get"), ("/api/v1", "get"), ("/", "get")]
        {
            assert_eq!(read("GET", uri), (verb, String::new(), String::new(), false), "{uri}");
        }
        assert!(read("POST", "/somewhere").3, "nobody knows");
    }
}
