//! Goals with a limit of their own.

use crate::goals::{Outcome, Verdict, ours};
use crate::measurement::Results;
use crate::report::figure::Unit;
use crate::report::groups::{COUNTED, Per};
use crate::report::pivot::{Pivot, Spread};

const MIB: f64 = 1024.0 * 1024.0;
/// How much more memory foreign objects may cost.
const NOISE: f64 = 2.0 * MIB;
/// The kinds of the WebApp operator, each of which may be listed at a start or reconnect; the wide one has two more.
const KINDS: f64 = 4.0;
const WIDE_KINDS: f64 = 6.0;
/// How many times faster than other ways to read the same the snapshot has to be.
const THAN_REQUESTS: f64 = 1000.0;
const THAN_SCAN: f64 = 50.0;
/// A snapshot is as fast in a larger cluster, but for the noise of so short a measurement.
const FLAT: f64 = 1.25;

enum Limit {
    AtMost(f64),
    Exactly(f64),
}

struct Goal {
    scenario: &'static str,
    figure: &'static str,
    text: &'static str,
    limit: Limit,
}

const fn goal(scenario: &'static str, figure: &'static str, text: &'static str, limit: Limit) -> Goal {
    Goal { scenario, figure, text, limit }
}

/// In runs and writes per WebApp, or per what the scenario counts.
const GOALS: [Goal; 16] = [
    goal("creation", "runs", "creation: runs, each", Limit::AtMost(2.1)),
    goal("steady", "runs", "steady state: runs", Limit::Exactly(0.0)),
    goal("irrelevant", "runs", "irrelevant change: runs", Limit::Exactly(0.0)),
    goal("readiness", "runs", "readiness lost and regained: runs, each", Limit::AtMost(2.0)),
    goal("services-deleted", "runs", "Service deleted: runs, each", Limit::Exactly(1.0)),
    goal("config-maps-changed", "runs", "ConfigMap changed: runs, each", Limit::Exactly(1.0)),
    goal("operator-restart", "runs", "operator restart: runs, each", Limit::Exactly(1.0)),
    goal("api-server-restart", "runs", "API server restart: runs", Limit::Exactly(0.0)),
    goal("missed-deletes", "runs", "deleted in a gap: runs, each", Limit::Exactly(1.0)),
    goal("missed-deletes", "lost", "deleted in a gap: never repaired", Limit::Exactly(0.0)),
    goal("flips", "left-wrong", "quick flips: statuses left wrong", Limit::Exactly(0.0)),
    goal("creation", "writes", "creation: writes, each", Limit::AtMost(6.0)),
    goal("steady", "writes", "steady state: writes", Limit::Exactly(0.0)),
    goal("irrelevant", "writes", "irrelevant change: writes", Limit::Exactly(0.0)),
    goal("operator-restart", "writes", "operator restart: writes", Limit::Exactly(0.0)),
    goal("api-server-restart", "writes", "API server restart: writes", Limit::Exactly(0.0)),
];

pub(super) fn judge(results: &Results, pivot: &Pivot) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = GOALS.iter().map(|goal| goal.judge(results, pivot)).collect();
    verdicts.push(reads(pivot));
    verdicts.push(noise(pivot));
    verdicts.extend(snapshot(pivot));
    verdicts
}

impl Goal {
    fn judge(&self, results: &Results, pivot: &Pivot) -> Verdict {
        let Some(total) = ours(pivot, self.scenario, self.figure) else {
            return Verdict::unknown(self.text.to_owned(), true);
        };
        let counted = COUNTED.iter().find(|counted| counted.scenario == self.scenario);
        let per = counted.map_or(Per::Nothing, |counted| counted.per);
        let is_total = !matches!(self.figure, "runs" | "writes");
        let value = if is_total { total } else { total / per.of(results) };
        let (is_met, beside) = match self.limit {
            Limit::AtMost(limit) => (value <= limit, format!("at most {limit}")),
            Limit::Exactly(limit) => (value == limit, format!("exactly {limit}")),
        };
        Verdict {
            goal: self.text.to_owned(),
            ours: Unit::Count.show(value),
            beside,
            outcome: if is_met { Outcome::Met } else { Outcome::Missed },
            is_count: true,
        }
    }
}

