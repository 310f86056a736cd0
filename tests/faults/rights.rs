//! An API server that enforces who may name an owner, as OpenShift does.

use std::time::Duration;

use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::api::rbac::v1::{Role, RoleBinding};
use serde_json::{Value, json};
use steersman::Action;
use steersman_control_plane::{Part, Request};
use tests::kinds::{Shelf, ShelfStatus, stock};
use tests::{Journal, Place, config_map, data_of, eventually};

use crate::{nudge, says, shelves, turn, turn_with_enforced_owners, turn_without_streaming};

#[tokio::test]
async fn the_right_to_name_an_owner_is_named() {
    let turn = turn_with_enforced_owners("owners").await;
    let place = &turn.place;
    place.allow("all", &["configmaps"]).await;
    let rules = place.get::<Role>("all").await.unwrap().rules.unwrap();
    let allow = async |more: Value| {
        let mut rules = serde_json::to_value(&rules).unwrap();
        rules.as_array_mut().unwrap().push(more);
        place.patch::<Role>("all", json!({ "rules": rules })).await;
    };
    let journal = Journal::default();
    let operator = Shelf::stocker(&journal).namespace(&place.namespace);
    let operating = place.operate_as_operator(|manager| manager.with(operator));
    place.started(1).await;
    place.create(Shelf::of("a", &["x"])).await;
    let said = place.log.says(&["WARN", "the run failed"]).await;
    let names = format!("apply of ConfigMap {}/x is forbidden: ", place.namespace);
    assert!(said.contains(&names) && said.contains("cannot set blockOwnerDeletion"), "{said}");
    assert!(said.contains("allow the operator `update on shelves/finalizers.test.steersman.dev`"), "{said}");
    let group = ["test.steersman.dev"];
    allow(json!({ "apiGroups": group, "resources": ["shelves/finalizers"], "verbs": ["update"] })).await;
    says(place, "x", "x").await;
    assert_eq!(operating.costs().reads, 0);
}

/// Of two rights that other API servers do not ask for, the one is needed here.
#[tokio::test]
async fn the_rules_are_enough_where_it_is_enforced_who_may_name_an_owner() {
    let turn = turn_with_enforced_owners("enough").await;
    the_rules_are_enough(&turn.place, "watch").await;
}

/// And the other one here.
#[tokio::test]
async fn the_rules_are_enough_without_streaming_lists() {
    let turn = turn_without_streaming("paged").await;
    the_rules_are_enough(&turn.place, "list").await;
}

/// An operator with exactly the rights that it asks for makes, repairs and deletes; its first pictures come by this verb.
async fn the_rules_are_enough(place: &Place, verb: &str) {
    let journal = Journal::default();
    let operator = Shelf::stocker(&journal).namespace(&place.namespace);
    let stats = operator.stats();
    let operating = place.operate(|manager| manager.with(operator));
    place.started(1).await;
    place.create(Shelf::of("a", &["x"])).await;
    says(place, "x", "x").await;
    nudge(place, "x").await;
    says(place, "x", "x").await;
    place.patch::<Shelf>("a", json!({ "spec": { "maps": { "x": null } } })).await;
    place.gone::<ConfigMap>("x").await;
    assert_eq!((stats.failures(), place.log.lines(&["a right is missing"]).len()), (0, 0));
    for resource in ["shelves", "configmaps"] {
        let worked = |r: &Request| r.verb == verb && r.resource == resource && r.code == 200;
        assert!(operating.requests().iter().any(worked), "{verb} {resource}: {:?}", operating.requests());
    }
}

