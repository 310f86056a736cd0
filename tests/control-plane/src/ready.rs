//! Asking a part whether it is ready.

use std::time::Duration;

use kube::{Client, Config};

use crate::Part;

/// A hung part must not keep us from looking at the deadline.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks one part whether it is ready.
pub(crate) struct Probe {
    client: Client,
    path: &'static str,
}

impl Probe {
    pub(crate) fn new(part: Part, mut config: Config) -> Self {
        config.connect_timeout = Some(PATIENCE);
        config.read_timeout = Some(PATIENCE);
        config.default_retry = false;
        let path = match part {
            Part::Etcd => "/health",
            Part::ControllerManager => "/healthz",
            Part::ApiServer | Part::Scheduler | Part::Kwok => "/readyz",
        };
        let client = Client::try_from(config).expect("a configuration of our own making is valid");
        Self { client, path }
    }

    /// Nothing if it is ready, else what it said.
    pub(crate) async fn ask(&mut self) -> Result<(), String> {
        let request = http::Request::get(self.path).body(Vec::new()).expect("a path makes a request");
        self.client.request_text(request).await.map(drop).map_err(|error| error.to_string())
    }
}
