//! What the API server accepts as a finalizer's name.

use crate::qualified::{DOMAIN_MAX, NAME_MAX, is_domain, is_name};

/// What the garbage collector and the namespaces work with.
const OF_KUBERNETES: [&str; 3] = ["foregroundDeletion", "orphan", "kubernetes"];

/// The domains that Kubernetes keeps for itself.
const RESERVED: [&str; 2] = ["kubernetes.io", "k8s.io"];

/// Checks a qualified name with a domain, as the API server does; without a domain it takes the names of its own
/// finalizers alone.
///
/// # Errors
/// The cause and the remedy.
pub(crate) fn check(text: &str) -> Result<(), String> {
    let Some((domain, name)) = text.split_once('/') else {
        return Err(format!(
            "finalizer `{text}` has no domain; the API server wants `<domain>/<name>`, such as \"demo.example.com/cleanup\""
        ));
    };
    if !is_domain(domain) {
        return Err(format!(
            "finalizer `{text}`: `{domain}` is not a domain of at most {DOMAIN_MAX} characters; write lower case letters, \
             digits, `-` and `.`, such as \"demo.example.com/cleanup\""
        ));
    }
    if RESERVED.contains(&domain) {
        return Err(format!(
            "finalizer `{text}` is one of Kubernetes itself, which has the domain `{domain}`; use a domain of yours, such as \
             \"demo.example.com/{name}\""
        ));
    }
    if name.is_empty() {
        return Err(format!("finalizer `{text}` has no name behind its domain; write one, such as \"{text}cleanup\""));
    }
    if !is_name(name) {
        return Err(format!(
            "finalizer `{text}`: `{name}` is not a name of 1 to {NAME_MAX} characters; write letters, digits, `-`, `_` and \
             `.`, with a letter or digit at both ends"
        ));
    }
    Ok(())
}

/// Checks a name that an earlier release may have used. On custom resources the API server takes names without a domain too.
///
/// # Errors
/// The cause and the remedy.
pub(crate) fn check_former(text: &str) -> Result<(), String> {
    if text.contains('/') {
        check(text)
    } else if OF_KUBERNETES.contains(&text) {
        Err(format!("finalizer `{text}` is one of Kubernetes itself, which no operator may remove; leave it out"))
    } else if is_name(text) {
        Ok(())
    } else {
        Err(format!("`{text}` is not the name of a finalizer; write `<domain>/<name>` or `<name>`, as it was used"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_ones() {
        for text in ["demo.example.com/cleanup", "a/b", "1.2/x_Y.z-0", &format!("a.b/{}", "n".repeat(63))] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn bad_ones() {
        let long = format!("a.b/{}", "n".repeat(64));
        let far = format!("{}/n", "a.".repeat(127) + "a");
        let bad = [
            "",
            "cleanup",
            "/x",
            "a.b/",
            "A.b/c",
            "a..b/c",
            "-a/c",
            "a/b/c",
            "a/-b",
            "a/b c",
            "a_b/c",
            "kubernetes.io/x",
            &long,
            &far,
        ];
        for text in bad {
            assert!(check(text).is_err(), "{text}");
        }
    }

    #[test]
    fn former_ones() {
        for text in ["old.example.com/cleanup", "delete-pods-in-order"] {
            assert_eq!(check_former(text), Ok(()), "{text}");
        }
        for text in ["", "a b", "-x", "A.b/c", "a.b/", "foregroundDeletion", "orphan", "kubernetes"] {
            assert!(check_former(text).is_err(), "{text}");
        }
    }
}
