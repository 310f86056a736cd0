//! The WebApp operator in plain kube-rs, tuned by hand as far as an expert gets without writing a framework.
//!
//! What is done, and what for:
//! - every kind in a reflector of its own, read in place of the API server, without managedFields, filled by streaming lists;
//! - an own filter of events in front of it ([`changes`]): it compares what the reconcile reads, lets every deletion pass, and keeps
//!   nothing that no WebApp owns, so that no selector is needed;
//! - a relist is compared with what was there. kube's streams drop deletes that fell into a gap of a watch, and hand out objects before
//!   the store has them. kube's documentation of `Event::InitDone` says how to do better, so this does;
//! - a watch that fails is tried again soon, and by itself: `Controller` lets all of them wait for one, up to 30 s each time;
//! - children are written only if they differ from what is wanted ([`relevant`]), the status only if it differs from the newest that
//!   is known, which is the answer of the last write when the cache lags behind it;
//! - the first run of each WebApp waits for all stores (`OnceCell`: kube 5.0.0 wakes only one of many that wait for a store), and the
//!   first list of the children wakes nobody;
//! - limited concurrency, a backoff for each WebApp, a requeue of an hour.
//!
//! What is not done: no `debounce`. It was tried with 20 and with 100 ms: a creation took as many runs as without, and the repair of a
//! deleted Service waited for it, too.
//!
//! What remains: its own writes wake it (twice the runs of a repair), and a run may read a store that has not caught up with the writes of
//! the run before, and write again what is already there. Cures for both have to know what each run has seen and written, which is
//! where a framework begins.
#![forbid(unsafe_code)]

mod changes;
mod controller;
mod relevant;
// bench:
mod wide;
// :bench

use std::error::Error;

use examples::plain::bench;
use tracing::Level;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(Level::WARN).init();
    controller::run(bench::client().await?).await;
    Ok(())
}
