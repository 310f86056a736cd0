//! An API server, or a network, that is not there for a while.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::StreamExt;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{ListParams, WatchEvent, WatchParams};
use kube::{Client, ResourceExt};
use serde_json::json;
use steersman::Action;
use steersman_control_plane::Part;
use tests::kinds::{Hasty, Shelf, ShelfStatus, stock};
use tests::rights::{grant, user_of};
use tests::{Gate, Journal, Place, data_of, eventually};
use tokio::task::JoinHandle;

use crate::{names, nudge, operate_behind_proxy, pick, says, shelves, turn};

#[tokio::test]
async fn what_happened_while_the_network_was_cut_is_repaired() {
    let turn = turn("cut").await;
    let place = &turn.place;
    place.allow("all", &["configmaps"]).await;
    let journal = Journal::default();
    let operator = Shelf::stocker(&journal).namespace(&place.namespace);
    let (proxy, operating) = operate_behind_proxy(place, |manager| manager.with(operator)).await;
    place.started(1).await;
    shelves(place, &names(6)).await;
    place.ended(6).await;
    journal.take();
    let mark = place.cluster.mark();

    proxy.cut();
    place.log.says(&["the watch does not work", "ConfigMap", "unreachable"]).await;
    place.delete::<ConfigMap>("s1-0").await;
    nudge(place, "s2-1").await;
    // Taken back before anybody could see it.
    nudge(place, "s3-0").await;
    place.patch::<ConfigMap>("s3-0", serde_json::json!({ "data": { "text": "s3-0" } })).await;
    place.delete::<Shelf>("s4").await;
    shelves(place, &["s6".into()]).await;
    proxy.mend();
    says(place, "s1-0", "s1-0").await;
    says(place, "s2-1", "s2-1").await;
    says(place, "s6-1", "s6-1").await;
    nudge(place, "s5-0").await;
    says(place, "s5-0", "s5-0").await;

    let mut lines = journal.lines();
    lines.sort();
    assert_eq!(lines, ["s1: config_maps", "s2: config_maps", "s5: config_maps", "s6: primary"]);
    // Each watch went on from where it was.
    let requests = place.cluster.requests_since(mark, "");
    let watches: Vec<_> = requests.iter().filter(|r| r.verb == "watch" && r.user == "operator").collect();
    assert_eq!(watches.len(), 2, "{watches:?}");
    assert!(watches.iter().all(|watch| watch.path.contains("resourceVersion=")), "{watches:?}");
    assert_eq!(operating.costs().reads, 0);
    for kind in ["ConfigMap", "Shelf"] {
        assert_eq!(place.log.lines(&["the watch does not work", &format!("kind={kind} "), "unreachable"]).len(), 1);
        assert_eq!(place.log.lines(&["the watch works again", &format!("kind={kind} ")]).len(), 1);
    }
}

