//! When Jobs are due.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::api::CronJobSpec;

/// A schedule in its time zone.
///
/// What a change of the clocks does to it is what cron does: a time of the day that is left out is due at the end of the gap, one
/// that comes twice is due once. What is due each hour or more often, such as `*/15 * * * *`, is so in the hours that there are.
#[derive(Clone, Debug)]
pub struct Schedule {
    cron: Cron,
    zone: TimeZone,
}

/// Why a schedule cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScheduleError {
    /// It is no schedule.
    Invalid(String),
    /// There is no such time zone.
    UnknownTimeZone(String),
}

impl Schedule {
    /// That of a spec.
    ///
    /// # Errors
    /// What the schema lets through and is nevertheless no schedule, or no time zone.
    pub fn of(spec: &CronJobSpec) -> Result<Self, ScheduleError> {
        let parser = CronParser::builder().seconds(Seconds::Optional).year(Year::Disallowed).build();
        let cron = parser.parse(&spec.schedule).map_err(|error| ScheduleError::Invalid(error.to_string()))?;
        let zone = match spec.time_zone.as_deref() {
            None => TimeZone::UTC,
            Some(name) => TimeZone::get(name).map_err(|_| ScheduleError::UnknownTimeZone(name.to_owned()))?,
        };
        Ok(Self { cron, zone })
    }

    /// The first time after `time`; `None` if there is none, as with the 31st of February.
    pub fn after(&self, time: Timestamp) -> Option<Timestamp> {
        let next = self.cron.find_next_occurrence(&whole(time).to_zoned(self.zone.clone()), false);
        next.ok().map(|zoned| zoned.timestamp())
    }

    /// The last time that is not after `time`.
    pub fn until(&self, time: Timestamp) -> Option<Timestamp> {
        let last = self.cron.find_previous_occurrence(&whole(time).to_zoned(self.zone.clone()), true);
        last.ok().map(|zoned| zoned.timestamp())
    }

    /// How many times lie after `begin` and not after `end`; `most` if there are more.
    pub fn count(&self, begin: Timestamp, end: Timestamp, most: usize) -> usize {
        let mut time = begin;
        let due = std::iter::from_fn(|| {
            time = self.after(time).filter(|next| *next <= end)?;
            Some(())
        });
        due.take(most).count()
    }
}

/// Without what is smaller than a second: all times of a schedule are whole seconds.
fn whole(time: Timestamp) -> Timestamp {
    Timestamp::from_second(time.as_nanosecond().div_euclid(1_000_000_000).try_into().unwrap_or(i64::MAX))
        .unwrap_or(time)
}
