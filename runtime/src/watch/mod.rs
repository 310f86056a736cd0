//! The list/watch loop: keeps one cache at the state of the API server, whatever happens to the connection.

mod fault;
mod source;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::FutureExt;

use crate::core::cache::Event;
use crate::core::key::{Rv, Version};
use crate::core::raw::RawMeta;
use crate::core::record::{Asked, Record, Undecodable};
use crate::core::world::CacheId;
use crate::kind::KindInfo;
use crate::shared::Shared;
use fault::Fault;
use source::{Line, Source};

/// One watch: a kind in a scope, and what is asked of its objects.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    pub(crate) kind: KindInfo,
    /// `None`: all namespaces, or the cluster.
    pub(crate) namespace: Option<String>,
    pub(crate) cache: CacheId,
    pub(crate) asked: Asked,
    /// The attributes that ask for this watch, as they were written.
    pub(crate) attributes: Vec<String>,
}

impl Watch {
    /// Runs until it is dropped. Whatever fails is tried again; nothing that a server answers ends it.
    pub(crate) async fn run(self, shared: Arc<Shared>) {
        let shown = AtomicU64::new(0);
        loop {
            let keeping = Keeper::new(&self, &shared, &shown).keep();
            if std::panic::AssertUnwindSafe(keeping).catch_unwind().await.is_err() {
                tracing::error!(kind = %self.kind, attributes = %self.attributes(), "the watch panicked; it starts again");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }

    fn attributes(&self) -> String {
        self.attributes.join(" and ")
    }
}

/// The loop's state.
struct Keeper<'a> {
    watch: &'a Watch,
    shared: &'a Shared,
    failures: u32,
    /// How often in a row the version to go on from was too old, without a change in between.
    expiries: u32,
    /// The word of the fault that was last told, so that each state is told once.
    state: Option<&'static str>,
    /// How many versions that are no numbers have been shown.
    shown: &'a AtomicU64,
    /// Whether the API server knows streaming lists. They need no right but `watch`, and no page has to be held in memory.
    streaming: bool,
}

impl<'a> Keeper<'a> {
    fn new(watch: &'a Watch, shared: &'a Shared, shown: &'a AtomicU64) -> Self {
        Self { watch, shared, failures: 0, expiries: 0, state: None, shown, streaming: true }
    }

    async fn keep(mut self) {
        let source = Source::new(&self.shared.client, &self.watch.kind, self.watch.namespace.as_deref());
        // Where to go on from; without it, a list comes first.
        let mut from: Option<Version> = None;
        loop {
            let ended = match from {
                None if !self.streaming => self.list(&source).await.map(|version| from = Some(version)),
                _ => self.follow(&source, &mut from).await,
            };
            let Err(fault) = ended else { continue };
            match fault {
                Fault::NoStreamingList => self.streaming = false,
                Fault::Expired | Fault::NotServed => from = None,
                _ => {}
            }
            self.tell(&fault);
            if matches!(fault, Fault::Expired) {
                tokio::time::sleep(fault.delay(self.expiries)).await;
                self.expiries = self.expiries.saturating_add(1);
            } else {
                tokio::time::sleep(fault.delay(self.failures)).await;
                self.failures = self.failures.saturating_add(1);
            }
        }
    }

    /// Takes in a whole list, page by page; its end removes what it did not name.
    async fn list(&mut self, source: &Source<'_>) -> Result<Version, Fault> {
        self.observe(Event::ListBegin);
        let mut next = None;
        loop {
            let text = source.page(next.as_deref()).await?;
            let page = source::Page::parse(&text)?;
            for item in &page.items {
                self.applied(item.get());
            }
            match page.next {
                Some(token) => next = Some(token),
                None => {
                    let rv = self.place(&page.version);
                    self.observe(Event::ListEnd(rv));
                    self.works();
                    return Ok(page.version);
                }
            }
        }
    }

