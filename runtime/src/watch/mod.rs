//! The list/watch loop: keeps one cache at the state of the API server, whatever happens to the connection.

mod account;
mod advice;
mod discovery;
mod fault;
mod fetch;
mod narrowing;
mod source;
mod telling;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::FutureExt;
use k8s_openapi::api::rbac::v1::PolicyRule;

use crate::core::cache::Event;
use crate::core::key::{Rv, Version};
use crate::core::raw::RawMeta;
use crate::core::record::{Asked, Record, Undecodable};
use crate::core::world::{CacheId, World};
use crate::kind::KindInfo;
use crate::rights;
use crate::shared::Shared;
use account::ScopeAccount;
pub(crate) use account::WatchAccount;
#[cfg(feature = "server")]
pub(crate) use account::{ScopeView, WATCHING, WEDGED};
use advice::Advice;
pub(crate) use advice::{Asks, Attribute};
use discovery::Served;
use fault::Fault;
pub(crate) use fetch::fetch;
pub(crate) use narrowing::Narrowing;
use source::{Definition, Line, Source};
use telling::Teller;

/// So long a watch waits for those that it comes after; then it begins without them, so that what is wrong with it is said.
const AFTER: Duration = Duration::from_secs(10);
/// So often in a row a watch of all namespaces is refused before each namespace gets one of its own: an API server that has just
/// started refuses everything for a moment.
const REFUSALS: u32 = 4;
/// So often the API server is asked whether it serves a kind that may be missing, where its definition cannot be watched.
const UNSERVED: Duration = Duration::from_secs(60);

/// One watch: a kind in a scope, and what is asked of its objects.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    pub(crate) kind: KindInfo,
    pub(crate) narrowing: Narrowing,
    pub(crate) cache: CacheId,
    pub(crate) asked: Asked,
    /// The attributes that ask for this watch.
    pub(crate) attributes: Vec<Attribute>,
    /// It begins when these caches are complete: what it shows is then told apart at once from what is nobody's.
    pub(crate) after: Vec<CacheId>,
    /// Whether single objects are fetched, too.
    pub(crate) is_fetched: bool,
    pub(crate) account: Arc<WatchAccount>,
}

impl Watch {
    /// Runs until it is dropped. Whatever fails is tried again; nothing that a server answers ends it.
    pub(crate) async fn run(self, shared: Arc<Shared>) {
        let _alive = self.account.begin();
        let complete = |world: &World| self.after.iter().all(|cache| world.is_complete(*cache)).then_some(());
        shared.wait_for(AFTER, complete).await;
        let shown = AtomicU64::new(0);
        match &self.narrowing.namespaces[..] {
            [] => self.keep(&shared, &shown, None).await,
            [namespace] => self.keep(&shared, &shown, Some(namespace)).await,
            namespaces => {
                self.keep(&shared, &shown, None).await;
                tracing::info!(
                    kind = %self.kind, attributes = %self.attributes(), namespaces = namespaces.join(", "),
                    "a watch of all namespaces is forbidden; each namespace gets its own"
                );
                let each = namespaces.iter().map(|namespace| self.keep(&shared, &shown, Some(namespace)));
                futures::future::join_all(each).await;
            }
        }
    }

