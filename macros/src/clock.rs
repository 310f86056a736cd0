//! How long the derive itself takes. No assertion, as a busy machine would break it; a human gets the figures by
//!
//! ```text
//! cargo bench -p tests -- compile --quick
//! ```
//!
//! which builds this crate as users do, and once more with optimisation, which cargo gives to derives only on demand. In this
//! workspace it optimises what is under them, so that the figure of the measurement alone is too good:
//!
//! ```text
//! cargo test -p steersman-macros --lib expansion_time -- --ignored --nocapture
//! ```

use std::time::{Duration, Instant};

use proc_macro2::TokenStream;

use crate::derive::derive;

const ROUNDS: usize = 200;

/// The median of many expansions of `text`; its tokens are there before, as rustc has them.
fn median(text: &str) -> Duration {
    let mut times: Vec<Duration> = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let tokens: TokenStream = text.parse().unwrap();
        let begin = Instant::now();
        let expanded = derive(tokens);
        times.push(begin.elapsed());
        drop(expanded);
        proc_macro2::extra::invalidate_current_thread_spans();
    }
    times.sort();
    times[ROUNDS / 2]
}

#[test]
#[ignore = "a measurement"]
fn expansion_time() {
    let everything = include_str!("../tests/expand/everything.rs");
    let build = if cfg!(debug_assertions) { "debug" } else { "release" };
    let secondaries = everything.matches("#[secondary(").count();
    let micros = median(everything).as_micros();
    // The benchmark reads this line.
    println!("expansion of one operator with {secondaries} secondaries, {build} build: {micros} µs");
}
