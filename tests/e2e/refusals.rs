//! Writes that the API server refuses: what the error says, that nothing is tried in a hot loop, that others go on, and
//! that all is well as soon as the cause is gone.

use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, Namespace, ResourceQuota};
use k8s_openapi::api::rbac::v1::Role;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::{Api, ResourceExt};
use serde_json::{Value, json};
use steersman::{Action, Operator, OperatorBuilder, WriteError};
use tests::kinds::{Desk, Letter, LetterSpec, Realm, RealmSpec, Shelf, Workshop};
use tests::{Journal, Operating, Place, config_map, data_of, eventually, owned_by, typed};

use crate::scene::Scene;
use crate::{alone_with_realms, place};

/// Longer than the first four waits.
const MAX_BACKOFF: Duration = Duration::from_secs(1);

/// Applies one ConfigMap for each shelf, of its name, with its note as text and as label.
fn writer(journal: &Journal, place: &Place) -> OperatorBuilder<impl Operator> {
    let operator = Shelf::by(journal, |shelf, _, cx| async move {
        let mut map = config_map(&shelf.name_any(), &shelf.spec.note);
        map.metadata.labels = Some([("note".to_owned(), shelf.spec.note.clone())].into());
        cx.config_maps().apply(map).await?;
        Ok(Action::await_change())
    });
    operator.namespace(&place.namespace).max_backoff(MAX_BACKOFF)
}

async fn shelf(place: &Place, name: &str, note: &str) -> Shelf {
    let mut shelf = Shelf::of(name, &[]);
    shelf.spec.note = note.into();
    place.create(shelf).await
}

async fn says(place: &Place, name: &str, text: &str) {
    eventually(&format!("the ConfigMap {name} says {text}"), async || {
        place.get::<ConfigMap>(name).await.is_some_and(|map| data_of(&map) == text)
    })
    .await;
}

/// Waits until writes of this resource have been refused five times with this status, and checks the waits between: 100 ms,
/// twice that, and so on, ±20 %.
async fn backs_off(operating: &Operating, resource: &str, code: u16) {
    let refused = || {
        let requests = operating.requests().into_iter();
        requests.filter(|r| r.resource == resource && r.code == code).map(|r| r.at).collect::<Vec<_>>()
    };
    eventually("it was refused five times", async || refused().len() >= 5).await;
    for (i, pair) in refused().windows(2).take(4).enumerate() {
        let waited = pair[1].duration_since(pair[0]).unwrap_or_default();
        assert!(waited >= Duration::from_millis(80 << i), "wait {i} was {waited:?}");
    }
}

