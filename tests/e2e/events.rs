//! Events, as the API server takes them.

use std::sync::Arc;

use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use k8s_openapi::api::events::v1::Event as Told;
use k8s_openapi::api::rbac::v1::Role;
use kube::api::{DeleteParams, ListParams, PostParams};
use kube::core::ObjectMeta;
use kube::{Api, ResourceExt};
use serde_json::json;
use steersman::{Action, Cleanup, Event, WriteError};
use tests::kinds::{Guarded, GuardedContext, GuardedReconciler, GuardedSnapshot, Realm, RealmSpec, Shelf, Warden};
use tests::{Gate, Journal, Place, Proxy, config_map, eventually, found};

use crate::{alone_with_realms, place};

/// The events about an object of this name.
async fn told_in(place: &Place, namespace: &str, name: &str) -> Vec<Told> {
    let about = ListParams::default().fields(&format!("regarding.name={name}"));
    let events = Api::<Told>::namespaced(place.client.clone(), namespace);
    events.list(&about).await.expect("events can be listed").items
}

async fn told(place: &Place, name: &str) -> Vec<Told> {
    told_in(place, &place.namespace, name).await
}

/// The one event about an object, as soon as it counts so many.
async fn counted(place: &Place, name: &str, count: i32) -> Told {
    found(&format!("the event about {name} counts {count}"), async || {
        let mut events = told(place, name).await;
        let counts = |event: &Told| event.series.as_ref().map_or(1, |series| series.count) == count;
        (events.len() == 1 && counts(&events[0])).then(|| events.remove(0))
    })
    .await
}

fn note(text: &str) -> serde_json::Value {
    json!({ "spec": { "note": text } })
}

#[tokio::test]
async fn an_event_says_what_happened_to_what_and_wakes_nobody() {
    let place = place("event").await;
    let journal = Journal::default();
    let operator = Shelf::by(&journal, |shelf, _, cx| async move {
        let map = cx.config_maps().apply(config_map(&shelf.name_any(), "")).await?;
        cx.event(Event::warning("Stocked", "Stock", "one ConfigMap").related(&*map));
        Ok(Action::await_change())
    });
    let stats = operator.stats();
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    place.started(1).await;
    let shelf = place.create(Shelf::of("a", &[])).await;
    let event = counted(&place, "a", 1).await;
    let regarding = event.regarding.clone().unwrap();
    assert_eq!(
        (regarding.api_version.as_deref(), regarding.kind.as_deref(), regarding.namespace.as_deref(), regarding.uid),
        (Some("test.steersman.dev/v1"), Some("Shelf"), Some(place.namespace.as_str()), shelf.uid())
    );
    assert_eq!(regarding.resource_version, shelf.resource_version());
    let related = event.related.clone().unwrap();
    let map = place.get::<ConfigMap>("a").await.unwrap();
    assert_eq!(
        (related.api_version.as_deref(), related.kind.as_deref(), related.name.as_deref(), related.uid),
        (Some("v1"), Some("ConfigMap"), Some("a"), map.uid())
    );
    let words = [&event.type_, &event.reason, &event.action, &event.note, &event.reporting_controller];
    let expected = ["Warning", "Stocked", "Stock", "one ConfigMap", "shelf.test.steersman.dev"];
    assert_eq!(words.map(|word| word.as_deref().unwrap()), expected);
    assert!(event.reporting_instance.as_ref().is_some_and(|name| !name.is_empty()));
    assert!(event.event_time.as_ref().unwrap().0 >= shelf.creation_timestamp().unwrap().0, "{:?}", event.event_time);
    // What follows is seen to come after anything that the event might have caused.
    place.create(Shelf::of("marker", &[])).await;
    counted(&place, "marker", 1).await;
    assert_eq!(journal.lines(), ["a: primary", "marker: primary"]);
    assert_eq!((stats.writes(), stats.failures(), operating.costs().reads), (2, 0, 0));
}

