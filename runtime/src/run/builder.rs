//! An operator with its settings.

use std::fmt;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::BoxStream;

use crate::api::Bucket;
use crate::core::pace::Pace;
use crate::error::{Error, ErrorPolicy, Retry};
use crate::operator::{BoxError, Declaration, Operator};
use crate::refer::{Named, ObjectRef};
use crate::rights::Rules;
use crate::stats::Stats;

/// Runs of one operator at the same time, unless said otherwise.
const CONCURRENCY: usize = 32;
const BACKOFF: Duration = Duration::from_millis(100);
/// Requests per second.
const SLOWEST: f64 = 0.001;
const MAX_BACKOFF: Duration = Duration::from_secs(5 * 60);

/// An operator and what can be set when it is started rather than declared. `#[derive(Operator)]` generates the function
/// that makes it: `WebApp::operator(reconciler)`.
#[must_use = "an operator does nothing until it is given to a `Manager`"]
pub struct OperatorBuilder<O> {
    pub(crate) operator: O,
    pub(crate) settings: Settings,
    /// Names of primaries that are to run.
    pub(crate) triggers: Vec<BoxStream<'static, Named>>,
}

/// The settings of one operator.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) declaration: Declaration,
    /// None for all of them.
    pub(crate) namespaces: Vec<String>,
    pub(crate) concurrency: usize,
    pub(crate) field_manager: String,
    pub(crate) debounce: Duration,
    pub(crate) min_backoff: Option<Duration>,
    pub(crate) max_backoff: Duration,
    pub(crate) error_policy: ErrorPolicy,
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) stats: Stats,
}

/// How fast an operator may ask the API server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RateLimit {
    pub(crate) per_second: f64,
    pub(crate) burst: u32,
}

impl Settings {
    pub(crate) fn new(declaration: Declaration) -> Self {
        let group = &*declaration.primary.group;
        let group = if group.is_empty() { "core" } else { group };
        let stats = Stats::new(&declaration);
        let field_manager = format!("{}.{group}", declaration.name.to_lowercase());
        Self {
            declaration,
            namespaces: Vec::new(),
            concurrency: CONCURRENCY,
            field_manager,
            debounce: Duration::ZERO,
            min_backoff: None,
            max_backoff: MAX_BACKOFF,
            error_policy: ErrorPolicy::default(),
            rate_limit: None,
            stats,
        }
    }

    /// What was set and cannot be meant.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let setting = |setting, value: String, rule| {
            let of = format!("operator {}", self.declaration.name);
            Err(Error::Setting { of, setting, value, rule })
        };
        if self.max_backoff.is_zero() {
            let rule = "without a wait, what always fails would be tried without a pause; by default it is 300s";
            return setting("max_backoff", format!("{:?}", self.max_backoff), rule);
        }
        if let Some(wait) = self.min_backoff.filter(|wait| wait.is_zero() || *wait > self.max_backoff) {
            return setting("min_backoff", format!("{wait:?}"), "it must be above 0 and at most `max_backoff`");
        }
        if let Some(RateLimit { per_second, burst }) = self.rate_limit {
            let possible = per_second.is_finite() && per_second >= SLOWEST;
            if !possible || burst == 0 {
                let rule = "the rate must be at least 0.001 requests a second, and the burst at least 1";
                return setting("rate_limit", format!("{per_second}, {burst}"), rule);
            }
        }
        Ok(())
    }

    pub(crate) fn bucket(&self) -> Option<Bucket> {
        self.rate_limit.map(|RateLimit { per_second, burst }| Bucket::new(per_second, burst))
    }

    pub(crate) fn pace(&self) -> Pace {
        Pace {
            debounce: self.debounce,
            resync: self.declaration.resync,
            backoff: self.min_backoff.unwrap_or(BACKOFF.min(self.max_backoff)),
            max_backoff: self.max_backoff,
        }
    }
}

impl<O: Operator> OperatorBuilder<O> {
    #[doc(hidden)]
    pub fn new(operator: O) -> Self {
        Self { operator, settings: Settings::new(O::declaration()), triggers: Vec::new() }
    }

    /// Watches this namespace alone; the default is all. Without effect on cluster-scoped kinds. May be called several times,
    /// once for each namespace; see [`OperatorBuilder::namespaces`].
    pub fn namespace(self, namespace: impl Into<String>) -> Self {
        self.namespaces([namespace])
    }

    /// Watches these namespaces alone, beside those that were named before; the default is all. Without effect on
    /// cluster-scoped kinds.
    ///
    /// Where there are several, one watch of all namespaces serves them if the rights allow it, and objects of other namespaces
    /// are passed by; otherwise each namespace has a watch of its own. That is decided when a watch begins to be forbidden, and
    /// stays so until the manager is started again.
    pub fn namespaces<N: Into<String>>(mut self, namespaces: impl IntoIterator<Item = N>) -> Self {
        self.settings.namespaces.extend(namespaces.into_iter().map(Into::into));
        self
    }

    /// The number of primaries that are reconciled at the same time; at least 1, by default 32. One primary never is
    /// twice at the same time.
    pub fn concurrency(mut self, runs: usize) -> Self {
        self.settings.concurrency = runs.max(1);
        self
    }

