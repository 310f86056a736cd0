//! A manager at work.

use std::time::Duration;

use steersman::{Error, Manager};
use steersman_control_plane::{AuditMark, ControlPlane, Counts, Request};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A manager that runs in a task until this is dropped.
#[derive(Debug)]
pub struct Operating {
    cluster: &'static ControlPlane,
    agent: String,
    since: AuditMark,
    stop: oneshot::Sender<()>,
    task: Abort,
}

#[derive(Debug)]
struct Abort(JoinHandle<Result<(), Error>>);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Operating {
    /// Starts it. `agent` is the user agent of the manager's client.
    pub fn start(cluster: &'static ControlPlane, agent: String, manager: Manager) -> Self {
        Self::start_after(async {}, cluster, agent, manager)
    }

    /// Starts it when something else is done.
    pub fn start_after(
        first: impl Future<Output = ()> + Send + 'static,
        cluster: &'static ControlPlane,
        agent: String,
        manager: Manager,
    ) -> Self {
        let since = cluster.mark();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            first.await;
            manager.run_until(async { drop(stopped.await) }).await
        });
        Self { cluster, agent, since, stop, task: Abort(task) }
    }

    /// Asks it to stop, and waits until it has.
    ///
    /// # Panics
    /// If it has panicked or failed, or does not come to an end.
    pub async fn stop(self) {
        let Self { stop, mut task, .. } = self;
        let _ = stop.send(());
        let ended = tokio::time::timeout(crate::DEADLINE + Duration::from_secs(30), &mut task.0).await;
        ended.expect("the manager stops").expect("the manager does not panic").expect("the manager does not fail");
    }

    /// Whether it still runs.
    pub fn is_running(&self) -> bool {
        !self.task.0.is_finished()
    }

    /// What it has asked the API server so far, without the questions about its rights.
    pub fn requests(&self) -> Vec<Request> {
        let requests = self.cluster.requests_since(self.since, &self.agent).into_iter();
        requests.filter(|request| !request.is_review()).collect()
    }

    /// How often it has asked what it may do, and who it is.
    pub fn reviews(&self) -> usize {
        let requests = self.cluster.requests_since(self.since, &self.agent);
        requests.iter().filter(|request| request.is_review()).count()
    }

    /// The same as the requests, by what it costs.
    pub fn costs(&self) -> Counts {
        self.requests().iter().collect()
    }

    /// What it has written of this resource so far, each as verb and status of the answer: `patch 200`.
    pub fn writes(&self, resource: &str) -> Vec<String> {
        let writes = |r: &&Request| r.resource == resource && !matches!(r.verb.as_str(), "get" | "list" | "watch");
        self.requests().iter().filter(writes).map(|r| format!("{} {}", r.verb, r.code)).collect()
    }

    /// How many watches of this resource were answered with success.
    pub fn watches(&self, resource: &str) -> usize {
        let watches = |r: &&Request| r.verb == "watch" && r.resource == resource && r.code == 200;
        self.requests().iter().filter(watches).count()
    }
}
