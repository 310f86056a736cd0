//! Very many primaries at once.

use std::fs;
use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use steersman::Action;
use tests::kinds::{Shelf, ShelfStatus, stock};
use tests::{Journal, eventually};

use crate::churn::is_stocked;
use crate::{pick, turn};

/// So many are created at the same time.
const AT_ONCE: usize = 64;

#[tokio::test]
async fn very_many_primaries_that_arrive_at_once_run_once_each() {
    let count = pick(500, 5000);
    let turn = turn("arrival").await;
    let place = &turn.place;
    let operator = Shelf::by(&Journal::default(), |shelf, _, cx| async move {
        stock(&shelf.spec, &cx.config_maps()).await?;
        cx.apply_status(ShelfStatus { count: cx.snapshot().config_maps.len() }).await?;
        Ok(Action::await_change())
    });
    let operator = operator.namespace(&place.namespace);
    let stats = operator.stats();
    let operating = place.operate(|manager| manager.with(operator));
    place.started(1).await;

    let (before, begin) = (resident(), Instant::now());
    let create = |i: usize| async move {
        let map = format!("s{i}-0");
        place.create(Shelf::of(&format!("s{i}"), &[&map])).await;
    };
    stream::iter(0..count).map(create).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
    let created = begin.elapsed();
    // What is counted here costs nothing; the API server is asked once it is over.
    while stats.writes() < 2 * count as u64 && begin.elapsed() < 10 * tests::DEADLINE {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let wall = begin.elapsed();
    eventually("every shelf is as it says", async || is_stocked(place, count).await).await;
    let costs = operating.costs();
    println!(
        "{count} primaries created within {created:.1?}, all as they say after {wall:.1?}: {} runs, {} writes, {} reads, \
         {} watches; {} MiB resident before, {} MiB after, with the test's own client and log",
        stats.runs(),
        costs.writes,
        costs.reads,
        costs.watches,
        before,
        resident(),
    );
    assert_eq!((stats.runs(), stats.failures()), (count as u64, 0));
    // An API server that has too much to do ends a watch now and then, which begins where it was.
    assert_eq!((costs.reads, costs.writes), (0, 2 * count));

    // A restart finds nothing to do.
    operating.stop().await;
    let operator = Shelf::stocker(&Journal::default()).namespace(&place.namespace);
    let (stats, begin) = (operator.stats(), Instant::now());
    let operating = place.operate(|manager| manager.with(operator));
    eventually("each has run again", async || stats.runs() >= count as u64).await;
    println!("a restart: {} runs within {:.1?}", stats.runs(), begin.elapsed());
    place.ended(2 * count).await;
    let costs = operating.costs();
    assert_eq!((stats.runs(), costs.reads, costs.writes), (count as u64, 0, 0));
}

/// The memory of this process, in MiB.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}
