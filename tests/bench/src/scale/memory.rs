//! What a process takes after a start, when it has come to rest.

use std::time::{Duration, Instant};

use crate::BoxError;
use crate::measurement::{Results, figure};
use crate::process::{Process, Usage};
use crate::scale::Place;

/// How long the first run of each WebApp may take after a start.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long it may go on working after that; one that polls always does.
const RESTLESS: Duration = Duration::from_secs(12);
/// A process that has had a processor for less than a hundredth of this long has settled.
const QUIET: Duration = Duration::from_secs(2);
const POLL: Duration = Duration::from_millis(200);

/// Starts the candidate several times beside what there is, and writes down what it takes each time.
pub(super) async fn starts(
    place: &Place<'_>,
    starts: u32,
    size: usize,
    scenario: &str,
    results: &mut Results,
) -> Result<(), BoxError> {
    let id = place.program.candidate().id();
    for repetition in 1..=starts {
        let mut process = place.program.start(place.cluster, false)?;
        let usage = settled(&mut process, size as u64).await?;
        process.stop().await?;
        results.add(scenario, figure::RSS_BYTES, id, repetition, usage.rss_bytes);
        results.add(scenario, figure::PEAK_RSS_BYTES, id, repetition, usage.peak_rss_bytes);
        results.add(scenario, figure::CPU_SECONDS, id, repetition, usage.cpu_seconds);
        let [settled, peak] = [usage.rss_bytes, usage.peak_rss_bytes].map(|bytes| bytes / 1024.0 / 1024.0);
        eprintln!("    {scenario:20} {settled:.1} MiB, {peak:.1} MiB at most, {:.2} s of CPU", usage.cpu_seconds);
    }
    Ok(())
}

/// Waits until it has looked at each WebApp, and does nothing any more.
async fn settled(process: &mut Process, size: u64) -> Result<Usage, BoxError> {
    let begin = Instant::now();
    loop {
        let runs = process.runs().await?;
        if runs >= size {
            break;
        }
        if begin.elapsed() > PATIENCE {
            return Err(format!("after a start it had run {runs} times for {size} WebApps within {PATIENCE:?}").into());
        }
        tokio::time::sleep(POLL).await;
    }
    let begin = Instant::now();
    let mut last = (process.usage()?.cpu_seconds, Instant::now());
    while last.1.elapsed() < QUIET && begin.elapsed() < RESTLESS {
        tokio::time::sleep(POLL).await;
        let now = process.usage()?.cpu_seconds;
        if now - last.0 > QUIET.as_secs_f64() / 100.0 {
            last = (now, Instant::now());
        }
    }
    process.usage()
}
