//! Relations other than ownership, driven through the world: what is kept, fetched and seen.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::cache::Event;
use super::super::fetching::Fetch;
use super::super::finalizers::Finalizers;
use super::super::key::{Rv, Uid};
use super::super::pace::Pace;
use super::super::record::Record;
use super::super::relation::{Owners, Relation};
use super::super::testing::{Draft, key, kind, object};
use super::super::world::{CacheId, OperatorId, Outcome, Source, Ticket, World};
use crate::operator::Declaration;
use crate::projection::Projection;
use crate::secondary::{Related, Secondary};

const OPERATOR: OperatorId = OperatorId(0);
const P: CacheId = CacheId(0);
const DEPLOYMENT: CacheId = CacheId(1);
const SET: CacheId = CacheId(2);
const POD: CacheId = CacheId(3);
const SECRET: CacheId = CacheId(4);
const MARKED: CacheId = CacheId(5);

/// A primary P that owns Deployments, has Sets and Pods through them, refers to Secrets, and is named by what is Marked.
struct Case {
    world: World,
    now: Instant,
}

fn declaration() -> Declaration {
    let names = ["deployments", "sets", "pods", "secrets", "marked"];
    let secondary = |name| Secondary { name, ..Secondary::of_kind(kind("S", true), Related::Owned) };
    Declaration {
        name: "test",
        primary: kind("P", true),
        selector: Default::default(),
        filter: None,
        projection: Projection::content(),
        finalizers: Finalizers { own: None, former: &[] },
        status: None,
        resync: None,
        timeout: Duration::MAX,
        secondaries: names.map(secondary).into(),
    }
}

fn pace() -> Pace {
    let (max_backoff, backoff) = (Duration::from_secs(1), Duration::from_millis(1));
    Pace { debounce: Duration::ZERO, resync: None, backoff, max_backoff }
}

impl Case {
    fn new() -> Self {
        let mut world = World::default();
        let sources: Vec<Source> = (0..6).map(|_| Source { cache: world.add_cache(&[]), projection: 0 }).collect();
        let of = |name| Owners::of(&kind(name, true), false);
        let relations = [
            Relation::Owned(of("P")),
            Relation::Through { parent: 0, owners: of("Deployment") },
            Relation::Through { parent: 1, owners: of("Set") },
            Relation::Referenced { names: 0 },
            Relation::Named { names: 0, typed: false },
        ];
        world.add_operator(&declaration(), sources, relations.into(), pace(), 8, 7);
        Self { world, now: Instant::now() }
    }

    /// With these objects from the beginning, and the first runs done.
    fn with(objects: Vec<(CacheId, Draft)>) -> Self {
        let mut case = Self::new();
        let mut objects: Vec<_> = objects.into_iter().map(|(cache, draft)| (cache, Some(draft))).collect();
        for cache in [P, DEPLOYMENT, SET, POD, SECRET, MARKED] {
            case.see(cache, Event::ListBegin);
            for (_, draft) in objects.iter_mut().filter(|(of, _)| *of == cache) {
                case.applied(cache, draft.take().expect("each is listed once"));
            }
            case.see(cache, Event::ListEnd(Rv(100)));
        }
        case.fetch_all(&[]);
        case.rest();
        case
    }

    fn see(&mut self, cache: CacheId, event: Event) {
        self.world.observe(cache, None, event, self.now);
    }

    fn applied(&mut self, cache: CacheId, draft: Draft) {
        self.see(cache, Event::Applied(draft.record()));
    }

    fn deleted(&mut self, cache: CacheId, name: &str, uid: u128, rv: u64) {
        self.see(cache, Event::Deleted { key: key(name), uid: Uid(uid), rv: Rv(rv) });
    }

    fn bookmark(&mut self, rv: u64) {
        for cache in [P, DEPLOYMENT, SET, POD, SECRET, MARKED] {
            self.see(cache, Event::Bookmark(Rv(rv)));
        }
    }

    /// Runs everything that is due; returns what each of the primaries in the end saw, as names without namespaces.
    fn rest(&mut self) -> Vec<String> {
        let mut seen = Vec::new();
        while let Some(ticket) = self.world.pop(OPERATOR, self.now) {
            seen.push(sees(&ticket));
            let Ticket { operator, id, uid, sight, .. } = ticket;
            self.world.finish(operator, id, &sight, uid, Outcome::Done { requeue: None }, self.now);
        }
        seen
    }

