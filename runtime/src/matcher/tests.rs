//! With JSON as a real API server (1.37) has answered it, shortened.

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{ConfigMap, Secret, Service};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::*;
use crate::kind::Kind;

const WEB: &str = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","uid":"1","labels":{"a":"b"}},"spec":{
    "replicas":0,"minReadySeconds":0,"strategy":{},"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
    "spec":{"hostNetwork":false,"containers":[{"name":"app","image":"i","args":["x"],"env":[{"name":"E","value":""},
    {"name":"F","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}},
    {"name":"G","valueFrom":{"resourceFieldRef":{"resource":"limits.cpu"}}},{"name":"H","value":"1000m"}],
    "ports":[{"containerPort":80},{"containerPort":53,"protocol":"UDP"}],
    "resources":{"limits":{"cpu":"1000m","memory":"1.5Gi"}},"securityContext":{}}],
    "volumes":[{"name":"v","emptyDir":{}},{"name":"p","projected":{"sources":[{"serviceAccountToken":{"path":"t"}}]}}]}}}}"#;
const WEB_LIVE: &str = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","generation":1,"labels":{"a":"b"}},"spec":{
    "progressDeadlineSeconds":600,"replicas":0,"revisionHistoryLimit":10,"selector":{"matchLabels":{"a":"b"}},
    "strategy":{"rollingUpdate":{"maxSurge":"25%","maxUnavailable":"25%"},"type":"RollingUpdate"},
    "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"args":["x"],"env":[{"name":"E"},
    {"name":"F","valueFrom":{"fieldRef":{"apiVersion":"v1","fieldPath":"metadata.name"}}},
    {"name":"G","valueFrom":{"resourceFieldRef":{"divisor":"0","resource":"limits.cpu"}}},{"name":"H","value":"1000m"}],"image":"i",
    "imagePullPolicy":"Always","name":"app","ports":[{"containerPort":80,"protocol":"TCP"},{"containerPort":53,"protocol":"UDP"}],
    "resources":{"limits":{"cpu":"1","memory":"1536Mi"}},"securityContext":{},"terminationMessagePolicy":"File"}],
    "dnsPolicy":"ClusterFirst","restartPolicy":"Always","securityContext":{},"volumes":[{"emptyDir":{},"name":"v"},{"name":"p",
    "projected":{"defaultMode":420,"sources":[{"serviceAccountToken":{"expirationSeconds":3600,"path":"t"}}]}}]}}},"status":{"replicas":1}}"#;
const WEB_OWNED: &str = r#"{"f:metadata":{"f:labels":{"f:a":{}}},"f:spec":{"f:minReadySeconds":{},"f:replicas":{},"f:selector":{},
    "f:strategy":{},"f:template":{"f:metadata":{"f:labels":{"f:a":{}}},"f:spec":{"f:containers":{"k:{\"name\":\"app\"}":{".":{},"f:args":{},
    "f:env":{"k:{\"name\":\"E\"}":{".":{},"f:name":{},"f:value":{}},"k:{\"name\":\"F\"}":{".":{},"f:name":{},"f:valueFrom":{"f:fieldRef":{}}},
    "k:{\"name\":\"G\"}":{".":{},"f:name":{},"f:valueFrom":{"f:resourceFieldRef":{}}},"k:{\"name\":\"H\"}":{".":{},"f:name":{},"f:value":{}}},
    "f:image":{},"f:name":{},"f:ports":{"k:{\"containerPort\":53,\"protocol\":\"UDP\"}":{".":{},"f:containerPort":{},"f:protocol":{}},
    "k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}},
    "f:resources":{"f:limits":{"f:cpu":{},"f:memory":{}}},"f:securityContext":{}}},"f:hostNetwork":{},
    "f:volumes":{"k:{\"name\":\"p\"}":{".":{},"f:name":{},"f:projected":{"f:sources":{}}},"k:{\"name\":\"v\"}":{".":{},"f:emptyDir":{},"f:name":{}}}}}}}"#;

const SERVICE: &str = r#"{"metadata":{"name":"v","finalizers":["a.dev/x"],"ownerReferences":[{"apiVersion":"v1","kind":"Shelf","name":"q",
    "uid":"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"}]},"spec":{"selector":{"a":"b"},"ports":[{"port":53,"name":"t"},{"port":53,"protocol":"UDP","name":"u"}]}}"#;
