//! Why a primary was woken.

use std::fmt;

/// One reason for which a primary was woken.
///
/// Advice for logs, metrics and tests; what is true stands in the snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Trigger {
    /// The primary was created, its projection changed, or it is being deleted.
    Primary,
    /// A related object of this secondary was created or deleted, its projection changed, or its relation did. The
    /// text is the name of the secondary: the field of the snapshot.
    Secondary(&'static str),
    /// The operator has started; each primary runs once.
    Startup,
    /// The periodic safety net.
    Resync,
    /// An earlier run asked for it: `Action::requeue` or `Action::again`.
    Requeue,
    /// The last run failed.
    Retry,
    /// Somebody asked for it from outside of Kubernetes.
    External,
}

impl Trigger {
    /// Those that are neither the primary nor a secondary.
    pub(crate) const OTHERS: [Self; 5] = [Self::Startup, Self::Resync, Self::Requeue, Self::Retry, Self::External];

    /// The word for this trigger in logs and metrics; a secondary is named by its snapshot field.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary(name) => name,
            Self::Startup => "startup",
            Self::Resync => "resync",
            Self::Requeue => "requeue",
            Self::Retry => "retry",
            Self::External => "external",
        }
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// All the reasons for one run: a set, because a primary that waits its turn collects them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Triggers(Vec<Trigger>);

impl Triggers {
    /// The triggers, each once, in a fixed order: the primary, the secondaries as declared, then the rest.
    pub fn iter(&self) -> impl Iterator<Item = Trigger> + '_ {
        self.0.iter().copied()
    }

    /// Whether `trigger` is one of them.
    pub fn contains(&self, trigger: Trigger) -> bool {
        self.0.contains(&trigger)
    }

    /// The number of different triggers.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none; no run of the runtime is without.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Trigger> for Triggers {
    fn from_iter<I: IntoIterator<Item = Trigger>>(triggers: I) -> Self {
        let mut set = Vec::new();
        for trigger in triggers {
            if !set.contains(&trigger) {
                set.push(trigger);
            }
        }
        Self(set)
    }
}

/// `primary, config_maps`.
impl fmt::Display for Triggers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, trigger) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{trigger}")?;
        }
        Ok(())
    }
}