    /// The keys that are to be fetched.
    fn wanted(&mut self) -> Vec<Fetch> {
        self.world.take_wanted()
    }

    /// Answers all questions, and those that follow from the answers; what is not among the objects is not there.
    fn fetch_all(&mut self, objects: &[(&str, u128, u64, Option<u128>)]) -> Vec<String> {
        let mut asked = Vec::new();
        loop {
            let wanted = self.wanted();
            if wanted.is_empty() {
                return asked;
            }
            for fetch in wanted {
                asked.push(fetch.key.name().to_owned());
                let rv = self.world.ask(&fetch).expect("it is still wanted");
                let found = objects.iter().find(|(name, ..)| key(name) == fetch.key);
                let record = found.map(|&(name, uid, rv, owner)| made(fetch.cache, name, uid, rv, owner));
                assert!(self.world.fetched(&fetch, rv, record, self.now));
            }
        }
    }
}

fn made(cache: CacheId, name: &str, uid: u128, rv: u64, owner: Option<u128>) -> Record {
    let draft = object(name, uid, rv);
    let of = if cache == SET { "Deployment" } else { "Set" };
    owner.map_or_else(|| object(name, uid, rv), |owner| draft.controlled(of, owner)).record()
}

fn sees(ticket: &Ticket) -> String {
    let view = ticket.sight.view();
    let names = |records: &crate::snapshot::Records| {
        records.iter().map(|record| record.key.name()).collect::<Vec<_>>().join("+")
    };
    let parts: Vec<String> = view.secondaries.iter().map(names).collect();
    format!("{}: {}", view.primary.key.name(), parts.join("|"))
}

fn app(rv: u64) -> Draft {
    object("n/app", 1, rv)
}

fn referring(rv: u64, names: &[&str]) -> Draft {
    app(rv).names(names)
}

fn deployment(rv: u64) -> Draft {
    object("n/d", 2, rv).of(1)
}

fn set(rv: u64) -> Draft {
    object("n/s", 3, rv).controlled("Deployment", 2)
}

fn pod(uid: u128, rv: u64) -> Draft {
    object(&format!("n/p{uid}"), uid, rv).controlled("Set", 3)
}

#[test]
fn a_chain_is_seen_from_the_first_run_in_whichever_order_it_comes() {
    let all = || vec![(P, app(1)), (DEPLOYMENT, deployment(2)), (SET, set(3)), (POD, pod(4, 4)), (POD, pod(5, 5))];
    let mut case = Case::new();
    for (cache, draft) in all().into_iter().rev() {
        case.see(cache, Event::ListBegin);
        case.applied(cache, draft);
    }
    [SECRET, MARKED].into_iter().for_each(|cache| case.see(cache, Event::ListBegin));
    for cache in [POD, SET, DEPLOYMENT, SECRET, MARKED, P] {
        case.see(cache, Event::ListEnd(Rv(9)));
    }
    // The list of the Pods began anew with each of them, so that only the last is in it.
    assert_eq!(case.rest(), ["app: d|s|p4||"]);
}

#[test]
fn a_parent_may_come_after_a_thousand_of_its_children() {
    let mut case = Case::with(vec![(P, app(1)), (DEPLOYMENT, deployment(2))]);
    for uid in 1000..2000 {
        case.applied(POD, pod(uid, uid as u64));
    }
    assert_eq!((case.world.cached(POD), case.rest().len()), (1000, 0));
    case.applied(SET, set(999));
    assert_eq!(case.rest().len(), 1);
    case.bookmark(3000);
    assert_eq!((case.world.cached(POD), case.wanted().len(), case.rest().len()), (1000, 0, 0));
    case.applied(POD, pod(1000, 3001));
    // Same fingerprint: nobody is woken.
    assert_eq!(case.rest(), [""; 0]);
    case.deleted(POD, "n/p1000", 1000, 3002);
    assert_eq!(case.rest().len(), 1);
}

#[test]
fn children_of_others_become_stubs_once_their_parents_are_known_to_be_nobodys() {
    let mut case = Case::with(vec![(P, app(1))]);
    let foreign = |uid: u128| object(&format!("n/f{uid}"), uid, 200 + uid as u64).controlled("Set", 77);
    for uid in 0..10 {
        case.applied(POD, foreign(uid));
    }
    assert_eq!(case.world.cached(POD), 10);
    case.applied(SET, object("n/foreign", 77, 150).controlled("Deployment", 88));
    case.bookmark(300);
    assert_eq!((case.world.cached(SET), case.world.cached(POD)), (0, 0));
    assert_eq!((case.world.cache(SET).stubs().len(), case.world.cache(POD).stubs().len()), (1, 10));
    // One that comes now is not decoded at all.
    assert!(!case.world.wants(POD, &foreign(11).meta()));
    assert_eq!(case.rest().len(), 0);
}