/// While `a` is refused with this status, `b` is served; once `mend` has removed the cause, so is `a`. What they
/// want is done once.
async fn others_go_on_and_it_heals(
    place: &Place,
    operating: &Operating,
    code: u16,
    note: &str,
    mend: impl AsyncFnOnce(),
) {
    backs_off(operating, "configmaps", code).await;
    shelf(place, "b", "fine").await;
    says(place, "b", "fine").await;
    assert!(place.get::<ConfigMap>("a").await.is_none());
    mend().await;
    says(place, "a", note).await;
    let made = operating.requests().into_iter().filter(|r| r.resource == "configmaps" && r.code == 201);
    assert_eq!(made.map(|r| r.name).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(operating.costs().reads, 0);
}

#[tokio::test]
async fn what_is_invalid_or_may_not_be_changed_is_named_with_the_remedy() {
    let (journal, errors) = (Journal::default(), Journal::default());
    let notes = errors.clone();
    let operator = Workshop::by(&journal, move |shelf, _, cx| {
        let notes = notes.clone();
        async move {
            let note = shelf.spec.note.as_str();
            if note.is_empty() {
                return Ok(Action::await_change());
            }
            let metadata = json!({ "name": "x" });
            let labels = json!({ "app": note });
            let pods = json!({ "containers": [{ "name": "app", "image": "app:1" }], "restartPolicy": "Always" });
            let mut once = pods.clone();
            once["restartPolicy"] = "Never".into();
            once["containers"][0]["image"] = format!("app:{note}").into();
            let template = json!({ "metadata": { "labels": labels }, "spec": pods });
            let selector = json!({ "matchLabels": labels });
            let workload = json!({ "metadata": metadata, "spec": { "selector": selector, "template": template } });
            let mut stateful = workload.clone();
            stateful["spec"]["serviceName"] = note.into();
            let address = if note == "one" { "10.0.77.1" } else { "10.0.77.2" };
            let service = json!({ "metadata": metadata, "spec": { "clusterIP": address, "ports": [{ "port": 80 }] } });
            let job = json!({ "metadata": metadata, "spec": { "template": { "spec": once } } });
            let secret = json!({ "metadata": metadata, "type": format!("test.steersman.dev/{note}") });
            let results = [
                cx.deployments().apply(typed(workload)).await.err(),
                cx.stateful_sets().apply(typed(stateful)).await.err(),
                cx.services().apply(typed(service)).await.err(),
                cx.jobs().apply(typed(job)).await.err(),
                cx.secrets().apply(typed(secret)).await.err(),
            ];
            for error in results.into_iter().flatten() {
                let WriteError::Invalid { fields, .. } = &error else { return Err(error.into()) };
                assert!(fields.iter().any(steersman::InvalidField::is_immutable), "{fields:?}");
                notes.note(error.to_string());
            }
            Ok(Action::await_change())
        }
    });
    let stats = operator.stats();
    let scene = Scene::new("immutable", &journal, operator).await;
    scene.begin("one").await;
    scene.runs().await;
    assert_eq!(errors.lines(), Vec::<String>::new());
    scene.tell("two").await;
    errors.reaches("", 5).await;
    for (line, field) in errors.lines().iter().zip([
        ("Deployment", "spec.selector"),
        ("StatefulSet", "spec.serviceName"),
        ("Service", "spec.clusterIPs[0]"),
        ("Job", "spec.template"),
        ("Secret", "type"),
    ]) {
        let begins = format!("{} {}/x is invalid: ", field.0, scene.place.namespace);
        assert!(line.starts_with(&begins) && line.contains(&format!("{}: ", field.1)), "{line}");
        assert!(line.ends_with("; leave the field as it is, or delete the object so that it is made anew"), "{line}");
        assert!(line.len() < 1000, "{line}");
    }
    scene.runs().await;
    assert_eq!((stats.failures(), errors.lines().len()), (0, 5), "what was refused for what it says hides nothing");
}

#[tokio::test]
async fn a_missing_right_is_named() {
    let place = place("right").await;
    let rules = |verbs: &[&str]| {
        json!([
            { "apiGroups": [""], "resources": ["configmaps"], "verbs": verbs },
            { "apiGroups": ["test.steersman.dev"], "resources": ["*"], "verbs": ["list", "watch"] },
        ])
    };
    place.allow("rights", &["configmaps"]).await;
    place.patch::<Role>("rights", json!({ "rules": rules(&["list", "watch", "patch"]) })).await;
    let b = shelf(&place, "b", "fine").await;
    place.create(owned_by(config_map("b", ""), &b)).await;
    shelf(&place, "a", "one").await;
    let journal = Journal::default();
    let operating = place.operate_as_operator(|manager| manager.with(writer(&journal, &place)));
    backs_off(&operating, "configmaps", 403).await;
    // What there is may be changed.
    says(&place, "b", "fine").await;
    let said = place.log.says(&["WARN", "the run failed"]).await;
    let names = format!("apply of ConfigMap {}/a is forbidden: ", place.namespace);
    assert!(said.contains(&names), "{said}");
    assert!(said.contains("cannot create resource") || said.contains("cannot patch resource"), "{said}");
    assert!(said.contains("`patch, create on configmaps`"), "{said}");
    place.patch::<Role>("rights", json!({ "rules": rules(&["list", "watch", "patch", "create"]) })).await;
    says(&place, "a", "one").await;
    assert_eq!(operating.costs().reads, 0);
}

#[tokio::test]
async fn a_quota_is_no_missing_right() {
    let place = place("quota").await;
    let quota = json!({ "metadata": { "name": "q" }, "spec": { "hard": { "count/configmaps": "1" } } });
    place.create::<ResourceQuota>(typed(quota)).await;
    // What the quota controller would do, which is not there.
    let status = json!({ "status": { "hard": { "count/configmaps": "1" }, "used": { "count/configmaps": "1" } } });
    let quotas = place.api::<ResourceQuota>();
    quotas.patch_status("q", &PatchParams::default(), &Patch::Merge(status)).await.unwrap();
    shelf(&place, "a", "one").await;
    let journal = Journal::default();
    let operating = place.operate(|manager| manager.with(writer(&journal, &place)));
    backs_off(&operating, "configmaps", 403).await;
    let said = place.log.says(&["WARN", "the run failed"]).await;
    assert!(said.contains(&format!("apply of ConfigMap {}/a was denied: ", place.namespace)), "{said}");
    assert!(said.contains("exceeded quota: q") && !said.contains("allow"), "{said}");
    place.delete::<ResourceQuota>("q").await;
    says(&place, "a", "one").await;
}

#[tokio::test]
async fn a_namespace_that_does_not_exist_or_is_going() {
    let _alone = alone_with_realms().await;
    let place = place("no-place").await;
    let journal = Journal::default();
    let operator = Realm::by(&journal, |realm, _, cx| async move {
        for namespace in &realm.spec.namespaces {
            let mut map = config_map(&realm.name_any(), "");
            map.metadata.namespace = Some(namespace.clone());
            cx.config_maps().apply(map).await?;
        }
        Ok(Action::await_change())
    });
    let operating = place.operate(|manager| manager.with(operator.max_backoff(MAX_BACKOFF)));
    let missing = format!("{}-missing", place.namespace);
    let namespaces = Api::<Namespace>::all(place.client.clone());
    let maps = |namespace: &str| Api::<ConfigMap>::namespaced(place.client.clone(), namespace);
    let create = async || {
        let namespace: Namespace = typed(json!({ "metadata": { "name": missing } }));
        eventually("the namespace can be made", async || {
            namespaces.create(&PostParams::default(), &namespace).await.is_ok()
        })
        .await;
    };
    let realms = Api::<Realm>::all(place.client.clone());
    let realm = |name: &str, namespace: &str| Realm::new(name, RealmSpec { namespaces: vec![namespace.into()] });
    realms.create(&PostParams::default(), &realm("no-place-a", &missing)).await.unwrap();
    backs_off(&operating, "configmaps", 404).await;
    let said = place.log.says(&["WARN", "the run failed"]).await;
    let expected = format!("ConfigMap {missing}/no-place-a cannot be created: namespaces");
    assert!(said.contains(&expected) && said.contains("not found"), "{said}");
    realms.create(&PostParams::default(), &realm("no-place-b", &place.namespace)).await.unwrap();
    eventually("others go on", async || place.get::<ConfigMap>("no-place-b").await.is_some()).await;
    create().await;
    eventually("it is there", async || maps(&missing).get_opt("no-place-a").await.unwrap().is_some()).await;

    // Something keeps the namespace from going.
    let mut held = config_map("held", "");
    held.metadata.finalizers = Some(vec!["test.steersman.dev/held".into()]);
    maps(&missing).create(&PostParams::default(), &held).await.unwrap();
    namespaces.delete(&missing, &DeleteParams::default()).await.unwrap();
    let said = place.log.says(&["WARN", "the run failed", "because it is being terminated"]).await;
    assert!(said.contains(&format!("ConfigMap {missing}/no-place-a cannot be created: ")), "{said}");
    let release = Patch::Merge(json!({ "metadata": { "finalizers": null } }));
    maps(&missing).patch("held", &PatchParams::default(), &release).await.unwrap();
    create().await;
    eventually("it is there again", async || maps(&missing).get_opt("no-place-a").await.unwrap().is_some()).await;
    assert_eq!(operating.costs().reads, 0);
    for name in ["no-place-a", "no-place-b"] {
        realms.delete(name, &DeleteParams::default()).await.unwrap();
    }
}

/// Makes a cluster-scoped object of the admission API.
async fn admission(place: &Place, plural: &str, object: Value) {
    let path = format!("/apis/admissionregistration.k8s.io/v1/{plural}");
    let request = http::Request::post(path).header("content-type", "application/json");
    let request = request.body(object.to_string().into_bytes()).unwrap();
    place.client.request::<Value>(request).await.expect("the API server takes it");
}

async fn withdraw(place: &Place, plural: &str, name: &str) {
    let path = format!("/apis/admissionregistration.k8s.io/v1/{plural}/{name}");
    place.client.request::<Value>(http::Request::delete(path).body(Vec::new()).unwrap()).await.expect("it is there");
}

#[tokio::test]
async fn a_policy_that_denies() {
    let place = place("policy").await;
    let name = place.namespace.clone();
    let rule = json!({ "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"],
        "resources": ["configmaps"] });
    let policy = json!({ "metadata": { "name": name }, "spec": {
        "failurePolicy": "Fail",
        "matchConstraints": {
            "resourceRules": [rule],
            "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": name } },
        },
        "validations": [{ "expression": "object.data.text != 'bad'", "message": "texts must not be bad" }],
    } });
    let binding =
        json!({ "metadata": { "name": name }, "spec": { "policyName": name, "validationActions": ["Deny"] } });
    admission(&place, "validatingadmissionpolicies", policy).await;
    admission(&place, "validatingadmissionpolicybindings", binding).await;
    eventually("the policy is in force", async || {
        let dry = PostParams { dry_run: true, ..PostParams::default() };
        place.api().create(&dry, &config_map("try", "bad")).await.is_err()
    })
    .await;
    let journal = Journal::default();
    let operating = place.operate(|manager| manager.with(writer(&journal, &place)));
    place.started(1).await;
    shelf(&place, "a", "bad").await;
    let mend = async || {
        let said = place.log.says(&["WARN", "the run failed"]).await;
        assert!(said.contains(&format!("apply of ConfigMap {name}/a was denied: ")), "{said}");
        assert!(said.contains("texts must not be bad"), "{said}");
        withdraw(&place, "validatingadmissionpolicybindings", &name).await;
        withdraw(&place, "validatingadmissionpolicies", &name).await;
    };
    others_go_on_and_it_heals(&place, &operating, 422, "bad", mend).await;
}

