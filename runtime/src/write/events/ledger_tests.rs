//! What is sent, and when, under a clock of the test's own.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::event::{Event, Reference, Report};
use super::ledger::{BEHIND, Dropped, Job, Ledger, MOST, MOST_OF_ONE, Outcome, SILENCE};
use crate::core::key::Rv;

const SECOND: Duration = Duration::from_secs(1);

fn about(primary: &str, note: &str) -> Report {
    let name = primary.to_owned();
    let regarding = Reference { uid: Some(format!("uid-of-{name}")), name, ..Reference::default() };
    Report { regarding: regarding.into(), controller: "tests".into(), event: Event::normal("Reason", "Act", note) }
}

/// A ledger and what it is that sends: everything that is due is sent at once, with the outcome that the test chooses.
struct Desk {
    ledger: Ledger,
    now: Instant,
    outcome: Outcome,
}

impl Desk {
    fn new() -> Self {
        Self { ledger: Ledger::default(), now: Instant::now(), outcome: Outcome::Sent }
    }

    fn report(&mut self, report: Report) -> Result<(), Dropped> {
        self.ledger.report(report, Rv(7), self.now)
    }

    fn next(&mut self) -> Option<Job> {
        self.ledger.next(self.now)
    }

    fn answer(&mut self, job: &Job, outcome: Outcome) {
        self.ledger.answered(job, outcome, self.now);
    }

    /// Sends what is due; says of each primary `+count` for a creation and `count` for a change.
    fn send(&mut self) -> Vec<String> {
        let mut sent = Vec::new();
        while let Some(job) = self.next() {
            let sign = if job.create { "+" } else { "" };
            sent.push(format!("{} {sign}{}", job.report.regarding.name, job.count));
            self.answer(&job, self.outcome);
        }
        sent
    }

    fn wait(&mut self, time: Duration) {
        self.now += time;
    }

    /// Waits for the next deadline; returns for how long.
    fn wait_for_deadline(&mut self) -> Option<Duration> {
        let deadline = self.ledger.deadline()?;
        let time = deadline.saturating_duration_since(self.now);
        self.wait(time);
        Some(time)
    }
}

#[test]
fn the_first_of_its_kind_is_sent_at_once() {
    let mut desk = Desk::new();
    desk.report(about("a", "")).unwrap();
    let job = desk.next().unwrap();
    assert_eq!((job.create, job.count, job.version, job.first, job.last), (true, 1, Rv(7), desk.now, desk.now));
    desk.answer(&job, Outcome::Sent);
    assert!(desk.next().is_none());
    assert_eq!(desk.wait_for_deadline(), Some(SILENCE), "nothing but to forget it");
}

#[test]
fn a_count_is_sent_when_it_has_doubled_and_once_a_minute() {
    let mut desk = Desk::new();
    let mut sent = Vec::new();
    for second in 0..200 {
        desk.report(about("a", "")).unwrap();
        sent.extend(desk.send().into_iter().map(|what| format!("{second}: {what}")));
        desk.wait(SECOND);
    }
    assert_eq!(
        sent,
        ["0: a +1", "1: a 2", "3: a 4", "7: a 8", "15: a 16", "31: a 32", "63: a 64", "123: a 124", "183: a 184"]
    );
    // The rest follows, so that the count is right in the end.
    assert_eq!(desk.wait_for_deadline(), Some(BEHIND - 17 * SECOND));
    assert_eq!(desk.send(), ["a 200"]);
    assert_eq!(desk.wait_for_deadline(), Some(SILENCE - 44 * SECOND), "after the last one");
}

#[test]
fn what_comes_while_one_is_in_flight_is_counted() {
    let mut desk = Desk::new();
    desk.report(about("a", "")).unwrap();
    let job = desk.next().unwrap();
    desk.report(about("a", "")).unwrap();
    assert!(desk.next().is_none(), "never two requests for one object at a time");
    desk.answer(&job, Outcome::Sent);
    assert_eq!(desk.send(), ["a 2"]);
}

