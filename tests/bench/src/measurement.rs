//! What was measured: a flat list, from which the report makes its tables.

use serde::{Deserialize, Serialize};

/// One figure of one candidate in one repetition of one scenario. Counts are totals of the scenario, for all WebApps together.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Measurement {
    /// What was done to the cluster, such as `creation`: see [`scenario`].
    pub(crate) scenario: String,
    /// What was measured, such as `runs` or `repair-p50-ms`: see [`figure`].
    pub(crate) figure: String,
    /// The id of the candidate.
    pub(crate) candidate: String,
    /// From 1 on.
    pub(crate) repetition: u32,
    pub(crate) value: f64,
}

/// What happened to a candidate that is not a number: it was skipped, or it failed at something.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Remark {
    pub(crate) candidate: String,
    pub(crate) kind: RemarkKind,
    /// One line.
    pub(crate) text: String,
}

/// What a remark is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RemarkKind {
    /// It was not measured, such as for a missing toolchain.
    Skipped,
    /// It was measured, and did not reach what it had to.
    Failed,
}

/// All that a run of the benchmark has found out.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(crate) struct Results {
    /// How many WebApps there were.
    pub(crate) web_apps: usize,
    pub(crate) measurements: Vec<Measurement>,
    pub(crate) remarks: Vec<Remark>,
}

impl Results {
    /// Adds a figure.
    pub(crate) fn add(&mut self, scenario: &str, figure: &str, candidate: &str, repetition: u32, value: f64) {
        let [scenario, figure, candidate] = [scenario, figure, candidate].map(str::to_owned);
        self.measurements.push(Measurement { scenario, figure, candidate, repetition, value });
    }

    /// Adds a remark, once, and shows it.
    pub(crate) fn remark(&mut self, candidate: &str, kind: RemarkKind, text: impl Into<String>) {
        let remark = Remark { candidate: candidate.to_owned(), kind, text: text.into() };
        if !self.remarks.contains(&remark) {
            eprintln!("  {candidate}: {}", remark.text);
            self.remarks.push(remark);
        }
    }
}

/// The names of the scenarios of this crate's harness.
pub(crate) mod scenario {
    /// WebApps are created, until all are ready.
    pub(crate) const CREATION: &str = "creation";
    /// 60 s (`--quick`: 10 s) in which nothing happens.
    pub(crate) const STEADY: &str = "steady";
    /// An annotation that nobody reads is put on each Deployment.
    pub(crate) const IRRELEVANT: &str = "irrelevant";
    /// A Pod of each Deployment is deleted: readiness is lost and regained.
    pub(crate) const READINESS: &str = "readiness";
    /// Each Service is deleted.
    pub(crate) const SERVICES: &str = "services-deleted";
    /// One ConfigMap of each WebApp is changed.
    pub(crate) const CONFIG_MAPS: &str = "config-maps-changed";
    /// The operator is stopped and started; nothing has changed.
    pub(crate) const OPERATOR_RESTART: &str = "operator-restart";
    /// The API server is killed and started; nothing has changed.
    pub(crate) const API_SERVER_RESTART: &str = "api-server-restart";
    /// 10 Services and 10 ConfigMaps are deleted while no watch looks.
    pub(crate) const MISSED_DELETES: &str = "missed-deletes";
    /// 20 rounds in which a Pod under each of 20 WebApps is deleted.
    pub(crate) const FLIPS: &str = "flips";
    /// The WebApps are deleted.
    pub(crate) const DELETION: &str = "deletion";
    /// The wide operator: 5 WebApps of 3 replicas are created.
    pub(crate) const WIDE_CREATION: &str = "wide-creation";
    /// The wide operator: the image of each changes.
    pub(crate) const WIDE_ROLLOUT: &str = "wide-rollout";
}

/// The names of the figures of this crate's harness.
pub(crate) mod figure {
    /// Runs of the candidate's reconcile function.
    pub(crate) const RUNS: &str = "runs";
    /// Requests that may change an object.
    pub(crate) const WRITES: &str = "writes";
    /// Gets and lists, discovery included.
    pub(crate) const READS: &str = "reads";
    /// Of the reads, LISTs.
    pub(crate) const LISTS: &str = "lists";
    /// Watches that began.
    pub(crate) const WATCHES: &str = "watches";
    /// Seconds from the creation of a WebApp to its status that says ready.
    pub(crate) const READY_P50: &str = "ready-p50-seconds";
    /// The same, the 99th percentile.
    pub(crate) const READY_P99: &str = "ready-p99-seconds";
    /// Milliseconds from the damage to the repair, both as a watch of the harness shows them.
    pub(crate) const REPAIR_P50: &str = "repair-p50-ms";
    /// The same, the 99th percentile.
    pub(crate) const REPAIR_P99: &str = "repair-p99-ms";
    /// What was not repaired, or not ready, in time.
    pub(crate) const LOST: &str = "lost";
    /// Statuses that say something else than their Deployment, at the end.
    pub(crate) const LEFT_WRONG: &str = "left-wrong";
    /// Statuses that were wrong for more than a second after their Deployment had come to rest, of all rounds.
    pub(crate) const LATE: &str = "late";
    /// Statuses that said so when a Pod was missing. Where it is replaced within an operator's debounce, none need to.
    pub(crate) const SHOWN: &str = "outages-shown";
    /// Kinds that were listed again, by a LIST or a streaming list.
    pub(crate) const RELISTS: &str = "relists";
    /// Processor time of the process.
    pub(crate) const CPU_SECONDS: &str = "cpu-seconds";
    /// Resident memory at the end of the scenario.
    pub(crate) const RSS_BYTES: &str = "rss-bytes";
    /// The most resident memory of the process since its start.
    pub(crate) const PEAK_RSS_BYTES: &str = "peak-rss-bytes";
    /// How long the scenario lasted, without the time of quiet at its end.
    pub(crate) const SECONDS: &str = "seconds";
    /// 1 if the candidate had not come to rest by the end of the scenario.
    pub(crate) const RESTLESS: &str = "restless";
}
