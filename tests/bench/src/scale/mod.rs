//! Memory and growth, against the API server alone: no Deployment becomes ready, so that the end state is without readiness, and
//! nothing but the candidate and the API server has work.

mod crowd;
mod memory;

use std::time::{Duration, Instant};

pub(crate) use crowd::{create, foreign};
use kube::Client;
use steersman_control_plane::AuditMark;

use crate::BoxError;
use crate::candidate::Program;
use crate::cluster::Cluster;
use crate::measurement::{RemarkKind, Results, figure};
use crate::process::{Process, Usage};
use crate::progress::say;

/// How long a candidate may take for any number of WebApps.
const DEADLINE: Duration = Duration::from_secs(120);
/// A candidate that has written nothing and has not run for this long is done.
const QUIET: Duration = Duration::from_secs(2);
/// One that polls never rests; it is not waited for longer.
const RESTLESS: Duration = Duration::from_secs(8);
const POLL: Duration = Duration::from_millis(100);
/// The figure that says how many WebApps had all their objects: what was spent was spent for these.
pub(crate) const REACHED: &str = "reached";

/// How much of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    /// The numbers of WebApps on one control plane, one after the other, each with the memory of starts beside them.
    sizes: &'static [usize],
    /// The number on a control plane of its own, for those who manage.
    most: Option<usize>,
    /// Foreign objects of each of two kinds.
    foreign: usize,
    starts: u32,
}

impl Extent {
    pub(crate) const FULL: Self = Self { sizes: &[100, 1_000], most: Some(10_000), foreign: 5_000, starts: 3 };
    /// For trying.
    pub(crate) const QUICK: Self = Self { sizes: &[100], most: None, foreign: 1_000, starts: 1 };
}

/// Everything with one candidate. What goes wrong with it is among the results.
pub(crate) async fn run(program: &Program, extent: Extent, results: &mut Results) {
    let id = program.candidate().id();
    say(&format!("memory and growth: {id}"));
    if let Err(error) = memory(program, extent, results).await {
        results.remark(id, RemarkKind::Failed, format!("memory and growth: {error}"));
        return;
    }
    if let Some(most) = extent.most
        && let Err(error) = most_of_all(program, extent, most, results).await
    {
        results.remark(id, RemarkKind::Failed, format!("{most} WebApps: {error}"));
    }
}

async fn memory(program: &Program, extent: Extent, results: &mut Results) -> Result<(), BoxError> {
    let cluster = Cluster::start_api_server_only().await?;
    let mut place = Place::new(program, &cluster).await?;
    for &size in extent.sizes {
        place.grow(size, results).await?;
        memory::starts(&place, extent.starts, size, &format!("memory-{size}"), results).await?;
    }
    crowd::foreign(&place.client, &cluster.namespace("foreign").await?, extent.foreign).await?;
    if let Some(&size) = extent.sizes.last() {
        memory::starts(&place, extent.starts, size, &format!("memory-{size}-noise"), results).await?;
    }
    Ok(())
}

/// On a control plane of its own, so that nothing of what was before is in the way.
async fn most_of_all(program: &Program, extent: Extent, most: usize, results: &mut Results) -> Result<(), BoxError> {
    let id = program.candidate().id();
    let last = extent.sizes.last().copied().unwrap_or(1);
    let took = |m: &&crate::measurement::Measurement| {
        m.scenario == format!("growth-{last}") && m.figure == figure::SECONDS && m.candidate == id
    };
    let seconds = results.measurements.iter().find(took).map_or(0.0, |m| m.value);
    let expected = seconds * most as f64 / last as f64;
    // Half as much again may be the machine's fault.
    if expected > DEADLINE.as_secs_f64() * 1.5 {
        let text =
            format!("{last} took {seconds:.0} s, so that it is not tried: at most {} s are given", DEADLINE.as_secs());
        return Err(text.into());
    }
    let cluster = Cluster::start_api_server_only().await?;
    Place::new(program, &cluster).await?.grow(most, results).await
}

