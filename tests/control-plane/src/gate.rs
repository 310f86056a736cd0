//! How a test holds somebody up.

use tokio::sync::watch;

/// Holds up whoever passes while it is closed. Cheap to clone; all clones are the same gate.
#[derive(Clone, Debug)]
pub struct Gate(watch::Sender<bool>);

impl Gate {
    /// A closed one.
    #[must_use]
    pub fn closed() -> Self {
        Self(watch::Sender::new(false))
    }

    /// An open one.
    #[must_use]
    pub fn open() -> Self {
        Self(watch::Sender::new(true))
    }

    /// Lets nobody through from now on.
    pub fn shut(&self) {
        self.0.send_replace(false);
    }

    /// Lets everybody through from now on.
    pub fn release(&self) {
        self.0.send_replace(true);
    }

    /// Goes through, as soon as the gate is open.
    pub async fn pass(&self) {
        let mut state = self.0.subscribe();
        let _ = state.wait_for(|open| *open).await;
    }
}
