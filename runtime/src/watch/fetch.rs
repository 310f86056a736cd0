//! Fetches single objects that somebody refers to, or that belong to somebody, from now on, and of which only a stub is kept.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Watch;
use super::fault::Fault;
use super::source::Source;
use crate::core::fetching::Fetch;
use crate::core::key::Rv;
use crate::core::raw::RawMeta;
use crate::core::record::{Record, Undecodable};
use crate::shared::Shared;

/// So many objects are asked for at the same time.
const AT_ONCE: usize = 16;
/// How long the watch gets to come to what has been answered.
const AGAIN: Duration = Duration::from_millis(50);

/// Fetches whatever is wanted, until it is dropped. The watches stand in the order of their caches.
pub(crate) async fn fetch(watches: Arc<[Watch]>, shared: Arc<Shared>) {
    let mut tasks = JoinSet::new();
    let places = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        for fetch in shared.world().take_wanted() {
            let (watches, shared, places) = (watches.clone(), shared.clone(), places.clone());
            tasks.spawn(async move { one(&watches[fetch.cache.0], &shared, &fetch, &places).await });
        }
        tokio::select! {
            () = shared.fetch.notified() => {}
            Some(_) = tasks.join_next() => {}
        }
    }
}

/// Asks for one object until there is an answer, or nobody wants it any more: the run that it belongs to waits for it.
async fn one(watch: &Watch, shared: &Shared, fetch: &Fetch, places: &Semaphore) {
    let source = Source::new(&shared.client, watch, fetch.key.namespace());
    let mut state = None;
    let mut failures = 0;
    loop {
        let Some(asked) = shared.world().ask(fetch) else { break };
        let answer = {
            // Not while it waits for another try: what cannot be had must not be in the way of what can.
            let _place = places.acquire().await;
            source.object(fetch.key.name()).await
        };
        match answer.and_then(|text| found(watch, shared, text)) {
            Ok(record) => {
                if shared.change(|world, now| world.fetched(fetch, asked, record, now)) {
                    return;
                }
                tokio::time::sleep(AGAIN).await;
            }
            Err(fault) => {
                if state.replace(fault.word()) != Some(fault.word()) {
                    tracing::warn!(
                        kind = %watch.kind, object = %fetch.key, attributes = %watch.attributes(), error = %watch.explain(&fault, None, fetch.key.namespace()),
                        "an object that is needed cannot be fetched; it is tried again, and the runs that need it wait"
                    );
                }
                tokio::time::sleep(fault.delay(failures)).await;
                failures = failures.saturating_add(1);
            }
        }
    }
    shared.change(|world, now| world.unwanted(fetch, now));
}

/// The answer as a record, as the watch would have made it.
fn found(watch: &Watch, shared: &Shared, text: Option<String>) -> Result<Option<Record>, Fault> {
    let Some(text) = text else { return Ok(None) };
    let meta = RawMeta::parse(&text, &watch.asked.namings).map_err(|error| Fault::Garbled(error.to_string()))?;
    let meta = if meta.opaque.is_some() { RawMeta { rv: Rv::default(), ..meta } } else { meta };
    let record = Record::decode(&watch.kind, &watch.asked, meta, &text).unwrap_or_else(|undecodable| {
        let Undecodable { meta, error } = *undecodable;
        tracing::warn!(
            kind = %watch.kind, object = %meta.key, resource_version = %meta.version(), attributes = %watch.attributes(), %error,
            "an object cannot be decoded"
        );
        let held = shared.world().view(watch.cache, &meta.key).cloned();
        Record::undecodable(meta, &watch.asked, held.as_deref())
    });
    Ok(Some(record))
}
