//! The thesis' table: reading one primary with its secondaries, in three ways beside each other.
//!
//! Plain requests go to a real API server; kube's stores and steersman's core are filled with what that server lists. steersman's time
//! is that of a run up to the user's method: the decision that the primary is due, what the run sees, and its types. (The core without its
//! watches is opened by the feature `bench` of steersman, in this program alone: candidates are built by commands of their own, without it.)

mod objects;
mod requests;
mod snapshots;
mod stores;

use std::time::Instant;

use crate::BoxError;
use crate::cluster::Cluster;
use crate::measurement::Results;
use crate::progress::say;
use crate::report::candidates::OURS;
use crate::report::pivot::Spread;
use crate::scale::foreign;
use objects::SETTINGS;
use snapshots::Snapshots;
use stores::Stores;

/// The figure.
const READ_SECONDS: &str = "read-seconds";
/// Foreign objects of each of two kinds.
const FOREIGN: usize = 5_000;
/// Snapshots of ours after a scan of the peer's: no operator scans all its objects, and so empties the processor's caches, before each run.
const RUNS: usize = 10;

/// How many repetitions, and how many reads in each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    repetitions: u32,
    reads: usize,
}

impl Extent {
    pub(crate) const FULL: Self = Self { repetitions: 5, reads: 40 };
    /// For trying.
    pub(crate) const QUICK: Self = Self { repetitions: 3, reads: 10 };
}

/// All settings, before and after the cluster grows by 10,000 foreign objects.
pub(crate) async fn run(extent: Extent, results: &mut Results) -> Result<(), BoxError> {
    say("the thesis' table: reading one primary with its secondaries");
    let cluster = Cluster::start_api_server_only().await?;
    let namespace = cluster.namespace("thesis").await?;
    let client = cluster.client();
    objects::create(&client, &namespace).await?;
    table(&cluster, &namespace, "", extent, results).await?;
    foreign(&client, &cluster.namespace("foreign").await?, FOREIGN).await?;
    table(&cluster, &namespace, "-noise", extent, results).await
}

async fn table(
    cluster: &Cluster,
    namespace: &str,
    suffix: &str,
    extent: Extent,
    results: &mut Results,
) -> Result<(), BoxError> {
    let client = cluster.client();
    let stores = Stores::fill(&client).await?;
    let mut snapshots = Snapshots::fill(&client).await?;
    for setting in &SETTINGS {
        let scenario = format!("{}{suffix}", setting.scenario);
        for repetition in 1..=extent.repetitions {
            let mut samples = [const { Vec::new() }; 4];
            for _ in 0..extent.reads {
                let begin = Instant::now();
                let one_by_one = requests::one_after_another(&client, namespace, setting).await?;
                samples[0].push(begin.elapsed().as_secs_f64());
                let begin = Instant::now();
                let at_once = requests::at_once(&client, namespace, setting).await?;
                samples[1].push(begin.elapsed().as_secs_f64());
                let begin = Instant::now();
                let scanned = std::hint::black_box(stores.scan(setting));
                samples[2].push(begin.elapsed().as_secs_f64());
                let mut seen = 0;
                for _ in 0..RUNS {
                    let seconds;
                    (seen, seconds) = snapshots.read(setting)?;
                    samples[3].push(seconds);
                }
                let found = [one_by_one, at_once, scanned, seen];
                if found != [setting.count(); 4] {
                    return Err(format!("{scenario}: the four ways found {found:?} objects").into());
                }
            }
            for (way, samples) in ["direct-sequential", "direct-at-once", "kube-stores", OURS].into_iter().zip(samples)
            {
                let median = Spread::of(samples).ok_or("nothing was read")?.median;
                results.add(&scenario, READ_SECONDS, way, repetition, median);
                if repetition == 1 {
                    eprintln!("    {scenario:20} {way:18} {:.2} µs", median * 1e6);
                }
            }
        }
    }
    Ok(())
}
