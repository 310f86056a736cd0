//! One kind several times, and triggers from outside.

use k8s_openapi::api::core::v1::{Namespace, Secret};
use kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use kube::{Api, ResourceExt};
use steersman::{Action, ObjectRef};
use tests::fleet::{Domain, FLEET, Fleet, FleetSpec, Labelled, Threefold};
use tests::kinds::{Realm, RealmSpec};
use tests::{Journal, config_map, owned_by};

use super::{names, rewrite, secret, text_of};
use crate::{alone_with_realms, place};

#[tokio::test]
async fn each_declaration_of_a_kind_has_its_own_objects() {
    let place = place("threefold").await;
    let (journal, seen) = (Journal::default(), Journal::default());
    let notes = seen.clone();
    let operator = Threefold::by(&journal, move |_, seen, cx| {
        let marked = seen.marked.iter().map(|meta| meta.name_any()).collect::<Vec<_>>().join(" ");
        notes.note(format!("{} | {} | {marked}", names(&seen.own), text_of(seen.tls.as_deref())));
        async move {
            // It is both: what it writes through the one is no news through the other.
            cx.own().apply(secret("tls", "written")).await?;
            Ok(Action::await_change())
        }
    });
    let fleet = place.create(Fleet::with_secret("f", "tls")).await;
    place.create(owned_by(secret("own", "x"), &fleet)).await;
    let mut marked = secret("marked", "x");
    marked.metadata.labels = Some([(FLEET.to_owned(), "f".to_owned())].into());
    place.create(marked).await;
    let operating = place.operate(|manager| manager.with(operator.namespace(&place.namespace)));
    seen.reaches("own | - | marked", 1).await;
    place.there::<Secret>("tls").await;
    rewrite(&place, "own", "y").await;
    seen.reaches("own tls | written | marked", 1).await;
    // Of the marked ones, only the metadata is looked at.
    rewrite(&place, "marked", "y").await;
    rewrite(&place, "own", "z").await;
    seen.reaches("own tls | written | marked", 2).await;
    let lines = journal.lines();
    assert_eq!(lines, ["f: startup", "f: own", "f: own"], "{lines:?}");
    assert_eq!((operating.watches("secrets"), operating.costs().reads), (2, 0));
}

#[tokio::test]
async fn a_cluster_scoped_primary_refers_to_its_like_and_is_named_from_any_namespace() {
    let _alone = alone_with_realms().await;
    let place = place("domain").await;
    let other = place.another().await;
    let (journal, seen) = (Journal::default(), Journal::default());
    let (notes, there) = (seen.clone(), other.clone());
    let operator = Domain::by(&journal, move |realm, seen, cx| {
        let named = names(&seen.namespaces).replace(&there, "other");
        notes.note(format!("{} sees {named}, {}", realm.name_any(), names(&seen.config_maps)));
        let there = there.clone();
        async move {
            let mut map = config_map("written", "x");
            map.metadata.namespace = Some(there);
            cx.config_maps().apply(map).await?;
            Ok(Action::await_change())
        }
    });
    let realms = Api::<Realm>::all(place.client.clone());
    let realm = |namespaces: &[&str]| RealmSpec { namespaces: namespaces.iter().map(ToString::to_string).collect() };
    let name = place.namespace.clone();
    realms.create(&PostParams::default(), &Realm::new(&name, realm(&[&other]))).await.unwrap();
    let operating = place.operate(|manager| manager.with(operator));
    seen.reaches(&format!("{name} sees other, "), 1).await;
    place.create(super::labelled("here", &name)).await;
    seen.reaches(&format!("{name} sees other, here written"), 1).await;
    let label = serde_json::json!({ "metadata": { "labels": { "x": "y" } } });
    let namespaces = Api::<Namespace>::all(place.client.clone());
    namespaces.patch(&other, &PatchParams::default(), &Patch::Merge(label)).await.unwrap();
    journal.reaches(&format!("{name}: namespaces"), 1).await;
    let moved = serde_json::json!({ "spec": { "namespaces": ["default"] } });
    realms.patch(&name, &PatchParams::default(), &Patch::Merge(moved)).await.unwrap();
    seen.reaches(&format!("{name} sees default, here written"), 1).await;
    assert_eq!(operating.costs().reads, 1, "the namespace `default` has been there for long");
    realms.delete(&name, &DeleteParams::default()).await.unwrap();
}

#[tokio::test]
async fn a_stream_of_names_wakes() {
    let place = place("external").await;
    let journal = Journal::default();
    let (send, receive) = tokio::sync::mpsc::unbounded_channel::<ObjectRef<Fleet>>();
    let stream = futures::stream::unfold(receive, async |mut receive| Some((receive.recv().await?, receive)));
    let operator = Labelled::by(&journal, |_, _, _| async { Ok(Action::await_change()) });
    place.create(Fleet::new("f", FleetSpec::default())).await;
    let operator = operator.namespace(&place.namespace).trigger_on(stream);
    let operating = place.operate(|manager| manager.with(operator));
    journal.reaches("f: startup", 1).await;
    place.ended(1).await;
    send.send(ObjectRef::new("nobody").within(&place.namespace)).unwrap();
    send.send(ObjectRef::new("f").within(&place.namespace)).unwrap();
    journal.reaches("f: external", 1).await;
    drop(send);
    super::note(&place, "f", "1").await;
    journal.reaches("f: primary", 1).await;
    assert_eq!(journal.lines(), ["f: startup", "f: external", "f: primary"]);
    assert!(operating.is_running());
}
