//! Runs at 100,000 primaries: the whole manager beside kube's whole `Controller`, both at a scripted API server.

use std::convert::Infallible;
use std::error::Error;
use std::future::pending;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::StreamExt;
use kube::runtime::controller::{self, Controller};
use kube::runtime::watcher::Config;
use kube::{Api, Client};
use steersman::{Action, Manager};
use tokio::task::JoinHandle;

use crate::event::until;
use crate::harness::{Goal, Quantity, Report, Size, median, processor};
use crate::objects::{Form, Object};
use crate::operators::{Point, PointContext, PointReconciler, PointSnapshot};
use crate::script::{Feed, client};

const PRIMARIES: usize = 100_000;
/// How often each primary asks for another run at once, in the phase of the timers.
const AGAIN: usize = 2;
pub(crate) const POINT: Form = Form::Primary("Point");
pub(crate) const POINTS: &str = "/apis/bench.steersman.dev/v1/points";

/// What a run answers.
enum Answer {
    AwaitChange,
    Requeue(Duration),
}

/// The reconciler of both sides.
#[derive(Debug, Default)]
struct Runs {
    count: AtomicU64,
    /// How many further runs still are to ask for another one.
    again: AtomicI64,
    /// When every primary is to run again.
    requeue_at: Mutex<Option<Instant>>,
}

impl Runs {
    fn run(&self) -> Answer {
        self.count.fetch_add(1, Ordering::Relaxed);
        if let Some(at) = *self.requeue_at() {
            return Answer::Requeue(at.saturating_duration_since(Instant::now()));
        }
        let again = self.again.load(Ordering::Relaxed) > 0 && self.again.fetch_sub(1, Ordering::Relaxed) > 0;
        if again { Answer::Requeue(Duration::ZERO) } else { Answer::AwaitChange }
    }

    fn requeue_at(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.requeue_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Counting(Arc<Runs>);

impl PointReconciler for Counting {
    type Error = Infallible;

    async fn reconcile(&self, _: Arc<Point>, _: PointSnapshot, _: PointContext) -> Result<Action, Infallible> {
        Ok(match self.0.run() {
            Answer::AwaitChange => Action::await_change(),
            Answer::Requeue(Duration::ZERO) => Action::again(),
            Answer::Requeue(delay) => Action::requeue(delay),
        })
    }
}

/// Who runs.
#[derive(Clone, Copy)]
pub(crate) enum Side {
    Ours,
    /// With this `concurrency`; 0 is its default, unlimited.
    Kube(u16),
}

impl Side {
    fn start(self, client: Client, runs: Arc<Runs>) -> JoinHandle<()> {
        match self {
            Self::Ours => tokio::spawn(async move {
                let manager = Manager::new(client).with(Point::operator(Counting(runs)));
                manager.run_until(pending()).await.expect("the manager starts");
            }),
            Self::Kube(concurrency) => tokio::spawn(async move {
                let reconcile = |_: Arc<Point>, runs: Arc<Runs>| async move {
                    Ok::<_, Infallible>(match runs.run() {
                        Answer::AwaitChange => controller::Action::await_change(),
                        Answer::Requeue(delay) => controller::Action::requeue(delay),
                    })
                };
                Controller::new(Api::<Point>::all(client), Config::default().streaming_lists())
                    .with_config(controller::Config::default().concurrency(concurrency))
                    .run(reconcile, |_, _, _| controller::Action::await_change(), runs)
                    .for_each(|_| std::future::ready(()))
                    .await;
            }),
        }
    }
}

/// Starts a side; returns the number of its runs so far.
pub(crate) fn counted(side: Side, client: Client) -> (impl Fn() -> u64, JoinHandle<()>) {
    let runs = Arc::new(Runs::default());
    let task = side.start(client, runs.clone());
    (move || runs.count.load(Ordering::Relaxed), task)
}

/// The phases of a trial, each with the number of runs in it.
const PHASES: [(&str, usize); 3] =
    [("cold start", PRIMARIES), ("changes", PRIMARIES), ("timers and requeues", PRIMARIES * (1 + AGAIN))];

pub(crate) fn run(size: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let versions: [Bytes; 3] = std::array::from_fn(|version| {
        let object = |number| {
            let rv = (version * PRIMARIES + number + 1) as u64;
            Object { content: version as u64, ..Object::new(POINT, number, rv) }
        };
        let event = if version == 0 { "ADDED" } else { "MODIFIED" };
        (0..PRIMARIES).map(|number| object(number).line(event)).collect::<String>().into()
    });
    let sides = [Side::Ours, Side::Kube(0), Side::Kube(32)];
    let mut samples: [[Vec<f64>; PHASES.len()]; 3] = Default::default();
    for round in 0..size.pick(6, 2) {
        for turn in 0..sides.len() {
            // Each side comes first as often as the others: the first one asks the system for memory that others reuse.
            let side = (round + turn) % sides.len();
            let costs = runtime.block_on(trial(sides[side], &versions))?;
            for ((samples, cost), (_, runs)) in samples[side].iter_mut().zip(costs).zip(PHASES) {
                samples.push(cost / runs as f64);
            }
        }
    }
    let [ours, unlimited, limited] = samples.map(|phases| phases.map(|samples| Quantity::Seconds(median(samples))));
    for (i, (phase, _)) in PHASES.into_iter().enumerate() {
        let what = format!("processor time per run at 100 k primaries: {phase}");
        report.row(what, ours[i], Some(("Controller", unlimited[i])), Goal::Share(1.0));
        report.row("… beside the same limit of 32 runs at once", ours[i], Some(("Controller", limited[i])), Goal::None);
    }
    Ok(())
}

/// The seconds of processor time of each phase.
async fn trial(side: Side, versions: &[Bytes; 3]) -> Result<[f64; PHASES.len()], Box<dyn Error>> {
    let runs = Arc::new(Runs::default());
    let ran = |expected: usize| {
        let runs = runs.clone();
        async move { until(|| runs.count.load(Ordering::Relaxed) >= expected as u64, "the runs").await }
    };
    let feed = Feed::listing(&versions[0], POINT, PRIMARIES as u64);
    let begin = processor();
    let task = side.start(client([(POINTS, feed.clone())]), runs.clone());
    ran(PRIMARIES).await?;
    let start = processor() - begin;

    let (begin, clock) = (processor(), Instant::now());
    feed.push(&versions[1]);
    ran(2 * PRIMARIES).await?;
    let changes = processor() - begin;

    // Arms one timer for each primary; not measured.
    let at = Instant::now() + clock.elapsed() * 2 + Duration::from_secs(1);
    *runs.requeue_at() = Some(at);
    feed.push(&versions[2]);
    ran(3 * PRIMARIES).await?;
    let left = at.checked_duration_since(Instant::now()).ok_or("the machine is too slow for the timers")?;
    *runs.requeue_at() = None;
    runs.again.store((AGAIN * PRIMARIES) as i64, Ordering::Relaxed);
    tokio::time::sleep(left.saturating_sub(Duration::from_millis(20))).await;
    let begin = processor();
    let expected = (4 + AGAIN) * PRIMARIES;
    ran(expected).await?;
    let timers = processor() - begin;

    tokio::time::sleep(Duration::from_millis(100)).await;
    let count = runs.count.load(Ordering::Relaxed);
    task.abort();
    // Its memory is given back before the next one starts.
    let _ = task.await;
    if count == expected as u64 {
        Ok([start, changes, timers])
    } else {
        Err(format!("{count} runs instead of {expected}").into())
    }
}
