//! The goals, and whether they are met. They are those of the project, for its flagship; counts do not depend on the machine,
//! and a count that is missed fails a run of `--check`.

mod column;
mod limit;

use std::fmt;

use crate::record::Record;
use crate::report::candidates::OURS;
use crate::report::pivot::Pivot;

/// What became of a goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Met,
    /// Worse by the medians, but the repetitions of both overlap.
    Even,
    /// A peer needs less because it is slower, and so has more to do at once: both times stand beside it.
    Slower,
    Missed,
    /// Something was not measured.
    Unknown,
}

/// A goal and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) goal: String,
    pub(crate) ours: String,
    /// The limit, or who else reaches what.
    pub(crate) beside: String,
    pub(crate) outcome: Outcome,
    /// It counts, and so does not depend on the machine.
    pub(crate) is_count: bool,
}

/// All goals; those about which nothing at all was measured are unknown.
pub(crate) fn judge(record: &Record) -> Vec<Verdict> {
    let pivot = Pivot::new(&record.results.measurements);
    let mut verdicts = limit::judge(&record.results, &pivot);
    verdicts.extend(column::judge(&record.results, &pivot));
    verdicts
}

/// One line about all of them.
pub(crate) fn summary(verdicts: &[Verdict]) -> String {
    let count = |outcome| verdicts.iter().filter(|verdict| verdict.outcome == outcome).count();
    let named = [
        (Outcome::Met, "met"),
        (Outcome::Even, "even within the spread of the repetitions"),
        (Outcome::Slower, "met but for a peer that is slower"),
        (Outcome::Missed, "MISSED"),
        (Outcome::Unknown, "not measured"),
    ];
    let parts = named.into_iter().map(|(outcome, name)| (count(outcome), name)).filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts.map(|(count, name)| format!("{count} {name}")).collect();
    format!("Of {} goals: {}.", verdicts.len(), parts.join(", "))
}

impl Verdict {
    fn unknown(goal: String, is_count: bool) -> Self {
        Self { goal, ours: "–".into(), beside: String::new(), outcome: Outcome::Unknown, is_count }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Met => "met",
            Self::Even => "even",
            Self::Slower => "met, the peer is slower",
            Self::Missed => "MISSED",
            Self::Unknown => "not measured",
        })
    }
}

