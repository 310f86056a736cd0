//! Qualified names, as the API server takes them for finalizers and for the keys and values of labels.

pub(crate) const DOMAIN_MAX: usize = 253;
pub(crate) const NAME_MAX: usize = 63;

/// Checks the key of a label or an annotation: a name, with or without a domain before it.
///
/// # Errors
/// The cause and the remedy.
pub(crate) fn check_key(text: &str) -> Result<(), String> {
    let (domain, name) = match text.split_once('/') {
        Some((domain, name)) => (Some(domain), name),
        None => (None, text),
    };
    if let Some(domain) = domain.filter(|domain| !is_domain(domain)) {
        return Err(format!(
            "`{text}` is not a key: `{domain}` is not a domain of at most {DOMAIN_MAX} characters; write lower case letters, \
             digits, `-` and `.` before the `/`, such as \"demo.example.com/part-of\""
        ));
    }
    if name.is_empty() {
        return Err(format!("`{text}` is not a key: it has no name; write one such as \"demo.example.com/part-of\""));
    }
    if !is_name(name) {
        return Err(format!(
            "`{text}` is not a key: `{name}` is not a name of 1 to {NAME_MAX} characters; write letters, digits, `-`, `_` and \
             `.`, with a letter or digit at both ends"
        ));
    }
    Ok(())
}

/// Checks the value of a label, which may be empty.
///
/// # Errors
/// The cause and the remedy.
pub(crate) fn check_value(text: &str) -> Result<(), String> {
    if text.is_empty() || is_name(text) {
        return Ok(());
    }
    Err(format!(
        "`{text}` is not the value of a label; write at most {NAME_MAX} letters, digits, `-`, `_` and `.`, with a letter or \
         digit at both ends"
    ))
}

/// A DNS subdomain.
pub(crate) fn is_domain(text: &str) -> bool {
    text.len() <= DOMAIN_MAX && text.split('.').all(is_label)
}

/// One part of a DNS subdomain. Its length has no limit of its own: only the whole domain has.
fn is_label(label: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !label.is_empty() && label.chars().all(inner) && !label.starts_with('-') && !label.ends_with('-')
}

/// The part behind the domain.
pub(crate) fn is_name(name: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    name.len() <= NAME_MAX
        && ends(name.chars().next())
        && ends(name.chars().last())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        for text in ["app", "app.kubernetes.io/instance", "a.b/x_Y.z-0", "1", &format!("a/{}", "n".repeat(63))] {
            assert_eq!(check_key(text), Ok(()), "{text}");
        }
        let long = "n".repeat(64);
        let far = format!("{}/n", "a.".repeat(127) + "a");
        for text in ["", "/x", "a/", "A.b/c", "a..b/c", "a/b/c", "-a", "a-", "a b", "a=b", "ä", &long, &far] {
            assert!(check_key(text).is_err_and(|e| e.contains("is not a key: ")), "{text}");
        }
    }

    #[test]
    fn values() {
        for text in ["", "web", "1.2_x-Y", &"n".repeat(63)] {
            assert_eq!(check_value(text), Ok(()), "{text}");
        }
        for text in ["-web", "web.", "a/b", "a b", "\"web\"", &"n".repeat(64)] {
            assert!(check_value(text).is_err(), "{text}");
        }
    }
}
