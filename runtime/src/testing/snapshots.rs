//! Snapshots that are made by hand.

use std::any::Any;
use std::sync::Arc;

use crate::core::key::{Key, Rv, Uid};
use crate::core::raw::RawMeta;
use crate::core::record::Record;
use crate::kind::Kind;
use crate::snapshot::Secondaries;

/// Secondaries without a cluster, as a test gives them to a handler (feature `testing`). Of several objects with one name in one
/// namespace, the last stays.
impl<K: Kind> FromIterator<K> for Secondaries<K> {
    fn from_iter<I: IntoIterator<Item = K>>(objects: I) -> Self {
        objects.into_iter().map(Arc::new).collect()
    }
}

/// The same, of objects that are shared.
impl<K: Kind> FromIterator<Arc<K>> for Secondaries<K> {
    fn from_iter<I: IntoIterator<Item = Arc<K>>>(objects: I) -> Self {
        let records = objects.into_iter().map(|object| {
            let record = record(object);
            (record.key.clone(), Arc::new(record))
        });
        let records: std::collections::BTreeMap<Key, Arc<Record>> = records.collect();
        Self::new(Arc::new(records.into_values().collect()))
    }
}

/// Nothing looks at more of it than at its name: it is in no cache.
fn record<K: Kind>(object: Arc<K>) -> Record {
    let metadata = object.metadata();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let meta = RawMeta {
        key: Key::new(metadata.namespace.as_deref(), &text(&metadata.name)),
        uid: metadata.uid.as_deref().and_then(Uid::parse).unwrap_or(Uid(0)),
        rv: Rv::default(),
        opaque: None,
        deleting: metadata.deletion_timestamp.is_some(),
        generation: metadata.generation,
        finalizers: Box::default(),
        created: Box::default(),
        owners: Box::default(),
        names: Box::default(),
    };
    let any: Arc<dyn Any + Send + Sync> = Arc::new(object);
    Record::made(meta, Box::default(), Some(any))
}
