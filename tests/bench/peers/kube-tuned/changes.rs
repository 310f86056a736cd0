//! A store that follows a watch, and a stream that names only what has changed in a way that matters.

use std::collections::HashSet;
use std::future::ready;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use backon::ExponentialBuilder;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use kube::runtime::WatchStreamExt;
use kube::runtime::reflector::store::Writer;
use kube::runtime::reflector::{self, ObjectRef, Store};
use kube::runtime::watcher::{Event, ExponentialBackoff, Result};
use kube::{Resource, ResourceExt};

/// Which objects are kept, and which changes are told.
pub(crate) struct Filter<K> {
    /// What is not ours is as good as not there.
    pub(crate) is_ours: fn(&K) -> bool,
    /// A hash of all that is read of an object.
    pub(crate) digest: fn(&K) -> u64,
    /// Whether the first list is told. That of the children is not: each primary is told anyway.
    pub(crate) tells_first_list: bool,
}

struct Changes<K: Resource<DynamicType = ()> + Clone + 'static> {
    filter: Filter<K>,
    /// Whether a list is told.
    tells: bool,
    store: Store<K>,
    writer: Writer<K>,
    /// What the present list has shown so far, by uid, and what of it has changed.
    listed: HashSet<String>,
    changed: Vec<K>,
}

/// Follows a watch. An object is in the store, or gone from it, before it comes out of the stream, and no error does: on one, the controller would
/// let all watches wait, and kube's default backoff remembers errors for two minutes.
pub(crate) fn follow<K>(
    events: impl Stream<Item = Result<Event<K>>> + Send + 'static,
    filter: Filter<K>,
) -> (Store<K>, impl Stream<Item = Result<K>> + Send + 'static)
where
    K: Resource<DynamicType = ()> + Clone + Send + Sync + 'static,
{
    let (store, writer) = reflector::store();
    let (tells, listed) = (filter.tells_first_list, HashSet::new());
    let mut changes = Changes { filter, tells, store: store.clone(), writer, listed, changed: Vec::new() };
    let changed = events
        .backoff(patience())
        .inspect_err(|error| tracing::warn!(%error, "a watch has failed"))
        .filter(|event| ready(event.is_ok()))
        .modify(|object| object.meta_mut().managed_fields = None)
        .map_ok(move |event| stream::iter(changes.apply(event).into_iter().map(Ok)))
        .try_flatten();
    (store, changed)
}

impl<K: Resource<DynamicType = ()> + Clone + 'static> Changes<K> {
    fn apply(&mut self, event: Event<K>) -> Vec<K> {
        let event = match event {
            Event::Apply(object) if !(self.filter.is_ours)(&object) => Event::Delete(object),
            Event::InitApply(object) if !(self.filter.is_ours)(&object) => return Vec::new(),
            event => event,
        };
        let told = match &event {
            Event::Apply(object) => self.differs(object).then(|| object.clone()).into_iter().collect(),
            Event::Delete(object) => self.known(object).map(Arc::unwrap_or_clone).into_iter().collect(),
            Event::Init => {
                self.listed.clear();
                self.changed.clear();
                Vec::new()
            }
            Event::InitApply(object) => {
                self.listed.extend(object.uid());
                if self.tells && self.differs(object) {
                    self.changed.push(object.clone());
                }
                Vec::new()
            }
            Event::InitDone => self.relisted(),
        };
        self.writer.apply_watcher_event(&event);
        told
    }

    /// What has changed between two lists: what differs, and what is gone.
    fn relisted(&mut self) -> Vec<K> {
        self.tells = true;
        let (listed, mut changed) = (mem::take(&mut self.listed), mem::take(&mut self.changed));
        let gone = self.store.state_filter(|object| object.uid().is_none_or(|uid| !listed.contains(&uid)));
        changed.extend(gone.into_iter().map(Arc::unwrap_or_clone));
        changed
    }

    fn known(&self, object: &K) -> Option<Arc<K>> {
        self.store.get(&ObjectRef::from_obj(object))
    }

    fn differs(&self, object: &K) -> bool {
        self.known(object).is_none_or(|known| (self.filter.digest)(&known) != (self.filter.digest)(object))
    }
}

/// How long a watch waits after an error, which is forgotten with the first success.
fn patience() -> ExponentialBackoff {
    let waits =
        ExponentialBuilder::default().with_min_delay(Duration::from_millis(200)).with_max_delay(Duration::from_secs(5));
    waits.without_max_times().with_jitter().into()
}
