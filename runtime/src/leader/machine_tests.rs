use super::*;

pub(super) const TIMES: Times =
    Times { lease: Duration::from_secs(15), renew: Duration::from_secs(10), retry: Duration::from_secs(2) };

/// One replica, `me`, against a Lease that the test writes.
struct Case {
    machine: Machine,
    start: Instant,
    ms: u64,
    wall: i64,
    lease: Option<Found>,
}

impl Case {
    fn new(lease: Option<Found>) -> Self {
        let start = Instant::now();
        Self { machine: Machine::new("me".into(), TIMES, 1, start), start, ms: 0, wall: 1_000, lease }
    }

    fn now(&self) -> Instant {
        self.start + Duration::from_millis(self.ms)
    }

    fn step(&mut self) -> Step {
        self.machine.step(self.now(), self.wall)
    }

    fn leads(&self) -> bool {
        self.machine.lead(self.now()).is_some()
    }

    /// Carries out steps, each at once and with success, until there is something to wait for; returns for how long, in whole ms, rounded up.
    fn settle(&mut self) -> u64 {
        loop {
            match self.step() {
                Step::Wait(at) => return (at - self.now()).as_micros().div_ceil(1_000) as u64,
                Step::Look => self.machine.looked(self.lease.clone(), self.now()),
                Step::Write(draft) => {
                    let written = self.store(draft);
                    self.machine.wrote(self.now(), written, self.now());
                }
            }
        }
    }

    fn store(&mut self, draft: Draft) -> Written {
        let there = self.lease.as_ref().map(|found| (found.uid.clone(), found.version.clone()));
        if there != draft.base {
            return Written::Outdated;
        }
        let uid = there.map_or_else(|| "uid".to_owned(), |(uid, _)| uid);
        let version = self.lease.as_ref().map_or(1, |found| found.version.parse::<u64>().unwrap() + 1).to_string();
        let found = Found { uid, version, record: draft.record };
        self.lease = Some(found.clone());
        Written::Done(found)
    }

    /// Somebody else writes.
    fn other(&mut self, change: impl FnOnce(&mut Record)) {
        let found = self.lease.as_mut().unwrap();
        change(&mut found.record);
        found.version = (found.version.parse::<u64>().unwrap() + 1).to_string();
    }

    /// Waits as long as the machine wants, again and again, until it leads; returns how long that took, in ms.
    fn until_lead(&mut self) -> u64 {
        let begin = self.ms;
        loop {
            let wait = self.settle();
            if self.leads() {
                return self.ms - begin;
            }
            assert!(self.ms - begin < 60_000, "{:?}", self.machine);
            self.ms += wait;
        }
    }
}

fn held(by: &str) -> Found {
    let record = Record { holder: by.into(), duration: TIMES.lease, acquired: 5, renewed: 7, transitions: 3 };
    Found { uid: "uid".into(), version: "1".into(), record }
}

#[test]
fn a_lease_that_is_not_there_is_made_and_renewed() {
    let mut case = Case::new(None);
    assert_eq!(case.settle(), 2_000);
    assert_eq!(case.machine.lead(case.now()), Some(Lead { until: case.now() + TIMES.renew, anew: true }));
    case.ms += 2_000;
    case.wall = 2_000;
    assert_eq!(case.settle(), 2_000);
    let record = case.lease.as_ref().unwrap().record.clone();
    assert_eq!((record.acquired, record.renewed, record.transitions), (1_000, 2_000, 0));
    case.ms += 9_999;
    assert!(case.leads());
    case.ms += 1;
    assert!(!case.leads(), "without a renewal it ends");
}

#[test]
fn a_free_lease_is_taken_at_once() {
    let mut case = Case::new(Some(held("")));
    assert_eq!(case.until_lead(), 0);
    assert_eq!(case.lease.unwrap().record.transitions, 4);
}

#[test]
fn a_held_lease_is_taken_when_it_has_not_changed_for_its_duration() {
    let mut case = Case::new(Some(held("other")));
    assert_eq!(case.until_lead(), 15_000, "whatever its times say");
    assert_eq!(case.lease.unwrap().record.transitions, 4);
}

#[test]
fn a_held_lease_that_changes_is_left_alone() {
    let mut case = Case::new(Some(held("other")));
    for i in 0..100 {
        // The other's clock goes backwards, and that of this machine jumps.
        case.other(|record| record.renewed = -i);
        case.wall = i * 1_000_000_000 * if i % 2 == 0 { 1 } else { -1 };
        let wait = case.settle();
        assert!(!case.leads() && (1_600..=2_400).contains(&wait), "{wait}");
        case.ms += wait;
    }
    // A look that comes late, and a version that somebody else's label makes, count for nothing.
    case.other(|_| {});
    let rest = case.until_lead();
    assert!((12_500..=13_500).contains(&rest), "{rest}");
}