#[test]
fn any_difference_makes_a_series_of_its_own() {
    let mut desk = Desk::new();
    let event = || Event::normal("Reason", "Act", "note");
    let related = || Reference { name: "other".into(), ..Reference::default() };
    let events = [
        event(),
        Event::warning("Reason", "Act", "note"),
        Event::normal("Cause", "Act", "note"),
        Event::normal("Reason", "React", "note"),
        Event::normal("Reason", "Act", "another note"),
        Event { related: Some(related()), ..event() },
    ];
    let count = events.len() + 2;
    for event in events {
        desk.report(Report { event, ..about("a", "") }).unwrap();
    }
    desk.report(Report { event: event(), controller: "others".into(), ..about("a", "") }).unwrap();
    desk.report(Report { event: event(), ..about("b", "") }).unwrap();
    let sent = desk.send();
    assert!(sent.len() == count && sent.iter().all(|what| what.ends_with("+1")), "{sent:?}");
}

#[test]
fn silence_ends_a_series() {
    let mut desk = Desk::new();
    desk.report(about("a", "")).unwrap();
    let first = desk.next().unwrap();
    desk.answer(&first, Outcome::Sent);
    desk.wait(SILENCE - SECOND);
    desk.report(about("a", "")).unwrap();
    assert_eq!(desk.send(), ["a 2"]);
    desk.wait(SILENCE);
    assert!(desk.next().is_none());
    assert_eq!(desk.ledger.deadline(), None, "nothing is left");
    desk.report(about("a", "")).unwrap();
    let second = desk.next().unwrap();
    assert_eq!((second.create, second.count), (true, 1));
    assert_ne!(second.unique, first.unique, "another object");
}

#[test]
fn an_object_that_somebody_has_deleted_is_made_anew_with_its_count() {
    let mut desk = Desk::new();
    desk.report(about("a", "")).unwrap();
    desk.send();
    desk.report(about("a", "")).unwrap();
    let job = desk.next().unwrap();
    desk.answer(&job, Outcome::Gone);
    assert_eq!(desk.send(), ["a +2"]);
    desk.report(about("a", "")).unwrap();
    desk.report(about("a", "")).unwrap();
    assert_eq!(desk.send(), ["a 4"]);
}

#[test]
fn what_is_refused_is_tried_again_only_when_more_of_it_comes() {
    let mut desk = Desk::new();
    desk.outcome = Outcome::Refused;
    desk.report(about("a", "")).unwrap();
    assert_eq!(desk.send(), ["a +1"]);
    assert_eq!(desk.wait_for_deadline(), Some(SILENCE), "nothing but to forget it");
    desk.report(about("a", "")).unwrap();
    assert_eq!(desk.send(), ["a +2"]);
    desk.report(about("a", "")).unwrap();
    assert_eq!(desk.send(), [""; 0]);
    assert_eq!(desk.wait_for_deadline(), Some(BEHIND));
    desk.outcome = Outcome::Sent;
    assert_eq!(desk.send(), ["a +3"]);
}

#[test]
fn an_outage_is_waited_out_and_takes_nothing() {
    let mut desk = Desk::new();
    desk.report(about("a", "")).unwrap();
    desk.report(about("b", "")).unwrap();
    desk.outcome = Outcome::Unreachable;
    let mut pauses = Vec::new();
    for _ in 0..8 {
        assert_eq!(desk.send().len(), 1, "one at a time finds out");
        desk.report(about("c", "")).unwrap();
        assert_eq!(desk.send(), [""; 0], "nothing new shortens the pause");
        pauses.push(desk.wait_for_deadline().unwrap().as_secs());
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30, 30]);
    desk.outcome = Outcome::Sent;
    let mut sent = desk.send();
    sent.sort();
    assert_eq!(sent, ["a +1", "b +1", "c +8"]);
}

#[test]
fn what_cannot_be_sent_for_too_long_is_given_up_and_stops_nothing() {
    let mut desk = Desk::new();
    desk.report(about("a", "")).unwrap();
    desk.wait(SILENCE);
    desk.report(about("b", "")).unwrap();
    let job = desk.next().unwrap();
    assert_eq!(job.report.regarding.name, "a");
    desk.answer(&job, Outcome::Unreachable);
    desk.wait(SECOND);
    assert_eq!(desk.send(), ["b +1"]);
    assert_eq!(desk.wait_for_deadline(), Some(SILENCE - SECOND), "nothing but to forget the other one");
}

#[test]
fn one_primary_cannot_flood_the_cluster() {
    let mut desk = Desk::new();
    for i in 0..MOST_OF_ONE {
        desk.report(about("a", &i.to_string())).unwrap();
    }
    assert_eq!(desk.send().len(), MOST_OF_ONE);
    assert_eq!(desk.report(about("a", "more")), Err(Dropped::TooMany { first: true }));
    assert_eq!(desk.report(about("a", "still more")), Err(Dropped::TooMany { first: false }));
    assert_eq!(desk.report(about("a", "0")), Ok(()), "the known ones are counted on");
    assert_eq!(desk.report(about("b", "")), Ok(()), "others are not concerned");
    assert_eq!(desk.send().len(), 2);
    desk.wait(SILENCE);
    assert!(desk.next().is_none());
    assert_eq!(desk.report(about("a", "more")), Ok(()));
}

