//! Goals beside the peers: in each column as good as the best of them.

use crate::goals::limit::of_spreads;
use crate::goals::{Outcome, Verdict};
use crate::measurement::Results;
use crate::report::candidates::{COLUMNS, OURS};
use crate::report::figure::Unit;
use crate::report::groups::{COUNTED, Counted, overlooked, reached};
use crate::report::pivot::{Pivot, Spread};

/// Processor time is counted in ticks of 10 ms; one more or less says nothing.
const TICK: f64 = 0.01;
/// The peer whose memory and processor time are the measure.
const TUNED: &str = "kube-tuned";

pub(super) fn judge(results: &Results, pivot: &Pivot) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for (figure, what) in [("runs", "runs"), ("writes", "writes"), ("reads", "reads")] {
        verdicts.extend(COUNTED.iter().map(|counted| count(counted, figure, what, results, pivot)));
    }
    for scenario in ["services-deleted", "config-maps-changed", "missed-deletes"] {
        let label =
            COUNTED.iter().find(|counted| counted.scenario == scenario).map_or(scenario, |counted| counted.label);
        for (figure, what) in [("repair-p50-ms", "p50"), ("repair-p99-ms", "p99")] {
            verdicts.push(repair(scenario, figure, &format!("{label}: repair {what} of the best peer"), pivot));
        }
    }
    for (scenario, what) in
        [("memory-100", "100"), ("memory-1000", "1,000"), ("creation", "100, on a whole control plane")]
    {
        let goal = format!("memory of tuned kube-rs, WebApps: {what}");
        verdicts.push(beside_tuned(goal, scenario, "rss-bytes", Unit::Bytes, 0.0, pivot));
    }
    let growth = [("growth-100", "each of 100"), ("growth-1000", "each of 1,000"), ("growth-10000", "each of 10,000")];
    let counted = COUNTED.iter().map(|counted| (counted.scenario, counted.label));
    for (scenario, label) in counted.chain(growth) {
        let goal = format!("CPU seconds of tuned kube-rs: {label}");
        verdicts.push(beside_tuned(goal, scenario, "cpu-seconds", Unit::Seconds, TICK, pivot));
    }
    verdicts.extend(lines(pivot));
    verdicts
}

/// Whether a candidate got through the scenario as it should; one that overlooks faults has no work with them.
fn did_it_all(scenario: &str, candidate: &str, pivot: &Pivot) -> bool {
    let is_restless = pivot.median(scenario, "restless", candidate).is_some_and(|restless| restless > 0.0);
    !is_restless && overlooked(scenario, candidate, pivot) == 0.0
}

/// Those beside whom ours is judged, the best one first.
fn peers<'a>(scenario: &str, figure: &str, pivot: &'a Pivot) -> Vec<(&'a str, Spread)> {
    let others =
        pivot.row(scenario, figure).filter(|(id, _)| *id != OURS && COLUMNS.iter().any(|column| column.id == *id));
    let mut peers: Vec<_> = others.filter(|(id, _)| did_it_all(scenario, id, pivot)).collect();
    peers.sort_by(|(_, a), (_, b)| a.median.total_cmp(&b.median));
    peers
}

/// How long it takes from cause to end state, as far as the scenario knows.
fn time(scenario: &str, candidate: &str, pivot: &Pivot) -> Option<f64> {
    let seconds = pivot.median(scenario, "ready-p50-seconds", candidate);
    seconds.or_else(|| Some(pivot.median(scenario, "repair-p50-ms", candidate)? / 1e3))
}

fn count(counted: &Counted, figure: &str, what: &str, results: &Results, pivot: &Pivot) -> Verdict {
    let goal = format!("{what} of the best peer: {}", counted.label);
    let scenario = counted.scenario;
    let Some(ours) = pivot.median(scenario, figure, OURS) else { return Verdict::unknown(goal, true) };
    let peers = peers(scenario, figure, pivot);
    let Some((best, least)) = peers.first() else { return Verdict::unknown(goal, true) };
    let each = |total: f64| Unit::Count.show(total / counted.per.of(results));
    let fewer: Vec<_> = peers.iter().filter(|(_, peer)| peer.median < ours).collect();
    let mine = time(scenario, OURS, pivot);
    let is_slower = |id: &str| mine.zip(time(scenario, id, pivot)).is_some_and(|(mine, peer)| peer > mine);
    let outcome = match () {
        () if fewer.is_empty() => Outcome::Met,
        () if fewer.iter().all(|(id, _)| is_slower(id)) => Outcome::Slower,
        () => Outcome::Missed,
    };
    // Whoever needs less is shown with its time.
    let timed = |id: &str, total: f64| match time(scenario, id, pivot).filter(|_| !fewer.is_empty()) {
        Some(seconds) => format!("{} in {}", each(total), Unit::Seconds.show(seconds)),
        None => each(total),
    };
    let shown = |(id, peer): &&(&str, Spread)| format!("{id} {}", timed(id, peer.median));
    let beside = match &fewer[..] {
        [] => format!("{best} {}", each(least.median)),
        some => some.iter().map(shown).collect::<Vec<_>>().join("; "),
    };
    Verdict { goal, ours: timed(OURS, ours), beside, outcome, is_count: true }
}

fn repair(scenario: &str, figure: &str, goal: &str, pivot: &Pivot) -> Verdict {
    let ours = pivot.get(scenario, figure, OURS);
    match (ours, peers(scenario, figure, pivot).first()) {
        (Some(ours), Some((id, peer))) => Verdict {
            goal: goal.to_owned(),
            ours: Unit::Milliseconds.cell(ours),
            beside: format!("{id} {}", Unit::Milliseconds.cell(*peer)),
            outcome: of_spreads(ours, *peer, 1.0),
            is_count: false,
        },
        _ => Verdict::unknown(goal.to_owned(), false),
    }
}

fn beside_tuned(goal: String, scenario: &str, figure: &str, unit: Unit, slack: f64, pivot: &Pivot) -> Verdict {
    // What was spent for more or fewer WebApps than by others is compared for each of them.
    let of = |candidate| Some(pivot.get(scenario, figure, candidate)?.divided(reached(scenario, candidate, pivot)));
    let (Some(ours), Some(peer)) = (of(OURS), of(TUNED)) else { return Verdict::unknown(goal, false) };
    let slack = slack / reached(scenario, OURS, pivot);
    let limit = Spread { median: peer.median + slack, min: peer.min + slack, max: peer.max + slack };
    let outcome = of_spreads(ours, limit, 1.0);
    Verdict { goal, ours: unit.cell(ours), beside: unit.cell(peer), outcome, is_count: false }
}

/// Half of what tuned kube-rs and controller-runtime take, and no more than the Java Operator SDK.
fn lines(pivot: &Pivot) -> Vec<Verdict> {
    let goal = |peer: &str, share: f64, word: &str| {
        let title = crate::report::candidates::title(peer);
        let goal = format!("lines of user code: {word} {title}");
        let of = |candidate| pivot.median("code", "lines", candidate);
        let (Some(ours), Some(theirs)) = (of(OURS), of(peer)) else { return Verdict::unknown(goal, true) };
        let outcome = if ours <= theirs * share { Outcome::Met } else { Outcome::Missed };
        let [ours, beside] = [ours, theirs].map(|lines| Unit::Count.show(lines));
        Verdict { goal, ours, beside, outcome, is_count: true }
    };
    let half = "at most half of";
    vec![
        goal(TUNED, 0.5, half),
        goal("cr-default", 0.5, half),
        goal("cr-custom", 0.5, half),
        goal("josdk", 1.0, "no more than"),
    ]
}