/// Ours.
fn ours(pivot: &Pivot, scenario: &str, figure: &str) -> Option<f64> {
    pivot.median(scenario, figure, OURS)
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Verdict, judge, summary};
    use crate::report::made_up::record;

    /// The verdict about one goal.
    fn verdict(figures: &[(&str, &str, &str, f64)], goal: &str) -> Verdict {
        let verdicts = judge(&record(figures));
        verdicts.into_iter().find(|verdict| verdict.goal == goal).unwrap_or_else(|| panic!("there is no goal `{goal}`"))
    }

    fn outcome(figures: &[(&str, &str, &str, f64)], goal: &str) -> Outcome {
        verdict(figures, goal).outcome
    }

    #[test]
    fn limits_are_for_each_web_app() {
        let runs = |runs| outcome(&[("creation", "runs", "steersman", runs)], "creation: runs, each");
        assert_eq!([runs(210.0), runs(211.0)], [Outcome::Met, Outcome::Missed]);
        let restart =
            |runs| outcome(&[("operator-restart", "runs", "steersman", runs)], "operator restart: runs, each");
        assert_eq!([restart(99.0), restart(100.0), restart(101.0)], [Outcome::Missed, Outcome::Met, Outcome::Missed]);
        let missed = |runs| outcome(&[("missed-deletes", "runs", "steersman", runs)], "deleted in a gap: runs, each");
        assert_eq!([missed(20.0), missed(21.0)], [Outcome::Met, Outcome::Missed]);
        let lost = |lost| outcome(&[("missed-deletes", "lost", "steersman", lost)], "deleted in a gap: never repaired");
        assert_eq!([lost(0.0), lost(1.0)], [Outcome::Met, Outcome::Missed]);
        assert_eq!(outcome(&[], "creation: runs, each"), Outcome::Unknown);
    }

    #[test]
    fn only_lists_are_read_and_only_where_it_connects() {
        let reads = |scenario, reads, lists| {
            let figures = [(scenario, "reads", "steersman", reads), (scenario, "lists", "steersman", lists)];
            outcome(&figures, "reads in every scenario")
        };
        assert_eq!(reads("operator-restart", 4.0, 4.0), Outcome::Met);
        assert_eq!(reads("operator-restart", 5.0, 4.0), Outcome::Missed, "a GET");
        assert_eq!(reads("operator-restart", 5.0, 5.0), Outcome::Missed, "one kind is listed twice");
        assert_eq!(reads("steady", 1.0, 1.0), Outcome::Missed);
        assert_eq!(reads("steady", 0.0, 0.0), Outcome::Met);
    }

    #[test]
    fn a_peer_with_less_makes_a_miss_unless_it_is_slower_or_overlooks_something() {
        let goal = "runs of the best peer: creation until ready";
        let ours = ("creation", "runs", "steersman", 205.0);
        assert_eq!(outcome(&[ours, ("creation", "runs", "cr-custom", 205.0)], goal), Outcome::Met);
        let fewer = ("creation", "runs", "cr-custom", 202.0);
        assert_eq!(outcome(&[ours, fewer], goal), Outcome::Missed);
        let time = |candidate, seconds| ("creation", "ready-p50-seconds", candidate, seconds);
        let slower = verdict(&[ours, fewer, time("steersman", 2.5), time("cr-custom", 4.2)], goal);
        assert_eq!(slower.outcome, Outcome::Slower);
        assert_eq!([&*slower.ours, &*slower.beside], ["2.05 in 2.50 s", "cr-custom 2.02 in 4.20 s"]);
        assert_eq!(outcome(&[ours, fewer, time("steersman", 2.5), time("cr-custom", 2.4)], goal), Outcome::Missed);
        let lazy = ("creation", "lost", "cr-custom", 3.0);
        let honest = ("creation", "runs", "kube-tuned", 320.0);
        assert_eq!(verdict(&[ours, fewer, lazy, honest], goal).beside, "kube-tuned 3.20");
        assert_eq!(outcome(&[ours, fewer, lazy, honest], goal), Outcome::Met);
    }

    #[test]
    fn times_that_overlap_are_even() {
        let goal = "each Service deleted: repair p50 of the best peer";
        let figures = |ours: [f64; 3], peer: [f64; 3]| {
            let of = |candidate, values: [f64; 3]| {
                values.map(|value| ("services-deleted", "repair-p50-ms", candidate, value))
            };
            outcome(&[of("steersman", ours), of("josdk", peer)].concat(), goal)
        };
        assert_eq!(figures([80.0, 81.0, 90.0], [81.0, 82.0, 83.0]), Outcome::Met);
        assert_eq!(figures([80.0, 85.0, 90.0], [70.0, 75.0, 81.0]), Outcome::Even);
        assert_eq!(figures([80.0, 85.0, 90.0], [70.0, 75.0, 79.0]), Outcome::Missed);
    }

    #[test]
    fn memory_time_and_lines_have_their_measures() {
        let mib = |mib: f64| mib * 1024.0 * 1024.0;
        let grown = |noisy| {
            let figures = [
                ("memory-1000", "rss-bytes", "steersman", mib(30.0)),
                ("memory-1000-noise", "rss-bytes", "steersman", noisy),
            ];
            outcome(&figures, "memory: growth by 5,000 foreign ConfigMaps and 5,000 Secrets of 4 kB")
        };
        assert_eq!([grown(mib(32.0)), grown(mib(32.5))], [Outcome::Met, Outcome::Missed]);
        let lines = |ours| {
            outcome(
                &[("code", "lines", "steersman", ours), ("code", "lines", "kube-tuned", 200.0)],
                "lines of user code: at most half of kube-rs, tuned",
            )
        };
        assert_eq!([lines(100.0), lines(101.0)], [Outcome::Met, Outcome::Missed]);
        let read = |candidate, seconds| ("thesis-5x20", "read-seconds", candidate, seconds);
        let faster = |peer| {
            outcome(
                &[read("steersman", 2e-6), read("direct-at-once", peer)],
                "snapshot of 5 × 20 beside direct GET + LISTs at once",
            )
        };
        assert_eq!([faster(2.1e-3), faster(1.9e-3)], [Outcome::Met, Outcome::Missed]);
        let cpu = |ours| {
            outcome(
                &[("steady", "cpu-seconds", "steersman", ours), ("steady", "cpu-seconds", "kube-tuned", 0.0)],
                "CPU seconds of tuned kube-rs: steady state",
            )
        };
        assert_eq!([cpu(0.01), cpu(0.02)], [Outcome::Met, Outcome::Missed], "a tick says nothing");
    }

    #[test]
    fn growth_is_compared_for_each_of_those_that_were_done() {
        let of = |candidate, reached, cpu| {
            [("growth-10000", "reached", candidate, reached), ("growth-10000", "cpu-seconds", candidate, cpu)]
        };
        let goal = |ours| {
            let figures = [ours, of("kube-tuned", 5_000.0, 10.0)].concat();
            outcome(&figures, "CPU seconds of tuned kube-rs: each of 10,000")
        };
        assert_eq!(goal(of("steersman", 10_000.0, 19.0)), Outcome::Met, "less for each");
        assert_eq!(goal(of("steersman", 4_000.0, 9.0)), Outcome::Missed, "less, but for fewer");
    }

    #[test]
    fn the_summary_counts_all() {
        let verdicts = judge(&record(&[("steady", "runs", "steersman", 1.0), ("steady", "writes", "steersman", 0.0)]));
        let text = summary(&verdicts);
        assert!(text.starts_with(&format!("Of {} goals: 1 met, 1 MISSED, ", verdicts.len())), "{text}");
    }
}