#[tokio::test]
async fn an_api_server_that_is_killed_twice() {
    let turn = turn("killed").await;
    let place = &turn.place;
    place.allow("all", &["configmaps"]).await;
    let journal = Journal::default();
    let operator = Shelf::stocker(&journal).namespace(&place.namespace);
    let stats = operator.stats();
    let (proxy, operating) = operate_behind_proxy(place, |manager| manager.with(operator)).await;
    place.started(1).await;
    shelves(place, &names(10)).await;
    place.ended(10).await;
    journal.take();

    // What happens while it is disconnected is not in any event: the restarted server answers 410 to older versions.
    proxy.cut();
    place.log.says(&["the watch does not work", "ConfigMap", "unreachable"]).await;
    place.delete::<ConfigMap>("s1-0").await;
    place.delete::<ConfigMap>("s1-1").await;
    nudge(place, "s2-1").await;
    place.delete::<Shelf>("s3").await;
    place.cluster.kill(Part::ApiServer).await.unwrap();
    place.cluster.start_part(Part::ApiServer).await.unwrap();
    let mark = place.cluster.mark();
    proxy.mend();
    for map in ["s1-0", "s1-1", "s2-1"] {
        says(place, map, map).await;
    }
    nudge(place, "s9-0").await;
    says(place, "s9-0", "s9-0").await;
    let mut lines = journal.take();
    lines.sort();
    assert_eq!(lines, ["s1: config_maps", "s2: config_maps", "s9: config_maps"], "a relist wakes nobody in vain");
    eventually("both kinds are listed anew, as the versions from before the restart are gone", async || {
        let requests = place.cluster.requests_since(mark, "");
        let relists = requests.iter().filter(|r| r.user == "operator" && r.path.contains("sendInitialEvents"));
        relists.filter(|r| r.code == 200).count() == 2
    })
    .await;

    // Its patience is not used up by an outage that is over.
    tokio::time::sleep(Duration::from_secs(20)).await;
    place.cluster.kill(Part::ApiServer).await.unwrap();
    place.cluster.start_part(Part::ApiServer).await.unwrap();
    let back = Instant::now();
    eventually("the API server takes writes", async || {
        place.api::<ConfigMap>().delete("s5-0", &kube::api::DeleteParams::default()).await.is_ok()
    })
    .await;
    says(place, "s5-0", "s5-0").await;
    assert!(back.elapsed() < Duration::from_secs(15), "{:?}", back.elapsed());
    nudge(place, "s9-0").await;
    says(place, "s9-0", "s9-0").await;
    let woken: Vec<_> = journal.lines().into_iter().filter(|line| !line.starts_with("s5: ")).collect();
    assert_eq!(woken, ["s9: config_maps"]);
    assert_eq!(operating.costs().reads, 0, "{:?}", operating.costs());
    assert!(operating.is_running());
    assert!(stats.runs() < 20 + stats.failures());
}

#[tokio::test]
async fn an_api_server_that_hangs() {
    let turn = turn("hangs").await;
    let place = &turn.place;
    let (journal, hasty, gate) = (Journal::default(), Journal::default(), Gate::open());
    let hold = gate.clone();
    let patient = Shelf::by(&journal, move |shelf, _, cx| {
        let hold = hold.clone();
        async move {
            hold.pass().await;
            stock(&shelf.spec, &cx.config_maps()).await?;
            Ok(Action::await_change())
        }
    });
    // Its runs may take a second, less than the hang.
    let (hold, runs) = (gate.clone(), AtomicUsize::new(0));
    let impatient = Hasty::by(&hasty, move |_, _, cx| {
        // Always another one, so that it is sent.
        let (hold, count) = (hold.clone(), runs.fetch_add(1, Ordering::Relaxed));
        async move {
            hold.pass().await;
            cx.apply_status(ShelfStatus { count }).await?;
            Ok(Action::await_change())
        }
    });
    let (patient_stats, impatient_stats) = (patient.stats(), impatient.stats());
    let operating = place.operate(|manager| {
        manager.with(patient.namespace(&place.namespace)).with(impatient.namespace(&place.namespace))
    });
    place.started(2).await;
    shelves(place, &names(2)).await;
    place.ended(4).await;

    gate.shut();
    nudge(place, "s0-0").await;
    journal.reaches("s0: config_maps", 1).await;
    hasty.reaches("s0: config_maps", 1).await;
    place.cluster.pause(Part::ApiServer).unwrap();
    gate.release();
    eventually("a run has been given up", async || impatient_stats.failures() >= 1).await;
    assert_eq!(patient_stats.failures(), 0);
    place.cluster.resume(Part::ApiServer).unwrap();
    // The write that hung is done, and the run that was given up is made good.
    says(place, "s0-0", "s0-0").await;
    hasty.reaches("s0: ", 3).await;
    nudge(place, "s1-0").await;
    says(place, "s1-0", "s1-0").await;
    assert_eq!(patient_stats.failures(), 0);
    assert_eq!(operating.costs().reads, 0);
    assert!(place.log.lines(&["the watch does not work"]).is_empty());
}