#[test]
fn the_memory_is_bounded() {
    let mut desk = Desk::new();
    for i in 0..MOST {
        desk.report(about(&i.to_string(), "")).unwrap();
    }
    assert_eq!(desk.report(about("more", "")), Err(Dropped::Full { first: true }));
    assert_eq!(desk.report(about("still more", "")), Err(Dropped::Full { first: false }));
    // As soon as one is sent, it is forgotten for another one.
    let job = desk.next().unwrap();
    desk.answer(&job, Outcome::Sent);
    assert_eq!(desk.report(about("more", "")), Ok(()));
    assert_eq!(desk.report(about("still more", "")), Err(Dropped::Full { first: true }));
    assert_eq!(desk.send().len(), MOST);
    desk.wait(SILENCE);
    assert!(desk.next().is_none());
    assert_eq!(desk.ledger.deadline(), None, "nothing is left");
}

#[test]
fn in_the_end_everything_is_due() {
    let mut desk = Desk::new();
    for name in ["sent", "behind", "in flight", "waiting"] {
        desk.report(about(name, "")).unwrap();
        if name == "in flight" {
            desk.next().unwrap();
        } else if name != "waiting" {
            desk.send();
        }
    }
    for _ in 0..2 {
        desk.report(about("behind", "")).unwrap();
        desk.ledger
            .next(desk.now)
            .into_iter()
            .for_each(|job| desk.ledger.answered(&job, Outcome::Unreachable, desk.now));
    }
    assert!(desk.next().is_none(), "there is a pause");
    desk.ledger.hurry(desk.now);
    let mut sent = desk.send();
    sent.sort();
    assert_eq!(sent, ["behind 3", "in flight +1", "waiting +1"]);
    assert_eq!(desk.wait_for_deadline(), Some(SILENCE));
}

/// Numbers that the seed determines.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32 % n
    }
}

/// An API server that loses objects, requests and answers.
#[derive(Default)]
struct Server {
    counts: HashMap<u64, i32>,
}

impl Server {
    fn take(&mut self, job: &Job) -> Outcome {
        match (job.create, self.counts.get_mut(&job.unique)) {
            (true, Some(_)) => return Outcome::Exists,
            (false, None) => return Outcome::Gone,
            (true, None) => drop(self.counts.insert(job.unique, job.count)),
            (false, Some(count)) => {
                assert!(job.count >= 2, "no series has less: {job:?}");
                *count = job.count;
            }
        }
        Outcome::Sent
    }
}

#[test]
fn every_history_ends_with_the_right_counts_and_leaves_nothing_behind() {
    for seed in 0..500 {
        let mut random = Random(seed);
        let (mut desk, mut server) = (Desk::new(), Server::default());
        let mut reported = [0; 3];
        let report = |desk: &mut Desk, reported: &mut [i32; 3], i: usize| {
            reported[i] += 1;
            desk.report(about(&i.to_string(), "")).unwrap();
        };
        // So little time passes that no series ends.
        for _ in 0..200 {
            desk.wait(SECOND * random.below(3));
            report(&mut desk, &mut reported, random.below(3) as usize);
            let Some(job) = desk.next() else { continue };
            let outcome = if random.below(4) == 0 { Outcome::Unreachable } else { server.take(&job) };
            let lost = random.below(4) == 0;
            if random.below(2) == 0 {
                report(&mut desk, &mut reported, random.below(3) as usize);
            }
            desk.answer(&job, if lost { Outcome::Unreachable } else { outcome });
            if random.below(10) == 0 {
                server.counts.clear();
            }
        }
        let mut last = HashMap::new();
        while desk.wait_for_deadline().is_some() {
            while let Some(job) = desk.next() {
                let outcome = server.take(&job);
                last.insert(job.report.regarding.name.clone(), job.unique);
                desk.answer(&job, outcome);
            }
        }
        for (name, unique) in last {
            let i: usize = name.parse().unwrap();
            assert_eq!(server.counts[&unique], reported[i], "seed {seed}, primary {i}");
        }
    }
}