/// None in any scenario, but for one LIST per kind where it starts or connects again.
fn reads(pivot: &Pivot) -> Verdict {
    let goal = "reads in every scenario".to_owned();
    let mut too_many = Vec::new();
    let mut measured = 0;
    let mut lists = 0.0;
    for counted in COUNTED {
        let Some(reads) = pivot.get(counted.scenario, "reads", super::OURS) else { continue };
        measured += 1;
        let allowed = match counted.scenario {
            "creation" | "operator-restart" | "api-server-restart" | "missed-deletes" => KINDS,
            "wide-creation" => WIDE_KINDS,
            _ => 0.0,
        };
        let listed = pivot.get(counted.scenario, "lists", super::OURS).map_or(0.0, |lists| lists.max);
        lists += listed;
        // What is not a LIST is one too many.
        if reads.max > listed || listed > allowed {
            too_many.push(format!("{}: {}", counted.label, Unit::Count.show(reads.max)));
        }
    }
    if measured == 0 {
        return Verdict::unknown(goal, true);
    }
    let ours = match (&too_many[..], lists) {
        ([], 0.0) => "0".to_owned(),
        ([], lists) => format!("0, and {lists} LISTs at starts and reconnects"),
        (some, _) => some.join("; "),
    };
    let outcome = if too_many.is_empty() { Outcome::Met } else { Outcome::Missed };
    Verdict { goal, ours, beside: "0 but for one LIST per kind at start or reconnect".into(), outcome, is_count: true }
}

fn noise(pivot: &Pivot) -> Verdict {
    let goal = "memory: growth by 5,000 foreign ConfigMaps and 5,000 Secrets of 4 kB".to_owned();
    let growth = |candidate: &str| {
        let settled = |scenario: &str| pivot.median(scenario, "rss-bytes", candidate);
        Some(settled("memory-1000-noise")? - settled("memory-1000")?)
    };
    let Some(grown) = growth(super::OURS) else { return Verdict::unknown(goal, false) };
    let peers =
        ["kube-tuned", "cr-custom"].map(|id| growth(id).map(|grown| format!("{id} {}", Unit::Bytes.show(grown))));
    let peers: Vec<String> = peers.into_iter().flatten().collect();
    Verdict {
        goal,
        ours: Unit::Bytes.show(grown),
        beside: [vec!["at most 2 MiB".to_owned()], peers].concat().join("; "),
        outcome: if grown <= NOISE { Outcome::Met } else { Outcome::Missed },
        is_count: false,
    }
}

/// Beside the other ways to read a primary with 5 × 20 secondaries.
fn snapshot(pivot: &Pivot) -> Vec<Verdict> {
    let read = |scenario: &str, candidate: &str| pivot.get(scenario, "read-seconds", candidate);
    let ratio = |goal: &str, peer: &str, least: f64| {
        let (Some(ours), Some(peer)) = (read("thesis-5x20", super::OURS), read("thesis-5x20", peer)) else {
            return Verdict::unknown(goal.to_owned(), false);
        };
        let times = peer.median / ours.median;
        Verdict {
            goal: goal.to_owned(),
            ours: format!("{}, {} times", Unit::Seconds.show(ours.median), Unit::Count.show(times.floor())),
            beside: format!("{}; at least {least} times", Unit::Seconds.show(peer.median)),
            outcome: if times >= least { Outcome::Met } else { Outcome::Missed },
            is_count: false,
        }
    };
    let flat = "snapshot of 5 × 20: among 10,000 foreign objects as fast as without".to_owned();
    let flat = match (read("thesis-5x20-noise", super::OURS), read("thesis-5x20", super::OURS)) {
        (Some(noisy), Some(quiet)) => Verdict {
            goal: flat,
            ours: Unit::Seconds.show(noisy.median),
            beside: format!("{}; at most {FLAT} times", Unit::Seconds.show(quiet.median)),
            outcome: of_spreads(noisy, quiet, FLAT),
            is_count: false,
        },
        _ => Verdict::unknown(flat, false),
    };
    vec![
        ratio("snapshot of 5 × 20 beside direct GET + LISTs at once", "direct-at-once", THAN_REQUESTS),
        ratio("snapshot of 5 × 20 beside a filtered scan of kube's stores", "kube-stores", THAN_SCAN),
        flat,
    ]
}

/// Whether ours is at most so many times the other; even if the repetitions overlap.
pub(super) fn of_spreads(ours: Spread, other: Spread, times: f64) -> Outcome {
    match () {
        () if ours.median <= other.median * times => Outcome::Met,
        () if ours.min <= other.max * times => Outcome::Even,
        () => Outcome::Missed,
    }
}
