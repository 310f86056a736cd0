//! Two replicas: which of them works, whatever happens to the other. How long each change takes is printed.

use std::env;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime};

use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::ListParams;
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config, ResourceExt};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use steersman::{Action, LeaderElection, Manager};
use steersman_control_plane::{Part, Request};
use tests::kinds::{Shelf, stock};
use tests::{Gate, Journal, Operating, Place, config_map, data_of, eventually, found};
use tokio::process::{Child, Command};

use crate::{names, nudge, says, shelves, turn};

const LEASE: Duration = Duration::from_secs(6);

/// Short times, and yet long enough for a machine that has much to do.
fn election(namespace: &str, identity: &str) -> LeaderElection {
    LeaderElection::new(namespace, "operator")
        .identity(identity)
        .lease_duration(LEASE)
        .renew_deadline(Duration::from_secs(4))
        .retry_period(Duration::from_millis(500))
}

/// A replica in this process.
fn replica(place: &Place, identity: &str, journal: &Journal) -> Operating {
    let operator = Shelf::stocker(journal).namespace(&place.namespace);
    place.operate(|manager| manager.with(operator).leader_election(election(&place.namespace, identity)))
}

/// Who holds the Lease; empty if nobody does.
async fn holder(place: &Place) -> Option<String> {
    let lease = place.api::<Lease>().get_opt("operator").await.ok()??;
    Some(lease.spec?.holder_identity.unwrap_or_default())
}

async fn leads(place: &Place, identity: &str) {
    let what = format!("{identity} holds the lease");
    let begins = format!("{identity}_");
    eventually(&what, async || holder(place).await.is_some_and(|holder| holder.starts_with(&begins))).await;
}

fn changes_maps(request: &&Request) -> bool {
    request.resource == "configmaps" && !matches!(request.verb.as_str(), "get" | "list" | "watch")
}

/// A replica in a process of its own: this test binary, told to be one.
struct Process {
    child: Child,
    agent: String,
    log: PathBuf,
}

impl Process {
    /// `work`: what its runs do, see [`process`].
    fn start(place: &Place, identity: &str, work: &str) -> Self {
        let agent = place.agent();
        let log = place.cluster.folder().join(format!("{}-{identity}.log", place.namespace));
        let file = std::fs::File::create(&log).expect("a file can be created");
        let child = Command::new(env::current_exe().expect("a path"))
            .args(["--exact", "leader::process", "--ignored", "--nocapture"])
            .env("STEERSMAN_REPLICA", format!("{work} {} {identity} {agent}", place.namespace))
            .env("KUBECONFIG", place.cluster.kubeconfig())
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("a file"))
            .stderr(file)
            .kill_on_drop(true)
            .spawn()
            .expect("the process starts");
        Self { child, agent, log }
    }

    fn signal(&self, signal: Signal) {
        let pid = self.child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?)).expect("it runs");
        kill_process(pid, signal).expect("it can be signalled");
    }

    async fn says(&self, words: &str) {
        let said = async || std::fs::read_to_string(&self.log).is_ok_and(|text| text.contains(words));
        eventually(&format!("the process says `{words}`"), said).await;
    }

    /// What it has changed since.
    fn writes_since(&self, place: &Place, since: SystemTime) -> Vec<Request> {
        let requests = place.cluster.requests(&self.agent);
        requests.into_iter().filter(|request| changes_maps(&request) && request.at > since).collect()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("--- {}\n{}---", self.log.display(), std::fs::read_to_string(&self.log).unwrap_or_default());
        }
    }
}

