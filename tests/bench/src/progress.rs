//! What the person at the terminal sees meanwhile.

use std::sync::LazyLock;
use std::time::Instant;

static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Shows what is done now, and how long all has taken so far.
pub(crate) fn say(what: &str) {
    let seconds = BEGIN.elapsed().as_secs();
    eprintln!("[{:2}:{:02}] {what}", seconds / 60, seconds % 60);
}
