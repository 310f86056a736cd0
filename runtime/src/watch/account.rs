//! What is counted of a watch, beside what the world counts of its events.

#![cfg_attr(not(feature = "server"), allow(dead_code, reason = "only the port shows all of it"))]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::now;

/// A watch that is well gives a sign of itself every 150 s at least: it is shown something, or fails and says so. One that has given
/// none for so long does not wait for the API server, but hangs by itself.
pub(crate) const WEDGED: Duration = Duration::from_secs(600);

/// The word for a watch that shows what happens.
pub(crate) const WATCHING: &str = "watching";
/// The word for a watch that has yet to show what there is.
pub(crate) const LISTING: &str = "listing";

/// What one watch has done so far.
#[derive(Debug, Default)]
pub(crate) struct WatchAccount {
    scopes: Mutex<BTreeMap<Option<String>, Arc<ScopeAccount>>>,
    restarts: Mutex<BTreeMap<&'static str, u64>>,
    undecodable: AtomicU64,
    /// Those of parts that have ended.
    bytes: AtomicU64,
    ended: AtomicBool,
}

/// The part of one namespace, or of all.
#[derive(Debug)]
pub(crate) struct ScopeAccount {
    begin: Instant,
    bytes: AtomicU64,
    /// When it gave a sign of itself last, in milliseconds since the beginning.
    sign: AtomicU64,
    works: AtomicBool,
    state: Mutex<State>,
}

/// How a watch is.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// [`WATCHING`], [`LISTING`], or the word of the fault.
    pub(crate) word: &'static str,
    /// What is wrong, and what to do about it.
    pub(crate) error: Option<String>,
    pub(crate) since: Instant,
}

/// How one part of a watch is at this moment.
#[derive(Clone, Debug)]
pub(crate) struct ScopeView {
    /// The namespace; all of them without one.
    pub(crate) namespace: Option<String>,
    pub(crate) state: State,
    /// How long it has given no sign of itself.
    pub(crate) silent: Duration,
}

/// Marks a watch as ended when it is dropped.
pub(super) struct Alive<'a>(&'a WatchAccount);

impl Drop for Alive<'_> {
    fn drop(&mut self) {
        self.0.ended.store(true, Ordering::Relaxed);
    }
}

impl WatchAccount {
    pub(super) fn begin(&self) -> Alive<'_> {
        self.ended.store(false, Ordering::Relaxed);
        Alive(self)
    }

    /// Whether its task has come to an end, which it never does by itself.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// The part of a namespace, or of all, which begins now.
    pub(super) fn scope(&self, namespace: Option<&str>) -> Arc<ScopeAccount> {
        let mut scopes = lock(&self.scopes);
        if namespace.is_some() {
            // That of all namespaces has ended, if there was one.
            let ended = scopes.remove(&None).map_or(0, |scope| scope.bytes.load(Ordering::Relaxed));
            self.bytes.fetch_add(ended, Ordering::Relaxed);
        }
        scopes.entry(namespace.map(str::to_owned)).or_insert_with(|| Arc::new(ScopeAccount::new())).clone()
    }

    /// How each part is.
    pub(crate) fn scopes(&self) -> Vec<ScopeView> {
        let view = |(namespace, scope): (&Option<String>, &Arc<ScopeAccount>)| ScopeView {
            namespace: namespace.clone(),
            state: lock(&scope.state).clone(),
            silent: scope.silent(),
        };
        lock(&self.scopes).iter().map(view).collect()
    }

    /// The bytes that it was sent.
    pub(crate) fn bytes(&self) -> u64 {
        let going: u64 = lock(&self.scopes).values().map(|scope| scope.bytes.load(Ordering::Relaxed)).sum();
        going + self.bytes.load(Ordering::Relaxed)
    }

    /// Counts a list or a watch that ended, by the word of the fault.
    pub(super) fn restart(&self, reason: &'static str) {
        *lock(&self.restarts).entry(reason).or_default() += 1;
    }

    /// Lists and watches that ended, by reason.
    pub(crate) fn restarts(&self) -> BTreeMap<&'static str, u64> {
        lock(&self.restarts).clone()
    }

    /// Counts a version of an object that its Rust type does not take.
    pub(super) fn undecodable(&self) {
        self.undecodable.fetch_add(1, Ordering::Relaxed);
    }

    /// Versions of objects that their Rust type did not take.
    pub(crate) fn undecodables(&self) -> u64 {
        self.undecodable.load(Ordering::Relaxed)
    }
}

impl ScopeAccount {
    fn new() -> Self {
        let state = State { word: LISTING, error: None, since: now() };
        Self {
            begin: state.since,
            bytes: AtomicU64::new(0),
            sign: AtomicU64::new(0),
            works: AtomicBool::new(false),
            state: Mutex::new(state),
        }
    }

    /// So many bytes have come.
    pub(super) fn received(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.sign();
    }

    fn sign(&self) {
        let now = now().saturating_duration_since(self.begin).as_millis();
        self.sign.store(u64::try_from(now).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    fn silent(&self) -> Duration {
        let sign = Duration::from_millis(self.sign.load(Ordering::Relaxed));
        now().saturating_duration_since(self.begin).saturating_sub(sign)
    }

    /// It shows what happens.
    pub(super) fn works(&self) {
        if !self.works.swap(true, Ordering::Relaxed) {
            self.set(WATCHING, None);
        }
    }

    /// It begins anew.
    pub(super) fn lists(&self) {
        if self.works.swap(false, Ordering::Relaxed) {
            self.set(LISTING, None);
        }
    }

    /// It does not work.
    pub(super) fn fails(&self, word: &'static str, error: String) {
        self.works.store(false, Ordering::Relaxed);
        self.set(word, Some(error));
    }

    fn set(&self, word: &'static str, error: Option<String>) {
        self.sign();
        let mut state = lock(&self.state);
        let since = if state.word == word { state.since } else { now() };
        *state = State { word, error, since };
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_watch_is_what_it_said_last() {
        let account = WatchAccount::default();
        let scope = account.scope(None);
        let words = || account.scopes().iter().map(|view| view.state.word).collect::<Vec<_>>();
        assert_eq!(words(), [LISTING]);
        scope.works();
        assert_eq!(words(), [WATCHING]);
        scope.fails("forbidden", "no right".into());
        tokio::time::advance(Duration::from_secs(7)).await;
        scope.fails("forbidden", "no right".into());
        let view = account.scopes().remove(0);
        assert_eq!(view.state.word, "forbidden");
        assert_eq!(now() - view.state.since, Duration::from_secs(7));
        tokio::time::advance(WEDGED).await;
        assert_eq!(account.scopes()[0].silent, WEDGED);
        scope.received(10);
        assert_eq!((account.scopes()[0].silent, account.bytes()), (Duration::ZERO, 10));
        account.scope(Some("a"));
        assert_eq!(account.scopes()[0].namespace.as_deref(), Some("a"), "that of all namespaces has ended");
    }

    #[test]
    fn the_end_of_the_task_is_noted() {
        let account = WatchAccount::default();
        let alive = account.begin();
        assert!(!account.has_ended());
        drop(alive);
        assert!(account.has_ended());
    }
}
