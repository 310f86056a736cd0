//! The short form for continuous integration: it fails if a count of steersman is worse than its goal, never for a time.

use std::process::ExitCode;

use crate::candidate::Candidate;
use crate::measurement::{Measurement, RemarkKind, Results, figure, scenario};

/// What is counted for each WebApp, but in a scenario that damages only some.
#[derive(Clone, Copy, Debug)]
struct Limit {
    scenario: &'static str,
    figure: &'static str,
    /// At most so many for each WebApp (or each damage).
    most: f64,
    /// At least so many.
    least: f64,
}

const fn exactly(scenario: &'static str, figure: &'static str, count: f64) -> Limit {
    Limit { scenario, figure, most: count, least: count }
}

const fn at_most(scenario: &'static str, figure: &'static str, most: f64) -> Limit {
    Limit { scenario, figure, most, least: 0.0 }
}

/// Where the Deployment controller is quick, both replicas become ready within the flagship's debounce of 300 ms, and a creation
/// takes 2 runs and 6 writes: that is the goal of the full measurement. On a busy machine it may report the first replica
/// earlier than the second, and an honest operator then says so: one more run, one more status. More steps there are not, so
/// these limits hold on any machine; and what they are there to notice (an own write or its echo that wakes, a write that
/// changes nothing) costs one for each WebApp and more. Likewise where a Pod is deleted. All other counts do not depend on
/// who is quick.
const LIMITS: [Limit; 18] = [
    at_most(scenario::CREATION, figure::RUNS, 3.0),
    at_most(scenario::CREATION, figure::WRITES, 7.0),
    exactly(scenario::STEADY, figure::RUNS, 0.0),
    exactly(scenario::STEADY, figure::WRITES, 0.0),
    exactly(scenario::IRRELEVANT, figure::RUNS, 0.0),
    exactly(scenario::IRRELEVANT, figure::WRITES, 0.0),
    at_most(scenario::READINESS, figure::RUNS, 3.0),
    at_most(scenario::READINESS, figure::WRITES, 3.0),
    exactly(scenario::SERVICES, figure::RUNS, 1.0),
    exactly(scenario::SERVICES, figure::WRITES, 1.0),
    exactly(scenario::CONFIG_MAPS, figure::RUNS, 1.0),
    exactly(scenario::CONFIG_MAPS, figure::WRITES, 1.0),
    exactly(scenario::OPERATOR_RESTART, figure::RUNS, 1.0),
    exactly(scenario::OPERATOR_RESTART, figure::WRITES, 0.0),
    exactly(scenario::API_SERVER_RESTART, figure::RUNS, 0.0),
    exactly(scenario::API_SERVER_RESTART, figure::WRITES, 0.0),
    // 20 of what 20 WebApps own.
    exactly(scenario::MISSED_DELETES, figure::RUNS, 1.0),
    exactly(scenario::MISSED_DELETES, figure::WRITES, 1.0),
];

/// Says what is worse than it has to be. Any remark about steersman is, and a peer that does not run at all: the comparison would
/// be worth nothing.
pub(crate) fn judge(results: &Results) -> ExitCode {
    let faults = faults(results);
    for fault in &faults {
        eprintln!("worse than its goal: {fault}");
    }
    if !faults.is_empty() {
        return ExitCode::FAILURE;
    }
    eprintln!("every count of {} is within its goal", Candidate::Steersman.id());
    ExitCode::SUCCESS
}

fn faults(results: &Results) -> Vec<String> {
    let ours = Candidate::Steersman.id();
    let mut faults: Vec<String> = LIMITS.iter().filter_map(|limit| fault(results, limit)).collect();
    let reads = results.measurements.iter().filter(|m| m.candidate == ours && m.figure == figure::READS);
    faults.extend(reads.filter(|m| m.value > 0.0).map(|m| format!("{}: {} reads", m.scenario, m.value)));
    let failed = results.remarks.iter().filter(|remark| remark.candidate == ours || remark.kind == RemarkKind::Skipped);
    faults.extend(failed.map(|remark| format!("{}: {}", remark.candidate, remark.text)));
    let is_measured = |m: &Measurement| m.candidate == Candidate::KubePlain.id();
    if !results.measurements.iter().any(is_measured) {
        faults.push("plain kube-rs was not measured".to_owned());
    }
    faults
}

/// What is wrong by one limit.
fn fault(results: &Results, limit: &Limit) -> Option<String> {
    let Limit { scenario, figure, most, least } = *limit;
    let is_it =
        |m: &&Measurement| m.candidate == Candidate::Steersman.id() && m.scenario == scenario && m.figure == figure;
    let Some(measured) = results.measurements.iter().find(is_it) else {
        return Some(format!("{scenario}: {figure} were not measured"));
    };
    let count = results.web_apps as f64;
    let is_within = (least * count..=most * count).contains(&measured.value);
    let goal = if least == most { format!("{}", most * count) } else { format!("at most {}", most * count) };
    (!is_within).then(|| format!("{scenario}: {} {figure} of {count} WebApps instead of {goal}", measured.value))
}

#[cfg(test)]
mod tests {
    use super::{LIMITS, faults};
    use crate::measurement::{RemarkKind, Results, figure, scenario};

    /// 20 WebApps, as good as can be.
    fn good() -> Results {
        let mut results = Results { web_apps: 20, ..Results::default() };
        for limit in LIMITS {
            results.add(limit.scenario, limit.figure, "steersman", 1, limit.most * 20.0);
        }
        results.add(scenario::CREATION, figure::RUNS, "kube-plain", 1, 4000.0);
        results
    }

    #[test]
    fn one_more_than_allowed_is_a_fault_and_so_is_one_less_than_needed() {
        assert_eq!(faults(&good()), [""; 0]);
        for (i, limit) in LIMITS.iter().enumerate() {
            let mut results = good();
            results.measurements[i].value += 1.0;
            assert_eq!(faults(&results).len(), 1, "{limit:?}");
        }
        let mut results = good();
        let restart = LIMITS.iter().position(|l| l.scenario == scenario::OPERATOR_RESTART).unwrap();
        results.measurements[restart].value -= 1.0;
        assert_eq!(faults(&results), ["operator-restart: 19 runs of 20 WebApps instead of 20"]);
    }

    #[test]
    fn what_was_not_measured_or_failed_is_a_fault() {
        let mut results = good();
        results.measurements.remove(0);
        results.measurements.pop();
        results.add(scenario::STEADY, figure::READS, "steersman", 1, 1.0);
        results.remark("steersman", RemarkKind::Failed, "1 was not repaired");
        results.remark("kube-plain", RemarkKind::Failed, "20 were not repaired");
        let expected = [
            "creation: runs were not measured",
            "steady: 1 reads",
            "steersman: 1 was not repaired",
            "plain kube-rs was not measured",
        ];
        assert_eq!(faults(&results), expected);
    }
}