/// Nobody is told that rights are missing for no other reason than that nobody can be asked.
#[tokio::test]
async fn rights_are_reviewed_as_soon_as_the_api_server_answers() {
    let turn = turn("reviewed").await;
    let place = &turn.place;
    place.allow("all", &["configmaps"]).await;
    let journal = Journal::default();
    let operator = Shelf::stocker(&journal).namespace(&place.namespace);
    place.cluster.kill(Part::ApiServer).await.unwrap();
    let operating = place.operate_as_operator(|manager| manager.with(operator));
    place.log.says(&["WARN", "the watch does not work", "unreachable"]).await;
    place.log.says(&["DEBUG", "the API server does not review the rights"]).await;
    place.cluster.start_part(Part::ApiServer).await.unwrap();
    place.started(1).await;
    // What is said at once is said in one line, and an API server that has just begun may answer some questions later than others.
    let missing = || {
        let told = |line: String| {
            let (verbs, rest) = line.split_once("cannot ")?.1.split_once(" resource \"")?;
            let resource = rest.split_once('"')?.0;
            let level = if line.contains(" ERROR ") { "ERROR" } else { "INFO" };
            Some(verbs.split(" and ").map(|verb| format!("{level} {verb} {resource}")).collect::<Vec<_>>())
        };
        let lines = place.log.lines(&["a right is missing"]).into_iter();
        let mut all: Vec<_> = lines.flat_map(|line| told(line).expect("it names the right")).collect();
        all.sort();
        all
    };
    eventually("all that is missing is said", async || missing().len() >= 4).await;
    let expected =
        ["ERROR create events", "ERROR patch events", "ERROR update configmaps", "INFO update shelves/finalizers"];
    assert_eq!(missing(), expected);
    let said = |words: [&str; 3]| assert_eq!(place.log.lines(&words).len(), 1, "{words:?}");
    said(["ERROR", "cannot update resource \"configmaps\"", r#""resources": ["configmaps"], "verbs": ["update"]"#]);
    said(["INFO", "cannot update resource \"shelves/finalizers\"", "can be done without"]);
    let of_events = place.log.lines(&["a right is missing", "resource \"events\""]);
    assert!(of_events.iter().all(|line| line.contains("`cx.event` of Shelf")), "{of_events:#?}");
    assert!(operating.is_running());
}

/// The rules that are proposed are all that is needed.
#[tokio::test]
async fn the_rights_to_watch_are_named_and_can_be_pasted() {
    let turn = turn("pasted").await;
    let place = &turn.place;
    let journal = Journal::default();
    place.create(Shelf::of("a", &[])).await;
    let operator = Shelf::stocker(&journal).namespace(&place.namespace);
    let _operating = place.operate_as_operator(|manager| manager.with(operator));
    let remedy = format!("; bind `operator` to a Role in the namespace {} with this rule: `- ", place.namespace);
    let mut rules = Vec::new();
    for (kind, attribute, group, resource) in [
        ("Shelf", "#[derive(Operator)]", "test.steersman.dev", "shelves"),
        ("ConfigMap", "#[secondary(ConfigMap)]", "", "configmaps"),
    ] {
        let said = place.log.says(&["WARN", "the watch does not work", &format!("kind={kind} ")]).await;
        let cause = format!("error=no right for `{attribute}` of Shelf: {resource}");
        assert!(said.contains(&cause) && said.contains(r#"User "operator" cannot watch"#), "{said}");
        let (_, rule) = said.split_once(&remedy).unwrap_or_else(|| panic!("{said}"));
        let rule: Value = serde_json::from_str(rule.trim_end_matches('`')).unwrap();
        assert_eq!(rule, json!({ "apiGroups": [group], "resources": [resource], "verbs": ["list", "watch"] }));
        rules.push(rule);
    }
    place.grant("pasted", rules.into()).await;
    journal.reaches("a: startup", 1).await;
}

/// What a watch no longer shows because it may not, is not gone: nothing is deleted or written anew on its account.
#[tokio::test]
async fn a_watch_that_loses_its_right_takes_nothing_away() {
    let turn = turn("lost").await;
    let place = &turn.place;
    let group = ["test.steersman.dev"];
    let verbs = ["list", "watch", "create", "patch", "delete"];
    let all = json!([
        { "apiGroups": group, "resources": ["*"], "verbs": verbs },
        { "apiGroups": [""], "resources": ["configmaps"], "verbs": ["create", "patch", "delete"] },
    ]);
    place.grant("all", all).await;
    let see = json!([{ "apiGroups": [""], "resources": ["configmaps"], "verbs": ["list", "watch"] }]);
    place.grant("see", see.clone()).await;
    let (journal, seen) = (Journal::default(), Journal::default());
    let notes = seen.clone();
    let operator = Shelf::by(&journal, move |shelf, seen, cx| {
        notes.note(format!("{} with {}", shelf.spec.note, seen.config_maps.len()));
        async move {
            cx.config_maps().apply(config_map("x", "x")).await?;
            cx.config_maps().prune(["x"]).await?;
            Ok(Action::await_change())
        }
    });
    place.create(Shelf::of("a", &[])).await;
    let operating = place.operate_as_operator(|manager| manager.with(operator.namespace(&place.namespace)));
    says(place, "x", "x").await;
    place.ended(1).await;
    place.delete::<RoleBinding>("see").await;
    place.delete::<Role>("see").await;
    place.cluster.kill(Part::ApiServer).await.unwrap();
    place.cluster.start_part(Part::ApiServer).await.unwrap();
    place.log.says(&["WARN", "the watch does not work", "configmaps is forbidden"]).await;
    let writes = operating.costs().writes;
    place.patch::<Shelf>("a", json!({ "spec": { "note": "later" } })).await;
    seen.reaches("later with 1", 1).await;
    place.ended(2).await;
    assert_eq!(operating.costs().writes, writes, "{:?}", operating.requests());
    assert!(place.get::<ConfigMap>("x").await.is_some());
    place.grant("see", see).await;
    place.log.says(&["the watch works again", "ConfigMap"]).await;
    place.delete::<ConfigMap>("x").await;
    says(place, "x", "x").await;
    assert_eq!(journal.lines(), ["a: startup", "a: primary", "a: config_maps"]);
}

/// Without a right to write nothing is lost, and nothing is tried in a hot loop; each right in need is named.
#[tokio::test]
async fn rights_that_are_withdrawn_and_given_back_while_it_runs() {
    const SHELVES: usize = 10;
    let turn = turn("withdrawn").await;
    let place = &turn.place;
    let group = ["test.steersman.dev"];
    let see = json!([
        { "apiGroups": group, "resources": ["shelves"], "verbs": ["list", "watch"] },
        { "apiGroups": [""], "resources": ["configmaps"], "verbs": ["list", "watch"] },
    ]);
    let maps = json!([{ "apiGroups": [""], "resources": ["configmaps"], "verbs": ["create", "patch", "delete"] }]);
    let status = json!([{ "apiGroups": group, "resources": ["shelves/status"], "verbs": ["patch"] }]);
    place.grant("see", see.clone()).await;
    place.grant("maps", maps.clone()).await;
    place.grant("status", status.clone()).await;
    let withdraw = async |name: &str| {
        place.delete::<RoleBinding>(name).await;
        place.delete::<Role>(name).await;
    };
    let journal = Journal::default();
    let operator = Shelf::by(&journal, |shelf, _, cx| async move {
        stock(&shelf.spec, &cx.config_maps()).await?;
        let text = cx.config_maps().all().iter().map(|map| data_of(map).len()).sum();
        cx.apply_status(ShelfStatus { count: text }).await?;
        Ok(Action::await_change())
    });
    let operator = operator.namespace(&place.namespace).max_backoff(Duration::from_secs(2));
    let stats = operator.stats();
    let operating = place.operate_as_operator(|manager| manager.with(operator));
    place.started(1).await;
    let names: Vec<String> = (0..SHELVES).map(|i| format!("s{i}")).collect();
    shelves(place, &names).await;
    place.ended(SHELVES).await;
    let want = async |text: &str| {
        for name in &names {
            place.patch::<Shelf>(name, json!({ "spec": { "maps": { format!("{name}-0"): text } } })).await;
        }
    };
    let done = async |text: &str| {
        for name in &names {
            says(place, &format!("{name}-0"), text).await;
            let count = text.len() + format!("{name}-1").len();
            eventually("the status says so too", async || {
                place.get::<Shelf>(name).await.unwrap().status == Some(ShelfStatus { count })
            })
            .await;
        }
    };

    for (right, rules, names_right) in [
        ("maps", &maps, "allow the operator `patch, create on configmaps`"),
        ("status", &status, "allow the operator `patch on shelves/status.test.steersman.dev`"),
    ] {
        let (runs, failures) = (stats.runs(), stats.failures());
        withdraw(right).await;
        want(right).await;
        eventually("each has failed twice", async || stats.failures() >= failures + 2 * SHELVES as u64).await;
        let said = place.log.lines(&["WARN", "the run failed", "is forbidden", names_right]);
        assert!(said.len() >= 2 * SHELVES, "{said:?}");
        place.grant(right, rules.clone()).await;
        done(right).await;
        println!("without {right}: {} runs, {} failed", stats.runs() - runs, stats.failures() - failures);
    }
    assert!(place.log.lines(&["the watch does not work"]).is_empty(), "watches need other rights");

    // All of them, and watches that have to begin anew.
    for right in ["see", "maps", "status"] {
        withdraw(right).await;
    }
    place.cluster.kill(Part::ApiServer).await.unwrap();
    place.cluster.start_part(Part::ApiServer).await.unwrap();
    for kind in ["Shelf", "ConfigMap"] {
        place.log.says(&["WARN", "the watch does not work", &format!("kind={kind} "), "is forbidden"]).await;
    }
    want("everything").await;
    place.delete::<ConfigMap>("s3-1").await;
    for (right, rules) in [("see", &see), ("maps", &maps), ("status", &status)] {
        place.grant(right, rules.clone()).await;
    }
    done("everything").await;
    says(place, "s3-1", "s3-1").await;
    assert_eq!(operating.costs().reads, 0);
    assert!(operating.is_running());
}
