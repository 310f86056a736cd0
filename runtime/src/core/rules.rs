//! The rules by which no change is lost and no run is in vain, each of which tests can switch off.

/// A rule of the core; or of `write` and `run`, where the model has a mirror of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Rule {
    #[cfg(test)]
    UidInFingerprint,
    #[cfg(test)]
    AbandonedAwaited,
    #[cfg(test)]
    OwnView,
    #[cfg(test)]
    NoopByView,
    #[cfg(test)]
    LastFinalizer,
    #[cfg(test)]
    Vanished,
    #[cfg(test)]
    ErrorsPoison,
    #[cfg(test)]
    OneRunPerName,
}

#[cfg(test)]
thread_local! {
    static OFF: std::cell::Cell<Option<Rule>> = const { std::cell::Cell::new(None) };
}

/// Whether this rule holds: always, except in tests that ask for what happens without it.
#[cfg(test)]
pub(crate) fn holds(rule: Rule) -> bool {
    OFF.get() != Some(rule)
}