/// Not a test, but what [`Process`] runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a process that other tests start"]
async fn process() {
    let Ok(told) = env::var("STEERSMAN_REPLICA") else { return };
    let told: Vec<&str> = told.split(' ').collect();
    let [work, namespace, identity, agent] = told[..] else { panic!("{told:?}") };
    tracing_subscriber::fmt().with_env_filter("steersman=debug").with_ansi(false).with_writer(std::io::stderr).init();
    let kubeconfig = Kubeconfig::read().expect("a kubeconfig");
    let mut config =
        Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.expect("a configuration");
    config.headers.push((http::header::USER_AGENT, agent.parse().expect("a header")));
    let (work, me) = (work.to_owned(), identity.to_owned());
    let operator = Shelf::by(&Journal::default(), move |shelf, _, cx| {
        let (work, me) = (work.clone(), me.clone());
        async move {
            match work.as_str() {
                // It writes without end, and something else each time.
                "count" => {
                    let text = format!("{me} {:?}", SystemTime::now());
                    cx.config_maps().apply(config_map(&shelf.name_any(), &text)).await?;
                    Ok(Action::again())
                }
                "hang" => std::future::pending().await,
                _ => {
                    stock(&shelf.spec, &cx.config_maps()).await?;
                    Ok(Action::await_change())
                }
            }
        }
    });
    let manager = Manager::new(Client::try_from(config).expect("a client"))
        .with(operator.namespace(namespace))
        .leader_election(election(namespace, identity));
    manager.run().await.expect("it runs");
    println!("it has ended");
}

/// A leader that has stocked so many shelves, and a standby.
async fn pair(place: &Place, [first, second]: [&Journal; 2], count: usize) -> (Operating, Operating) {
    let one = replica(place, "one", first);
    leads(place, "one").await;
    let two = replica(place, "two", second);
    place.started(2).await;
    shelves(place, &names(count)).await;
    for name in names(count) {
        says(place, &format!("{name}-1"), &format!("{name}-1")).await;
    }
    (one, two)
}

#[tokio::test]
async fn a_leader_that_stops_hands_over_at_once_and_a_standby_has_done_nothing_before() {
    let turn = turn("handover").await;
    let place = &turn.place;
    let (first, second) = (Journal::default(), Journal::default());
    let (one, two) = pair(place, [&first, &second], 5).await;
    assert_eq!(second.lines(), Vec::<String>::new());
    assert_eq!(two.writes("configmaps"), Vec::<String>::new());
    let watches = two.watches("configmaps");

    let begin = Instant::now();
    one.stop().await;
    let stopped = begin.elapsed();
    second.reaches("s", 5).await;
    println!("a leader that stops: {stopped:?} to its end, {:?} to five runs of the other", begin.elapsed());
    leads(place, "two").await;
    let mut lines = second.lines();
    lines.sort();
    assert_eq!(lines, ["s0: startup", "s1: startup", "s2: startup", "s3: startup", "s4: startup"]);
    nudge(place, "s3-0").await;
    says(place, "s3-0", "s3-0").await;
    // Warm caches: nothing was read for it, and no watch is another.
    let reads = |request: &&Request| request.resource != "leases" && matches!(request.verb.as_str(), "get" | "list");
    let requests = two.requests();
    assert_eq!(requests.iter().filter(reads).count(), 0, "{requests:?}");
    assert_eq!(two.watches("configmaps"), watches);
    place.log.says(&["the lease has been given up"]).await;
    two.stop().await;
    assert_eq!(holder(place).await.as_deref(), Some(""));
}

/// One replica after the other is replaced, while somebody keeps changing what they look after.
#[tokio::test]
async fn a_rolling_update() {
    let turn = turn("rolling").await;
    let place = &turn.place;
    let journal = Journal::default();
    let mut old = replica(place, "r0", &journal);
    leads(place, "r0").await;
    shelves(place, &names(20)).await;
    let begin = Instant::now();
    for i in 1..4 {
        let new = replica(place, &format!("r{i}"), &journal);
        place.started(i + 1).await;
        nudge(place, &format!("s{i}-0")).await;
        old.stop().await;
        nudge(place, &format!("s{i}-1")).await;
        leads(place, &format!("r{i}")).await;
        for part in [0, 1] {
            says(place, &format!("s{i}-{part}"), &format!("s{i}-{part}")).await;
        }
        old = new;
    }
    println!("three replicas, one after the other: {:?}", begin.elapsed());
    let maps = place.api::<ConfigMap>().list(&ListParams::default()).await.unwrap();
    let ours: Vec<_> = maps.iter().filter(|map| map.name_any().starts_with('s')).collect();
    assert_eq!(ours.len(), 40);
    assert!(ours.iter().all(|map| data_of(map) == map.name_any()), "{ours:?}");
    old.stop().await;
}

