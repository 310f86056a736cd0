//! What it costs to count: per run, and per scrape of the metrics.

use std::convert::Infallible;
use std::error::Error;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use steersman::bench::{Begun, Core};
use steersman::{Action, Manager, Server};
use tests::port::get;

use crate::event::until;
use crate::harness::{Goal, Quantity, Report, Size, median, timed};
use crate::objects::{Form, Object};
use crate::operators::{Point, PointContext, PointOperator, PointReconciler, PointSnapshot};
use crate::script::{Feed, client};

const PRIMARIES: usize = 10_000;
const POINT: Form = Form::Primary("Point");
const POINTS: &str = "/apis/bench.steersman.dev/v1/points";
/// A run of the engine takes some µs.
const PER_RUN: Goal = Goal::AtMost(Quantity::Seconds(1e-6));

/// A reconciler that does nothing.
struct Idle(Arc<AtomicU64>);

impl PointReconciler for Idle {
    type Error = Infallible;

    async fn reconcile(&self, _: Arc<Point>, _: PointSnapshot, _: PointContext) -> Result<Action, Infallible> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(Action::await_change())
    }
}

pub(crate) fn run(size: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    per_run(size, report)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(scrapes(size, report))
}

/// The counters, the clock and the memory of the last runs, for each of many primaries in turn.
fn per_run(size: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let mut core = Core::<PointOperator<Idle>>::new();
    let objects = (0..PRIMARIES).map(|number| Object::new(POINT, number, number as u64 + 1).json());
    core.list(0, PRIMARIES as u64, objects)?;
    let begun: Vec<Begun> = std::iter::from_fn(|| core.begin()).collect();
    if begun.len() != PRIMARIES {
        return Err(format!("{} runs instead of {PRIMARIES}", begun.len()).into());
    }
    let mut samples = Vec::new();
    // From the ninth round on, the memory of each primary is full.
    for _ in 0..size.pick(60, 12) {
        let ((), seconds) = timed(|| begun.iter().for_each(|begun| core.account(begun)));
        samples.push(seconds / PRIMARIES as f64);
    }
    report.row("accounting of a run, at 10 k primaries", Quantity::Seconds(median(samples)), None, PER_RUN);
    report.row("… its memory per primary, at most", Quantity::Bytes(core.remembered() as f64), None, Goal::None);
    Ok(())
}

/// The port of a whole manager.
async fn scrapes(size: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let object = |number: usize| Object::new(POINT, number, number as u64 + 1).line("ADDED");
    let lines: Bytes = (0..PRIMARIES).map(object).collect::<String>().into();
    let feed = Feed::listing(&lines, POINT, PRIMARIES as u64);
    let runs = Arc::new(AtomicU64::new(0));
    let server = Server::bind(([127, 0, 0, 1], 0))?;
    let address = server.address();
    let manager = Manager::new(client([(POINTS, feed)])).with(Point::operator(Idle(runs.clone()))).server(server);
    let task = tokio::spawn(manager.run_until(pending()));
    until(|| runs.load(Ordering::Relaxed) >= PRIMARIES as u64, "the runs").await?;
    let rounds = size.pick(100, 10);
    for (what, path) in [
        ("scrape of /metrics at 10 k primaries", "/metrics"),
        ("/readyz", "/readyz"),
        ("1,000 lines of /debug/primaries", "/debug/primaries?limit=1000"),
    ] {
        let (seconds, bytes) = asked(address, path, rounds).await?;
        report.row(format!("{what} ({bytes} bytes)"), Quantity::Seconds(seconds), None, Goal::None);
    }
    task.abort();
    let _ = task.await;
    Ok(())
}

/// The seconds that an answer takes, connection included, and its size.
async fn asked(address: SocketAddr, path: &str, rounds: usize) -> Result<(f64, usize), Box<dyn Error>> {
    let (mut samples, mut bytes) = (Vec::new(), 0);
    for _ in 0..rounds {
        let begin = std::time::Instant::now();
        let answer = get(address, path).await;
        samples.push(begin.elapsed().as_secs_f64());
        if answer.status != 200 {
            return Err(format!("{path}: {}", answer.status).into());
        }
        bytes = answer.body.len();
    }
    Ok((median(samples), bytes))
}
