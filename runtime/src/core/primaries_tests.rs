//! The relation index, driven through the world.

use super::super::key::Rv;
use super::super::relate::Claim;
use super::super::relation::Owners;
use super::super::testing::{Draft, key, kind, object};
use super::*;

impl Primaries {
    /// Secondaries that wait for a primary, and the order in which they expire.
    pub(crate) fn waiting(&self) -> usize {
        self.slots.iter().map(Slot::waiting).sum()
    }
}

/// Primaries of the kind P with two secondaries, and the last effects.
struct Index {
    primaries: Primaries,
    effects: Vec<Effect>,
}

fn change(old: Option<Draft>, new: Option<Draft>) -> Change {
    let [old, new] = [old, new].map(|draft| draft.map(|draft| Arc::new(draft.record())));
    let key = old.as_ref().or(new.as_ref()).expect("a change of nothing").key.clone();
    Change { key, old, new }
}

impl Index {
    fn new() -> Self {
        Self::owned(true)
    }

    /// Two secondaries that primaries of the kind P own.
    fn owned(namespaced: bool) -> Self {
        let owned = Relation::Owned(Owners::of(&kind("P", namespaced), false));
        Self::of([owned.clone(), owned])
    }

    fn of(relations: impl Into<Box<[Relation]>>) -> Self {
        let relations = relations.into();
        let one_each = vec![0; relations.len() + 1];
        let caches = (0..=relations.len()).collect();
        let layout = Layout::new(one_each.into(), caches, relations);
        Self { primaries: Primaries::new(Arc::new(layout), false), effects: Vec::new() }
    }

    fn primary(&mut self, old: Option<Draft>, new: Option<Draft>) {
        self.effects.clear();
        self.primaries.primary_changed(&change(old, new), &mut self.effects);
    }

    fn secondary(&mut self, index: usize, old: Option<Draft>, new: Option<Draft>) {
        self.effects.clear();
        self.primaries.secondary_changed(index, &change(old, new), &mut self.effects);
    }

    fn passed(&mut self, rv: u64) {
        self.effects.clear();
        for secondary in 0..self.primaries.slots.len() {
            self.primaries.passed(secondary, Rv(rv), &mut self.effects);
        }
    }

    /// What a primary has: its fingerprints, and the names of its secondaries at index 0.
    fn has(&self, name: &str) -> (Vec<u128>, Vec<String>) {
        let id = self.primaries.find(&key(name)).expect("no such primary");
        let primary = self.primaries.entry(id).and_then(|entry| entry.primary.as_ref()).expect("no primary");
        let names = primary.secondaries[0].iter().map(|record| record.key.to_string());
        (primary.fingerprints.current().to_vec(), names.collect())
    }

    fn claims(&self, name: &str, owner: u128, rv: u64, passed: Option<u64>) -> bool {
        let meta = object(name, 99, rv).of(owner).meta();
        self.primaries.claims(0, &meta, true, passed.map(Rv)) == Claim::Full
    }
}

fn app() -> Draft {
    object("n/app", 1, 3)
}

fn child(rv: u64) -> Draft {
    object("n/child", 11, rv).of(1)
}

fn released(secondary: usize, name: &str) -> Effect {
    Effect::Released { secondary, key: key(name) }
}

#[test]
fn fingerprints_are_sums_over_what_is_related() {
    let mut index = Index::new();
    index.primary(None, Some(app()));
    index.secondary(0, None, Some(child(5).prints(&[100])));
    index.secondary(0, None, Some(object("n/b", 12, 6).of(1).prints(&[u128::MAX])));
    index.secondary(1, None, Some(object("n/b", 13, 7).of(1).prints(&[7])));
    assert_eq!(index.has("n/app"), (vec![1, 99, 7], vec!["n/b".to_owned(), "n/child".to_owned()]));
    index.secondary(0, Some(child(5).prints(&[100])), Some(child(8).prints(&[200])));
    index.primary(Some(app()), Some(app().prints(&[5])));
    assert_eq!(index.has("n/app").0, [5, 199, 7]);
    index.secondary(0, Some(child(8).prints(&[200])), None);
    assert_eq!(index.has("n/app"), (vec![5, u128::MAX, 7], vec!["n/b".to_owned()]));
}

#[test]
fn a_child_that_comes_before_its_primary_waits_for_it() {
    let mut index = Index::new();
    index.secondary(0, None, Some(child(5)));
    index.secondary(0, Some(child(5)), Some(child(6).prints(&[60])));
    assert_eq!((index.effects.len(), index.primaries.waiting()), (0, 2));
    index.primary(None, Some(app()));
    assert_eq!(index.effects, [Effect::Appeared(EntryId(0))]);
    assert_eq!(index.has("n/app").0, [1, 60, 0]);
    index.passed(6);
    assert_eq!((index.effects.len(), index.primaries.waiting()), (0, 0));
}

