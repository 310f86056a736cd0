//! Whether the engine turns.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Counts the turns of the engine.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    turns: AtomicU64,
    stopping: AtomicBool,
}

impl Pulse {
    /// The engine looks at everything that is due.
    pub(super) fn beat(&self) {
        self.turns.fetch_add(1, Ordering::Relaxed);
    }

    /// From now on it starts nothing more.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether the manager was asked to stop.
    #[cfg_attr(not(feature = "server"), allow(dead_code, reason = "only a probe asks"))]
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Whether the engine turns within this time, now that it is asked to by `due`.
    #[cfg(feature = "server")]
    pub(crate) async fn moves(&self, due: &tokio::sync::Notify, patience: std::time::Duration) -> bool {
        const LOOK: std::time::Duration = std::time::Duration::from_millis(5);
        let before = self.turns.load(Ordering::Relaxed);
        due.notify_one();
        let turned = async {
            while self.turns.load(Ordering::Relaxed) == before {
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::time::timeout(patience, turned).await.is_ok()
    }
}

#[cfg(all(test, feature = "server"))]
mod tests {
    use std::time::Duration;

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_engine_that_answers_moves_and_one_that_hangs_does_not() {
        let (pulse, due) = (Pulse::default(), Notify::new());
        let engine = async {
            due.notified().await;
            pulse.beat();
            std::future::pending::<()>().await;
        };
        tokio::pin!(engine);
        let asked = async {
            (pulse.moves(&due, Duration::from_secs(1)).await, pulse.moves(&due, Duration::from_secs(1)).await)
        };
        tokio::select! {
            () = &mut engine => unreachable!("it goes on"),
            answers = asked => assert_eq!(answers, (true, false)),
        }
    }
}
