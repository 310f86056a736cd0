//! Who leads, as one replica sees it: a state machine without I/O and without a clock of its own.
//!
//! Two clocks count. The monotonic one of this process says when a renewal was sent and when a Lease was seen to change;
//! everything is decided by it. The wall clock is only written into the Lease, for people; that of others is never read. So a
//! clock that is wrong, or jumps, does no harm.

use std::time::{Duration, Instant};

use crate::core::pace::Jitter;

/// The times of an election.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Times {
    /// How long the others leave a Lease alone that does not change.
    pub(super) lease: Duration,
    /// How long after a renewal was sent its sender may write.
    pub(super) renew: Duration,
    /// The pause between two renewals, and about that between two looks.
    pub(super) retry: Duration,
}

/// What a Lease says, as far as it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// Empty if it is free.
    pub(super) holder: String,
    /// Zero if it says none.
    pub(super) duration: Duration,
    /// When the holder took it, and renewed it, by the holder's wall clock, in microseconds.
    pub(super) acquired: i64,
    pub(super) renewed: i64,
    /// How often it went from one holder to another.
    pub(super) transitions: i32,
}

/// A Lease as the API server has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) uid: String,
    pub(super) version: String,
    pub(super) record: Record,
}

/// A Lease to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Draft {
    /// The uid and version to replace; `None` to create it.
    pub(super) base: Option<(String, String)>,
    pub(super) record: Record,
}

/// What to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Read the Lease. [`Machine::looked`] or [`Machine::failed`] follows.
    Look,
    /// Write it, in this version alone. [`Machine::wrote`] follows.
    Write(Draft),
    /// Nothing until then.
    Wait(Instant),
}

/// What came of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Written {
    Done(Found),
    /// It is in another version, exists already, or no longer.
    Outdated,
    /// Refused for another reason, or nobody knows.
    Unknown,
}

/// The lead of this replica, from one gain to the next loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lead {
    /// It ends then, unless it is renewed before.
    pub(super) until: Instant,
    /// Whether another replica may have led since this one did last.
    pub(super) anew: bool,
}

/// What was read last, and since when it has said the same.
#[derive(Debug)]
struct Seen {
    found: Found,
    since: Instant,
    /// It was not there any more at the last look.
    gone: bool,
}

#[derive(Clone, Copy, Debug)]
enum Next {
    Look(Instant),
    Write(Instant),
}

#[derive(Debug)]
pub(super) struct Machine {
    me: String,
    times: Times,
    seen: Option<Seen>,
    next: Next,
    lead: Option<Lead>,
    /// The uid and the transitions of the Lease when this replica led last.
    led: Option<(String, i32)>,
    /// The greatest time that this replica has written: what it writes next must be another, or nobody would see that it does.
    renewed: i64,
    /// How often in a row somebody was faster.
    outdated: u32,
    jitter: Jitter,
}

/// So often in a row a write that came too late is followed by a look at once.
const AT_ONCE: u32 = 3;

impl Machine {
    /// `me` must be the identity of no other process.
    pub(super) fn new(me: String, times: Times, seed: u64, now: Instant) -> Self {
        let (next, jitter) = (Next::Look(now), Jitter::new(seed));
        Self { me, times, seen: None, next, lead: None, led: None, renewed: i64::MIN, outdated: 0, jitter }
    }

    /// The lead, as long as it lasts.
    pub(super) fn lead(&self, now: Instant) -> Option<Lead> {
        self.lead.filter(|lead| now < lead.until)
    }

    /// Who holds the Lease, as it was seen last.
    pub(super) fn holder(&self) -> Option<&str> {
        let seen = self.seen.as_ref().filter(|seen| !seen.gone)?;
        Some(&*seen.found.record.holder).filter(|holder| !holder.is_empty())
    }

    pub(super) fn is_mine(&self, found: &Found) -> bool {
        found.record.holder == self.me
    }

    /// What to do now. `wall`: the time of day, in microseconds.
    pub(super) fn step(&mut self, now: Instant, wall: i64) -> Step {
        self.lead = self.lead(now);
        match self.next {
            Next::Look(at) | Next::Write(at) if now < at => Step::Wait(at),
            Next::Look(_) => Step::Look,
            Next::Write(_) => Step::Write(self.draft(wall)),
        }
    }

