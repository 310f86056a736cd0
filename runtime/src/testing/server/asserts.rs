//! What a test says of what has happened.

use std::fmt::Write as _;

use super::ApiServer;
use crate::testing::journal::Run;
use crate::testing::request::{Cost, Request, Verb};

/// What is asserted is about the time since the [checkpoint](Self::checkpoint), or since the beginning. What is not as expected is
/// told by a panic with all that has happened since: the runs, why they were woken, and what they asked for.
impl ApiServer {
    /// That this primary, `namespace/name` or `name`, had so many runs, of all operators together.
    ///
    /// # Panics
    /// If it had not.
    #[track_caller]
    pub fn assert_runs(&self, primary: &str, runs: usize) {
        let were = self.runs_of(primary).len();
        let s = if runs == 1 { "" } else { "s" };
        assert!(were == runs, "{primary} is to have {runs} run{s} and had {were}\n{}", self.story());
    }

    /// That the runs of this primary were these, each with exactly these triggers: `"primary"`, or `"config_maps, retry"`.
    ///
    /// # Panics
    /// If they were not.
    #[track_caller]
    pub fn assert_triggers(&self, primary: &str, triggers: &[&str]) {
        let were: Vec<String> = self.runs_of(primary).iter().map(|run| run.triggers.to_string()).collect();
        let list = |triggers: &[String]| if triggers.is_empty() { "none".to_owned() } else { triggers.join("; ") };
        assert!(
            were == triggers,
            "the runs of {primary} are to be by: {}, and were by: {}\n{}",
            list(&triggers.iter().map(ToString::to_string).collect::<Vec<_>>()),
            list(&were),
            self.story()
        );
    }

    /// That so much was asked of the API server, by whomever. `Cost::default()` is nothing.
    ///
    /// # Panics
    /// If it was not.
    #[track_caller]
    pub fn assert_requests(&self, cost: Cost) {
        let was = Cost::of(&self.requests());
        assert!(was == cost, "{cost} are expected, and there were {was}\n{}", self.story());
    }

    /// That no own write has made another run follow.
    ///
    /// # Panics
    /// If one has.
    #[track_caller]
    pub fn assert_unprovoked(&self) {
        let provoked = self.runs().iter().any(|run| run.provoked);
        assert!(!provoked, "no own write is to make another run follow\n{}", self.story());
    }

    pub(crate) fn runs_of(&self, primary: &str) -> Vec<Run> {
        let is_meant = |name: &str| name == primary || name.strip_prefix("default/") == Some(primary);
        self.runs().into_iter().filter(|run| is_meant(&run.primary)).collect()
    }

    /// What has happened since the checkpoint, to be read.
    #[must_use]
    pub fn story(&self) -> String {
        let (runs, requests, first) = (self.runs(), self.requests(), self.lock().checkpoint.1);
        let line = |story: &mut String, request: &Request| {
            let _ = writeln!(story, "      {request}");
        };
        let mut story = String::from("what has happened:\n");
        for (i, run) in runs.iter().enumerate() {
            let _ = writeln!(story, "  {:>2}  {:>9.3} s  {run}", i + 1, run.at.as_secs_f64());
            let sent = requests.iter().filter(|request| request.run == Some(first + i));
            sent.for_each(|request| line(&mut story, request));
        }
        if runs.is_empty() {
            story.push_str("  no run; what a Simulation is told happens while it settles: `settle().await`, or `advance(..).await`\n");
        }
        let of_none = |request: &&Request| request.run.is_none_or(|run| run < first);
        let mut others: Vec<&Request> = requests.iter().filter(of_none).collect();
        // Watches begin side by side, in any order.
        others.sort_by_key(|request| (request.verb == Verb::Watch).then(|| request.to_string()));
        if !others.is_empty() {
            story.push_str("  asked by nobody's run, or by one that had begun before:\n");
            others.into_iter().for_each(|request| line(&mut story, request));
        }
        story
    }
}