#[test]
fn what_hangs_below_is_fetched_when_its_parent_becomes_ours_and_the_run_waits_for_it() {
    let free = object("n/d", 2, 2);
    let mut case = Case::with(vec![(P, app(1)), (DEPLOYMENT, free), (SET, set(3)), (POD, pod(4, 4))]);
    assert_eq!((case.world.cached(SET), case.world.cached(POD)), (0, 0));
    case.applied(DEPLOYMENT, deployment(101));
    // The set is fetched first; what is below it is known only then.
    assert_eq!(case.rest(), [""; 0]);
    assert_eq!(case.fetch_all(&[("n/s", 3, 3, Some(2)), ("n/p4", 4, 4, Some(3))]), ["s", "p4"]);
    assert_eq!(case.rest(), ["app: d|s|p4||"]);
    // And it goes with it.
    case.applied(DEPLOYMENT, object("n/d", 2, 102));
    assert_eq!(case.rest(), ["app: ||||"]);
    assert_eq!((case.world.cached(SET), case.world.cached(POD)), (0, 0));
}

#[test]
fn a_child_that_changes_its_owner_changes_hands() {
    let other = object("n/other", 11, 1);
    let second = object("n/d2", 12, 2).of(11);
    let mut case = Case::with(vec![
        (P, app(1)),
        (P, other),
        (DEPLOYMENT, deployment(2)),
        (DEPLOYMENT, second),
        (SET, set(3)),
        (POD, pod(4, 4)),
    ]);
    case.applied(SET, object("n/s", 3, 101).controlled("Deployment", 12));
    let mut seen = case.rest();
    seen.sort();
    // The Pod goes along without an event of its own, and without a read.
    assert_eq!(seen, ["app: d||||", "other: d2|s|p4||"]);
    assert_eq!(case.wanted().len(), 0);
    // A stale uid is nobody's.
    case.applied(SET, object("n/s", 3, 102).controlled("Deployment", 99));
    case.bookmark(103);
    assert_eq!(case.rest(), ["other: d2||||"]);
}

#[test]
fn a_reference_that_moves_costs_one_read_and_is_a_change_even_to_what_is_not_there() {
    let secret = |name: &str, uid| (SECRET, object(name, uid, uid as u64));
    let mut case = Case::with(vec![(P, referring(1, &["n/a"])), secret("n/a", 20), secret("n/b", 21)]);
    assert_eq!((case.world.cached(SECRET), case.world.cache(SECRET).stubs().len()), (1, 1));
    case.applied(P, referring(101, &["n/b"]));
    assert_eq!(case.rest(), [""; 0], "it waits");
    assert_eq!(case.fetch_all(&[("n/b", 21, 21, None)]), ["b"]);
    assert_eq!(case.rest(), ["app: |||b|"]);
    assert_eq!((case.world.cached(SECRET), case.world.cache(SECRET).stubs().len()), (1, 1));
    case.applied(P, referring(102, &["n/none"]));
    assert_eq!((case.rest(), case.wanted().len()), (vec!["app: ||||".to_owned()], 0));
    case.applied(P, referring(103, &["n/neither"]));
    assert_eq!(case.rest(), ["app: ||||"]);
    case.applied(SECRET, object("n/neither", 22, 104));
    assert_eq!(case.rest(), ["app: |||neither|"]);
}

#[test]
fn a_run_that_waits_for_a_read_goes_on_when_the_reference_moves_away_or_the_object_goes() {
    let stub = || (SECRET, object("n/b", 21, 21));
    let mut case = Case::with(vec![(P, app(1)), stub()]);
    case.applied(P, referring(101, &["n/b"]));
    assert_eq!((case.rest().len(), case.wanted().len()), (0, 1));
    case.applied(P, referring(102, &[]));
    // Back to what has been seen: nothing to do.
    assert_eq!(case.rest(), [""; 0]);
    case.applied(P, referring(103, &["n/b"]).prints(&[9]));
    assert_eq!(case.rest(), [""; 0], "it is still being asked for");
    case.deleted(SECRET, "n/b", 21, 104);
    assert_eq!(case.rest(), ["app: ||||"]);
}

