//! What follows an error of a reconciler.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::operator::BoxError;

/// When a primary is tried again after an error: see [`OperatorBuilder::error_policy`](crate::OperatorBuilder::error_policy).
///
/// Whichever it is, an edit of the primary ends the wait, and any other change earns one try before its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Retry {
    /// After a wait that doubles from one failure to the next.
    #[default]
    Backoff,
    /// After this time, however often; no sooner than after the first wait of the backoff. The count of failures stays as it is.
    After(Duration),
    /// Not before something changes, like a [`Terminal`](crate::Terminal) error.
    Terminal,
}

/// The user's function, if there is one.
#[derive(Clone, Default)]
pub(crate) struct ErrorPolicy(Option<Arc<Policy>>);

type Policy = dyn Fn(&BoxError) -> Retry + Send + Sync;

impl ErrorPolicy {
    pub(crate) fn new(policy: impl Fn(&BoxError) -> Retry + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(policy)))
    }

    pub(crate) fn decide(&self, error: &BoxError) -> Retry {
        self.0.as_ref().map_or(Retry::Backoff, |policy| policy(error))
    }
}

impl fmt::Debug for ErrorPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ErrorPolicy").field(&self.0.is_some()).finish()
    }
}
