//! What the answers of own writes have told an operator, which no later run may contradict.

use std::collections::HashMap;

use super::super::key::{Key, Rv, Uid};
use super::super::world::{CacheId, OperatorId, Ticket, World};
use super::feed::Feed;
use super::property::{Checked, ensure};
use super::setting::Setting;

#[derive(Clone, Copy, Debug)]
pub(super) enum Known {
    /// It exists in this version.
    Version(Uid, Rv),
    /// This incarnation is gone.
    Gone(Uid),
}

/// By operator and uid of the primary.
#[derive(Debug, Default)]
pub(super) struct Memory(HashMap<(usize, u128), Vec<Fact>>);

/// An index, a key there, and what is known of it.
type Fact = (usize, Key, Known);

impl Memory {
    pub(super) fn learn(&mut self, operator: usize, primary: u128, index: usize, key: &Key, known: Known) {
        let of = self.0.entry((operator, primary)).or_default();
        match of.iter_mut().find(|(i, other, _)| *i == index && other == key) {
            Some((_, _, place)) => match (&known, &place) {
                (Known::Version(_, new), Known::Version(_, old)) if new < old => {}
                _ => *place = known,
            },
            None => of.push((index, key.clone(), known)),
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether a run starts from nothing older than the newest answer to a write of its primary.
    pub(super) fn check(&self, ticket: &Ticket, setting: &Setting, world: &World, feeds: &[Feed]) -> Checked {
        let OperatorId(operator) = ticket.operator;
        for (index, key, known) in self.0.get(&(operator, ticket.uid.0)).into_iter().flatten() {
            let found = ticket.sight.find(*index, key);
            let kind = setting.operators[operator].kind(*index);
            let cache = world.cache(CacheId(kind));
            let fine = match (known, found) {
                (Known::Gone(uid), found) => found.is_none_or(|record| record.uid != *uid),
                (Known::Version(_, rv), Some(record)) => record.rv >= *rv,
                // Somebody else's by now, or gone; the watch or an own delete of another run must have told so.
                (Known::Version(uid, rv), None) => {
                    cache.passed() >= *rv
                        || feeds[kind].has_shown(key, rv.0)
                        || cache.view(key).is_some_and(|record| record.rv >= *rv)
                        || cache.is_hidden(key, *uid, *rv)
                }
            };
            ensure!(fine, Older, "a run sees {found:?} although an answer said {known:?} of {key}, in {cache:?}");
        }
        Ok(())
    }
}