/// What each ConfigMap said, one after the other, as somebody else has watched it.
struct Sayings {
    texts: Arc<Mutex<BTreeMap<String, Vec<String>>>>,
    watching: JoinHandle<()>,
}

impl Sayings {
    async fn of(place: &Place) -> Self {
        let api = place.api::<ConfigMap>();
        let list = api.list(&ListParams::default()).await.expect("they can be listed");
        let said = |map: &ConfigMap| (map.name_any(), vec![data_of(map).to_owned()]);
        let texts = Arc::new(Mutex::new(list.iter().map(said).collect::<BTreeMap<_, _>>()));
        let version = list.metadata.resource_version.unwrap_or_default();
        let events = api.watch(&WatchParams::default(), &version).await.expect("they can be watched");
        let taken = texts.clone();
        let watching = tokio::spawn(events.for_each(move |event| {
            match event {
                Ok(WatchEvent::Added(map) | WatchEvent::Modified(map)) => {
                    let mut texts = taken.lock().unwrap_or_else(PoisonError::into_inner);
                    texts.entry(map.name_any()).or_default().push(data_of(&map).to_owned());
                }
                Ok(WatchEvent::Deleted(_) | WatchEvent::Bookmark(_)) => {}
                other => panic!("{other:?}"),
            }
            std::future::ready(())
        }));
        Self { texts, watching }
    }

    fn texts(&self) -> BTreeMap<String, Vec<String>> {
        assert!(!self.watching.is_finished(), "it watches still");
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Sayings {
    fn drop(&mut self) {
        self.watching.abort();
    }
}

#[tokio::test]
async fn an_api_server_that_hangs_while_it_is_written_to() {
    const SHELVES: usize = 24;
    let hang = Duration::from_secs(pick(8, 60));
    let turn = turn("stopped").await;
    let place = &turn.place;
    let (journal, gate) = (Journal::default(), Gate::open());
    let hold = gate.clone();
    let operator = Shelf::by(&journal, move |shelf, _, cx| {
        let hold = hold.clone();
        async move {
            hold.pass().await;
            stock(&shelf.spec, &cx.config_maps()).await?;
            cx.apply_status(ShelfStatus { count: cx.snapshot().config_maps.len() }).await?;
            Ok(Action::await_change())
        }
    });
    let operator = operator.namespace(&place.namespace);
    let stats = operator.stats();
    let operating = place.operate(|manager| manager.with(operator));
    place.started(1).await;
    shelves(place, &names(SHELVES)).await;
    place.ended(SHELVES).await;
    let sayings = Sayings::of(place).await;
    let (runs, writes) = (stats.runs(), stats.writes());

    // Each shelf wants something else in one of its ConfigMaps, and the other one gone.
    gate.shut();
    let want = async |shelf: &str, text: &str| {
        let maps = json!({ format!("{shelf}-0"): text, format!("{shelf}-1"): null });
        place.patch::<Shelf>(shelf, json!({ "spec": { "maps": maps } })).await;
    };
    for name in names(SHELVES) {
        want(&name, "during").await;
    }
    eventually("all runs have begun", async || stats.runs() == runs + SHELVES as u64).await;
    place.cluster.pause(Part::ApiServer).unwrap();
    let begin = Instant::now();
    gate.release();
    eventually("all have sent a write", async || stats.writes() >= writes + SHELVES as u64).await;
    // Whatever others want of it waits as well.
    let waiting = async {
        let (first, second, third) = (want("s1", "later"), want("s2", "later"), want("s3", "later"));
        futures::join!(first, second, third);
    };
    let resume = async {
        tokio::time::sleep(hang).await;
        place.cluster.resume(Part::ApiServer).unwrap();
    };
    futures::join!(waiting, resume);

    let expected: BTreeMap<String, String> = names(SHELVES)
        .into_iter()
        .map(|name| {
            let text = if ["s1", "s2", "s3"].contains(&name.as_str()) { "later" } else { "during" };
            (format!("{name}-0"), text.to_owned())
        })
        .collect();
    eventually("everything is as it should be", async || {
        let maps = place.api::<ConfigMap>().list(&ListParams::default()).await.unwrap();
        let found: BTreeMap<_, _> = maps.iter().map(|map| (map.name_any(), data_of(map).to_owned())).collect();
        let shelves = place.api::<Shelf>().list(&ListParams::default()).await.unwrap();
        found == expected && shelves.iter().all(|shelf| shelf.status == Some(ShelfStatus { count: 1 }))
    })
    .await;
    println!(
        "stopped for {hang:?}: all as it should be {:.1?} later; {} runs, {} of them failed, {} writes",
        begin.elapsed() - hang,
        stats.runs() - runs,
        stats.failures(),
        stats.writes() - writes
    );
    // Nothing came twice, not even what was given up and sent again.
    for (name, texts) in sayings.texts() {
        let mut once = texts.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), texts.len(), "{name} said {texts:?}");
    }
    if hang < Duration::from_secs(30) {
        assert_eq!((stats.failures(), operating.writes("shelves").len()), (0, 2 * SHELVES));
    }
    // And nothing is left to come.
    nudge(place, "s9-0").await;
    says(place, "s9-0", "during").await;
    assert_eq!(operating.costs().reads, 0);
    assert!(operating.is_running());
}