    /// The field manager of all writes; by default the operator's name and the group of its primary, such as
    /// `webapp.demo.steersman.dev`. It must stay the same from release to release, because it is how the API server knows
    /// which fields are ours.
    pub fn field_manager(mut self, name: impl Into<String>) -> Self {
        self.settings.field_manager = name.into();
        self
    }

    /// Waits this long after a change for further ones before a run; by default not at all. However many changes follow,
    /// the wait ends after ten times this time. A secondary that declares a `debounce` has its own.
    pub fn debounce(mut self, wait: Duration) -> Self {
        self.settings.debounce = wait;
        self
    }

    /// The wait after the first failure of a primary; by default 100 ms. Waits double from one failure to the next, ±20 %.
    ///
    /// # Errors
    /// The manager does not start with 0, or with more than [`max_backoff`](Self::max_backoff):
    /// [`Error::Setting`](crate::Error::Setting).
    pub fn min_backoff(mut self, wait: Duration) -> Self {
        self.settings.min_backoff = Some(wait);
        self
    }

    /// Decides by an error of the reconciler when its primary is tried again; by default each is, with
    /// [`Retry::Backoff`]. The error is that of the reconciler, in a box: `error.downcast_ref::<MyError>()`.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use steersman::{BoxError, Operator, OperatorBuilder, Retry};
    /// # #[derive(Debug, thiserror::Error)]
    /// # enum MyError { #[error("")] NoQuota, #[error("")] Spec }
    /// # fn doc<O: Operator>(operator: OperatorBuilder<O>) -> OperatorBuilder<O> {
    /// operator.error_policy(|error: &BoxError| match error.downcast_ref() {
    ///     Some(MyError::NoQuota) => Retry::After(Duration::from_secs(600)),
    ///     Some(MyError::Spec) => Retry::Terminal,
    ///     None => Retry::Backoff,
    /// })
    /// # }
    /// ```
    ///
    /// It is not asked about what is nobody's fault, an API server that cannot be reached, is busy or not ready: that is
    /// tried again after 2 s at most, or when the API server says. Nor about [`Terminal`](crate::Terminal) errors, whose reconciler
    /// has decided, nor about panics and timeouts.
    pub fn error_policy(mut self, policy: impl Fn(&BoxError) -> Retry + Send + Sync + 'static) -> Self {
        self.settings.error_policy = ErrorPolicy::new(policy);
        self
    }

    /// The longest wait after failures of one primary; by default 5 minutes. Waits begin with
    /// [`min_backoff`](Self::min_backoff) and double, ±20 %.
    ///
    /// # Errors
    /// The manager does not start with 0: [`Error::Setting`](crate::Error::Setting).
    pub fn max_backoff(mut self, wait: Duration) -> Self {
        self.settings.max_backoff = wait;
        self
    }

    /// Lets the operator send `burst` requests at once, and `per_second` after that; others wait their turn, in the order in
    /// which they came. By default there is no such limit.
    ///
    /// It counts what runs ask: writes, finalizers, the status, and everything through `cx.client()`. Watches and what the
    /// runtime fetches by itself are the manager's; events go one after the other anyway. A write that waits for its turn and is
    /// dropped has not been sent. The wait is part of the time that a run may take.
    ///
    /// No limit is the default because three other things limit an operator that works as it should: its [concurrency]
    /// (at most 32 writes at a time), that it sends no write which would change nothing, and the API server itself, by [priority
    /// and fairness], whose `429 Too Many Requests` and `Retry-After` are obeyed. client-go's old default, 20 a second in bursts
    /// of 30, makes a start with 1,000 primaries take a minute. Set a limit where the API server is weak or shared without
    /// priority and fairness.
    ///
    /// [concurrency]: OperatorBuilder::concurrency
    /// [priority and fairness]: https://kubernetes.io/docs/concepts/cluster-administration/flow-control/
    ///
    /// # Errors
    /// The manager does not start with less than 0.001 requests a second, or with a burst of 0: [`Error::Setting`](crate::Error::Setting).
    pub fn rate_limit(mut self, per_second: f64, burst: u32) -> Self {
        self.settings.rate_limit = Some(RateLimit { per_second, burst });
        self
    }

    /// Has each primary run that this stream names, for what happens outside of Kubernetes: a queue, a webhook, another system's
    /// events. The trigger is [`Trigger::External`](crate::Trigger::External). A name without a primary is ignored, and so is
    /// one that comes before the operator has started, since then every primary runs anyway. The end of the stream is the end
    /// of its triggers and of nothing else. May be called several times.
    ///
    /// What the stream says beside the name is not handed on: the reconcile looks at the other system itself, so that nothing is
    /// lost when several events become one run.
    pub fn trigger_on(mut self, stream: impl futures::Stream<Item = ObjectRef<O::Primary>> + Send + 'static) -> Self {
        self.triggers.push(stream.map(ObjectRef::into_named).boxed());
        self
    }

    /// The rights that this operator needs in its [namespaces](OperatorBuilder::namespaces), as the declarations say.
    pub fn rules(&self) -> Rules {
        self.settings.rules()
    }

    /// The counters of this operator; they go on counting while it runs.
    pub fn stats(&self) -> Stats {
        self.settings.stats.clone()
    }
}

impl<O> fmt::Debug for OperatorBuilder<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OperatorBuilder").field("settings", &self.settings).finish_non_exhaustive()
    }
}