#[tokio::test]
async fn a_webhook_that_hangs() {
    let place = place("webhook").await;
    let name = place.namespace.clone();
    // It takes connections, and never says a word.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let webhook = json!({ "metadata": { "name": name }, "webhooks": [{
        "name": "hangs.steersman.dev", "admissionReviewVersions": ["v1"], "sideEffects": "None",
        "clientConfig": { "url": url }, "timeoutSeconds": 1, "failurePolicy": "Fail",
        "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": name } },
        "objectSelector": { "matchLabels": { "note": "slow" } },
        "rules": [{ "apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["configmaps"] }],
    }] });
    admission(&place, "validatingwebhookconfigurations", webhook).await;
    let journal = Journal::default();
    let operating = place.operate(|manager| manager.with(writer(&journal, &place)));
    place.started(1).await;
    let mut slow = config_map("try", "");
    slow.metadata.labels = Some([("note".to_owned(), "slow".to_owned())].into());
    eventually("the webhook is in force", async || {
        let dry = PostParams { dry_run: true, ..PostParams::default() };
        place.api().create(&dry, &slow).await.is_err()
    })
    .await;
    shelf(&place, "a", "slow").await;
    let mend = async || {
        let said = place.log.says(&["WARN", "the run failed"]).await;
        assert!(said.contains(&format!("apply of ConfigMap {name}/a failed: ")), "{said}");
        assert!(said.contains("failed calling webhook") && said.contains("hangs.steersman.dev"), "{said}");
        withdraw(&place, "validatingwebhookconfigurations", &name).await;
    };
    others_go_on_and_it_heals(&place, &operating, 500, "slow", mend).await;
}