#[tokio::test]
async fn an_etcd_that_is_killed() {
    let turn = turn("etcd").await;
    let place = &turn.place;
    let journal = Journal::default();
    let operator = Shelf::stocker(&journal).namespace(&place.namespace);
    let operating = place.operate(|manager| manager.with(operator));
    place.started(1).await;
    shelves(place, &names(5)).await;
    place.ended(5).await;
    journal.take();

    place.cluster.kill(Part::Etcd).await.unwrap();
    place.cluster.start_part(Part::Etcd).await.unwrap();
    eventually("the API server takes writes", async || {
        place.api::<ConfigMap>().delete("s0-0", &kube::api::DeleteParams::default()).await.is_ok()
    })
    .await;
    says(place, "s0-0", "s0-0").await;
    nudge(place, "s1-0").await;
    says(place, "s1-0", "s1-0").await;
    let others: Vec<_> =
        journal.lines().into_iter().filter(|l| !l.starts_with("s0: ") && !l.starts_with("s1: ")).collect();
    assert_eq!(others, Vec::<String>::new());
    assert_eq!(operating.costs().reads, 0);
}

#[tokio::test]
async fn an_operator_that_starts_before_its_api_server() {
    let turn = turn("early").await;
    let place = &turn.place;
    shelves(place, &names(3)).await;
    let journal = Journal::default();
    let operator = Shelf::stocker(&journal).namespace(&place.namespace);
    // Nobody can be given a right meanwhile.
    let agent = place.agent();
    grant(place.client.clone(), operator.rules(), user_of(&agent).to_owned()).await;
    place.cluster.kill(Part::ApiServer).await.unwrap();
    let client = Client::try_from(place.config_of(&agent)).unwrap();
    let operating = place.operate_with(client, agent, |manager| manager.with(operator));
    place.log.says(&["the watch does not work", "ConfigMap", "unreachable"]).await;
    place.log.says(&["the watch does not work", "Shelf", "unreachable"]).await;
    assert_eq!(journal.lines(), Vec::<String>::new());
    place.cluster.start_part(Part::ApiServer).await.unwrap();
    for name in names(3) {
        says(place, &format!("{name}-1"), &format!("{name}-1")).await;
    }
    place.ended(3).await;
    let mut lines = journal.lines();
    lines.sort();
    assert_eq!(lines, ["s0: startup", "s1: startup", "s2: startup"]);
    assert_eq!(operating.costs().reads, 0);
}
