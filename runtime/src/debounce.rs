//! `debounce = ..`: how long a change of a secondary waits for further ones.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use crate::core::record::Record;
use crate::kind::Kind;

/// How long a change of a secondary waits for further ones.
#[derive(Clone)]
pub(crate) enum Debounce {
    /// So long, whatever has changed. Zero: it does not wait.
    For(Duration),
    /// As long as a function says of the object.
    By(Arc<WaitFn>),
}

type WaitFn = dyn Fn(&Record) -> Duration + Send + Sync;

impl Debounce {
    /// As long as this function says. `attribute`: where it stands.
    pub(crate) fn by<K: Kind>(attribute: &'static str, wait: fn(&K) -> Duration) -> Self {
        Self::By(Arc::new(move |record| {
            let Some(object) = record.object::<K>() else { return Duration::ZERO };
            // This is no place from which a panic of the user's code could be told to anybody but the log.
            catch_unwind(AssertUnwindSafe(|| wait(object))).unwrap_or_else(|_| {
                tracing::error!(object = %record.key, attribute, "a `debounce` panics; the change does not wait");
                Duration::ZERO
            })
        }))
    }

    /// How long a change waits after which these are the objects. The one that asks for most time gets it; what is gone asks for none.
    pub(crate) fn wait(&self, records: &[Arc<Record>]) -> Duration {
        match self {
            Self::For(wait) => *wait,
            Self::By(wait) => records.iter().map(|record| wait(record)).max().unwrap_or_default(),
        }
    }
}

impl fmt::Debug for Debounce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::For(wait) => wait.fmt(f),
            Self::By(_) => f.write_str("by a function"),
        }
    }
}

/// What the function of a `debounce = ..` says. A function, so that the closure's argument has its type.
#[doc(hidden)]
pub fn waits<'a, K, R: Waits>(object: &'a K, wait: impl FnOnce(&'a K) -> R) -> Duration {
    wait(object).waits()
}

/// What the function of a `debounce = ..` may return.
#[diagnostic::on_unimplemented(
    message = "a `debounce` says how long a change waits for further ones, `std::time::Duration`, and `{Self}` does not",
    label = "returns `{Self}`, which is not `Duration`",
    note = "return one, such as `Duration::from_millis(300)`, or write one time for all: `debounce = \"300ms\"`"
)]
#[doc(hidden)]
pub trait Waits {
    fn waits(self) -> Duration;
}

impl Waits for Duration {
    fn waits(self) -> Duration {
        self
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{ConfigMap, Secret};

    use super::*;
    use crate::core::testing::object;
    use crate::kind::AnyObject;

    #[test]
    fn nothing_waits_for_a_function_that_panics_or_has_no_object() {
        let record = |map: Option<ConfigMap>| {
            let made = map.map(|map| Arc::new(Arc::new(map)) as AnyObject);
            [Arc::new(Record::made(object("n/map", 1, 1).meta(), [1].into(), made))]
        };
        let second = Debounce::by::<ConfigMap>("", |_| Duration::from_secs(1));
        assert_eq!(second.wait(&record(Some(ConfigMap::default()))), Duration::from_secs(1));
        assert_eq!(second.wait(&record(None)), Duration::ZERO);
        assert_eq!(second.wait(&[]), Duration::ZERO);
        let other = Debounce::by::<Secret>("", |_| Duration::from_secs(1));
        assert_eq!(other.wait(&record(Some(ConfigMap::default()))), Duration::ZERO);
        let ill = Debounce::by::<ConfigMap>("", |map| Duration::from_millis(map.data.as_ref().unwrap().len() as u64));
        assert_eq!(ill.wait(&record(Some(ConfigMap::default()))), Duration::ZERO);
    }
}