#[tokio::test]
async fn equal_events_are_one_object_that_counts() {
    let place = place("series").await;
    let journal = Journal::default();
    let operator = Shelf::by(&journal, |_, _, cx| async move {
        cx.event(Event::normal("Looked", "Look", "again"));
        Ok(Action::await_change())
    });
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    place.create(Shelf::of("a", &[])).await;
    let first = counted(&place, "a", 1).await;
    assert_eq!(first.series, None);
    place.patch::<Shelf>("a", note("1")).await;
    let second = counted(&place, "a", 2).await;
    assert_eq!((second.name_any(), second.uid()), (first.name_any(), first.uid()));
    assert!(second.series.unwrap().last_observed_time > first.event_time.clone().unwrap());

    // Two more make four. If the object is gone, it is made anew, with its count.
    place.delete::<Told>(&first.name_any()).await;
    for i in 2..4 {
        place.patch::<Shelf>("a", note(&i.to_string())).await;
        journal.reaches("a: ", i + 1).await;
    }
    let third = counted(&place, "a", 4).await;
    assert_ne!(third.uid(), first.uid());

    // The fifth would come within a minute, and comes at the end of the manager.
    place.patch::<Shelf>("a", note("4")).await;
    journal.reaches("a: ", 5).await;
    place.ended(5).await;
    let verbs = |requests: Vec<steersman_control_plane::Request>| {
        let events = requests.into_iter().filter(|request| request.resource == "events");
        events.map(|request| format!("{} {}", request.verb, request.code)).collect::<Vec<_>>()
    };
    assert_eq!(verbs(operating.requests()), ["create 201", "patch 200", "patch 404", "create 201"]);
    operating.stop().await;
    counted(&place, "a", 5).await;
}

#[tokio::test]
async fn an_event_about_what_has_no_namespace_is_in_the_default_one() {
    let _alone = alone_with_realms().await;
    let place = place("realm-event").await;
    let journal = Journal::default();
    let name = place.namespace.clone();
    let own = name.clone();
    let operator = Realm::by(&journal, move |realm, _, cx| {
        if realm.name_any() == own {
            cx.event(Event::normal("Founded", "Found", ""));
        }
        async { Ok(Action::await_change()) }
    });
    let _operating = place.operate(|manager| manager.with(operator));
    let realms = Api::<Realm>::all(place.client.clone());
    let realm = realms.create(&PostParams::default(), &Realm::new(&name, RealmSpec::default())).await.unwrap();
    let event = found("the event is in `default`", async || told_in(&place, "default", &name).await.pop()).await;
    let regarding = event.regarding.unwrap();
    assert_eq!((regarding.namespace, regarding.uid), (None, realm.uid()));
    realms.delete(&name, &DeleteParams::default()).await.unwrap();
}

#[tokio::test]
async fn names_and_texts_that_the_api_server_would_refuse_are_made_to_fit() {
    let place = place("fit").await;
    let operator = Warden::by(&Journal::default(), |_, _, cx| async move {
        cx.event(Event::normal("R".repeat(200), "Ä".repeat(100), "ß".repeat(1000)));
        Ok(Action::await_change())
    });
    let operator = operator.namespace(&place.namespace).field_manager("a:very,strange~manager");
    let _operating = place.operate(|manager| manager.with(operator));
    let name = "System:Reader.of:everything-";
    let metadata = ObjectMeta { name: Some(name.into()), ..ObjectMeta::default() };
    place.create(Role { metadata, ..Role::default() }).await;
    let event = counted(&place, name, 1).await;
    assert!(event.name_any().starts_with("system-reader-of-everything."), "{}", event.name_any());
    assert_eq!(event.reporting_controller.as_deref(), Some("a-very-strange-manager"));
    let note = event.note.unwrap();
    assert_eq!((note.len(), note.chars().last()), (1023, Some('…')));
    assert!(place.log.lines(&["WARN"]).is_empty());
}

#[tokio::test]
async fn without_the_right_runs_go_on_and_it_is_said_once() {
    let place = place("no-events").await;
    place.allow("shelves", &["configmaps"]).await;
    let journal = Journal::default();
    let operator = Shelf::by(&journal, |_, _, cx| async move {
        cx.event(Event::normal("Looked", "Look", "again"));
        Ok(Action::await_change())
    });
    let stats = operator.stats();
    let _operating = place.operate_as_operator(|manager| manager.with(operator.namespace(&place.namespace)));
    place.started(1).await;
    let refused = async |times: usize| {
        let words = ["DEBUG", "an event was refused"];
        eventually("events are refused", async || place.log.lines(&words).len() >= times).await;
    };
    place.create(Shelf::of("a", &[])).await;
    let said = place.log.says(&["WARN", "events are forbidden", "`create` and `patch`"]).await;
    assert!(said.contains("shelf.test.steersman.dev") && said.contains("cannot create resource"), "{said}");
    place.create(Shelf::of("b", &[])).await;
    refused(1).await;
    place.patch::<Shelf>("b", note("1")).await;
    refused(2).await;
    assert_eq!(place.log.lines(&["WARN"]).len(), 1);
    assert_eq!((stats.runs(), stats.failures()), (3, 0));

    let rules = json!([{ "apiGroups": ["events.k8s.io"], "resources": ["events"], "verbs": ["create", "patch"] }]);
    place.grant("events", rules).await;
    // It takes a moment until the rights are known.
    eventually("events are sent", async || {
        let name = format!("c-{}", stats.runs());
        place.create(Shelf::of(&name, &[])).await;
        journal.reaches(&format!("{name}: "), 1).await;
        !place.log.lines(&["INFO", "events are not forbidden any more"]).is_empty()
    })
    .await;
    assert_eq!(place.log.lines(&["WARN"]).len(), 1);
}

