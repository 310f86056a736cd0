//! What others changed in what an operator declares: the only thing, beside what runs ask for, that a run may be due to.

use std::collections::HashMap;

use super::super::fingerprint::PRIMARY;
use super::super::key::{Key, Rv, Uid};
use super::super::world::{CacheId, Ticket};
use super::feed::Feed;
use super::run::number;
use super::server::{Deed, Object, in_reach};
use super::setting::Setting;
use super::stage::Stage;
use crate::trigger::Trigger;

#[derive(Debug, Default)]
pub(super) struct News {
    /// The changes that no run has seen yet, by operator and uid of the primary.
    items: HashMap<(usize, u128), Vec<Item>>,
    /// The keys of all primaries that ever were, by uid.
    keys: HashMap<u128, Key>,
}

/// A change of the object at `index`.
#[derive(Debug)]
struct Item {
    index: usize,
    key: Key,
    uid: u128,
    rv: u64,
}

impl News {
    /// Takes in what was just done: for each primary that it concerns, but not for the one whose run did it.
    pub(super) fn note(&mut self, deed: &Deed, setting: &Setting) {
        let (old, new) = (deed.old.as_deref(), deed.new.as_deref());
        let Some(object) = new.or(old) else { return };
        self.keys.insert(object.uid, object.key.clone());
        for (number, operator) in setting.operators.iter().enumerate() {
            for index in (0..3).filter(|&index| operator.kind(index) == object.kind) {
                let primary = |object: Option<&Object>| self.primary(object?, index, operator.primary);
                let part = |object: Option<&Object>, uid| {
                    object.filter(|_| primary(object) == Some(uid)).map(|object| operator.print(object))
                };
                let mut concerned: Vec<u128> = [primary(old), primary(new)].into_iter().flatten().collect();
                concerned.dedup();
                let own = |uid| deed.author == Some((number, uid));
                concerned.retain(|&uid| part(old, uid) != part(new, uid) && own(uid) == deed.unheard);
                for uid in concerned {
                    let item = Item { index, key: object.key.clone(), uid: object.uid, rv: deed.rv };
                    self.items.entry((number, uid)).or_default().push(item);
                }
            }
        }
    }

    /// The primary of this kind that an object at `index` is or belongs to.
    fn primary(&self, object: &Object, index: usize, kind: usize) -> Option<u128> {
        if index == PRIMARY {
            return Some(object.uid);
        }
        let (_, uid) = object.owner.filter(|(owner, _)| *owner == kind)?;
        in_reach(kind, self.keys.get(&uid)?, &object.key).then_some(uid)
    }

    /// A run begins: whether it is due to a change, and yet shows nothing that others have changed since the last one.
    pub(super) fn is_vain(&mut self, ticket: &Ticket, stage: &Stage, feeds: &[Feed]) -> bool {
        let number = number(ticket.operator);
        let shown = |item: &Item| {
            let kind = stage.setting.operators[number].kind(item.index);
            let cache = stage.world.cache(CacheId(kind));
            match ticket.sight.find(item.index, &item.key) {
                Some(record) => record.rv.0 >= item.rv,
                None => {
                    cache.passed().0 >= item.rv
                        || feeds[kind].has_shown(&item.key, item.rv)
                        || cache.view(&item.key).is_some_and(|record| record.rv.0 >= item.rv)
                        || cache.is_hidden(&item.key, Uid(item.uid), Rv(item.rv))
                }
            }
        };
        let new = self.forget(ticket, shown);
        let changed = |trigger| matches!(trigger, Trigger::Primary | Trigger::Secondary(_));
        ticket.triggers.is_empty() || new == 0 && ticket.triggers.iter().all(changed)
    }

    /// A run ends: what the answers of its writes held is no news any more.
    pub(super) fn seen(&mut self, ticket: &Ticket) {
        let newer = |item: &Item| ticket.sight.find(item.index, &item.key).is_some_and(|record| record.rv.0 >= item.rv);
        self.forget(ticket, newer);
    }

    fn forget(&mut self, ticket: &Ticket, known: impl Fn(&Item) -> bool) -> usize {
        let Some(items) = self.items.get_mut(&(number(ticket.operator), ticket.uid.0)) else { return 0 };
        let before = items.len();
        items.retain(|item| !known(item));
        before - items.len()
    }
}
