//! Which events to send, and when.

use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::event::{Reference, Report};
use crate::core::key::Rv;

/// Series that are remembered at most.
pub(super) const MOST: usize = 4096;
/// Of these, series that regard one primary: somebody puts the time into the note, otherwise.
pub(super) const MOST_OF_ONE: usize = 25;
/// How far the API server may be behind in its count.
pub(super) const BEHIND: Duration = Duration::from_secs(60);
/// The silence that ends a series: more than the longest backoff of a primary by default, 6 minutes, so that the failures
/// of one are one series.
pub(super) const SILENCE: Duration = Duration::from_secs(10 * 60);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// All series of a process. No I/O and no clock.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    series: HashMap<Arc<Report>, Series>,
    /// Those of each primary.
    regarding: HashMap<Arc<Reference>, Few>,
    /// What is to be sent, by when.
    unsent: BTreeSet<(Instant, Arc<Report>)>,
    /// What there is nothing to send of, by when it is forgotten.
    quiet: BTreeSet<(Instant, Arc<Report>)>,
    /// While the API server cannot be reached.
    pause: Option<Pause>,
    /// The last event could not be taken, because everything was full of unsent ones.
    full: bool,
    /// Makes the names of events unique, those of several processes too.
    unique: RandomState,
    begun: u64,
}

/// Equal events, one after the other.
#[derive(Debug)]
struct Series {
    /// The primary's version at the first.
    version: Rv,
    unique: u64,
    first: Instant,
    last: Instant,
    count: i32,
    /// The count that the API server was told last, whether it took it or not.
    told: i32,
    /// When it was tried last to tell it.
    tried: Instant,
    /// Whether the API server has the object.
    exists: bool,
    place: Place,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Unsent(Instant),
    Quiet(Instant),
    InFlight,
}

#[derive(Debug, Default)]
struct Few {
    count: usize,
    full: bool,
}

#[derive(Clone, Copy, Debug)]
struct Pause {
    until: Instant,
    length: Duration,
}

/// One request to send, and what it is about.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) report: Arc<Report>,
    pub(super) version: Rv,
    pub(super) unique: u64,
    /// Create the object, instead of changing its count.
    pub(super) create: bool,
    pub(super) count: i32,
    pub(super) first: Instant,
    pub(super) last: Instant,
}

impl Job {
    /// Where the event is: with its primary, or where the API server wants those about objects without a namespace.
    pub(super) fn namespace(&self) -> &str {
        self.report.regarding.namespace.as_deref().unwrap_or("default")
    }
}

/// What came of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Sent,
    /// The object to create is there, by an earlier try of which no answer came.
    Exists,
    /// The object to change is not there any more.
    Gone,
    Refused,
    /// The API server cannot be reached, or not now.
    Unreachable,
}

/// Why an event was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dropped {
    /// Everything is full of events that wait.
    Full { first: bool },
    /// There are too many different ones of this primary.
    TooMany { first: bool },
}

impl Ledger {
    /// Counts one event.
    pub(super) fn report(&mut self, report: Report, version: Rv, now: Instant) -> Result<(), Dropped> {
        let report = match self.series.get_key_value(&report) {
            Some((report, _)) => report.clone(),
            None => self.begin(report, version, now)?,
        };
        if let Some(series) = self.series.get_mut(&report) {
            series.count = series.count.saturating_add(1);
            series.last = now;
            if !matches!(series.place, Place::InFlight) {
                self.put(&report);
            }
        }
        Ok(())
    }

    /// What to send now. Each job must be answered.
    pub(super) fn next(&mut self, now: Instant) -> Option<Job> {
        while self.quiet.first().is_some_and(|(until, _)| *until <= now) {
            self.forget_quietest();
        }
        if self.pause.is_some_and(|pause| pause.until > now) || self.unsent.first()?.0 > now {
            return None;
        }
        let (_, report) = self.unsent.pop_first()?;
        let series = self.series.get_mut(&report)?;
        series.place = Place::InFlight;
        let Series { version, unique, first, last, count, exists, .. } = *series;
        Some(Job { report, version, unique, create: !exists, count, first, last })
    }