const SERVICE_LIVE: &str = r#"{"metadata":{"finalizers":["a.dev/x"],"name":"v","ownerReferences":[{"apiVersion":"v1","kind":"Shelf","name":"q",
    "uid":"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"}]},"spec":{"clusterIP":"10.0.217.207","ports":[{"name":"t","port":53,"protocol":"TCP","targetPort":53},
    {"name":"u","port":53,"protocol":"UDP","targetPort":53}],"selector":{"a":"b"},"type":"ClusterIP"}}"#;
const SERVICE_OWNED: &str = r#"{"f:metadata":{"f:finalizers":{"v:\"a.dev/x\"":{}},"f:ownerReferences":{"k:{\"uid\":\"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9\"}":{}}},
    "f:spec":{"f:ports":{"k:{\"port\":53,\"protocol\":\"TCP\"}":{".":{},"f:name":{},"f:port":{}},
    "k:{\"port\":53,\"protocol\":\"UDP\"}":{".":{},"f:name":{},"f:port":{},"f:protocol":{}}},"f:selector":{}}}"#;

fn parse(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

fn through<K: Kind + serde::de::DeserializeOwned>(json: &Value) -> Value {
    serde_json::from_value::<K>(json.clone()).unwrap().to_json().unwrap()
}

/// The verdict in words.
fn judge<K: Kind + serde::de::DeserializeOwned>(desired: &Value, live: &Value, owned: &Value) -> String {
    let mut desired = through::<K>(desired);
    normalize(&K::info(), &mut desired);
    match compare(&K::info(), &desired, &through::<K>(live), &OwnedFields::new(&owned.to_string())) {
        Verdict::Same => "same".into(),
        Verdict::Differs(difference) => difference.to_string(),
        Verdict::Unknown(difference) => format!("unknown: {difference}"),
    }
}

/// The pointers of all values but for those that do not count, innermost first.
fn pointers(value: &Value, pointer: &str, found: &mut Vec<String>) {
    let mut inner = |name: &str, value| pointers(value, &format!("{pointer}/{name}"), found);
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| inner(name, value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, value)| inner(&i.to_string(), value)),
        _ => {}
    }
    let ignored = ["", "/apiVersion", "/kind", "/metadata", "/metadata/name", "/metadata/uid"];
    if !ignored.contains(&pointer) {
        found.push(pointer.to_owned());
    }
}

fn all_pointers(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    pointers(value, "", &mut found);
    found
}

fn remove(value: &mut Value, pointer: &str) {
    let (outer, last) = pointer.rsplit_once('/').unwrap();
    match value.pointer_mut(outer).unwrap() {
        Value::Array(items) => drop(items.remove(last.parse().unwrap())),
        outer => drop(outer.as_object_mut().unwrap().remove(last)),
    }
}

/// Takes a field out of an entry; what is left without fields goes with it.
fn disown(owned: &mut Value, pointer: &str) {
    remove(owned, pointer);
    let outer = pointer.rsplit_once('/').unwrap().0;
    if !outer.is_empty() && owned.pointer(outer) == Some(&json!({})) {
        disown(owned, outer);
    }
}

/// Another value of the same type; `None` for lists and objects, whose parts are changed instead.
fn another(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => Some(format!("{text}7").into()),
        Value::Number(number) => Some((number.as_i64()? + 7).into()),
        Value::Bool(value) => Some((!value).into()),
        _ => None,
    }
}

