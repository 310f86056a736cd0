//! What was logged during one test.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::subscriber::DefaultGuard;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::eventually;

/// Collects what is logged on this thread, which is everything of a `#[tokio::test]`. Shown if the test fails.
#[derive(Debug)]
pub struct Log {
    lines: Lines,
    _guard: DefaultGuard,
}

impl Log {
    /// Begins to collect.
    pub fn capture() -> Self {
        Self::filtered("steersman=debug,examples=debug")
    }

    /// Begins to collect everything that any crate says.
    pub fn capture_all() -> Self {
        Self::filtered("trace")
    }

    fn filtered(filter: &str) -> Self {
        let lines = Lines::default();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(filter))
            .with_ansi(false)
            .with_writer(lines.clone())
            .finish();
        Self { lines, _guard: tracing::subscriber::set_default(subscriber) }
    }

    /// The lines that contain all of these words.
    pub fn lines(&self, words: &[&str]) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.lines.lock()).into_owned();
        text.lines().filter(|line| words.iter().all(|word| line.contains(word))).map(str::to_owned).collect()
    }

    /// Waits until a line contains all of these words, and returns the first.
    pub async fn says(&self, words: &[&str]) -> String {
        eventually(&format!("a line in the log contains {words:?}"), async || !self.lines(words).is_empty()).await;
        self.lines(words).swap_remove(0)
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("--- log\n{}---", String::from_utf8_lossy(&self.lines.lock()));
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Lines {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.lock().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
