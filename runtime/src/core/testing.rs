//! Records and kinds for tests, without JSON.

use std::any::TypeId;
use std::sync::{Arc, LazyLock};

use super::key::{Key, Rv, Uid};
use super::raw::{Owner, RawMeta};
use super::record::Record;
use crate::kind::{AnyObject, KindInfo};

/// `namespace/name`, or `name` for a cluster-scoped object.
pub(crate) fn key(text: &str) -> Key {
    match text.split_once('/') {
        Some((namespace, name)) => Key::new(Some(namespace), name),
        None => Key::new(None, text),
    }
}

/// A kind of the group `test`, the decoded object of which is nothing.
pub(crate) fn kind(name: &'static str, namespaced: bool) -> KindInfo {
    KindInfo {
        group: "test".into(),
        version: "v1".into(),
        kind: name.into(),
        plural: name.into(),
        namespaced,
        metadata: false,
        type_id: TypeId::of::<()>(),
        decode: |_| Ok(nothing()),
        encode: |_| None,
    }
}

fn nothing() -> AnyObject {
    static NOTHING: LazyLock<AnyObject> = LazyLock::new(|| Arc::new(Arc::new(())));
    NOTHING.clone()
}

/// One version of an object in the making.
#[derive(Debug)]
pub(crate) struct Draft {
    meta: RawMeta,
    fingerprints: Vec<u128>,
    object: Option<AnyObject>,
}

/// The object of this name, incarnation and version; its one fingerprint is its uid until [`Draft::prints`] says otherwise.
pub(crate) fn object(name: &str, uid: u128, rv: u64) -> Draft {
    let meta = RawMeta {
        key: key(name),
        uid: Uid(uid),
        rv: Rv(rv),
        opaque: None,
        deleting: false,
        generation: Some(1),
        finalizers: Box::default(),
        created: Box::default(),
        owners: Box::default(),
        names: Box::default(),
    };
    Draft { meta, fingerprints: vec![uid], object: Some(nothing()) }
}

impl Draft {
    /// Controlled by the object of kind `P` with this uid.
    pub(crate) fn of(self, uid: u128) -> Self {
        self.controlled("P", uid)
    }

    pub(crate) fn controlled(mut self, kind: &str, uid: u128) -> Self {
        self.meta.owners =
            Box::new([Owner { uid: Uid(uid), group: "test".into(), kind: kind.into(), controller: true }]);
        self
    }

    /// Its fingerprints, one for each projection of its cache.
    pub(crate) fn prints(mut self, prints: &[u128]) -> Self {
        self.fingerprints = prints.to_vec();
        self
    }

    /// And owned by another one beside, which does not control it.
    pub(crate) fn beside(mut self, kind: &str, uid: u128) -> Self {
        let mut owners = self.meta.owners.to_vec();
        owners.push(Owner { uid: Uid(uid), group: "test".into(), kind: kind.into(), controller: false });
        self.meta.owners = owners.into();
        self
    }

    /// The names that it bears of others, by its one naming.
    pub(crate) fn names(mut self, names: &[&str]) -> Self {
        self.meta.names = [names.iter().map(|name| key(name)).collect()].into();
        self
    }

    pub(crate) fn generation(mut self, generation: i64) -> Self {
        self.meta.generation = Some(generation);
        self
    }

    pub(crate) fn deleting(mut self) -> Self {
        self.meta.deleting = true;
        self
    }

    pub(crate) fn finalizer(mut self, name: &str) -> Self {
        self.meta.finalizers = Box::new([name.into()]);
        self
    }

    pub(crate) fn undecodable(mut self) -> Self {
        self.object = None;
        self
    }

    pub(crate) fn meta(self) -> RawMeta {
        self.meta
    }

    pub(crate) fn record(self) -> Record {
        Record::made(self.meta, self.fingerprints.into(), self.object)
    }
}