    /// When to ask for the next job, unless an event comes before.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let send = self.unsent.first().map(|(due, _)| self.pause.map_or(*due, |pause| pause.until.max(*due)));
        let forget = self.quiet.first().map(|(until, _)| *until);
        send.into_iter().chain(forget).min()
    }

    /// Takes in what came of a job.
    pub(super) fn answered(&mut self, job: &Job, outcome: Outcome, now: Instant) {
        let Some(series) = self.series.get_mut(&job.report) else { return };
        series.tried = now;
        match outcome {
            Outcome::Sent => (series.told, series.exists) = (job.count, true),
            Outcome::Exists => (series.told, series.exists) = (1, true),
            Outcome::Gone => (series.told, series.exists) = (0, false),
            Outcome::Refused => series.told = job.count,
            // So late it is nobody's news, and perhaps there is something wrong with this one alone.
            Outcome::Unreachable if now.duration_since(job.last) >= SILENCE => series.told = job.count,
            Outcome::Unreachable => {}
        }
        self.pause = match (outcome, self.pause) {
            (Outcome::Unreachable, pause) => {
                let length = pause.map_or(FIRST_PAUSE, |pause| (pause.length * 2).min(LONGEST_PAUSE));
                Some(Pause { until: now + length, length })
            }
            _ => None,
        };
        self.put(&job.report);
    }

    /// Everything unsent is due now, also what was in flight when its task was cancelled.
    pub(super) fn hurry(&mut self, now: Instant) {
        self.pause = None;
        self.unsent.clear();
        for (report, series) in &mut self.series {
            if series.told < series.count {
                series.place = Place::Unsent(now);
                self.unsent.insert((now, report.clone()));
            }
        }
    }

    /// A new series, if there is room.
    fn begin(&mut self, report: Report, version: Rv, now: Instant) -> Result<Arc<Report>, Dropped> {
        if let Some(few) = self.regarding.get_mut(&report.regarding).filter(|few| few.count >= MOST_OF_ONE) {
            return Err(Dropped::TooMany { first: !std::mem::replace(&mut few.full, true) });
        }
        if self.series.len() >= MOST {
            if self.quiet.is_empty() {
                return Err(Dropped::Full { first: !std::mem::replace(&mut self.full, true) });
            }
            self.forget_quietest();
        }
        self.full = false;
        self.begun += 1;
        let unique = self.unique.hash_one((&report, self.begun));
        let report = Arc::new(report);
        self.regarding.entry(report.regarding.clone()).or_default().count += 1;
        let (first, place) = (now, Place::Quiet(now));
        let series = Series { version, unique, first, last: now, count: 0, told: 0, tried: now, exists: false, place };
        self.series.insert(report.clone(), series);
        Ok(report)
    }

    /// Puts a series where it belongs.
    fn put(&mut self, report: &Arc<Report>) {
        let Some(series) = self.series.get_mut(report) else { return };
        let mut due = if series.count >= series.told.saturating_mul(2) { series.last } else { series.tried + BEHIND };
        match series.place {
            Place::Unsent(before) => {
                self.unsent.remove(&(before, report.clone()));
                due = due.min(before);
            }
            Place::Quiet(until) => drop(self.quiet.remove(&(until, report.clone()))),
            // Behind all that is due already.
            Place::InFlight => due = due.max(series.tried),
        }
        if series.count > series.told {
            series.place = Place::Unsent(due);
            self.unsent.insert((due, report.clone()));
        } else {
            let until = series.last + SILENCE;
            series.place = Place::Quiet(until);
            self.quiet.insert((until, report.clone()));
        }
    }

    fn forget_quietest(&mut self) {
        let Some((_, report)) = self.quiet.pop_first() else { return };
        self.series.remove(&report);
        if let Some(few) = self.regarding.get_mut(&report.regarding) {
            few.count -= 1;
            if few.count == 0 {
                self.regarding.remove(&report.regarding);
            }
        }
    }
}