#[test]
fn an_answer_about_another_incarnation_is_none() {
    let mut case = Case::with(vec![(P, app(1)), (SECRET, object("n/b", 21, 21))]);
    case.applied(P, referring(101, &["n/b"]));
    let fetch = case.wanted().remove(0);
    let asked = case.world.ask(&fetch).unwrap();
    // It was gone when it was asked for, and is there again.
    let meta = object("n/b", 22, 103).meta();
    case.world.pass_by(SECRET, None, &meta, case.now);
    assert!(!case.world.fetched(&fetch, asked, None, case.now));
    assert_eq!(case.rest(), [""; 0]);
    let asked = case.world.ask(&fetch).unwrap();
    assert!(case.world.fetched(&fetch, asked, Some(object("n/b", 22, 103).record()), case.now));
    assert_eq!(case.rest(), ["app: |||b|"]);
    // Not found, though the watch still shows it: absent, until the watch says otherwise.
    let mut case = Case::with(vec![(P, app(1)), (SECRET, object("n/b", 21, 21))]);
    case.applied(P, referring(101, &["n/b"]));
    assert_eq!(case.fetch_all(&[]), ["b"]);
    assert_eq!(case.rest(), ["app: ||||"]);
    case.deleted(SECRET, "n/b", 21, 102);
    assert_eq!((case.rest().len(), case.world.cache(SECRET).stubs().len()), (0, 0));
}

#[test]
fn what_names_a_primary_waits_for_it_however_long() {
    let named = |name: &str, uid, rv, of: &str| object(name, uid, rv).names(&[of]);
    let mut case = Case::with(vec![(P, app(1)), (MARKED, named("n/m", 30, 5, "n/late"))]);
    case.bookmark(200);
    assert_eq!(case.world.cached(MARKED), 1);
    case.applied(P, object("n/late", 31, 201));
    assert_eq!(case.rest(), ["late: ||||m"]);
    // Made anew, the primary has it again; to another it goes at once.
    case.deleted(P, "n/late", 31, 202);
    case.applied(P, object("n/late", 32, 203));
    assert_eq!(case.rest(), ["late: ||||m"]);
    case.applied(MARKED, named("n/m", 30, 204, "n/app"));
    let mut seen = case.rest();
    seen.sort();
    assert_eq!(seen, ["app: ||||m", "late: ||||"]);
    let mut nobody = named("n/m", 30, 205, "n/app");
    nobody = nobody.names(&[]);
    case.applied(MARKED, nobody);
    assert_eq!((case.rest(), case.world.cached(MARKED)), (vec!["app: ||||".to_owned()], 0));
}

#[test]
fn that_a_kind_is_served_is_a_change() {
    let mut case = Case::with(vec![(P, app(1))]);
    case.world.unserved(MARKED, None, case.now);
    assert_eq!(case.rest(), ["app: ||||"]);
    case.world.served(MARKED, None, case.now);
    assert_eq!(case.rest(), ["app: ||||"]);
    case.world.served(MARKED, None, case.now);
    assert_eq!(case.rest(), [""; 0]);
}

#[test]
fn what_a_run_deletes_takes_along_what_is_related_through_it() {
    let mut case = Case::with(vec![(P, app(1)), (DEPLOYMENT, deployment(2)), (SET, set(3)), (POD, pod(4, 4))]);
    case.applied(P, app(101).prints(&[9]));
    let mut ticket = case.world.pop(OPERATOR, case.now).unwrap();
    assert_eq!(sees(&ticket), "app: d|s|p4||");
    ticket.sight.answered(1, &key("n/d"), None, true);
    assert_eq!(sees(&ticket), "app: ||||");
    assert!(!ticket.sight.is_poisoned());
}

#[test]
fn a_second_owner_that_does_not_count_holds_no_run() {
    let mut case = Case::with(vec![(P, app(1)), (DEPLOYMENT, deployment(2)), (SET, set(3))]);
    let two = || object("n/x", 40, 110).controlled("Set", 77).beside("Set", 3);
    case.bookmark(200);
    assert!(!case.world.wants(POD, &two().meta()));
    case.world.pass_by(POD, None, &two().meta(), case.now);
    case.applied(P, app(201).prints(&[9]));
    assert_eq!((case.rest(), case.wanted().len()), (vec!["app: d|s|||".to_owned()], 0));
}

