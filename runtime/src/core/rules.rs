//! The rules by which no change is lost and no run is in vain.
//!
//! Each of them has a name here, so that a test can switch it off in the code that it lives in, and show what happens without
//! it: see the table in `model/mutations.rs`. Otherwise all of them hold, and nothing is left of the switches.

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A rule of the core; or of `write` and `run`, of which the model has a mirror.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(not(test), expect(dead_code, reason = "some rules live outside of the core"))]
        pub(crate) enum Rule {
            $($(#[$doc])* $name,)*
        }

        #[cfg(test)]
        impl Rule {
            pub(crate) const ALL: &[Self] = &[$(Self::$name,)*];
        }
    };
}

rules! {
    // When a run begins, and which.
    /// Whether a primary has to run is decided again when its turn comes.
    JudgedWhenTaken,
    /// And when a run ends, since changes during a run wake nobody.
    JudgedAtTheEnd,
    /// The retry of a failed run comes even if everything is again as before.
    RetryAnyway,
    /// Nothing runs before all caches of the operator are complete.
    CompleteFirst,
    /// No two runs of one name at once, though the primary be made anew during the first.
    OneRunPerName,
    /// No run begins before the requests that the last one has dropped are answered. (Mirror.)
    AbandonedAwaited,
    /// Handlers run only if everything that differs has one.
    HandlersForAll,
    /// And not if anything else asks for a run.
    HandlersForChanges,
    /// Nothing runs for a primary that goes away and does not wait for us.
    LeavingLeftAlone,
    /// What the filter of primaries refuses is none.
    RefusedIsNone,

    // What counts as seen.
    /// An error that trying again does not cure counts as seen like a success.
    TerminalSettles,
    /// A failed run has seen nothing.
    FailureMovesNothing,
    /// A run counts for the incarnation of the primary that it was started for.
    SameIncarnation,
    /// The fingerprint of an object has its uid in it. (Mirror.)
    UidInFingerprint,
    /// A run decides on its own view, never on the live cache. (Mirror.)
    OwnView,
    /// Whether a write would change anything is decided on that view, too. (Mirror.)
    NoopByView,

    // What the answer of a write proves.
    /// The answer goes into the view of the run.
    AnswerIntoView,
    /// A proven answer makes no other run follow.
    ProvenIsSeen,
    /// A write that demands the uid alone proves nothing.
    ProofNeedsVersion,
    /// Nor one that demands a version which tells something else than what the run saw.
    ProofNeedsContributions,
    /// One that demands another version which tells the same is a proof.
    ContributionsSuffice,
    /// An answer without proof that differs from what the run saw poisons it.
    UnprovenPoisons,
    /// One that does not differ costs nothing.
    OnlyDifferencePoisons,
    /// What an answer proves is decided when it comes, on what the run sees by then. (Mirror.)
    ProvenWhenAnswered,
    /// An answer that is older than what the run sees does not come into it.
    OlderAnswerAside,
    /// And proves nothing.
    OlderAnswerUnproven,
    /// An object that is no longer the primary's is none in the view.
    OnlyOursInView,
    /// Nor one that was related through another, which is gone from the view; or to which the primary no longer refers.
    ViewIsTidy,
    /// If an answer without proof takes it away, that poisons.
    TidyingPoisons,

    // What happens after a refusal, and when nobody knows what came of a write.
    /// After a 409 it is decided again on something newer than what was refused.
    NewerThanRefused,
    /// A write that need not be sent after a 409 counts as answered without proof.
    SkippedIsUnproven,
    /// After three refusals only the uid is demanded.
    UidAfterRefusals,
    /// An error poisons the run, though the user swallow it. (Mirror.)
    ErrorsPoison,
    /// A write of which nobody knows what came poisons the run.
    LossPoisons,
    /// While that is so, no write is left out because it seems to change nothing.
    UnsureSendsAll,
    /// It is so until a run has succeeded that knew of it.
    UnsureUntilKnown,

    // The overlay: answers that the watch has not shown yet.
    /// There is one.
    Overlay,
    /// What the watch has passed does not come into it.
    OverlayAhead,
    /// An older answer does not replace a newer one.
    OverlayNewest,
    /// Of the two, readers see the newer one.
    NewerOfBoth,
    /// What the watch passes leaves it.
    OverlayPassed,
    /// Nothing else does; above all no list that is older.
    OverlayOutlivesLists,
    /// Nor does an older answer stay behind when a list in progress shows that the object is nobody's by now.
    OvertakenDropped,
    /// The watch has passed a list's version when the list is complete, and no item before.
    ListCountsWhole,
    /// A list passes.
    ListsPass,
    /// A bookmark passes.
    BookmarksPass,
    /// What a complete list does not name is removed.
    ListsRemove,

    // Tombs: own deletes that the watch has not shown yet.
    /// There are tombs.
    Tombs,
    /// The removal of the last finalizer makes one. (Mirror.)
    TombForLastFinalizer,
    /// So does a 404, for what readers still see. (Mirror.)
    TombForVanished,
    /// But not for what they do not see.
    TombOnlyForSeen,
    /// None is made if the watch has shown the end while the delete was in flight.
    GoneByEvent,
    /// Or a complete list has.
    GoneByList,
    /// But not one that is older than what is deleted.
    GoneByNewerList,
    /// Or if another delete has noticed it, which is still in flight.
    GoneForAll,
    /// A tomb takes the overlay of what it hides along.
    TombDropsOverlay,
    /// But not that of a newer incarnation.
    TombSparesNewer,
    /// A tomb hides the incarnation.
    TombHidesUid,
    /// And every older one.
    TombHidesOlder,
    /// It ends with the watch's word of the end.
    TombEndsByEvent,
    /// Or with a complete list without it.
    TombEndsByList,
    /// But not with an older one.
    TombOutlivesOldLists,
    /// An end that a list in progress shows hides until the list is complete.
    EndOutlastsList,
    /// Unless something newer is hidden already.
    EndSparesNewerTomb,

    // Whose an object is.
    /// What nobody is related to is not kept.
    OnlyClaimed,
    /// A child whose owner has not been seen yet is kept.
    Parked,
    /// Until the watch of the owner's kind has passed it.
    ParkedUntilPassed,
    /// Or as long as its owner waits for one itself.
    ParkedWithParent,
    /// Of what may become ours without an event of its own, a stub is kept.
    Stubs,
    /// So may what is owned, where not every object of the kind is a primary.
    StubsOfNarrowed,
    /// When it does, it is fetched.
    StubsFetched,
    /// No run begins before.
    StubsGate,
    /// An answer that says something else than the stub, and that the watch has passed, is asked for again.
    StubsAskAgain,
    /// What is not found counts as absent, until the watch shows it again.
    StubsMayBeGone,
    /// But not if the watch has shown it anew since it was asked for.
    StubsGoneAsAsked,
    /// An object is let go of when nobody is related to it any more.
    Released,
    /// But not while somebody is.
    ReleasedUnlessHeld,
    /// That is asked when all readers know of a change.
    ReleasedAfterAll,
}

#[cfg(test)]
thread_local! {
    static OFF: std::cell::Cell<Option<Rule>> = const { std::cell::Cell::new(None) };
}

/// Whether this rule holds: always, except in tests that ask for what happens without it.
#[cfg(not(test))]
#[inline(always)]
pub(crate) const fn holds(_: Rule) -> bool {
    true
}

#[cfg(test)]
pub(crate) fn holds(rule: Rule) -> bool {
    OFF.get() != Some(rule)
}

/// Switches this rule off, and all others on, for this thread.
#[cfg(test)]
pub(crate) fn switch_off(rule: Option<Rule>) {
    OFF.set(rule);
}
