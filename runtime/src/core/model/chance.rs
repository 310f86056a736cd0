//! What may happen in a history, beside what always does.

use super::rng::Rng;

/// Something that happens in some histories and not in others: one trouble may hide what another one does, as a retry hides a
/// change that was lost before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chance {
    /// A run fails between two writes: an error, a panic, a timeout.
    Failure,
    /// A run awaits several writes at once.
    Parallel,
    /// The answer to a write is lost, or comes only after the run has dropped the request.
    Loss,
    /// A run drops a request on its way.
    Abandon,
    /// A run goes on after an error.
    Swallow,
    /// A run asks for another one.
    Requeue,
    /// Handlers ask for the full reconcile.
    Escalate,
    /// The process ends and starts again.
    Restart,
    /// A watch breaks.
    Break,
    /// What follows is a list.
    Relist,
    /// Minutes pass.
    Pause,
    /// There is a garbage collector.
    Collect,
    /// Others change something and take it back.
    NetZero,
    /// Others are just faster than a write.
    Race,
    /// Others take back what a run has just written.
    Revert,
    /// Others delete something.
    Delete,
    /// Others delete something and make it anew.
    Recreate,
    /// Others keep things by a finalizer of theirs.
    Hold,
    /// Others give a child to another primary, or to nobody.
    Owner,
    /// Others write what cannot be decoded.
    Garble,
    /// Others write what nobody looks at.
    Noise,
}

impl Chance {
    pub(super) const ALL: [Self; 21] = [
        Self::Failure,
        Self::Parallel,
        Self::Loss,
        Self::Abandon,
        Self::Swallow,
        Self::Requeue,
        Self::Escalate,
        Self::Restart,
        Self::Break,
        Self::Relist,
        Self::Pause,
        Self::Collect,
        Self::NetZero,
        Self::Race,
        Self::Revert,
        Self::Delete,
        Self::Recreate,
        Self::Hold,
        Self::Owner,
        Self::Garble,
        Self::Noise,
    ];
}

/// A set of chances.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Chances(u32);

impl Chances {
    /// All of them in some histories, most of them in others, few in the rest.
    pub(super) fn draw(rng: &mut Rng) -> Self {
        let (of, part) = [(1, 1), (4, 3), (3, 1)][rng.below(3)];
        Chance::ALL.into_iter().filter(|_| rng.below(of) < part).collect()
    }

    /// Those that are named in `text`, with commas between them.
    pub(super) fn named(text: &str) -> Self {
        let find = |name: &str| {
            let chance = Chance::ALL.into_iter().find(|chance| format!("{chance:?}").eq_ignore_ascii_case(name));
            chance.unwrap_or_else(|| panic!("{name} is none of {:?}", Chance::ALL))
        };
        text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(find).collect()
    }

    pub(super) fn has(self, chance: Chance) -> bool {
        self.0 & 1 << chance as u32 != 0
    }

    pub(super) fn with(self, chance: Chance) -> Self {
        Self(self.0 | 1 << chance as u32)
    }

    pub(super) fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Chance> {
        Chance::ALL.into_iter().filter(move |chance| self.has(*chance))
    }
}

impl FromIterator<Chance> for Chances {
    fn from_iter<I: IntoIterator<Item = Chance>>(chances: I) -> Self {
        chances.into_iter().fold(Self::default(), Self::with)
    }
}

/// The names, as [`Chances::named`] takes them.
impl std::fmt::Display for Chances {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<String> = self.iter().map(|chance| format!("{chance:?}").to_lowercase()).collect();
        f.write_str(&names.join(","))
    }
}
