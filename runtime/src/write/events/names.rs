//! Names that the API server takes.

use super::event::boundary;

/// The longest name of an object.
const NAME: usize = 253;
/// The longest name part of a qualified name.
const QUALIFIED: usize = 63;
/// The longest name of a reporting instance.
const INSTANCE: usize = 128;

/// The field manager as `reportingController`, which must be a qualified name: as it is if it is one, otherwise with what
/// cannot stand there replaced.
pub(crate) fn reporting_controller(field_manager: &str) -> String {
    let (prefix, name) = match field_manager.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, field_manager),
    };
    let valid_prefix = prefix.is_none_or(|prefix| prefix.len() <= NAME && is_subdomain(prefix));
    if valid_prefix && name.len() <= QUALIFIED && !name.is_empty() && trimmed(name) == name && name.chars().all(is_word)
    {
        return field_manager.to_owned();
    }
    let replaced: String = field_manager.chars().map(|c| if is_word(c) { c } else { '-' }).collect();
    let begin = trimmed(&replaced);
    match trimmed(&begin[..begin.len().min(QUALIFIED)]) {
        "" => "operator".to_owned(),
        name => name.to_owned(),
    }
}

/// Who of several equal operators it is: the Pod's name where `POD_NAME` says it, otherwise the host's, which is the same in
/// a Pod without `hostNetwork`.
pub(crate) fn reporting_instance() -> String {
    let pod = std::env::var("POD_NAME").ok();
    let host = || hostname::get().ok()?.into_string().ok();
    let mut name = pod.filter(|name| !name.is_empty()).or_else(host).unwrap_or_else(|| "unknown".to_owned());
    name.truncate(boundary(&name, INSTANCE));
    name
}

/// The name of an event about `primary`: a DNS subdomain, which not every name is, that nothing else has.
pub(super) fn event_name(primary: &str, unique: u64) -> String {
    let suffix = format!("{unique:016x}");
    let mut name = primary.to_owned();
    if !is_subdomain(primary) {
        name.make_ascii_lowercase();
        name = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    }
    match trimmed(&name[..name.len().min(NAME - 1 - suffix.len())]) {
        "" => suffix,
        begin => format!("{begin}.{suffix}"),
    }
}

/// Without what a name may neither begin nor end with.
fn trimmed(name: &str) -> &str {
    name.trim_matches(|c: char| !c.is_ascii_alphanumeric())
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

fn is_subdomain(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && trimmed(label) == label
            && label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qualified_name_is_the_controllers() {
        for name in ["webapp.demo.steersman.dev", "demo.steersman.dev/WebApp_1", "a", &"a".repeat(63)] {
            assert_eq!(reporting_controller(name), name);
        }
    }

    #[test]
    fn any_other_name_becomes_one() {
        for (name, expected) in [
            ("my operator!", "my-operator"),
            ("a/b/c", "a-b-c"),
            ("Group/name", "Group-name"),
            ("/name", "name"),
            ("ß", "operator"),
            ("", "operator"),
            (&"ab.".repeat(30), &"ab.".repeat(21)[..62]),
        ] {
            assert_eq!(reporting_controller(name), expected);
        }
    }

    #[test]
    fn an_event_has_a_valid_name_whatever_the_primarys_is() {
        for (primary, expected) in [
            ("web", "web.00000000000000ff"),
            ("web.example.com", "web.example.com.00000000000000ff"),
            ("system:Node-a", "system-node-a.00000000000000ff"),
            ("ß", "00000000000000ff"),
        ] {
            assert_eq!(event_name(primary, 255), expected);
        }
        let long = event_name(&format!("{}.{}", "a".repeat(235), "b".repeat(10)), 255);
        assert_eq!(long, format!("{}.00000000000000ff", "a".repeat(235)), "no empty label, at most 253 bytes");
    }
}
