//! Two primaries that are never well, among many that are.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::ResourceExt;
use serde_json::json;
use steersman::{Action, Operator, OperatorBuilder};
use tests::kinds::{Hasty, Shelf};
use tests::{Journal, Place, config_map, data_of, eventually};

use crate::{pick, turn};

/// The first wait after a failure, less the 20 % by which it may be shorter.
const SHORTEST: Duration = Duration::from_millis(80);
/// So many primaries are changed at the same time.
const AT_ONCE: usize = 4;

/// When the run of a change began and when what it wanted was written, by the name of the primary and its note.
#[derive(Clone, Default)]
struct Times(Arc<Mutex<ByChange>>);

type ByChange = HashMap<(String, String), [Option<Instant>; 2]>;

impl Times {
    fn lock(&self) -> MutexGuard<'_, ByChange> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes one of the two, unless it is there.
    fn note(&self, name: &str, note: &str, which: usize) {
        let mut times = self.lock();
        let entry = times.entry((name.to_owned(), note.to_owned())).or_default();
        entry[which].get_or_insert_with(Instant::now);
    }
}

/// `fails` and `hangs` do so as long as their note says `ill`; all others write their note into a ConfigMap.
fn operator(journal: &Journal, times: &Times) -> OperatorBuilder<impl Operator + use<>> {
    let times = times.clone();
    Hasty::by(journal, move |shelf, _, cx| {
        let times = times.clone();
        async move {
            let (name, note) = (shelf.name_any(), shelf.spec.note.as_str());
            times.note(&name, note, 0);
            match (name.as_str(), note) {
                ("fails", "ill") => return Err("as it always does".into()),
                ("hangs", "ill") => std::future::pending().await,
                _ => {}
            }
            cx.config_maps().apply(config_map(&name, note)).await?;
            times.note(&name, note, 1);
            Ok(Action::await_change())
        }
    })
}

/// How long it took from a change to each of the two.
#[derive(Default)]
struct Latencies([Vec<Duration>; 2]);

impl Latencies {
    fn print(&mut self, when: &str) {
        for (what, all) in ["to the run", "to what is written"].iter().zip(&mut self.0) {
            all.sort_unstable();
            let at = |part: usize| all[(all.len() - 1) * part / 100];
            println!("{when}: event {what}: p50 {:.2?}, p99 {:.2?} of {}", at(50), at(99), all.len());
        }
    }
}

#[tokio::test]
async fn two_that_are_never_well_do_not_disturb_the_others() {
    let (count, rounds) = pick((100, 4), (1000, 6));
    let turn = turn("poison").await;
    let place = &turn.place;
    let (journal, times) = (Journal::default(), Times::default());
    let operator = operator(&journal, &times).namespace(&place.namespace);
    let stats = operator.stats();
    let operating = place.operate(|manager| manager.with(operator));
    place.started(1).await;
    let names: Vec<String> = (0..count).map(|i| format!("s{i}")).collect();
    let all = names.iter().map(String::as_str).chain(["fails", "hangs"]);
    stream::iter(all).for_each_concurrent(16, async |name| drop(place.create(Shelf::of(name, &[])).await)).await;
    eventually("all have run", async || stats.writes() >= count + 2).await;

    let (mut well, mut ill) = (Latencies::default(), Latencies::default());
    for round in 0..rounds {
        let is_ill = round % 2 == 1;
        let state = if is_ill { "ill".to_owned() } else { format!("well {round}") };
        let (begin, before) = (Instant::now(), ["fails: ", "hangs: "].map(|name| journal.count(name)));
        tell(place, "fails", &state).await;
        tell(place, "hangs", &state).await;
        if is_ill {
            eventually("both are ill", async || {
                journal.count("fails: ") > before[0] && journal.count("hangs: ") > before[1] + 1
            })
            .await;
        }
        let note = format!("round {round}");
        let latencies = if is_ill { &mut ill } else { &mut well };
        measure(place, &names, &note, &times, latencies).await;
        if is_ill {
            let (runs, limit) = (["fails: ", "hangs: "].map(|name| journal.count(name)), most_runs(begin.elapsed()));
            let runs = [0, 1].map(|i| runs[i] - before[i]);
            println!(
                "round {round}: {runs:?} runs of those that are ill within {:.1?}, at most {limit}",
                begin.elapsed()
            );
            assert!(runs.iter().all(|runs| *runs <= limit), "{runs:?} runs, and the waits allow {limit}");
        }
    }
    well.print("all are well ");
    ill.print("two are ill  ");
    // On a busy machine a run of theirs may take longer than the second that it has.
    let late = place.log.lines(&["the run took longer than its `timeout`"]);
    for name in &names {
        let primary = format!("primary={}/{name} ", place.namespace);
        let again = late.iter().filter(|line| line.contains(&primary)).count();
        assert_eq!(journal.count(&format!("{name}: ")), rounds + 1 + again, "{name} runs once for each change");
    }
    // They recover as soon as they are told to.
    for name in ["fails", "hangs"] {
        tell(place, name, "well again").await;
        crate::says(place, name, "well again").await;
    }
    assert_eq!(operating.costs().reads, 0);
}

async fn tell(place: &Place, name: &str, note: &str) {
    place.patch::<Shelf>(name, json!({ "spec": { "note": note } })).await;
}

/// Changes each of them and waits until that is written.
async fn measure(place: &Place, names: &[String], note: &str, times: &Times, latencies: &mut Latencies) {
    let change = |name: &String| {
        let name = name.clone();
        async move {
            let begin = Instant::now();
            tell(place, &name, note).await;
            (name, begin)
        }
    };
    let begun: Vec<_> = stream::iter(names).map(change).buffer_unordered(AT_ONCE).collect().await;
    for (name, begin) in begun {
        let key = (name, note.to_owned());
        eventually("it is written", async || times.lock().get(&key).is_some_and(|times| times[1].is_some())).await;
        for (i, time) in times.lock()[&key].iter().enumerate() {
            latencies.0[i].extend(time.map(|time| time.duration_since(begin)));
        }
    }
    let last = names.last().expect("there are some");
    assert_eq!(place.get::<ConfigMap>(last).await.map(|map| data_of(&map).to_owned()).as_deref(), Some(note));
}

/// So many runs fit into this time: the waits between them double from 100 ms, each 20 % shorter at most. The first comes
/// at once.
fn most_runs(time: Duration) -> usize {
    let (mut runs, mut wait, mut waited) = (1, SHORTEST, Duration::ZERO);
    while waited + wait <= time {
        (waited, runs) = (waited + wait, runs + 1);
        wait *= 2;
    }
    runs
}
