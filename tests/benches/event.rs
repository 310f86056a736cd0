//! One watch event, from the bytes of the answer to the decision whom to wake, in the real watch loops of both sides.

use std::convert::Infallible;
use std::error::Error;
use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::{Stream, StreamExt};
use k8s_openapi::api::apps::v1::Deployment;
use kube::Api;
use kube::runtime::watcher::{Config, watcher};
use kube::runtime::{WatchStreamExt, reflector};
use steersman::{Action, Manager, Stats};

use crate::harness::{Goal, Quantity, Report, Size, median, processor};
use crate::objects::{Form, Object};
use crate::operators::{Page, PageContext, PageReconciler, PageSnapshot};
use crate::script::{Feed, client};

/// Deployments that have a primary, and as many that have none.
pub(crate) const OWNED: usize = 2_000;
/// Events in one sample: each about another object.
pub(crate) const BATCH: usize = 1_000;
pub(crate) const PAGE: Form = Form::Primary("Page");
const PAGES: &str = "/apis/bench.steersman.dev/v1/pages";
const DEPLOYMENTS: &str = "/apis/apps/v1/deployments";
/// Long enough for no run to begin while a wake-up is measured.
const DEBOUNCE: Duration = Duration::from_secs(10);

struct Idle;

impl PageReconciler for Idle {
    type Error = Infallible;

    async fn reconcile(&self, _: Arc<Page>, _: PageSnapshot, _: PageContext) -> Result<Action, Infallible> {
        Ok(Action::await_change())
    }
}

/// What an event is about.
#[derive(Clone, Copy)]
pub(crate) enum Case {
    /// An owned Deployment, whose status nobody asks for.
    Status,
    /// A Deployment that is nobody's.
    Unrelated,
    /// An owned Deployment, whose spec is asked for: its primary is to be woken.
    Change,
}

pub(crate) fn run(size: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    // One thread: what is measured is work, not how it is spread.
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(measure(size, report))
}

async fn measure(size: Size, report: &mut Report) -> Result<(), Box<dyn Error>> {
    let (pages, deployments) = lists();
    let (ours, stats) = operator(Feed::listing(&pages, PAGE, 1), Feed::listing(&deployments, Form::Deployment, 2));
    until(|| stats.runs() == OWNED as u64, "the first run of each primary").await?;

    let peer = Feed::listing(&deployments, Form::Deployment, 2);
    let (reader, writer) = reflector::store();
    let config = Config::default().streaming_lists();
    let watched = watcher(Api::<Deployment>::all(client([(DEPLOYMENTS, peer.clone())])), config.clone());
    tokio::spawn(drain(watched.reflect(writer)));
    until(|| reader.len() == 2 * OWNED, "the store").await?;

    // A tuned peer: what an expert writes by hand.
    let tuned = Feed::listing(&deployments, Form::Deployment, 2);
    let (tuned_reader, writer) = reflector::store();
    let watched = watcher(Api::<Deployment>::all(client([(DEPLOYMENTS, tuned.clone())])), config);
    let trimmed = watched.modify(|deployment| deployment.metadata.managed_fields = None);
    tokio::spawn(drain(trimmed.reflect(writer)));
    until(|| tuned_reader.len() == 2 * OWNED, "the tuned store").await?;

    let mut rv = 3;
    for (case, what) in [
        (Case::Status, "watch event of a related Deployment of 3 kB, nothing of interest"),
        (Case::Unrelated, "watch event of an unrelated Deployment of 3 kB"),
        (Case::Change, "watch event of a related Deployment of 3 kB, to the decided wake-up"),
    ] {
        let mut samples = [const { Vec::new() }; 3];
        for round in 0..size.pick(40, 10) {
            let events: String = (0..BATCH).map(|i| event(case, i, rv + i as u64)).collect();
            rv += BATCH as u64;
            let events = Bytes::from(events);
            // Each side comes first as often as the others.
            for turn in 0..3 {
                let side = (round + turn) % 3;
                let begin = processor();
                [&ours, &peer, &tuned][side].feed(&events).await;
                samples[side].push((processor() - begin) / BATCH as f64);
            }
        }
        let [ours, peer, tuned] = samples.map(|samples| Quantity::Seconds(median(samples)));
        let goal = Goal::Share(if matches!(case, Case::Unrelated) { 0.5 } else { 1.0 });
        report.row(what, ours, Some(("watcher + reflector, decides nothing", peer)), goal);
        report.row("… beside a tuned one", ours, Some(("the same without managedFields", tuned)), Goal::None);
    }
    // Those that changed have been woken, and nobody else.
    let expected = (OWNED + BATCH) as u64;
    until(|| stats.runs() == expected, "the runs that were decided").await?;
    tokio::time::sleep(Duration::from_millis(200)).await;
    if stats.runs() == expected { Ok(()) } else { Err(format!("{} runs instead of {expected}", stats.runs()).into()) }
}

/// The lines of the primaries and of the Deployments, half of which are theirs.
pub(crate) fn lists() -> (Bytes, Bytes) {
    let pages: String = (0..OWNED).map(|number| Object::new(PAGE, number, 1).line("ADDED")).collect();
    let deployments: String = (0..2 * OWNED).map(|number| deployment(number, 2).line("ADDED")).collect();
    (pages.into(), deployments.into())
}

/// Starts the operator; returns the watch of its Deployments and its counters.
pub(crate) fn operator(pages: Feed, deployments: Feed) -> (Feed, Stats) {
    let operator = Page::operator(Idle).debounce(DEBOUNCE);
    let stats = operator.stats();
    let manager = Manager::new(client([(PAGES, pages), (DEPLOYMENTS, deployments.clone())])).with(operator);
    tokio::spawn(manager.run_until(pending()));
    (deployments, stats)
}

fn deployment(number: usize, rv: u64) -> Object {
    let object = Object::new(Form::Deployment, number, rv);
    if number < OWNED { object.owned_by(PAGE, number) } else { object }
}

pub(crate) fn event(case: Case, i: usize, rv: u64) -> String {
    let object = match case {
        Case::Status => Object { status: rv, ..deployment(i, rv) },
        Case::Change => Object { content: rv, ..deployment(BATCH + i, rv) },
        Case::Unrelated => Object { status: rv, ..deployment(OWNED + i, rv) },
    };
    object.line("MODIFIED")
}

async fn drain(stream: impl Stream) {
    stream.for_each(|_| std::future::ready(())).await;
}

/// Waits for something that has to come.
pub(crate) async fn until(is: impl Fn() -> bool, what: &str) -> Result<(), Box<dyn Error>> {
    let begin = Instant::now();
    while !is() {
        if begin.elapsed() > Duration::from_secs(120) {
            return Err(format!("{what}: not within 120 s").into());
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}
