//! Who is compared, in the order of the columns.

use crate::measurement::Results;

/// A column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    /// How it is written.
    pub(crate) level: &'static str,
}

/// Ours.
pub(crate) const OURS: &str = "steersman";

pub(crate) const COLUMNS: [Column; 7] = [
    column(OURS, "steersman", "the flagship [`examples/webapp`](../../examples/webapp), unchanged"),
    column(
        "kube-plain",
        "kube-rs",
        "[`examples/plain`](../../examples/plain): kube's `Controller` as its documentation shows it",
    ),
    column(
        "kube-tuned",
        "kube-rs, tuned",
        "[`peers/kube-tuned`](peers/kube-tuned): reflectors with a selector, reads from stores, an event filter of its own",
    ),
    column(
        "cr-default",
        "controller-runtime",
        "[`peers/controller-runtime`](peers/controller-runtime) with its defaults",
    ),
    column(
        "cr-custom",
        "controller-runtime, tuned",
        "the same with predicates of its own, cached reads and 10 workers",
    ),
    column("josdk", "Java Operator SDK", "[`peers/josdk`](peers/josdk): managed dependent resources"),
    column(
        "poller",
        "poller",
        "[`peers/poller`](peers/poller): kube-rs without watches of children, it looks every 5 s",
    ),
];

const fn column(id: &'static str, title: &'static str, level: &'static str) -> Column {
    Column { id, title, level }
}

/// The columns of those that were measured.
pub(crate) fn measured(results: &Results) -> Vec<&'static Column> {
    let is_measured = |column: &&Column| {
        let mut measured = results.measurements.iter().filter(|m| m.candidate == column.id);
        // The code of all is there, whoever was asked for.
        measured.any(|m| m.scenario != "code")
    };
    COLUMNS.iter().filter(is_measured).collect()
}

/// What the column of a candidate is called.
pub(crate) fn title(id: &str) -> &str {
    COLUMNS.iter().find(|column| column.id == id).map_or(id, |column| column.title)
}