/// One candidate and a control plane.
struct Place<'a> {
    program: &'a Program,
    cluster: &'a Cluster,
    client: Client,
    namespace: String,
    /// How many WebApps there are.
    count: usize,
    /// What it has cost to come this far.
    spent: Spent,
}

#[derive(Clone, Copy, Debug, Default)]
struct Spent {
    runs: f64,
    writes: f64,
    reads: f64,
    cpu_seconds: f64,
    seconds: f64,
}

impl<'a> Place<'a> {
    async fn new(program: &'a Program, cluster: &'a Cluster) -> Result<Self, BoxError> {
        let namespace = cluster.namespace("webapps").await?;
        Ok(Self { program, cluster, client: cluster.client(), namespace, count: 0, spent: Spent::default() })
    }

    /// Creates WebApps until there are so many, while the candidate runs, and writes down what all of them have cost by now.
    async fn grow(&mut self, size: usize, results: &mut Results) -> Result<(), BoxError> {
        let mut process = self.program.start(self.cluster, false)?;
        // It watches before the first one is created, and has no start to do meanwhile.
        self.rest(&mut process).await?;
        let (mark, before) = (self.cluster.mark(), process.usage()?);
        let (runs, begin) = (process.runs().await?, Instant::now());
        let created = crowd::web_apps(&self.client, &self.namespace, self.count..size);
        // Not even that may have come to its end in time.
        tokio::time::timeout(DEADLINE, created).await.unwrap_or(Ok(()))?;
        let patience = DEADLINE.saturating_sub(begin.elapsed());
        let reached = crowd::furnished(&self.client, &self.namespace, size, patience).await?;
        let seconds = begin.elapsed().as_secs_f64();
        let is_done = reached >= size;
        if is_done {
            self.rest(&mut process).await?;
        }
        let (runs, after) = (process.runs().await? - runs, process.usage()?);
        self.account(mark, process.user_agent(), runs, seconds, (before, after));
        // One that is overloaded may not end in time.
        let ended = process.stop().await;
        self.count = size;
        self.write(reached.min(size), results);
        if is_done {
            return ended;
        }
        let given = DEADLINE.as_secs();
        Err(format!("{reached} of {size} had all their objects after {given} s; its costs are those until then").into())
    }

    fn account(&mut self, mark: AuditMark, agent: &str, runs: u64, seconds: f64, (before, after): (Usage, Usage)) {
        let counts = self.cluster.counts(mark, agent);
        self.spent.runs += runs as f64;
        self.spent.writes += counts.writes as f64;
        self.spent.reads += counts.reads as f64;
        self.spent.cpu_seconds += after.cpu_seconds - before.cpu_seconds;
        self.spent.seconds += seconds;
    }

    /// What it has cost until so many had all their objects; how long it took is said only if these were all.
    fn write(&self, reached: usize, results: &mut Results) {
        let (scenario, id) = (format!("growth-{}", self.count), self.program.candidate().id());
        let Spent { runs, writes, reads, cpu_seconds, seconds } = self.spent;
        eprintln!(
            "    {scenario:20} {runs:6} runs {writes:6} writes {reads:6} reads {cpu_seconds:.2} s of CPU, {reached} after {seconds:.1} s"
        );
        let figures = [
            (REACHED, reached as f64),
            (figure::RUNS, runs),
            (figure::WRITES, writes),
            (figure::READS, reads),
            (figure::CPU_SECONDS, cpu_seconds),
        ];
        for (figure, value) in figures {
            results.add(&scenario, figure, id, 1, value);
        }
        if reached == self.count {
            results.add(&scenario, figure::SECONDS, id, 1, seconds);
        }
    }

    /// Waits until it neither runs nor writes.
    async fn rest(&self, process: &mut Process) -> Result<(), BoxError> {
        let (mark, begin) = (self.cluster.mark(), Instant::now());
        let mut last = (None, Instant::now());
        while last.1.elapsed() < QUIET && begin.elapsed() < RESTLESS {
            tokio::time::sleep(POLL).await;
            let now = Some((process.runs().await?, self.cluster.counts(mark, process.user_agent()).writes));
            if now != last.0 {
                last = (now, Instant::now());
            }
        }
        Ok(())
    }
}