#[test]
fn what_the_server_makes_of_a_manifest_is_the_same() {
    assert_eq!(judge::<Deployment>(&parse(WEB), &parse(WEB_LIVE), &parse(WEB_OWNED)), "same");
    assert_eq!(judge::<Service>(&parse(SERVICE), &parse(SERVICE_LIVE), &parse(SERVICE_OWNED)), "same");
    let policy = json!({"spec":{"podSelector":{},"ingress":[{"from":[{"podSelector":{"matchLabels":{"a":"b"}}}],"ports":[{"port":80}]}],"egress":[]}});
    let live = json!({"spec":{"ingress":[{"from":[{"podSelector":{"matchLabels":{"a":"b"}}}],"ports":[{"port":80,"protocol":"TCP"}]}],"podSelector":{},"policyTypes":["Ingress"]}});
    assert_eq!(judge::<NetworkPolicy>(&policy, &live, &json!({"f:spec":{"f:ingress":{},"f:podSelector":{}}})), "same");
    let set = json!({"spec":{"volumeClaimTemplates":[{"metadata":{"name":"d"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"0.5Gi"}}}}]}});
    let live = json!({"spec":{"volumeClaimTemplates":[{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"d"},
        "spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"512Mi"}},"volumeMode":"Filesystem"},"status":{"phase":"Pending"}}]}});
    // Rust writes fields that Go requires even if they are empty; the entry is that of the JSON that it writes.
    let owned = json!({"f:spec":{"f:selector":{},"f:template":{},"f:volumeClaimTemplates":{}}});
    assert_eq!(judge::<StatefulSet>(&set, &live, &owned), "same");
}

#[test]
fn every_change_of_what_is_desired_is_found() {
    let (live, owned) = (parse(WEB_LIVE), parse(WEB_OWNED));
    let pointers = all_pointers(&parse(WEB));
    assert!(pointers.len() > 50);
    for pointer in pointers {
        let mut less = parse(WEB);
        remove(&mut less, &pointer);
        assert_ne!(judge::<Deployment>(&less, &live, &owned), "same", "without {pointer}");
        let mut other = parse(WEB);
        let value = other.pointer_mut(&pointer).unwrap();
        if let Some(another) = another(value) {
            *value = another;
            assert_ne!(judge::<Deployment>(&other, &live, &owned), "same", "{pointer} changed");
        }
    }
}

#[test]
fn every_foreign_change_of_our_fields_is_found_and_no_other() {
    let (desired, owned) = (parse(WEB), parse(WEB_OWNED));
    // What the server keeps of it, at the same place.
    let ours: Vec<_> = all_pointers(&desired).into_iter().filter(|p| parse(WEB_LIVE).pointer(p).is_some()).collect();
    for pointer in all_pointers(&parse(WEB_LIVE)) {
        let mut live = parse(WEB_LIVE);
        let value = live.pointer_mut(&pointer).unwrap();
        let Some(another) = another(value) else { continue };
        *value = another;
        let within_atomic = ["fieldRef", "resourceFieldRef", "sources"].iter().any(|atomic| pointer.contains(atomic));
        // The default of a key: the item is not ours any more.
        let is_key = pointer.ends_with("/ports/0/protocol");
        let same = judge::<Deployment>(&desired, &live, &owned) == "same";
        assert_eq!(!same, ours.contains(&pointer) || within_atomic || is_key, "{pointer}");
    }
}

#[test]
fn every_field_that_was_taken_from_us_is_found() {
    let owned = parse(WEB_OWNED);
    for pointer in all_pointers(&owned).iter().filter(|pointer| !pointer.ends_with("/.")) {
        let mut less = owned.clone();
        disown(&mut less, pointer);
        let verdict = judge::<Deployment>(&parse(WEB), &parse(WEB_LIVE), &less);
        assert!(verdict != "same" && !verdict.starts_with("unknown"), "without {pointer}: {verdict}");
    }
    let lost = r#""k:{\"name\":\"E\"}":{"f:name":{},"f:value":{}}"#;
    let lost = WEB_OWNED.replace(r#""k:{\"name\":\"E\"}":{".":{},"f:name":{},"f:value":{}}"#, lost);
    assert_ne!(judge::<Deployment>(&parse(WEB), &parse(WEB_LIVE), &parse(&lost)), "same", "the item itself");
}

#[test]
fn the_order_of_a_merged_list_counts_and_foreign_items_do_not() {
    let change = |change: fn(&mut Vec<Value>)| {
        let mut live = parse(WEB_LIVE);
        let env = live.pointer_mut("/spec/template/spec/containers/0/env").unwrap();
        change(env.as_array_mut().unwrap());
        judge::<Deployment>(&parse(WEB), &live, &parse(WEB_OWNED))
    };
    let foreign = || json!({ "name": "X", "value": "x" });
    assert_eq!(change(|env| env.insert(1, json!({ "name": "X", "value": "x" }))), "same");
    assert_eq!(change(|env| env.push(json!({ "name": "X" }))), "same");
    let env = "unknown: .spec.template.spec.containers[name=app].env";
    assert!(change(|env| env.reverse()).starts_with(env));
    assert!(change(|env| env.push(json!({ "name": "E", "value": "twice" }))).starts_with(&format!("{env}[name=E]")));
    let mut sidecar = parse(WEB_LIVE);
    sidecar["spec"]["template"]["spec"]["containers"].as_array_mut().unwrap().insert(0, foreign());
    sidecar["metadata"]["labels"]["x"] = "y".into();
    assert_eq!(judge::<Deployment>(&parse(WEB), &sidecar, &parse(WEB_OWNED)), "same");
}

#[test]
fn a_port_without_protocol_is_that_of_tcp() {
    let mut three = parse(SERVICE);
    three["spec"]["ports"].as_array_mut().unwrap().push(json!({ "port": 80, "name": "w" }));
    let verdict = judge::<Service>(&three, &parse(SERVICE_LIVE), &parse(SERVICE_OWNED));
    assert!(verdict.starts_with(".spec.ports[2] is missing"), "{verdict}");
    let mut udp = parse(SERVICE);
    remove(&mut udp, "/spec/ports/0");
    let verdict = judge::<Service>(&udp, &parse(SERVICE_LIVE), &parse(SERVICE_OWNED));
    assert_eq!(verdict, ".spec.ports[port=53,protocol=TCP] is not desired any more");
}

#[test]
fn sets_and_owner_references_are_merged() {
    let judge = |desired: Value, live: Value| judge::<Service>(&desired, &live, &parse(SERVICE_OWNED));
    let mut shared = parse(SERVICE_LIVE);
    shared["metadata"]["finalizers"] = json!(["b.dev/y", "a.dev/x"]);
    assert_eq!(judge(parse(SERVICE), shared), "same");
    let mut gone = parse(SERVICE_LIVE);
    gone["metadata"]["finalizers"] = json!(["b.dev/y"]);
    assert!(judge(parse(SERVICE), gone).starts_with(".metadata.finalizers[a.dev/x] is missing"));
    let mut controller = parse(SERVICE);
    controller["metadata"]["ownerReferences"][0]["controller"] = true.into();
    assert!(judge(controller, parse(SERVICE_LIVE)).contains("ownerReferences[uid=0a1b2c3d"));
    let mut foreign = parse(SERVICE_LIVE);
    foreign["metadata"]["ownerReferences"][0]["blockOwnerDeletion"] = true.into();
    assert!(judge(parse(SERVICE), foreign).starts_with("unknown: .metadata.ownerReferences[uid=0a1b2c3d"));
}

#[test]
fn text_that_looks_like_a_quantity_is_text() {
    let map = |value: &str| json!({ "data": { "limits": value, "sizeLimit": value, "divisor": value } });
    let owned = json!({ "f:data": { "f:limits": {}, "f:sizeLimit": {}, "f:divisor": {} } });
    assert_eq!(judge::<ConfigMap>(&map("1000m"), &map("1000m"), &owned), "same");
    assert_eq!(judge::<ConfigMap>(&map("1000m"), &map("1"), &owned), r#".data.divisor is "1" instead of "1000m""#);
}

#[test]
fn values_of_secrets_are_hidden_and_long_ones_shortened() {
    let secret = |text: &str| json!({ "data": { "key": text } });
    let owned = json!({ "f:data": { "f:key": {} } });
    let verdict = judge::<Secret>(&secret("YQ=="), &secret("Yg=="), &owned);
    assert_eq!(verdict, ".data.key is (hidden) instead of (hidden)");
    let long = json!({ "data": { "key": "ä".repeat(500) } });
    let verdict = judge::<ConfigMap>(&long, &json!({ "data": { "key": "b" } }), &owned);
    assert_eq!(verdict, format!(".data.key is \"b\" instead of \"{}…", "ä".repeat(79)));
}

/// A custom resource, in the way of kube: an option that is not set is written as null.
#[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(group = "gateway.networking.k8s.io", version = "v1", kind = "Thing", status = "ThingSpec")]
struct ThingSpec {
    text: Option<String>,
    list: Option<Vec<Value>>,
    map: Option<Value>,
    size: Option<f64>,
}

#[test]
fn custom_resources_are_taken_literally() {
    let judge = |desired: Value, live: Value, owned: Value| {
        judge::<Thing>(
            &json!({ "metadata": {}, "spec": desired }),
            &json!({ "metadata": {}, "spec": live }),
            &json!({ "f:spec": owned }),
        )
    };
    let owned = || json!({ "f:list": {}, "f:map": {} });
    let empty = || json!({ "list": [], "map": {} });
    assert_eq!(judge(empty(), empty(), owned()), "same");
    assert_eq!(judge(empty(), json!({ "map": {} }), owned()), ".spec.list is missing, [] is desired");
    assert!(judge(empty(), json!({ "list": [] }), owned()).starts_with("unknown: .spec.map"));
    assert_eq!(judge(empty(), empty(), json!({ "f:map": {} })), "same", "an empty list that is merged has no entry");
    assert!(judge(empty(), json!({ "map": {} }), json!({ "f:map": {} })).starts_with("unknown: .spec.list"));
    let text = |text: &str| json!({ "text": text });
    assert_eq!(judge(text(""), json!({}), json!({ "f:text": {} })), r#".spec.text is missing, "" is desired"#);
    assert_eq!(judge(json!({ "size": 1.0 }), json!({ "size": 1 }), json!({ "f:size": {} })), "same");
    let limits = |cpu: &str| json!({ "map": { "limits": { "cpu": cpu } } });
    let nested = json!({ "f:map": { "f:limits": { "f:cpu": {} } } });
    assert_eq!(judge(limits("1"), limits("1"), nested.clone()), "same");
    assert!(judge(limits("1000m"), limits("1"), nested).starts_with(".spec.map.limits.cpu is"));
    let item = |item: Value| json!({ "list": [item] });
    let filled = judge(item(json!({ "a": 1 })), item(json!({ "a": 1, "protocol": "TCP" })), json!({ "f:list": {} }));
    assert_eq!(filled, r#"unknown: .spec.list[0].protocol is "TCP" and not desired any more"#);
}

#[test]
fn a_zero_is_only_left_out_where_go_leaves_it_out() {
    let key = |optional: Value| {
        json!({ "spec": { "selector": {}, "template": { "spec": { "containers": [{ "name": "c", "env": [{ "name": "E",
            "valueFrom": { "configMapKeyRef": { "name": "m", "key": "k", "optional": optional } } }] }] } } } })
    };
    let env = json!({ "k:{\"name\":\"E\"}": { ".": {}, "f:name": {}, "f:valueFrom": { "f:configMapKeyRef": {} } } });
    let containers = json!({ "k:{\"name\":\"c\"}": { ".": {}, "f:name": {}, "f:env": env } });
    let owned = json!({ "f:spec": { "f:selector": {}, "f:template": { "f:spec": { "f:containers": containers } } } });
    let verdict = judge::<Deployment>(&key(Value::Null), &key(Value::Null), &owned);
    assert_eq!(verdict, "same");
    let verdict = judge::<Deployment>(&key(false.into()), &key(Value::Null), &owned);
    assert!(verdict.starts_with("unknown: ") && verdict.contains("optional is missing"), "behind a pointer: {verdict}");
    let verdict = judge::<Deployment>(&key(true.into()), &key(Value::Null), &owned);
    assert!(verdict.starts_with(".spec"), "{verdict}");
}

#[test]
fn an_entry_of_the_status_is_compared_with_the_status() {
    let desired = json!({ "apiVersion": "x/v1", "kind": "Thing", "metadata": { "name": "a" }, "status": { "text": "t", "list": null } });
    let live = json!({ "metadata": { "name": "a" }, "spec": { "text": "s" }, "status": { "text": "t", "size": 3.0 } });
    let judge = |desired: &Value, owned: Value| {
        let mut desired = desired.clone();
        normalize(&Thing::info(), &mut desired);
        matches!(compare(&Thing::info(), &desired, &live, &OwnedFields::new(&owned.to_string())), Verdict::Same)
    };
    assert!(judge(&desired, json!({ "f:status": { "f:text": {} } })));
    assert!(!judge(&desired, json!({ "f:status": { "f:text": {}, "f:size": {} } })));
    assert!(!judge(&desired, json!({ "f:spec": { "f:text": {} } })));
    assert!(!judge(&desired, json!({})), "no field is ours");
}

#[test]
fn what_is_no_entry_decides_nothing() {
    for entry in ["", "[]", "null", "{\"f:spec\":3}", "{\"f:spec\":"] {
        let owned = OwnedFields::new(entry);
        let verdict = compare(&Deployment::info(), &parse(WEB), &parse(WEB_LIVE), &owned);
        assert!(matches!(verdict, Verdict::Unknown(_)), "{entry}: {verdict:?}");
        assert_eq!(owned_part(&parse(WEB_LIVE), &owned), None);
    }
}

#[test]
fn an_empty_struct_owns_nothing_of_what_is_in_it() {
    let strategy = |strategy: Value| json!({ "spec": { "selector": {}, "template": {}, "strategy": strategy } });
    let owned = json!({ "f:spec": { "f:selector": {}, "f:strategy": {}, "f:template": {} } });
    let recreate = json!({ "type": "Recreate" });
    let against = |desired: Value| judge::<Deployment>(&strategy(desired), &strategy(recreate.clone()), &owned);
    assert_eq!(against(json!({})), "same");
    assert!(against(recreate.clone()).starts_with(".spec.strategy is"), "it is there, and not ours");
    let selector = |selector: Value| json!({ "spec": { "podSelector": selector } });
    let owned = json!({ "f:spec": { "f:podSelector": {} } });
    let some = selector(json!({ "matchLabels": { "a": "b" } }));
    assert_eq!(judge::<NetworkPolicy>(&some, &some, &owned), "same", "it is replaced as a whole");
    let verdict = judge::<NetworkPolicy>(&selector(json!({})), &some, &owned);
    assert!(verdict.starts_with("unknown: .spec.podSelector.matchLabels"), "{verdict}");
}