#[tokio::test]
async fn a_leader_that_was_stopped_writes_nothing_when_it_goes_on() {
    let turn = turn("sigstop").await;
    let place = &turn.place;
    let process = Process::start(place, "one", "count");
    leads(place, "one").await;
    let text = async || place.get::<ConfigMap>("s0").await.map(|map| data_of(&map).to_owned()).unwrap_or_default();
    place.create(Shelf::of("s0", &["s0"])).await;
    eventually("the process writes", async || text().await.starts_with("one ")).await;
    let journal = Journal::default();
    let two = replica(place, "two", &journal);
    place.started(1).await;
    process.signal(Signal::STOP);
    let begin = Instant::now();
    leads(place, "two").await;
    says(place, "s0", "s0").await;
    println!("a leader that was stopped: {:?} to the first write of the other", begin.elapsed());
    assert!(begin.elapsed() > LEASE - Duration::from_secs(1), "it had the lease");
    let resumed = SystemTime::now();
    process.signal(Signal::CONT);
    process.says("leads no more").await;
    process.says("another replica leads").await;
    // It goes on as a standby, with what it sees.
    nudge(place, "s0").await;
    says(place, "s0", "s0").await;
    let writes = process.writes_since(place, resumed);
    assert!(writes.is_empty(), "{writes:?}");
    // And takes over again.
    two.stop().await;
    leads(place, "one").await;
    eventually("the process writes again", async || text().await.starts_with("one ")).await;
}

#[tokio::test]
async fn a_leader_that_is_killed_in_the_middle_of_writes() {
    let turn = turn("sigkill").await;
    let place = &turn.place;
    let mut process = Process::start(place, "one", "stock");
    leads(place, "one").await;
    let journal = Journal::default();
    let two = replica(place, "two", &journal);
    place.started(1).await;
    let all = names(60);
    let creating = shelves(place, &all);
    let killing = async {
        eventually("some are written", async || process.writes_since(place, SystemTime::UNIX_EPOCH).len() > 20).await;
        process.child.kill().await.expect("it can be killed");
        Instant::now()
    };
    let ((), begin) = tokio::join!(creating, killing);
    // While nobody leads.
    place.patch::<Shelf>("s1", json!({ "spec": { "maps": { "s1-0": "edited", "s1-1": null } } })).await;
    leads(place, "two").await;
    let taken = begin.elapsed();
    let wants = |name: &str| if name == "s1-0" { "edited".to_owned() } else { name.to_owned() };
    let maps = found("everything is as it should be", async || {
        let maps = place.api::<ConfigMap>().list(&ListParams::default()).await.ok()?;
        let ours: Vec<_> = maps.items.into_iter().filter(|map| map.name_any().starts_with('s')).collect();
        let right = ours.iter().all(|map| data_of(map) == wants(&map.name_any()));
        (ours.len() == 119 && right).then_some(ours)
    })
    .await;
    println!("a leader that was killed: {taken:?} to the lease, {:?} to 119 objects", begin.elapsed());
    assert!(maps.iter().all(|map| map.owner_references().len() == 1));
    assert_eq!(two.costs().by_verb.get("list"), None);
    two.stop().await;
}