#[test]
fn a_child_waits_until_the_primaries_have_passed_it() {
    let mut index = Index::new();
    index.secondary(0, None, Some(child(5)));
    index.secondary(1, None, Some(object("n/child", 12, 7).of(1)));
    index.passed(4);
    assert_eq!(index.effects, []);
    index.passed(5);
    assert_eq!(index.effects, [released(0, "n/child")]);
    assert!(!index.primaries.holds(0, &child(5).record()), "another secondary of that name waits on");
    index.secondary(1, Some(object("n/child", 12, 7).of(1)), None);
    index.passed(9);
    assert_eq!((index.effects.len(), index.primaries.waiting()), (0, 0));
}

#[test]
fn only_what_may_be_related_is_claimed() {
    let mut index = Index::new();
    index.primary(None, Some(app()));
    assert!(index.claims("n/x", 1, 20, Some(30)));
    assert!(!index.claims("other/x", 1, 20, Some(10)), "owners do not cross namespaces");
    assert!(!index.claims("n/x", 2, 20, Some(20)), "its primary would be known");
    assert!(index.claims("n/x", 2, 20, Some(19)));
    assert!(index.claims("n/x", 2, 20, None), "the primaries are not listed yet");
    let meta = object("n/x", 99, 20).controlled("Q", 1).meta();
    assert!(index.primaries.claims(0, &meta, true, None) == Claim::Nothing, "of another kind");
}

#[test]
fn a_child_changes_its_primary() {
    let mut index = Index::new();
    index.primary(None, Some(app()));
    index.primary(None, Some(object("n/two", 2, 4)));
    index.secondary(0, None, Some(child(5)));
    index.secondary(0, Some(child(5)), Some(child(6).of(2)));
    assert_eq!(index.effects.len(), 2, "both moved");
    assert_eq!((index.has("n/app").0, index.has("n/two").0), (vec![1, 0, 0], vec![2, 11, 0]));
    index.secondary(0, Some(child(6).of(2)), Some(child(7).of(3)));
    assert_eq!((index.has("n/two").0, index.primaries.waiting()), (vec![2, 0, 0], 1));
    index.secondary(0, Some(child(7).of(3)), Some(child(8).of(1)));
    index.passed(8);
    assert_eq!((index.has("n/app").0, index.primaries.waiting()), (vec![1, 11, 0], 0));
}

#[test]
fn a_primary_that_goes_lets_go_of_its_children() {
    let mut index = Index::new();
    index.primary(None, Some(app()));
    index.secondary(0, None, Some(child(5)));
    index.secondary(1, None, Some(object("n/d", 12, 6).of(1)));
    index.primary(Some(app()), None);
    assert_eq!(index.effects, [released(0, "n/child"), released(1, "n/d"), Effect::Vanished(EntryId(0))]);
    index.secondary(0, Some(child(5)), None);
    assert_eq!(index.effects, []);
}

#[test]
fn another_object_of_the_same_name_takes_over_the_entry_alone() {
    let mut index = Index::new();
    index.primary(None, Some(app()));
    index.secondary(0, None, Some(child(5)));
    index.secondary(0, None, Some(object("n/new", 12, 6).of(2)));
    index.primary(Some(app()), Some(object("n/app", 2, 9)));
    assert_eq!(index.effects, [released(0, "n/child"), Effect::Appeared(EntryId(0))]);
    assert_eq!(index.has("n/app"), (vec![2, 12, 0], vec!["n/new".to_owned()]));
}

#[test]
fn a_child_in_another_namespace_that_waited_is_let_go_of() {
    let mut index = Index::new();
    index.secondary(0, None, Some(object("other/child", 11, 5).of(1)));
    index.primary(None, Some(app()));
    assert_eq!(index.effects, [released(0, "other/child"), Effect::Appeared(EntryId(0))]);
    index.passed(5);
    assert_eq!((index.has("n/app").0, index.primaries.waiting()), (vec![1, 0, 0], 0));
}

#[test]
fn a_cluster_scoped_primary_has_children_everywhere() {
    let mut index = Index::owned(false);
    index.primary(None, Some(object("app", 1, 3)));
    for name in ["b/x", "a/x", "x"] {
        index.secondary(0, None, Some(object(name, 11, 5).of(1)));
    }
    assert_eq!(index.has("app").1, ["x", "a/x", "b/x"]);
}

#[test]
fn only_a_new_generation_or_a_deletion_is_an_edit() {
    let mut index = Index::new();
    index.primary(None, Some(app()));
    let id = EntryId(0);
    index.primary(Some(app()), Some(app().finalizer("x").prints(&[2])));
    assert_eq!(index.effects, [Effect::Moved { id, edited: false }]);
    index.primary(Some(app()), Some(app().generation(2)));
    assert_eq!(index.effects, [Effect::Moved { id, edited: true }]);
    index.primary(Some(app()), Some(app().generation(2).deleting()));
    assert_eq!(index.effects, [Effect::Moved { id, edited: true }]);
}

#[test]
fn an_entry_is_used_again_after_it_was_forgotten() {
    let mut index = Index::new();
    index.primary(None, Some(app()));
    index.primary(Some(app()), None);
    index.primaries.forget(EntryId(0));
    index.primary(None, Some(object("n/other", 2, 9)));
    assert_eq!(index.primaries.ids().collect::<Vec<_>>(), [EntryId(0)]);
    assert_eq!(index.primaries.find(&key("n/app")), None);
}