#[tokio::test]
async fn what_the_schema_does_not_know_and_what_is_too_large() {
    let place = place("letters").await;
    let journal = Journal::default();
    let operator = Desk::by(&journal, |shelf, _, cx| async move {
        let note = shelf.spec.note.as_str();
        let spec = match note.parse::<usize>() {
            Ok(size) => LetterSpec { text: "x".repeat(size), ..LetterSpec::default() },
            Err(_) => LetterSpec { text: String::new(), postscript: note.into() },
        };
        cx.letters().apply(Letter::new(&shelf.name_any(), spec)).await?;
        Ok(Action::await_change())
    });
    let operator = operator.namespace(&place.namespace).max_backoff(MAX_BACKOFF);
    let operating = place.operate(|manager| manager.with(operator));
    // What etcd, its client and the API server itself do not take, in this order.
    for (name, note, says) in [
        ("a", "unknown", ".spec.postscript: field not declared in schema"),
        ("c", "1700000", "request is too large"),
        ("d", "2500000", "larger than max"),
        ("e", "3300000", "too large"),
    ] {
        shelf(&place, name, note).await;
        let said = place.log.says(&["WARN", "the run failed", &format!("/{name} ")]).await;
        assert!(said.contains(&format!("Letter {}/{name} is invalid: ", place.namespace)), "{said}");
        assert!(said.contains(says), "{said}");
    }
    backs_off(&operating, "letters", 413).await;
    shelf(&place, "b", "").await;
    eventually("others go on", async || place.get::<Letter>("b").await.is_some()).await;
    for name in ["a", "c", "d", "e"] {
        place.patch::<Shelf>(name, json!({ "spec": { "note": "" } })).await;
        eventually("it is there", async || place.get::<Letter>(name).await.is_some()).await;
    }
    let letters = place.api::<Letter>().list(&ListParams::default()).await.unwrap();
    assert_eq!(letters.items.len(), 5);
    assert_eq!(operating.costs().reads, 0);
}
