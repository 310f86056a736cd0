//! Several replicas, one Lease, and everything that can come between: whatever happens, no two of them may write at the same
//! time, as long as their clocks go about equally fast.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::tests::TIMES;
use super::*;

/// SplitMix64.
struct Rng(u64);

impl Rng {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// The replica looks what to do.
    Tick(usize),
    /// A request reaches the API server.
    Arrives { replica: usize, request: u64, ask: Ask },
    /// Its answer reaches the replica.
    Answered { replica: usize, request: u64, answer: Answer },
    /// The replica waits for it no longer.
    GivenUp { replica: usize, request: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ask {
    Look,
    Write(Option<(String, String)>, Text),
}

/// A record, ordered somehow.
type Text = (String, Duration, i64, i64, i32);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Answer {
    Found(Option<(String, String, Text)>),
    Outdated,
    Refused,
}

struct Replica {
    machine: Machine,
    start: Instant,
    /// How fast its monotonic clock goes, in thousandths.
    rate: u64,
    wall: i64,
    /// The request that it waits for: its number, when it was sent by its own clock, whether it writes.
    waits: Option<(u64, Instant, bool)>,
    /// It does nothing until then, in real time.
    stopped: u64,
}

impl Replica {
    /// Its clock at a real time in ms.
    fn clock(&self, at: u64) -> Instant {
        self.start + Duration::from_micros(at * self.rate)
    }

    fn may_write(&self, at: u64) -> bool {
        self.machine.lead(self.clock(at)).is_some()
    }
}

struct Model {
    rng: Rng,
    now: u64,
    replicas: Vec<Replica>,
    lease: Option<(String, u64, Text)>,
    made: u64,
    requests: u64,
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    count: u64,
    /// Until then, everything fails now and then.
    calm: u64,
    terms: usize,
}

/// How long the calm at the end is: a lease, and some looks and retries.
const CALM: u64 = 60_000;

impl Model {
    /// `spread`: how many thousandths the clocks go faster or slower at most.
    fn new(seed: u64, spread: u64) -> Self {
        let mut rng = Rng(seed);
        let count = 2 + rng.below(2);
        let start = Instant::now();
        let replica = |i: u64| Replica {
            machine: Machine::new(format!("r{i}"), TIMES, seed ^ i, start),
            start,
            rate: 1_000 - spread + rng.below(2 * spread + 1),
            wall: 0,
            waits: None,
            stopped: 0,
        };
        let replicas = (0..count).map(replica).collect();
        let (events, calm) = (BinaryHeap::new(), 150_000);
        let mut model =
            Self { rng, now: 0, replicas, lease: None, made: 0, requests: 0, events, count: 0, calm, terms: 0 };
        for i in 0..model.replicas.len() {
            let at = model.rng.below(5_000);
            model.at(at, Event::Tick(i));
        }
        model
    }

    fn at(&mut self, at: u64, event: Event) {
        self.count += 1;
        self.events.push(Reverse((at, self.count, event)));
    }

    /// How long something takes: mostly little, now and then longer than anybody waits.
    fn delay(&mut self) -> u64 {
        match self.rng.below(20) {
            _ if self.now >= self.calm => self.rng.below(50),
            0 => self.rng.below(20_000),
            1..5 => self.rng.below(3_000),
            _ => self.rng.below(50),
        }
    }

    /// Runs it to its end; the first time at which two replicas may write, if there is one.
    fn run(mut self) -> Result<usize, String> {
        while let Some(Reverse((at, _, event))) = self.events.pop() {
            if at > self.calm + CALM {
                let leaders = self.leaders(self.now);
                return if leaders.len() == 1 { Ok(self.terms) } else { Err(format!("in the end {leaders:?} lead")) };
            }
            self.now = at;
            self.happens(event);
            let leaders = self.leaders(at);
            if leaders.len() > 1 {
                return Err(format!("{leaders:?} lead at {at} ms"));
            }
        }
        Err("nothing happens any more".into())
    }

    fn leaders(&self, at: u64) -> Vec<usize> {
        (0..self.replicas.len()).filter(|&i| self.replicas[i].may_write(at)).collect()
    }

    fn happens(&mut self, event: Event) {
        let (replica, now) = match event {
            Event::Arrives { replica, request, ask } => return self.arrives(replica, request, ask),
            Event::Tick(replica) | Event::Answered { replica, .. } | Event::GivenUp { replica, .. } => {
                (replica, self.replicas[replica].clock(self.now))
            }
        };
        if self.replicas[replica].stopped > self.now {
            // SIGSTOP, or a machine that pauses: all of it happens afterwards.
            let at = self.replicas[replica].stopped;
            return self.at(at, event);
        }
        let waits = self.replicas[replica].waits;
        let answer = match event {
            Event::Answered { request, answer, .. } if waits.is_some_and(|(number, ..)| number == request) => {
                Some(answer)
            }
            Event::GivenUp { request, .. } if waits.is_some_and(|(number, ..)| number == request) => {
                Some(Answer::Refused)
            }
            Event::Tick(_) if waits.is_none() => None,
            _ => return,
        };
        let led = self.replicas[replica].may_write(self.now);
        if let (Some(answer), Some((_, sent, writes))) = (answer, self.replicas[replica].waits.take()) {
            let machine = &mut self.replicas[replica].machine;
            match (answer, writes) {
                (Answer::Found(found), false) => machine.looked(found.map(found_of), now),
                (Answer::Found(found), true) => {
                    machine.wrote(sent, found.map_or(Written::Unknown, |found| Written::Done(found_of(found))), now);
                }
                (_, false) => machine.failed(now),
                (Answer::Outdated, true) => machine.wrote(sent, Written::Outdated, now),
                (Answer::Refused, true) => machine.wrote(sent, Written::Unknown, now),
            }
        }
        self.terms += usize::from(!led && self.replicas[replica].may_write(self.now));
        self.acts(replica);
    }

    fn acts(&mut self, replica: usize) {
        let faults = self.now < self.calm;
        if faults && self.rng.one_in(30) {
            self.replicas[replica].stopped = self.now + self.rng.below(40_000);
        }
        // The wall clock jumps, or stands still.
        match self.rng.below(4) {
            0 => self.replicas[replica].wall = self.rng.below(3) as i64 * 1_000_000 - 1_000_000,
            1 => {}
            _ => self.replicas[replica].wall += 1_000,
        }
        let now = self.replicas[replica].clock(self.now);
        let Replica { machine, wall, .. } = &mut self.replicas[replica];
        let ask = match machine.step(now, *wall) {
            Step::Wait(at) => {
                let ms = (at - now).as_millis() as u64 * 1_000 / self.replicas[replica].rate + 1;
                let late = if faults && self.rng.one_in(20) { self.rng.below(5_000) } else { 0 };
                return self.at(self.now + ms + late, Event::Tick(replica));
            }
            Step::Look => Ask::Look,
            Step::Write(Draft { base, record }) => {
                let Record { holder, duration, acquired, renewed, transitions } = record;
                Ask::Write(base, (holder, duration, acquired, renewed, transitions))
            }
        };
        self.requests += 1;
        let request = self.requests;
        self.replicas[replica].waits = Some((request, now, ask != Ask::Look));
        if !(faults && self.rng.one_in(10)) {
            let arrival = self.now + self.delay();
            self.at(arrival, Event::Arrives { replica, request, ask });
        }
        let patience = TIMES.renew.as_millis() as u64 / 2 * 1_000 / self.replicas[replica].rate;
        self.at(self.now + patience, Event::GivenUp { replica, request });
    }

    fn arrives(&mut self, replica: usize, request: u64, ask: Ask) {
        let faults = self.now < self.calm;
        if faults && self.rng.one_in(40) {
            // Somebody labels it.
            if let Some((_, version, _)) = &mut self.lease {
                *version += 1;
            }
        }
        let there = self.lease.as_ref().map(|(uid, version, _)| (uid.clone(), version.to_string()));
        let answer = match ask {
            _ if faults && self.rng.one_in(20) => Answer::Refused,
            Ask::Write(base, _) if base != there => Answer::Outdated,
            Ask::Write(_, text) => {
                let (uid, version) = match self.lease.take() {
                    Some((uid, version, old)) => (uid, version + u64::from(old != text)),
                    None => {
                        self.made += 1;
                        (format!("u{}", self.made), 1)
                    }
                };
                self.lease = Some((uid, version, text));
                self.found()
            }
            Ask::Look => self.found(),
        };
        if !(faults && self.rng.one_in(10)) {
            let at = self.now + self.delay();
            self.at(at, Event::Answered { replica, request, answer });
        }
    }

    fn found(&self) -> Answer {
        Answer::Found(self.lease.as_ref().map(|(uid, version, text)| (uid.clone(), version.to_string(), text.clone())))
    }
}

fn found_of((uid, version, text): (String, String, Text)) -> Found {
    let (holder, duration, acquired, renewed, transitions) = text;
    Found { uid, version, record: Record { holder, duration, acquired, renewed, transitions } }
}

/// `STEERSMAN_ELECTIONS=100000` tries so many.
#[test]
fn never_two_leaders_and_one_in_the_end() {
    let elections = std::env::var("STEERSMAN_ELECTIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(3_000);
    let mut terms = 0;
    for seed in 0..elections {
        // 15 s are 1.5 times 10 s: the clocks may go apart by that, less a little: (1 + x) / (1 - x) < 1.5.
        match Model::new(seed, 190).run() {
            Ok(more) => terms += more,
            Err(error) => panic!("seed {seed}: {error}"),
        }
    }
    assert!(terms > 2 * elections as usize, "there was hardly anything to do: {terms} terms");
}

/// That the model finds what it looks for: clocks that go further apart than the times allow.
#[test]
fn clocks_that_go_too_far_apart_make_two_leaders() {
    let broken = (0..20_000).find_map(|seed| Model::new(seed, 350).run().err());
    assert!(broken.as_ref().is_some_and(|error| error.contains("lead at")), "{broken:?}");
}
