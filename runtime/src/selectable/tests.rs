use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Event, Namespace, Node, Pod, Secret};
use k8s_openapi::api::events::v1 as events;

use super::*;
use crate::kind::Kind;
use crate::kinds::{AnyType, TypeOf};

fn refusal<K: Kind + k8s_openapi::Resource>(path: &str) -> Option<String> {
    let refusal = Refusal::new(TypeOf::<K>::SELECTABLE, K::KIND, "fields = \"..\"", path);
    refusal.map(|refusal| refusal.text().to_owned())
}

#[track_caller]
fn meant<K: Kind + k8s_openapi::Resource>(path: &str, near: &str) {
    let text = refusal::<K>(path).expect("it is refused");
    let (begin, end) = (format!("`fields = \"..\"`: the API server cannot select `{}` by `{path}`", K::KIND), near);
    assert_eq!(text, format!("{begin}; did you mean `{end}`?"));
}

#[test]
fn what_the_table_knows_is_not_refused() {
    for path in ["metadata.name", "metadata.namespace", "spec.nodeName", "status.phase"] {
        assert_eq!(refusal::<Pod>(path), None, "{path}");
    }
    assert_eq!(refusal::<Deployment>("metadata.namespace"), None);
    assert_eq!(refusal::<Secret>("type"), None);
}

#[test]
fn a_near_miss_is_named() {
    meant::<Pod>("status.phse", "status.phase");
    meant::<Pod>("spec.node_name", "spec.nodeName");
    meant::<Pod>("spec.nodename", "spec.nodeName");
    meant::<Pod>("phase", "status.phase");
    meant::<Pod>("name", "metadata.name");
    meant::<Pod>("spec.phase", "status.phase");
    meant::<Pod>("spec.serviceAccount", "spec.serviceAccountName");
    meant::<Secret>("typ", "type");
    meant::<Event>("source.component", "source");
    meant::<Event>("regarding.name", "involvedObject.name");
    meant::<events::Event>("involvedObject.fieldPath", "regarding.fieldPath");
    meant::<Namespace>("status.Phase", "status.phase");
}

#[test]
fn without_a_near_miss_all_fields_are_listed() {
    let list = "; it knows `metadata.name`, `metadata.namespace` and `type`: write one of these, or leave `fields` out and name \
                the fields that matter: `predicate = changed(|object| ..)`";
    let text = refusal::<Secret>("data.password").unwrap();
    assert_eq!(text, format!("`fields = \"..\"`: the API server cannot select `Secret` by `data.password`{list}"));
    assert!(refusal::<Pod>("status.hostIP").unwrap().contains("it knows"));
    assert!(refusal::<Pod>(&"spec.long".repeat(20)).unwrap().contains("it knows"));
}

#[test]
fn what_is_in_no_namespace_is_not_selected_by_one() {
    let text = refusal::<Node>("metadata.namespace").unwrap();
    assert!(
        text.ends_with("`Node` is cluster-scoped, so `metadata.namespace` is empty in all of its objects; remove it")
    );
}

#[test]
fn of_other_types_nothing_is_known() {
    assert!(<TypeOf<String>>::SELECTABLE.is_none());
    assert!(<TypeOf<kube::core::PartialObjectMeta<Pod>>>::SELECTABLE.is_none());
    assert!(Selectable::of("demo.steersman.dev", "Pod", true).is_none());
    assert!(Refusal::new(None, "WebApp", "fields = \"a=b\"", "a").is_none());
}

#[test]
fn a_text_without_room_is_cut_at_a_whole_part() {
    let pod = TypeOf::<Pod>::SELECTABLE;
    let refusal = Refusal::new(pod, "Pod", &"\u{fc}".repeat(3000), "status.phse").unwrap();
    assert!(refusal.text().ends_with("did you mean `status.phase`?"), "{}", refusal.text());
}
