//! A randomized model: a simulated API server, watches that lag and break, operators whose runs are interrupted anywhere,
//! and foreign hands, all on the real [`World`](super::world::World). At rest it is compared with the server.
//!
//! `STEERSMAN_MODEL_SEEDS` sets the number of histories, `STEERSMAN_MODEL_STEPS` their length; `STEERSMAN_MODEL_SEED`
//! replays a single one and tells every step.

mod feed;
mod history;
mod known;
mod operator;
mod rest;
mod rng;
mod run;
mod server;

use std::sync::atomic::{AtomicU64, Ordering};

use history::History;

const SEEDS: u64 = 2000;
const STEPS: u64 = 300;

/// Says how to replay the history in which the test fails.
struct Replay {
    seed: u64,
    steps: u64,
}

impl Drop for Replay {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("replay with STEERSMAN_MODEL_SEED={} STEERSMAN_MODEL_STEPS={}", self.seed, self.steps);
        }
    }
}

/// One history and its way to rest; returns the number of runs, and of those on the way to rest.
fn play(seed: u64, steps: u64, loud: bool) -> (usize, usize) {
    let _replay = Replay { seed, steps };
    let mut history = History::new(seed, loud);
    for _ in 0..steps {
        history.step();
    }
    let last = history.rest();
    history.check();
    (history.begun, last)
}

fn variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

#[test]
fn nothing_is_lost_and_nothing_is_left_over() {
    let steps = variable("STEERSMAN_MODEL_STEPS").unwrap_or(STEPS);
    if let Some(seed) = variable("STEERSMAN_MODEL_SEED") {
        play(seed, steps, true);
        return;
    }
    let seeds = variable("STEERSMAN_MODEL_SEEDS").unwrap_or(SEEDS);
    let first = variable("STEERSMAN_MODEL_FIRST").unwrap_or(0);
    let next = AtomicU64::new(first);
    let work = || {
        let (mut runs, mut most) = (0, 0);
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= first + seeds {
                return (runs, most);
            }
            let (begun, last) = play(seed, steps, false);
            runs += begun;
            most = most.max(last);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (runs, most) = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let done = workers.into_iter().map(|worker| worker.join().expect("a history went wrong; see above"));
        done.fold((0, 0), |(runs, most), (more, last)| (runs + more, most.max(last)))
    });
    println!("{seeds} histories of {steps} steps: {runs} runs, at most {most} till rest");
}