#[tokio::test]
async fn an_api_server_that_is_down_for_longer_than_the_lease() {
    let turn = turn("downtime").await;
    let place = &turn.place;
    let (first, second, gate) = (Journal::default(), Journal::default(), Gate::open());
    let hold = gate.clone();
    let held = Shelf::by(&first, move |shelf, _, cx| {
        let hold = hold.clone();
        async move {
            hold.pass().await;
            stock(&shelf.spec, &cx.config_maps()).await?;
            Ok(Action::await_change())
        }
    });
    let one = place.operate(|manager| {
        manager.with(held.namespace(&place.namespace)).leader_election(election(&place.namespace, "one"))
    });
    leads(place, "one").await;
    let two = replica(place, "two", &second);
    place.started(2).await;
    shelves(place, &names(10)).await;
    place.ended(10).await;
    gate.shut();
    nudge(place, "s2-0").await;
    first.reaches("s2: ", 2).await;
    place.cluster.kill(Part::ApiServer).await.unwrap();
    place.log.says(&["leads no more"]).await;
    place.log.says(&["the run is cancelled", "/s2"]).await;
    gate.release();
    tokio::time::sleep(LEASE).await;
    place.cluster.start_part(Part::ApiServer).await.unwrap();
    let begin = Instant::now();
    says(place, "s2-0", "s2-0").await;
    println!("an API server that comes back: {:?} to the repair", begin.elapsed());
    let leader = found("somebody leads", async || holder(place).await.filter(|holder| !holder.is_empty())).await;
    // Who goes on where it was runs nothing but what was left over; the other one everything.
    if leader.starts_with("one_") {
        assert_eq!((first.count("s"), second.lines().len()), (12, 0), "{:?}", first.lines());
    } else {
        second.reaches("s", 10).await;
        assert_eq!(first.count("s"), 11, "{:?}", first.lines());
    }
    one.stop().await;
    nudge(place, "s4-0").await;
    says(place, "s4-0", "s4-0").await;
    two.stop().await;
}

/// The renewal hangs, and so does a write, which the API server carries out when it goes on.
#[tokio::test]
async fn an_api_server_that_hangs_for_longer_than_the_lease() {
    let turn = turn("lease-hangs").await;
    let place = &turn.place;
    let (first, second) = (Journal::default(), Journal::default());
    let (one, two) = pair(place, [&first, &second], 3).await;
    // The change that is to be repaired has been seen when the API server stops.
    nudge(place, "s2-0").await;
    first.reaches("s2: ", 2).await;
    place.cluster.pause(Part::ApiServer).unwrap();
    place.log.says(&["could not be renewed in time"]).await;
    tokio::time::sleep(LEASE).await;
    place.cluster.resume(Part::ApiServer).unwrap();
    let begin = Instant::now();
    found("somebody leads again", async || {
        let lease = place.api::<Lease>().get_opt("operator").await.ok()??.spec?;
        let age = SystemTime::now().duration_since(lease.renew_time?.0.into()).unwrap_or_default();
        (age < Duration::from_secs(1)).then_some(())
    })
    .await;
    println!("an API server that goes on: {:?} to a leader", begin.elapsed());
    nudge(place, "s0-0").await;
    for map in ["s2-0", "s0-0"] {
        says(place, map, map).await;
    }
    one.stop().await;
    two.stop().await;
}

#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let turn = turn("signals").await;
    let place = &turn.place;
    place.create(Shelf::of("s0", &[])).await;
    let mut process = Process::start(place, "one", "hang");
    process.says("begins").await;
    process.signal(Signal::TERM);
    process.says("stopping; waiting for the runs in progress").await;
    process.signal(Signal::TERM);
    let begin = Instant::now();
    let ended = process.child.wait().await.unwrap();
    println!("a second signal: {:?}", begin.elapsed());
    assert!(ended.success(), "{ended:?}");
    process.says("a second signal").await;
    process.says("it has ended").await;
}

#[tokio::test]
async fn a_right_that_is_missing_is_named_and_can_be_pasted() {
    let turn = turn("leases").await;
    let place = &turn.place;
    place.allow("all", &["configmaps"]).await;
    let journal = Journal::default();
    let operator = Shelf::stocker(&journal).namespace(&place.namespace);
    let operating =
        place.operate_as_operator(|manager| manager.with(operator).leader_election(election(&place.namespace, "one")));
    let said = place.log.says(&["WARN", "the leader election does not work"]).await;
    assert!(said.contains(r#"User "operator" cannot get resource "leases""#), "{said}");
    let (_, rule) = said.split_once("with this rule: `- ").unwrap_or_else(|| panic!("{said}"));
    let rule: serde_json::Value = serde_json::from_str(rule.trim_end_matches('`')).unwrap();
    place.grant("leases", json!([rule])).await;
    leads(place, "one").await;
    operating.stop().await;
    assert_eq!(holder(place).await.as_deref(), Some(""));
}