#[tokio::test]
async fn what_the_api_server_calls_invalid_is_dropped_and_said_once() {
    let place = place("invalid-event").await;
    let journal = Journal::default();
    let operator = Shelf::by(&journal, |shelf, _, cx| async move {
        cx.event(Event::normal("Named", "", "the action is missing"));
        cx.event(Event::normal("Seen", "See", shelf.name_any()));
        Ok(Action::await_change())
    });
    let stats = operator.stats();
    let _operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    for name in ["a", "b"] {
        place.create(Shelf::of(name, &[])).await;
        let event = counted(&place, name, 1).await;
        assert_eq!(event.reason.as_deref(), Some("Seen"));
    }
    let said = place.log.lines(&["WARN"]);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("was refused") && said[0].contains("action") && said[0].contains("Named"), "{said:?}");
    assert_eq!(stats.failures(), 0);
}

/// The outage begins when a run is about to tell its event, and a connection is there that has carried one before. Returns
/// how the API server has answered.
async fn outage(place: &Place, begin: impl Fn(&Proxy)) -> Vec<u16> {
    let (journal, gate) = (Journal::default(), Gate::open());
    let hold = gate.clone();
    let operator = Shelf::by(&journal, move |_, _, cx| {
        let hold = hold.clone();
        async move {
            hold.pass().await;
            cx.event(Event::normal("Looked", "Look", ""));
            Ok(Action::await_change())
        }
    });
    let agent = place.agent();
    let (proxy, client) = Proxy::before(place.config_of(&agent)).await;
    let operating =
        place.operate_with_rules(client, agent, |manager| manager.with(operator.namespace(&place.namespace)));
    place.create(Shelf::of("before", &[])).await;
    counted(place, "before", 1).await;
    gate.shut();
    place.create(Shelf::of("a", &[])).await;
    journal.reaches("a: ", 1).await;
    begin(&proxy);
    gate.release();
    place.log.says(&["WARN", "events cannot be sent at present"]).await;
    proxy.mend();
    place.log.says(&["INFO", "events are sent again"]).await;
    counted(place, "a", 1).await;
    assert_eq!(place.log.lines(&["WARN", "events cannot be sent"]).len(), 1);
    operating.requests().iter().filter(|request| request.resource == "events").map(|request| request.code).collect()
}

#[tokio::test]
async fn events_wait_while_the_api_server_cannot_be_reached() {
    assert_eq!(outage(&place("outage-event").await, Proxy::cut).await, [201, 201]);
}

#[tokio::test]
async fn an_event_whose_answer_was_lost_is_not_told_twice() {
    assert_eq!(outage(&place("lost-event").await, |proxy| proxy.cut_after(0)).await, [201, 201, 409]);
}

/// Says in its cleanup that it ends.
struct Ending;

impl GuardedReconciler for Ending {
    type Error = WriteError;

    async fn reconcile(&self, _: Arc<Shelf>, _: GuardedSnapshot, cx: GuardedContext) -> Result<Action, WriteError> {
        cx.event(Event::normal("Begun", "Begin", ""));
        Ok(Action::await_change())
    }

    async fn cleanup(&self, _: Arc<Shelf>, _: GuardedSnapshot, cx: GuardedContext) -> Result<Cleanup, WriteError> {
        cx.event(Event::normal("Ended", "End", ""));
        Ok(Cleanup::Done)
    }
}

#[tokio::test]
async fn a_terminating_namespace_takes_no_events_and_nobody_complains() {
    let mut place = place("terminating").await;
    place.namespace = place.another().await;
    let operator = Guarded::operator(Ending).namespace(&place.namespace);
    let stats = operator.stats();
    // Of the whole cluster: a Role would go with the namespace, before its finalizers.
    let _operating = place.operate_under(Guarded::rules(), |manager| manager.with(operator));
    place.create(Shelf::of("a", &[])).await;
    counted(&place, "a", 1).await;
    let namespaces = Api::<Namespace>::all(place.client.clone());
    namespaces.delete(&place.namespace, &DeleteParams::default()).await.unwrap();
    place.log.says(&["DEBUG", "an event was refused", "Ended"]).await;
    eventually("the namespace is gone", async || namespaces.get_opt(&place.namespace).await.unwrap().is_none()).await;
    assert!(place.log.lines(&["WARN"]).is_empty());
    assert_eq!(stats.failures(), 0);
}
