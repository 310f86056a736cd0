//! The first difference between two versions of an object.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Difference;
use super::compare::difference;
use super::place::Place;
use crate::kind::KindInfo;

/// The first field in which `after` is not what it was `before`; `desired` is the value before. `None` if there is none but
/// those that each write moves.
pub(crate) fn first_difference(kind: &KindInfo, before: &Value, after: &Value) -> Option<Difference> {
    step(&Place::root(kind), Some(before), Some(after))
}

fn step(place: &Place<'_>, before: Option<&Value>, after: Option<&Value>) -> Option<Difference> {
    match (before, after) {
        (before, after) if before == after => None,
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            let mut names = names.into_iter().filter(|name| !is_bookkeeping(place, name));
            names.find_map(|name| step(&place.field(name), a.get(name), b.get(name)))
        }
        (Some(Value::Array(a)), Some(Value::Array(b))) => {
            (0..a.len().max(b.len())).find_map(|i| step(&place.index(i), a.get(i), b.get(i)))
        }
        (before, after) => Some(difference(place, before, after)),
    }
}

fn is_bookkeeping(place: &Place<'_>, name: &str) -> bool {
    place.name() == "metadata" && matches!(name, "resourceVersion" | "managedFields" | "generation")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::core::testing::kind;

    #[test]
    fn the_first_field_that_differs_is_named_with_both_values() {
        let before = json!({ "metadata": { "resourceVersion": "1" }, "spec": { "a": [1, { "b": "x" }], "c": 1 } });
        let after = json!({ "metadata": { "resourceVersion": "2" }, "spec": { "a": [1, { "b": "y" }], "c": 2 } });
        let found = first_difference(&kind("P", true), &before, &after).unwrap();
        assert_eq!(found.path, ".spec.a[1].b");
        assert_eq!((found.desired.as_deref(), found.live.as_deref()), (Some("\"x\""), Some("\"y\"")));
    }

    #[test]
    fn the_values_of_a_secret_are_hidden() {
        let (before, after) = (json!({ "data": { "key": "YQ==" } }), json!({ "data": { "key": "Yg==" } }));
        let secret = KindInfo { group: "".into(), ..kind("Secret", true) };
        let found = first_difference(&secret, &before, &after).unwrap();
        assert_eq!(
            (found.path.as_str(), found.desired, found.live),
            (".data.key", Some("(hidden)".into()), Some("(hidden)".into()))
        );
    }

    #[test]
    fn the_version_alone_is_no_difference() {
        let version = |rv: &str| json!({ "metadata": { "resourceVersion": rv } });
        assert_eq!(first_difference(&kind("P", true), &version("1"), &version("2")), None);
    }
}
