//! What must hold of every history.

use std::fmt;

/// A property of which [`Wrong`] says that it does not hold. The names are those of `Property` in the model's table of
/// mutations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Property {
    /// P1: no change is lost. At rest a fresh run would change nothing, and what is is what the last run saw.
    Lost,
    /// P2: no run sees anything older than the answer to a write of its primary.
    Older,
    /// P3: no run in vain.
    Vain,
    /// P4: nothing is left over.
    LeftOver,
    /// P5: it comes to rest.
    Restless,
    /// P6: a run sees all that the caches relate to its primary, and all caches are complete.
    Missing,
    /// No two runs of one primary at once.
    Twice,
    /// What a run asked for, and the retry of a failed one, comes.
    Forgotten,
}

/// A property that does not hold, and what was seen instead.
#[derive(Clone, Debug)]
pub(super) struct Wrong {
    pub(super) property: Property,
    pub(super) seen: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.property, self.seen)
    }
}

/// The outcome of a step or a check.
pub(super) type Checked<T = ()> = Result<T, Wrong>;

/// Ends a function of type [`Checked`] if a condition does not hold.
macro_rules! ensure {
    ($condition:expr, $property:ident, $($seen:tt)+) => {
        if !$condition {
            let (property, seen) = ($crate::core::model::property::Property::$property, format!($($seen)+));
            return Err($crate::core::model::property::Wrong { property, seen });
        }
    };
}

pub(super) use ensure;
