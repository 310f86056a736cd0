//! A shelf to work on, and another by which it is seen what has caused a run.

use k8s_openapi::api::core::v1::ConfigMap;
use serde_json::json;
use steersman::{Operator, OperatorBuilder};
use tests::kinds::Shelf;
use tests::{Journal, Operating, Place, config_map, eventually, owned_by};

use crate::place;

/// A shelf `a`, whose note tells the operator of a test what to do, and a shelf `marker`, whose note is empty.
pub(crate) struct Scene {
    pub(crate) place: Place,
    pub(crate) operating: Operating,
    journal: Journal,
}

impl Scene {
    /// Starts an operator that notes its runs in `journal`, and does nothing without a note.
    pub(crate) async fn new(name: &str, journal: &Journal, operator: OperatorBuilder<impl Operator>) -> Self {
        let place = place(name).await;
        let operator = operator.namespace(&place.namespace);
        let operating = place.operate(|manager| manager.with(operator));
        place.started(1).await;
        let marker = place.create(Shelf::of("marker", &[])).await;
        journal.reaches("marker: primary", 1).await;
        place.create(owned_by(config_map("marker", ""), &marker)).await;
        journal.reaches("marker: config_maps", 1).await;
        Self { place, operating, journal: journal.clone() }
    }

    /// Makes the shelf `a`, with this note, and waits until its first run has begun.
    pub(crate) async fn begin(&self, note: &str) -> Shelf {
        let mut shelf = Shelf::of("a", &[]);
        shelf.spec.note = note.into();
        let shelf = self.place.create(shelf).await;
        self.begins(1).await;
        shelf
    }

    /// Gives `a` another note.
    pub(crate) async fn tell(&self, note: &str) {
        self.place.patch::<Shelf>("a", json!({ "spec": { "note": note } })).await;
    }

    /// Waits until everything that was written before has been shown by the watch of ConfigMaps, and the runs that it
    /// causes are over; then says what has caused the runs of `a`.
    pub(crate) async fn runs(&self) -> Vec<String> {
        self.idle().await;
        let before = self.journal.count("marker: config_maps");
        self.place.patch::<ConfigMap>("marker", json!({ "data": { "text": before.to_string() } })).await;
        self.journal.reaches("marker: config_maps", before + 1).await;
        self.idle().await;
        self.runs_so_far()
    }

    /// What has caused the runs of `a` that have begun so far.
    pub(crate) fn runs_so_far(&self) -> Vec<String> {
        self.journal.lines().iter().filter_map(|line| line.strip_prefix("a: ").map(str::to_owned)).collect()
    }

    /// Waits until so many runs of `a` have begun.
    pub(crate) async fn begins(&self, runs: usize) {
        self.journal.reaches("a: ", runs).await;
    }

    /// Waits until no run goes on.
    pub(crate) async fn idle(&self) {
        let count = |word: &str| self.place.log.lines(&[&format!("engine: {word}")]).len();
        eventually("no run goes on", async || count("begins") == count("ended")).await;
    }
}