    /// Watches all namespaces or one. Ends only if there are several, and that of all is forbidden.
    async fn keep(&self, shared: &Shared, shown: &AtomicU64, scope: Option<&str>) {
        loop {
            let keeping = Keeper::new(self, shared, shown, scope).keep();
            match std::panic::AssertUnwindSafe(keeping).catch_unwind().await {
                Ok(()) => return,
                Err(_) => {
                    tracing::error!(kind = %self.kind, attributes = %self.attributes(), "the watch panicked; it starts again");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    pub(crate) fn attributes(&self) -> String {
        self.attributes.iter().map(Attribute::to_string).collect::<Vec<_>>().join(" and ")
    }

    /// Whether somebody does without the kind if it is missing.
    fn is_optional(&self) -> bool {
        self.attributes.iter().any(|attribute| attribute.asks == Asks::Optional)
    }

    /// Whether somebody does not.
    fn is_required(&self) -> bool {
        self.attributes.iter().any(|attribute| attribute.asks != Asks::Optional)
    }

    /// The rule that gives what it needs.
    fn rule(&self) -> String {
        rights::line(&PolicyRule {
            api_groups: Some(vec![self.kind.group.to_string()]),
            resources: Some(vec![self.kind.plural.to_string()]),
            verbs: rights::to_watch(self.is_fetched).map(str::to_owned).collect(),
            ..PolicyRule::default()
        })
    }

    /// What is wrong, and what to do about it.
    fn explain(&self, fault: &Fault, served: Option<&Served>, namespace: Option<&str>) -> String {
        let rule = self.rule();
        let advice = Advice { kind: &self.kind, attributes: &self.attributes, rule: &rule };
        match (fault, served) {
            (Fault::NotServed, Some(served)) => advice.served(served),
            (Fault::OtherScope, _) => advice.served(&Served::OtherScope),
            (Fault::Forbidden(message), _) => advice.forbidden(message, namespace),
            (Fault::NotSelectable(path), _) => advice.not_selectable(path),
            (fault, _) => fault.to_string(),
        }
    }
}

/// The loop's state.
struct Keeper<'a> {
    watch: &'a Watch,
    shared: &'a Shared,
    /// The namespace; all of them without one.
    scope: Option<&'a str>,
    failures: u32,
    /// How often in a row it was forbidden.
    refusals: u32,
    /// How often in a row the version to go on from was too old, without a change in between.
    expiries: u32,
    teller: Teller<'a>,
    /// How many versions that are no numbers have been shown.
    shown: &'a AtomicU64,
    /// Whether the API server knows streaming lists. They need no right but `watch`, and no page has to be held in memory.
    streaming: bool,
    account: Arc<ScopeAccount>,
}

impl<'a> Keeper<'a> {
    fn new(watch: &'a Watch, shared: &'a Shared, shown: &'a AtomicU64, scope: Option<&'a str>) -> Self {
        let teller = Teller::new(watch, scope);
        let account = watch.account.scope(scope);
        Self { watch, shared, scope, failures: 0, refusals: 0, expiries: 0, teller, shown, streaming: true, account }
    }

    async fn keep(mut self) {
        let source = Source::new(&self.shared.client, self.watch, self.scope).counted(self.account.clone());
        // Where to go on from; without it, a list comes first.
        let mut from: Option<Version> = None;
        loop {
            let listed = from.is_none() && !self.streaming;
            let ended = match from {
                None if !self.streaming => self.list(&source).await.map(|version| from = Some(version)),
                _ => self.follow(&source, &mut from).await,
            };
            let Err(mut fault) = ended else {
                if !listed {
                    self.watch.account.restart("ended");
                }
                continue;
            };
            match fault {
                Fault::NoStreamingList => self.streaming = false,
                Fault::Expired | Fault::NotServed | Fault::OtherScope => from = None,
                _ => {}
            }
            if matches!(fault, Fault::NotServed) {
                fault = self.teller.look(&self.shared.client, self.failures).await;
            }
            self.watch.account.restart(fault.word());
            self.note(&fault);
            if matches!(fault, Fault::NotServed | Fault::OtherScope) && self.watch.is_optional() {
                self.await_kind(&fault).await;
                continue;
            }
            let splits = self.scope.is_none() && self.watch.narrowing.namespaces.len() > 1;
            self.refusals = if matches!(fault, Fault::Forbidden(_)) { self.refusals + 1 } else { 0 };
            if splits && self.refusals > REFUSALS {
                return;
            }
            // Rights in each namespace may be what is meant: if they are missing, that is said there.
            if !(splits && self.refusals > 0) {
                self.teller.tell(&fault, self.failures);
            }
            if matches!(fault, Fault::Expired) {
                tokio::time::sleep(fault.delay(self.expiries)).await;
                self.expiries = self.expiries.saturating_add(1);
            } else {
                tokio::time::sleep(fault.delay(self.failures)).await;
                self.failures = self.failures.saturating_add(1);
            }
        }
    }

    /// Notes how the watch is. An old version, or a server that knows no streaming lists, is nothing wrong: a list follows.
    fn note(&self, fault: &Fault) {
        match fault {
            Fault::Expired | Fault::NoStreamingList => self.account.lists(),
            fault => self.account.fails(fault.word(), self.teller.explain(fault)),
        }
    }

    /// The kind may be missing, and is, or what is there is none of it: waits until that may have changed.
    async fn await_kind(&mut self, fault: &Fault) {
        let cache = self.watch.cache;
        self.shared.change(|world, now| world.unserved(cache, self.scope, now));
        self.teller.tell_of_optional(fault, self.failures);
        let definition = Definition::of(&self.shared.client, &self.watch.kind);
        // It exists before it is served.
        let pause = fault.delay(self.failures);
        self.failures = self.failures.saturating_add(1);
        tokio::time::sleep(pause).await;
        let _ = tokio::time::timeout(UNSERVED, definition.appears()).await;
    }

    /// Takes in a whole list, page by page; its end removes what it did not name.
    async fn list(&mut self, source: &Source<'_>) -> Result<Version, Fault> {
        self.observe(Event::ListBegin);
        let mut next = None;
        loop {
            let text = source.page(next.as_deref()).await?;
            let page = source::Page::parse(&text)?;
            for item in &page.items {
                self.applied(item.get())?;
            }
            match page.next {
                Some(token) => next = Some(token),
                None => {
                    let rv = self.place(&page.version);
                    self.observe(Event::ListEnd(rv));
                    self.is_served();
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
                Line::Applied(json) => self.applied(json)?,
                Line::Deleted(json) => self.deleted(json)?,
                Line::Bookmark(version) => {
                    let rv = self.place(&version);
                    self.observe(Event::Bookmark(rv));
                    Some(version)
                }
                Line::ListEnd(version) => {
                    let rv = self.place(&version);
                    self.observe(Event::ListEnd(rv));
                    self.is_served();
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

    fn deleted(&self, json: &str) -> Result<Option<Version>, Fault> {
        let Some(meta) = self.meta(json)? else { return Ok(None) };
        let version = meta.version();
        let RawMeta { key, uid, rv, .. } = meta;
        self.observe(Event::Deleted { key, uid, rv });
        Ok(Some(version))
    }

    /// Takes in one version of an object; returns its resourceVersion if it can be read at all.
    fn applied(&self, json: &str) -> Result<Option<Version>, Fault> {
        let Some(meta) = self.meta(json)? else { return Ok(None) };
        let version = meta.version();
        if !self.shared.world().wants(self.watch.cache, &meta) {
            self.shared.change(|world, now| world.pass_by(self.watch.cache, self.scope, &meta, now));
            return Ok(Some(version));
        }
        let record = Record::decode(&self.watch.kind, &self.watch.asked, meta, json);
        let record = record.unwrap_or_else(|undecodable| self.undecodable(*undecodable));
        self.observe(Event::Applied(record));
        Ok(Some(version))
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
        self.watch.account.undecodable();
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

    /// What can be read of an object's metadata.
    ///
    /// The collection of a cluster-scoped kind has the same path as that of a namespaced one in all namespaces, and the API server
    /// minds neither. The first object tells them apart, before a key that is none gets into the cache.
    fn meta(&self, json: &str) -> Result<Option<RawMeta>, Fault> {
        match RawMeta::parse(json, &self.watch.asked.namings) {
            Ok(meta) if meta.key.namespace().is_some() != self.watch.kind.namespaced => Err(Fault::OtherScope),
            Ok(meta) => Ok(Some(RawMeta { rv: self.place(&meta.version()), ..meta })),
            Err(error) => {
                let attributes = self.watch.attributes();
                tracing::warn!(kind = %self.watch.kind, %attributes, %error, "an object's metadata cannot be read");
                Ok(None)
            }
        }
    }

    fn observe(&self, event: Event) {
        self.shared.change(|world, now| world.observe(self.watch.cache, self.scope, event, now));
    }

    /// What may be missing is there.
    fn is_served(&self) {
        if self.watch.is_optional() {
            self.shared.change(|world, now| world.served(self.watch.cache, self.scope, now));
        }
    }

    fn works(&mut self) {
        (self.failures, self.refusals) = (0, 0);
        self.account.works();
        self.teller.works();
    }
}
