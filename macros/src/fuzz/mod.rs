//! Many inputs that nobody would write, and what has to be true of every expansion: the derive does not panic, what it
//! writes is Rust, its errors point at what the user wrote, beside errors the names exist, and it is the same each time.
//!
//! `STEERSMAN_FUZZ_SEED=<number>` tries others than the usual ones, `STEERSMAN_FUZZ_CASES=<number>` more of them; a failure
//! says the seed, and the input as small as it gets. That expansions are the same each time is tried with every fourth input.

mod check;
mod grammar;
mod half_typed;
mod mutation;
mod shrink;
mod tree;
mod values;

use std::env;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use fastrand::Rng;

use self::check::Outcome;

/// Together they take less than a minute on two cores, without optimisation.
const CASES: usize = 100_000;

/// A number of the environment.
fn number(name: &str, default: usize) -> usize {
    match env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name}={text} is not a number")),
        Err(_) => default,
    }
}

/// How the cases went.
#[derive(Default)]
struct Tally {
    next: AtomicUsize,
    accepted: AtomicUsize,
    failed: AtomicBool,
}

/// Checks `count` inputs of `generate`, each made from a seed of its own: which thread takes it does not matter.
fn run(generate: impl Fn(&mut Rng) -> String + Sync) {
    let seed = number("STEERSMAN_FUZZ_SEED", 1) as u64;
    let count = number("STEERSMAN_FUZZ_CASES", CASES) / 2;
    let tally = Tally::default();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| work(seed, count, &generate, &tally))).collect();
        let faults: Vec<String> = workers.into_iter().filter_map(|worker| worker.join().unwrap()).collect();
        assert!(faults.is_empty(), "STEERSMAN_FUZZ_SEED={seed}: {}", faults.join("\n\n"));
    });
    // Inputs that are all refused, or all accepted, would not try much.
    let accepted = tally.accepted.into_inner();
    println!("{accepted} of {count} inputs are accepted");
    assert!(accepted > count / 100 && accepted < count / 2, "{accepted} of {count} inputs are accepted");
}

/// Takes cases until there are no more; the first that is at fault comes back, small.
fn work(seed: u64, count: usize, generate: impl Fn(&mut Rng) -> String, tally: &Tally) -> Option<String> {
    loop {
        let i = tally.next.fetch_add(1, Ordering::Relaxed);
        if i >= count || tally.failed.load(Ordering::Relaxed) {
            return None;
        }
        // Far from the seeds of the neighbours.
        let mut rng = Rng::with_seed((seed << 32).wrapping_add(i as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let (text, outcome) = loop {
            let text = generate(&mut rng);
            match check::check(&text, i.is_multiple_of(4)) {
                Outcome::NoTokens => {}
                outcome => break (text, outcome),
            }
        };
        match outcome {
            Outcome::Fault(fault) => {
                tally.failed.store(true, Ordering::Relaxed);
                let (small, why) = shrink::shrink(&text, &fault);
                return Some(format!("{why}\n\nfor the input\n\n{small}\n\nmade smaller from\n\n{text}"));
            }
            Outcome::Good { accepted } => {
                tally.accepted.fetch_add(usize::from(accepted), Ordering::Relaxed);
            }
            Outcome::NoTokens => {}
        }
    }
}

#[test]
fn inputs_changed_anywhere() {
    let corpus = mutation::Corpus::read();
    run(|rng| corpus.mutant(rng));
}

#[test]
fn inputs_of_the_grammar() {
    run(grammar::input);
}

#[test]
fn inputs_that_were_at_fault() {
    for text in [
        "#",
        "#[secondary(,)] struct S;",
        "#[secondary(, one)] struct S;",
        "#[secondary(Pod,, one)] struct S;",
        "#[operator(,)] struct S;",
        "#[operator(predicate = !)] struct S;",
        "#[operator(timeout = invisible__(a,), primary = \"Gateway\")] struct S;",
        "#[kube(kind = \"WebApp\", =,)] struct S {}",
        "#[kube(version kind = , kind = \"WebApp\")] struct S {}",
        "#[kube(kind = \"r#struct\")] struct S {}",
        "#[kube(kind = \"WebApp\")] #[secondary(Pod, reference = (spec.a).b)] struct S {}",
        "#[kube(kind = \"WebApp\")] #[secondary(Pod, reference = invisible__(spec.a).b)] struct S {}",
    ] {
        let outcome = check::check(text, true);
        assert!(matches!(outcome, Outcome::Good { .. }), "{text}: {outcome:?}");
    }
}