#[test]
fn a_longer_duration_of_the_holder_counts() {
    let mut long = held("other");
    long.record.duration = Duration::from_secs(30);
    assert_eq!(Case::new(Some(long)).until_lead(), 30_000);
    let mut none = held("other");
    none.record.duration = Duration::ZERO;
    assert_eq!(Case::new(Some(none)).until_lead(), 15_000);
}

#[test]
fn a_lease_that_was_deleted_is_left_alone_as_long() {
    let mut case = Case::new(Some(held("other")));
    case.settle();
    case.ms += 3_000;
    case.lease = None;
    assert_eq!(case.until_lead(), 12_000);
    // And who holds it makes it again.
    case.lease = None;
    case.ms += 2_000;
    case.settle();
    case.settle();
    assert!(case.leads() && case.lease.is_some());
}

#[test]
fn an_answer_that_does_not_come_is_neither_believed() {
    for landed in [true, false] {
        let mut case = Case::new(Some(held("")));
        case.machine.looked(case.lease.clone(), case.now());
        let Step::Write(draft) = case.step() else { panic!("{:?}", case.machine) };
        if landed {
            case.store(draft);
        }
        let sent = case.now();
        case.ms += 5_000;
        case.machine.wrote(sent, Written::Unknown, case.now());
        assert!(!case.leads());
        assert_eq!(case.step(), Step::Look);
        assert_eq!(case.until_lead(), 0);
        assert_eq!(case.lease.unwrap().record.transitions, 4);
    }
}

#[test]
fn the_lead_counts_from_before_the_renewal_was_sent() {
    let mut case = Case::new(None);
    case.machine.looked(None, case.now());
    let Step::Write(draft) = case.step() else { panic!("{:?}", case.machine) };
    let (sent, written) = (case.now(), case.store(draft));
    case.ms += 4_000;
    case.machine.wrote(sent, written.clone(), case.now());
    assert_eq!(case.machine.lead(case.now()).unwrap().until, sent + TIMES.renew);
    let mut late = Case::new(None);
    late.machine.looked(None, late.now());
    late.step();
    let sent = late.now();
    late.ms += 10_000;
    late.machine.wrote(sent, written, late.now());
    assert!(!late.leads(), "an answer that comes too late is none");
}

#[test]
fn who_led_last_goes_on_where_it_was() {
    let mut case = Case::new(None);
    case.until_lead();
    // The API server is gone for a minute.
    for _ in 0..30 {
        case.ms += 2_000;
        match case.step() {
            Step::Look => case.machine.failed(case.now()),
            Step::Write(_) => case.machine.wrote(case.now(), Written::Unknown, case.now()),
            Step::Wait(_) => {}
        }
    }
    assert!(!case.leads());
    case.until_lead();
    assert!(!case.machine.lead(case.now()).unwrap().anew, "nobody else can have led");
    // Somebody else takes it, and gives it up.
    case.other(|record| *record = Record { transitions: record.transitions + 1, ..held("").record });
    case.ms += 2_000;
    case.until_lead();
    assert!(case.machine.lead(case.now()).unwrap().anew);
}

#[test]
fn who_sees_another_holder_leads_no_more() {
    let mut case = Case::new(None);
    case.until_lead();
    case.other(|record| record.holder = "other".into());
    case.ms += 2_000;
    assert!(case.leads());
    case.settle();
    assert!(!case.leads());
    assert_eq!(case.machine.holder(), Some("other"));
}

#[test]
fn what_is_written_is_always_another() {
    let mut case = Case::new(None);
    let mut times = Vec::new();
    for wall in [50, 50, 10, -70, 50, 60] {
        case.wall = wall;
        case.settle();
        case.ms += 2_000;
        times.push(case.lease.as_ref().unwrap().record.renewed);
    }
    assert_eq!(times, [50, 51, 52, 53, 54, 60]);
}

#[test]
fn who_is_always_too_late_does_not_ask_without_a_pause() {
    let mut case = Case::new(Some(held("")));
    let mut steps = 0;
    loop {
        match case.step() {
            Step::Wait(_) => break,
            Step::Look => case.machine.looked(case.lease.clone(), case.now()),
            Step::Write(_) => case.machine.wrote(case.now(), Written::Outdated, case.now()),
        }
        steps += 1;
        assert!(steps < 20);
    }
}
