//! A secondary that declares a debounce: D waits 100 ms for further changes, C and the primary do not wait.

use super::*;

/// Like [`Case::ready`], with a child in D too.
fn ready() -> Case {
    ready_with(Debounce::For(Duration::from_millis(100)))
}

/// The same with another debounce of D.
fn ready_with(debounce: Debounce) -> Case {
    let mut declaration = declaration(Some("ours"));
    declaration.secondaries[1].debounce = Some(debounce);
    let mut world = World::default();
    let sources = [P, C, D].map(|_| Source { cache: world.add_cache(&[]), projection: 0 }).to_vec();
    world.add_operator(&declaration, sources, owned(), PACE, 2, 7);
    let mut case = Case { world, start: Instant::now(), ms: 0 };
    case.list(P, [app(1, 3)], 10);
    case.list(C, [child(11, 5)], 10);
    case.list(D, [deployment(6, 1)], 10);
    assert_eq!(case.rest(), 1);
    case
}

/// The child in D at a version, with what its projection says.
fn deployment(rv: u64, print: u128) -> Draft {
    object("n/deployment", 12, rv).of(1).prints(&[print])
}

impl Case {
    fn due(&self) -> Option<u64> {
        let deadline = self.world.deadline(OperatorId(0))?;
        Some(deadline.duration_since(self.start).as_millis() as u64)
    }
}

#[test]
fn changes_of_a_debounced_secondary_are_one_run() {
    let mut case = ready();
    for (rv, ms) in [(11, 0), (12, 60), (13, 120)] {
        case.ms = ms;
        case.applied(D, deployment(rv, rv.into()));
        assert!(case.pop().is_none());
        assert_eq!(case.due(), Some(ms + 100));
    }
    case.ms = 220;
    let ticket = case.only();
    assert_eq!((ticket.task.clone(), sees(&ticket, D)), (Task::Handle(vec![1]), vec![13]));
    case.finish(ticket, DONE);
    assert_eq!(case.due(), None);
}

#[test]
fn a_deletion_elsewhere_does_not_wait_and_ends_the_debounce() {
    let mut case = ready();
    case.applied(D, deployment(11, 2));
    assert!(case.pop().is_none());
    case.ms = 40;
    case.deleted(C, "n/child", 11, 12);
    let ticket = case.only();
    assert_eq!(words(&ticket), "c, d");
    case.finish(ticket, DONE);
    case.ms = 1000;
    assert!(case.pop().is_none() && case.due().is_none());
}

#[test]
fn a_new_spec_of_the_primary_does_not_wait_for_a_debounce() {
    let mut case = ready();
    case.applied(D, deployment(11, 2));
    case.applied(P, app(1, 12).generation(2).prints(&[5]));
    assert_eq!(words(&case.only()), "primary, d");
}

#[test]
fn a_write_of_no_interest_does_not_prolong_the_debounce() {
    let mut case = ready();
    case.applied(D, deployment(11, 2));
    case.ms = 60;
    case.applied(D, deployment(12, 2));
    assert_eq!(case.due(), Some(100));
    case.ms = 100;
    assert_eq!(sees(&case.only(), D), [12]);
}

#[test]
fn what_is_taken_back_during_its_debounce_is_no_run() {
    let mut case = ready();
    case.applied(D, deployment(11, 2));
    case.ms = 60;
    case.applied(D, deployment(12, 1));
    case.ms = 200;
    assert!(case.pop().is_none());
    assert_eq!(case.due(), None);
}

#[test]
fn what_changed_during_a_run_waits_only_if_all_of_it_is_debounced() {
    for (also, waits) in [(false, true), (true, false)] {
        let mut case = ready();
        case.applied(P, app(1, 11).generation(2).prints(&[5]));
        let ticket = case.only();
        case.applied(D, deployment(12, 2));
        if also {
            case.applied(C, child(11, 13).prints(&[3]));
        }
        case.finish(ticket, DONE);
        assert_eq!(case.pop().is_none(), waits);
        assert_eq!(case.due(), waits.then_some(100));
    }
}

/// One second where an object of D is not settled, which its projection says by an even number; else 100 ms.
fn until_settled() -> Debounce {
    let millis = |record: &Record| if record.fingerprints[0].is_multiple_of(2) { 1000 } else { 100 };
    Debounce::By(Arc::new(move |record| Duration::from_millis(millis(record))))
}

#[test]
fn a_debounce_may_depend_on_what_is_there() {
    let mut case = ready_with(until_settled());
    case.applied(D, deployment(11, 2));
    assert_eq!(case.due(), Some(1000));
    case.ms = 300;
    case.applied(D, deployment(12, 3));
    assert_eq!(case.due(), Some(400), "the object is settled");
    case.ms = 350;
    case.applied(D, deployment(13, 4));
    assert_eq!(case.due(), Some(1350), "it is not any more");
    case.ms = 400;
    case.applied(D, deployment(14, 4));
    assert_eq!(case.due(), Some(1350), "a version of no interest prolongs nothing");
    case.applied(D, deployment(15, 1));
    case.ms = 1350;
    assert!(case.pop().is_none(), "all is as it was");
    assert_eq!(case.due(), None);
}

#[test]
fn the_longest_debounce_that_an_object_asks_for_counts_and_none_for_what_is_gone() {
    let mut case = ready_with(until_settled());
    case.applied(D, object("n/second", 13, 11).of(1).prints(&[2]));
    assert_eq!(case.due(), Some(1000));
    case.ms = 10;
    case.applied(D, deployment(12, 3));
    assert_eq!(case.due(), Some(1010), "the other one is not settled");
    case.deleted(D, "n/second", 13, 13);
    assert_eq!(case.due(), Some(110));
    case.deleted(D, "n/deployment", 12, 14);
    assert_eq!(words(&case.only()), "d");
}

#[test]
fn a_new_primary_does_not_wait_for_what_it_finds() {
    let mut case = ready();
    case.applied(D, object("n/other-deployment", 22, 11).of(2));
    case.applied(P, object("n/other", 2, 12));
    assert_eq!(words(&case.only()), "primary");
}