/// While the watch lags, a stub may name an owner that is ours, though the object is another's by now.
#[test]
fn an_owner_that_has_changed_is_asked_for_once() {
    let mut case = Case::with(vec![(P, app(1)), (DEPLOYMENT, object("n/d", 2, 2)), (SET, set(3))]);
    case.applied(DEPLOYMENT, deployment(101));
    assert_eq!(case.rest(), [""; 0]);
    let fetch = case.wanted().remove(0);
    let asked = case.world.ask(&fetch).unwrap();
    assert!(case.world.fetched(&fetch, asked, Some(made(SET, "n/s", 3, 150, Some(88))), case.now));
    assert_eq!((case.rest(), case.wanted().len()), (vec!["app: d||||".to_owned()], 0));
    // Given back to ours, it comes with the event.
    case.applied(SET, object("n/s", 3, 150).controlled("Deployment", 88));
    case.applied(SET, object("n/s", 3, 151).controlled("Deployment", 2));
    assert_eq!(case.rest(), ["app: d|s|||"]);
}

#[test]
fn of_a_kind_that_is_not_served_there_is_nothing_left() {
    let mut case = Case::with(vec![(P, app(1))]);
    case.world.answered(OPERATOR, 1, Arc::new(object("n/d", 2, 150).of(1).record()), case.now);
    assert_eq!(case.rest(), ["app: d||||"]);
    case.world.unserved(DEPLOYMENT, None, case.now);
    assert_eq!(case.rest(), ["app: ||||"]);
}

#[test]
fn that_one_namespace_is_not_served_takes_nothing_from_another() {
    let (mut world, now) = (World::default(), Instant::now());
    let spaces = ["a".to_owned(), "b".to_owned()];
    let (p, s) = (world.add_cache(&spaces), world.add_cache(&spaces));
    let mut declaration = declaration();
    declaration.secondaries.truncate(1);
    declaration.secondaries[0].optional = true;
    let sources = vec![Source { cache: p, projection: 0 }, Source { cache: s, projection: 0 }];
    let relations = [Relation::Owned(Owners::of(&kind("P", true), false))];
    world.add_operator(&declaration, sources, relations.into(), pace(), 8, 7);
    let list = |world: &mut World, cache, scope, object: Option<Draft>| {
        world.observe(cache, Some(scope), Event::ListBegin, now);
        if let Some(object) = object {
            world.observe(cache, Some(scope), Event::Applied(object.record()), now);
        }
        world.observe(cache, Some(scope), Event::ListEnd(Rv(10)), now);
    };
    list(&mut world, p, "a", Some(object("a/app", 1, 1)));
    list(&mut world, p, "b", Some(object("b/app", 2, 1)));
    list(&mut world, s, "a", Some(object("a/x", 3, 5).of(1)));
    world.served(s, Some("a"), now);
    world.unserved(s, Some("b"), now);
    assert!(world.view(s, &key("a/x")).is_some());
    let served = |world: &mut World| world.pop(OPERATOR, now).map(|ticket| ticket.sight.view().served[0]);
    assert_eq!(served(&mut world), Some(false), "half a kind is none");
    list(&mut world, s, "b", None);
    world.served(s, Some("b"), now);
    assert_eq!(served(&mut world), Some(true));
}

#[test]
fn very_many_that_wait_for_one_answer_each_are_let_go_one_by_one() {
    let count = 500;
    let app = |i: u128, rv: u64, name: &str| object(&format!("n/app{i}"), 1000 + i, rv).names(&[name]);
    let objects = (0..count).flat_map(|i| {
        let secret = object(&format!("n/secret{i}"), 5000 + i, 5);
        [(P, app(i, 1, "n/none")), (SECRET, secret)]
    });
    let mut case = Case::with(objects.collect());
    for i in 0..count {
        case.applied(P, app(i, 101, &format!("n/secret{i}")));
    }
    assert_eq!(case.rest(), [""; 0]);
    for (done, fetch) in case.wanted().into_iter().enumerate() {
        let asked = case.world.ask(&fetch).unwrap();
        let uid = 5000 + fetch.key.name()[6..].parse::<u128>().unwrap();
        let found = object(&fetch.key.to_string(), uid, 5).record();
        assert!(case.world.fetched(&fetch, asked, Some(found), case.now));
        assert_eq!((case.rest().len(), case.wanted().len()), (1, 0), "after {done}");
    }
}
