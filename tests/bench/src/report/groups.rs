//! Which numbers stand together, in tables and plots.

use crate::measurement::Results;
use crate::report::figure::Unit;
use crate::report::pivot::{Pivot, Spread};
use crate::scale::REACHED;

/// What a total is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Per {
    Nothing,
    WebApp,
    Each(u32),
    /// As many as it was done for.
    Reached,
}

/// One row of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) label: &'static str,
    pub(crate) scenario: &'static str,
    /// Their sum is shown; one that nobody counted adds nothing.
    pub(crate) figures: &'static [&'static str],
    pub(crate) per: Per,
    pub(crate) unit: Unit,
}

/// One table.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) title: &'static str,
    pub(crate) caption: &'static str,
    pub(crate) rows: Vec<Row>,
}

/// A scenario that counts runs and requests.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    pub(crate) scenario: &'static str,
    pub(crate) label: &'static str,
    pub(crate) per: Per,
}

/// In the order in which they are run.
pub(crate) const COUNTED: [Counted; 13] = [
    counted("creation", "creation until ready", Per::WebApp),
    counted("steady", "steady state", Per::WebApp),
    counted("irrelevant", "irrelevant annotation on each Deployment", Per::WebApp),
    counted("readiness", "a Pod of each Deployment deleted", Per::WebApp),
    counted("services-deleted", "each Service deleted", Per::WebApp),
    counted("config-maps-changed", "a ConfigMap of each changed", Per::WebApp),
    counted("operator-restart", "operator restarted", Per::WebApp),
    counted("api-server-restart", "API server killed and started", Per::WebApp),
    counted("missed-deletes", "20 children deleted in a gap, per child", Per::Each(20)),
    counted("flips", "400 quick flips of readiness, per flip", Per::Each(400)),
    counted("deletion", "deletion", Per::WebApp),
    counted("wide-creation", "wide operator: creation of 5", Per::Each(5)),
    counted("wide-rollout", "wide operator: rolling update of 5", Per::Each(5)),
];

const fn counted(scenario: &'static str, label: &'static str, per: Per) -> Counted {
    Counted { scenario, label, per }
}

/// A row of each scenario that counts.
fn of_each(figures: &'static [&'static str], unit: Unit) -> Vec<Row> {
    let row = |Counted { scenario, label, per }| Row { label, scenario, figures, per, unit };
    COUNTED.map(row).to_vec()
}

fn seconds(label: &'static str, scenario: &'static str, figures: &'static [&'static str]) -> Row {
    Row { label, scenario, figures, per: Per::Nothing, unit: Unit::Seconds }
}

fn milliseconds(label: &'static str, scenario: &'static str, figures: &'static [&'static str]) -> Row {
    Row { label, scenario, figures, per: Per::Nothing, unit: Unit::Milliseconds }
}

const READY_P50: &[&str] = &["ready-p50-seconds"];
const READY_P99: &[&str] = &["ready-p99-seconds"];
const REPAIR_P50: &[&str] = &["repair-p50-ms"];
const REPAIR_P99: &[&str] = &["repair-p99-ms"];

/// All tables whose columns are the candidates, in their order.
pub(crate) fn groups() -> Vec<Group> {
    let total = |mut rows: Vec<Row>| {
        rows.iter_mut().for_each(|row| row.per = Per::Nothing);
        rows
    };
    vec![
        Group {
            title: "Runs",
            caption: "Reconciles per WebApp, or as the row says. †: it did not repair everything, and is not beside whom we compare.",
            rows: of_each(&["runs"], Unit::Count),
        },
        Group {
            title: "Writes",
            caption: "Requests that write (POST, PUT, PATCH, DELETE) per WebApp, or as the row says.",
            rows: of_each(&["writes"], Unit::Count),
        },
        Group {
            title: "Reads",
            caption: "GETs and LISTs per WebApp, or as the row says, with those of a start or reconnect.",
            rows: of_each(&["reads"], Unit::Count),
        },
        Group { title: "Times", caption: "From the cause to the end state.", rows: times() },
        Group {
            title: "What went unnoticed",
            caption: "Counts, in all. A program that does not see a fault has no work with it.",
            rows: unnoticed(),
        },
        Group {
            title: "CPU seconds",
            caption: "Processor time of the process in each scenario, in all.",
            rows: total(of_each(&["cpu-seconds"], Unit::Seconds)),
        },
        Group { title: "Memory", caption: "Resident size of the process after a start.", rows: memory() },
        Group {
            title: "Growth",
            caption: "Against the API server alone: nothing waits for Pods. Who was not done within 120 s is shown by what was done until then.",
            rows: growth(),
        },
        Group {
            title: "User code",
            caption: "What a user writes and maintains, without the functions that only build the desired objects.",
            rows: vec![code("lines", &["lines"]), code("characters that are not blank", &["characters"])],
        },
    ]
}