    /// Takes in events until the stream ends, after a list if there is nothing to go on from. A clean end is normal.
    async fn follow(&mut self, source: &Source<'_>, from: &mut Option<Version>) -> Result<(), Fault> {
        let mut lines = source.watch(from.as_ref()).await?;
        if from.is_none() {
            self.observe(Event::ListBegin);
        }
        let mut progress = false;
        while let Some(line) = lines.next().await? {
            let listing = from.is_none();
            let passed = match line {
                Line::Applied(json) => self.applied(json),
                Line::Deleted(json) => self.deleted(json),
                Line::Bookmark(version) => {
                    let rv = self.place(&version);
                    self.observe(Event::Bookmark(rv));
                    Some(version)
                }
                Line::ListEnd(version) => {
                    let rv = self.place(&version);
                    self.observe(Event::ListEnd(rv));
                    *from = Some(version.clone());
                    Some(version)
                }
                Line::Error(status) => return Err(Fault::from_status(&status)),
            };
            // A list that breaks off says nothing about what lies between its items: it has to begin again.
            if !listing && passed.is_some() {
                *from = passed;
                self.expiries = 0;
            }
            // Nor is it progress, or a server that breaks off every list would be asked again without a pause.
            if from.is_some() {
                progress = true;
                self.works();
            }
        }
        if !progress {
            // An answer that ends at once is no reason to ask again at once.
            tokio::time::sleep(Fault::Refused(String::new()).delay(self.failures)).await;
            self.failures = self.failures.saturating_add(1);
        }
        Ok(())
    }

    fn deleted(&self, json: &str) -> Option<Version> {
        let meta = self.meta(json)?;
        let version = meta.version();
        let RawMeta { key, uid, rv, .. } = meta;
        self.observe(Event::Deleted { key, uid, rv });
        Some(version)
    }

    /// Takes in one version of an object; returns its resourceVersion if it can be read at all.
    fn applied(&self, json: &str) -> Option<Version> {
        let meta = self.meta(json)?;
        let (rv, version) = (meta.rv, meta.version());
        if !self.shared.world().wants(self.watch.cache, &meta) {
            self.observe(Event::Unwanted { key: meta.key, uid: meta.uid, rv });
            return Some(version);
        }
        let record = Record::decode(&self.watch.kind, &self.watch.asked, meta, json);
        let record = record.unwrap_or_else(|undecodable| self.undecodable(*undecodable));
        self.observe(Event::Applied(record));
        Some(version)
    }

    /// The place of a version in the order of all that this watch has shown. A number says so itself.
    fn place(&self, version: &Version) -> Rv {
        match version {
            Version::Number(rv) => *rv,
            Version::Opaque(_) => Rv(self.shown.fetch_add(1, Ordering::Relaxed) + 1),
        }
    }

    /// Keeps the last good copy of an object that its Rust type does not take.
    fn undecodable(&self, Undecodable { meta, error }: Undecodable) -> Record {
        let held = self.shared.world().view(self.watch.cache, &meta.key).cloned();
        if held.as_ref().is_none_or(|held| held.rv != meta.rv) {
            tracing::warn!(
                kind = %self.watch.kind, object = %meta.key, resource_version = %meta.version(),
                attributes = %self.watch.attributes(), error = %error, last_good_copy = held.as_ref().is_some_and(|h| h.is_decoded()),
                "an object cannot be decoded"
            );
        }
        Record::undecodable(meta, &self.watch.asked, held.as_deref())
    }

    fn meta(&self, json: &str) -> Option<RawMeta> {
        match RawMeta::parse(json) {
            Ok(meta) => Some(RawMeta { rv: self.place(&meta.version()), ..meta }),
            Err(error) => {
                let attributes = self.watch.attributes();
                tracing::warn!(kind = %self.watch.kind, %attributes, %error, "an object's metadata cannot be read");
                None
            }
        }
    }

    fn observe(&self, event: Event) {
        self.shared.change(|world, now| world.observe(self.watch.cache, event, now));
    }

    /// Says once that the watch does not work, and why.
    fn tell(&mut self, fault: &Fault) {
        let word = fault.word();
        if matches!(fault, Fault::Expired | Fault::NoStreamingList) || self.state == Some(word) {
            return;
        }
        self.state = Some(word);
        tracing::warn!(
            kind = %self.watch.kind, attributes = %self.watch.attributes(), namespace = self.watch.namespace,
            state = word, error = %fault, "the watch does not work; it is tried again"
        );
    }

    /// Says once that it works again.
    fn works(&mut self) {
        self.failures = 0;
        if self.state.take().is_some() {
            tracing::info!(kind = %self.watch.kind, attributes = %self.watch.attributes(), "the watch works again");
        }
    }
}