    fn draft(&mut self, wall: i64) -> Draft {
        self.renewed = wall.max(self.renewed.saturating_add(1));
        let there = self.seen.as_ref().filter(|seen| !seen.gone).map(|seen| &seen.found);
        let base = there.map(|found| (found.uid.clone(), found.version.clone()));
        let (acquired, transitions) = match there.map(|found| &found.record) {
            Some(record) if record.holder == self.me => (record.acquired, record.transitions),
            Some(record) => (self.renewed, record.transitions.saturating_add(1)),
            None => (self.renewed, 0),
        };
        let record = Record {
            holder: self.me.clone(),
            duration: self.times.lease,
            acquired,
            renewed: self.renewed,
            transitions,
        };
        Draft { base, record }
    }

    /// What to write to give the Lease up. As others do, with a duration that is short, should the holder count for nothing.
    pub(super) fn release(&mut self, found: &Found, wall: i64) -> Draft {
        self.renewed = wall.max(self.renewed.saturating_add(1));
        let record = Record {
            holder: String::new(),
            duration: Duration::from_secs(1),
            acquired: found.record.acquired,
            renewed: self.renewed,
            transitions: found.record.transitions,
        };
        Draft { base: Some((found.uid.clone(), found.version.clone())), record }
    }

    /// The Lease was read; `None`: there is none.
    pub(super) fn looked(&mut self, found: Option<Found>, now: Instant) {
        self.lead = self.lead(now);
        let Some(found) = found else { return self.missed(now) };
        let mine = self.is_mine(&found);
        if !mine {
            // Whatever happened: it is somebody else's, or nobody's.
            self.lead = None;
        }
        let free = found.record.holder.is_empty();
        let same = |seen: &Seen| seen.found.uid == found.uid && seen.found.record == found.record;
        let since = self.seen.as_ref().filter(|seen| same(seen)).map_or(now, |seen| seen.since);
        self.seen = Some(Seen { found, since, gone: false });
        self.next = if mine || free { Next::Write(now) } else { self.await_end(now) };
    }

    /// There is none. Somebody has deleted it, or nobody has made it yet. Who held it may still write, and knows nothing of that.
    fn missed(&mut self, now: Instant) {
        let held = self.seen.as_mut().is_some_and(|seen| {
            seen.gone = true;
            !seen.found.record.holder.is_empty() && seen.found.record.holder != self.me
        });
        self.next = if held { self.await_end(now) } else { Next::Write(now) };
    }

    /// Somebody else's Lease is left alone until it has not changed for its duration: by its own word or by ours, whichever is
    /// longer, since the two may be of different releases.
    fn await_end(&mut self, now: Instant) -> Next {
        let Some(seen) = &self.seen else { return Next::Look(now) };
        let end = seen.since + self.times.lease.max(seen.found.record.duration);
        if now >= end { Next::Write(now) } else { Next::Look((now + self.jitter.spread(self.times.retry)).min(end)) }
    }

    /// The Lease could not be read.
    pub(super) fn failed(&mut self, now: Instant) {
        self.lead = self.lead(now);
        self.next = Next::Look(now + self.jitter.spread(self.times.retry));
    }

    /// A write that was sent at `sent` has been answered, or given up. Neither is believed without an answer: then the next thing
    /// is to look.
    pub(super) fn wrote(&mut self, sent: Instant, written: Written, now: Instant) {
        let lead = self.lead(now);
        self.lead = lead;
        let pause = sent + self.times.retry;
        self.outdated = if written == Written::Outdated { self.outdated + 1 } else { 0 };
        self.next = match written {
            Written::Done(found) => {
                // Counted from before it was sent: nobody can have seen the change earlier.
                let until = sent + self.times.renew;
                let place = (found.uid.clone(), found.record.transitions);
                let anew = lead.map_or_else(|| self.led.as_ref() != Some(&place), |lead| lead.anew);
                self.seen = Some(Seen { found, since: now, gone: false });
                self.lead = (now < until).then_some(Lead { until, anew });
                if self.lead.is_some() {
                    self.led = Some(place);
                }
                Next::Write(pause.max(now))
            }
            Written::Outdated if self.outdated <= AT_ONCE => Next::Look(now),
            Written::Outdated => Next::Look(pause.max(now)),
            Written::Unknown => Next::Look(pause.max(now)),
        };
    }
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "machine_model.rs"]
mod model;