fn code(label: &'static str, figures: &'static [&'static str]) -> Row {
    Row { label, scenario: "code", figures, per: Per::Nothing, unit: Unit::Count }
}

fn times() -> Vec<Row> {
    vec![
        seconds("creation, ready: p50", "creation", READY_P50),
        seconds("… p99", "creation", READY_P99),
        milliseconds("Pod deleted, status right again: p50", "readiness", REPAIR_P50),
        milliseconds("… p99", "readiness", REPAIR_P99),
        milliseconds("Service deleted, there again: p50", "services-deleted", REPAIR_P50),
        milliseconds("… p99", "services-deleted", REPAIR_P99),
        milliseconds("ConfigMap changed, right again: p50", "config-maps-changed", REPAIR_P50),
        milliseconds("… p99", "config-maps-changed", REPAIR_P99),
        milliseconds("deleted in a gap, there again: p50", "missed-deletes", REPAIR_P50),
        milliseconds("… p99", "missed-deletes", REPAIR_P99),
        seconds("wide operator, created and ready: p50", "wide-creation", READY_P50),
        seconds("… p99", "wide-creation", READY_P99),
        seconds("wide operator, rolled out and ready: p50", "wide-rollout", READY_P50),
        seconds("… p99", "wide-rollout", READY_P99),
    ]
}

fn unnoticed() -> Vec<Row> {
    let row = |label, scenario, figures| Row { label, scenario, figures, per: Per::Nothing, unit: Unit::Count };
    vec![
        row("20 children deleted in a gap of the watches: never repaired", "missed-deletes", &["lost"]),
        row("each Service deleted: never repaired", "services-deleted", &["lost"]),
        row("a ConfigMap of each changed: never repaired", "config-maps-changed", &["lost"]),
        row("a Pod of each Deployment deleted: status never right again", "readiness", &["lost"]),
        row("… outages that no status shows", "readiness", &["unnoticed"]),
        row("400 quick flips of readiness: statuses that stay wrong", "flips", &["left-wrong"]),
        row("… that were wrong for more than a second", "flips", &["late"]),
    ]
}

fn memory() -> Vec<Row> {
    let row = |label, scenario, figures| Row { label, scenario, figures, per: Per::Nothing, unit: Unit::Bytes };
    vec![
        row("100 WebApps, settled", "memory-100", &["rss-bytes"]),
        row("… peak", "memory-100", &["peak-rss-bytes"]),
        row("1,000 WebApps, settled", "memory-1000", &["rss-bytes"]),
        row("… peak", "memory-1000", &["peak-rss-bytes"]),
        row("1,000 WebApps among 10,000 foreign objects, settled", "memory-1000-noise", &["rss-bytes"]),
        row("… peak", "memory-1000-noise", &["peak-rss-bytes"]),
        row("100 WebApps on a whole control plane, settled", "creation", &["rss-bytes"]),
        row("… peak", "creation", &["peak-rss-bytes"]),
    ]
}

fn growth() -> Vec<Row> {
    let mut rows = Vec::new();
    for (scenario, labels) in [
        ("growth-100", ["100 WebApps: runs, each", "… writes, each", "… CPU, each", "… until done"]),
        ("growth-1000", ["1,000 WebApps: runs, each", "… writes, each", "… CPU, each", "… until done"]),
        ("growth-10000", ["10,000 WebApps: runs, each", "… writes, each", "… CPU, each", "… until done"]),
    ] {
        let per = Per::Reached;
        let [runs, writes, cpu, done] = labels;
        rows.push(Row { label: runs, scenario, figures: &["runs"], per, unit: Unit::Count });
        rows.push(Row { label: writes, scenario, figures: &["writes"], per, unit: Unit::Count });
        rows.push(Row { label: cpu, scenario, figures: &["cpu-seconds"], per, unit: Unit::Seconds });
        rows.push(seconds(done, scenario, &["seconds"]));
    }
    rows
}

impl Per {
    pub(crate) fn of(self, results: &Results) -> f64 {
        match self {
            Self::Nothing => 1.0,
            Self::WebApp => results.web_apps.max(1) as f64,
            Self::Each(count) => f64::from(count),
            // Each candidate has its own.
            Self::Reached => 1.0,
        }
    }
}

impl Row {
    /// What stands in the column of a candidate.
    pub(crate) fn value(&self, results: &Results, pivot: &Pivot, candidate: &str) -> Option<Spread> {
        let found = self.figures.iter().filter_map(|figure| pivot.get(self.scenario, figure, candidate));
        let sum =
            found.reduce(|a, b| Spread { median: a.median + b.median, min: a.min + b.min, max: a.max + b.max })?;
        Some(match self.per {
            Per::Reached => sum.divided(reached(self.scenario, candidate, pivot)),
            per => sum.divided(per.of(results)),
        })
    }
}

/// For how many WebApps a scenario of growth was done; 1 for all other scenarios.
pub(crate) fn reached(scenario: &str, candidate: &str, pivot: &Pivot) -> f64 {
    pivot.median(scenario, REACHED, candidate).unwrap_or(1.0).max(1.0)
}

/// How much a candidate did not repair, or left wrong.
pub(crate) fn overlooked(scenario: &str, candidate: &str, pivot: &Pivot) -> f64 {
    ["lost", "unnoticed", "left-wrong"].iter().filter_map(|figure| pivot.median(scenario, figure, candidate)).sum()
}
