use jiff::Timestamp;

use super::api::{ConcurrencyPolicy, CronJobSpec};
use super::plan::{Plan, Run, State, Verdict};
use super::schedule::{Schedule, ScheduleError};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn spec(schedule: &str) -> CronJobSpec {
    CronJobSpec {
        schedule: schedule.to_owned(),
        successful_jobs_history_limit: 3,
        failed_jobs_history_limit: 1,
        ..CronJobSpec::default()
    }
}

fn zoned(schedule: &str, zone: &str) -> CronJobSpec {
    CronJobSpec { time_zone: Some(zone.to_owned()), ..spec(schedule) }
}

fn run(name: &str, scheduled: &str, state: State) -> Run {
    Run { name: name.to_owned(), scheduled: at(scheduled), state }
}

/// The times in this half-open interval, as text.
fn times(spec: &CronJobSpec, begin: &str, end: &str) -> Vec<String> {
    let schedule = Schedule::of(spec).unwrap();
    let mut time = at(begin);
    std::iter::from_fn(|| {
        time = schedule.after(time).filter(|next| *next < at(end))?;
        Some(time.to_string())
    })
    .collect()
}

const CREATED: &str = "2026-05-01T10:00:30Z";

#[test]
fn before_it_is_due_there_is_nothing_but_to_wait() {
    let plan = Plan::new(&spec("0 * * * *"), at(CREATED), &[], at("2026-05-01T10:59:59.999Z"));
    let idle = Plan {
        start: None,
        replace: vec![],
        forget: vec![],
        verdict: Verdict::OnSchedule,
        next: Some(at("2026-05-01T11:00:00Z")),
    };
    assert_eq!(plan, idle);
}

#[test]
fn a_job_is_started_when_it_is_due_and_once() {
    for now in ["2026-05-01T11:00:00Z", "2026-05-01T11:00:00.001Z", "2026-05-01T11:59:59Z"] {
        let plan = Plan::new(&spec("0 * * * *"), at(CREATED), &[], at(now));
        assert_eq!((plan.start, plan.verdict), (Some(at("2026-05-01T11:00:00Z")), Verdict::OnSchedule));
        assert_eq!(plan.next, Some(at("2026-05-01T12:00:00Z")));
        // The Job is there, even if the status does not say so.
        let runs = [run("a", "2026-05-01T11:00:00Z", State::Active)];
        assert_eq!(Plan::new(&spec("0 * * * *"), at(CREATED), &runs, at(now)).start, None);
        // The status says so, even if the Job is gone.
        assert_eq!(Plan::new(&spec("0 * * * *"), at("2026-05-01T11:00:00Z"), &[], at(now)).start, None);
    }
}

#[test]
fn of_many_missed_times_the_last_one_gets_a_job() {
    let plan = Plan::new(&spec("*/10 * * * *"), at(CREATED), &[], at("2026-05-01T10:35:00Z"));
    assert_eq!((plan.start, plan.verdict), (Some(at("2026-05-01T10:30:00Z")), Verdict::CaughtUp(2)));
    let year = Plan::new(&spec("* * * * *"), at("2025-05-01T10:00:00Z"), &[], at("2026-05-01T10:35:00Z"));
    assert_eq!((year.start, year.verdict), (Some(at("2026-05-01T10:35:00Z")), Verdict::CaughtUp(101)));
}

#[test]
fn a_deadline_is_the_last_moment() {
    let spec = CronJobSpec { starting_deadline_seconds: Some(60), ..spec("0 * * * *") };
    let due = at("2026-05-01T11:00:00Z");
    assert_eq!(Plan::new(&spec, at(CREATED), &[], at("2026-05-01T11:01:00Z")).start, Some(due));
    let late = Plan::new(&spec, at(CREATED), &[], at("2026-05-01T11:01:01Z"));
    assert_eq!((late.start, late.verdict), (None, Verdict::TooLate(due)));
    assert_eq!(late.next, Some(at("2026-05-01T12:00:00Z")));
}

#[test]
fn policies_decide_about_a_job_that_still_runs() {
    let runs =
        [run("ended", "2026-05-01T09:00:00Z", State::Succeeded), run("running", "2026-05-01T10:00:00Z", State::Active)];
    let due = at("2026-05-01T11:00:00Z");
    let with = |concurrency_policy, runs: &[Run]| {
        let spec = CronJobSpec { concurrency_policy, ..spec("0 * * * *") };
        Plan::new(&spec, at("2026-05-01T08:30:00Z"), runs, at("2026-05-01T11:00:01Z"))
    };
    let allow = with(ConcurrencyPolicy::Allow, &runs);
    assert_eq!((allow.start, allow.replace), (Some(due), vec![]));
    let replace = with(ConcurrencyPolicy::Replace, &runs);
    assert_eq!((replace.start, replace.replace), (Some(due), vec!["running".to_owned()]));
    let forbid = with(ConcurrencyPolicy::Forbid, &runs);
    assert_eq!((forbid.start, forbid.verdict), (None, Verdict::StillRunning(due)));
    assert_eq!(forbid.next, Some(at("2026-05-01T12:00:00Z")));
    // It has ended: what waited is started, late as it is.
    let ended = with(ConcurrencyPolicy::Forbid, &runs[..1]);
    assert_eq!((ended.start, ended.verdict), (Some(due), Verdict::CaughtUp(1)));
}

#[test]
fn suspension_needs_no_time_and_keeps_the_history_short() {
    let runs = [1, 2, 3, 4, 5].map(|hour| {
        run(
            &format!("job-{hour}"),
            &format!("2026-05-01T0{hour}:00:00Z"),
            if hour == 5 { State::Failed } else { State::Succeeded },
        )
    });
    let suspended = CronJobSpec { suspend: true, ..spec("0 * * * *") };
    let plan = Plan::new(&suspended, at("2026-05-01T00:00:00Z"), &runs, at("2026-05-01T11:00:00Z"));
    assert_eq!((plan.start, plan.next, plan.verdict), (None, None, Verdict::Suspended));
    assert_eq!(plan.forget, ["job-1"]);
    let none = CronJobSpec { failed_jobs_history_limit: 0, successful_jobs_history_limit: 0, ..suspended };
    let plan = Plan::new(&none, at("2026-05-01T00:00:00Z"), &runs, at("2026-05-01T11:00:00Z"));
    assert_eq!(plan.forget, ["job-1", "job-2", "job-3", "job-4", "job-5"]);
}

#[test]
fn nonsense_is_an_error_and_no_reason_to_wake_up() {
    let verdict = |spec: &CronJobSpec| {
        let plan = Plan::new(spec, at(CREATED), &[], at("2026-05-01T11:00:00Z"));
        assert_eq!((plan.start, plan.next), (None, None));
        plan.verdict
    };
    let unknown = verdict(&zoned("0 * * * *", "Europe/Atlantis"));
    assert_eq!(unknown, Verdict::Error(ScheduleError::UnknownTimeZone("Europe/Atlantis".to_owned())));
    for schedule in ["61 * * * *", "a b c d e", "* * * * * * 2030", "0 0 31 2 *"] {
        assert!(matches!(verdict(&spec(schedule)), Verdict::Error(ScheduleError::Invalid(_))), "{schedule}");
    }
}

#[test]
fn a_clock_behind_what_is_settled_starts_nothing() {
    let plan = Plan::new(&spec("0 * * * *"), at("2026-05-01T12:00:00Z"), &[], at("2026-05-01T11:00:05Z"));
    assert_eq!((plan.start, plan.next), (None, Some(at("2026-05-01T13:00:00Z"))));
}

#[test]
fn a_schedule_is_that_of_its_time_zone() {
    let (begin, end) = ("2026-01-15T00:00:00Z", "2026-01-16T00:00:00Z");
    assert_eq!(times(&spec("30 9 * * *"), begin, end), ["2026-01-15T09:30:00Z"]);
    assert_eq!(times(&zoned("30 9 * * *", "Asia/Kolkata"), begin, end), ["2026-01-15T04:00:00Z"]);
    assert_eq!(times(&zoned("@daily", "America/New_York"), begin, end), ["2026-01-15T05:00:00Z"]);
    assert_eq!(times(&spec("*/20 * * * * *"), begin, "2026-01-15T00:01:00Z").len(), 2);
}

/// Berlin leaves out the hour from 2 to 3 on the 29th of March, at 01:00 UTC.
#[test]
fn a_time_that_the_clocks_leave_out_is_due_at_the_end_of_the_gap() {
    let (begin, end) = ("2026-03-27T12:00:00Z", "2026-03-30T12:00:00Z");
    let daily = times(&zoned("30 2 * * *", "Europe/Berlin"), begin, end);
    assert_eq!(daily, ["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]);
    let hourly = times(&zoned("0 * * * *", "Europe/Berlin"), "2026-03-28T23:30:00Z", "2026-03-29T03:30:00Z");
    assert_eq!(
        hourly,
        ["2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z", "2026-03-29T03:00:00Z"]
    );
}

/// Berlin has the hour from 2 to 3 twice on the 25th of October, from 00:00 and from 01:00 UTC.
#[test]
fn a_time_that_comes_twice_is_due_once_unless_each_hour_counts() {
    let (begin, end) = ("2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z");
    let daily = times(&zoned("30 2 * * *", "Europe/Berlin"), begin, end);
    assert_eq!(daily, ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
    let hourly = times(&zoned("30 * * * *", "Europe/Berlin"), "2026-10-24T23:45:00Z", "2026-10-25T02:45:00Z");
    assert_eq!(hourly, ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z"]);
    // In the second of the two hours, nothing is overdue.
    let zone = zoned("30 2 * * *", "Europe/Berlin");
    let plan = Plan::new(&zone, at("2026-10-25T00:30:00Z"), &[], at("2026-10-25T01:45:00Z"));
    assert_eq!((plan.start, plan.next), (None, Some(at("2026-10-26T01:30:00Z"))));
}

/// Whatever the clocks do, and all of these do it in these weeks: each time is found from before, from after and from itself, and is started when it is reached.
#[test]
fn times_are_the_same_forwards_and_backwards() {
    for (pattern, zone) in [
        ("*/30 * * * *", "Europe/Berlin"),
        ("30 2 * * *", "Europe/Berlin"),
        ("15 1,2,3 * * *", "America/New_York"),
        ("0 */2 * * *", "Australia/Lord_Howe"),
        ("45 1 * * *", "Australia/Lord_Howe"),
        ("30 0 * * *", "America/Santiago"),
    ] {
        let spec = zoned(pattern, zone);
        let schedule = Schedule::of(&spec).unwrap();
        for (begin, end) in [("2026-03-05", "2026-04-10"), ("2026-09-01", "2026-11-05")] {
            let [mut time, end] = [begin, end].map(|day| at(&format!("{day}T00:00:00Z")));
            while time < end {
                let next = schedule.after(time).unwrap();
                assert!(next > time, "{pattern} in {zone}: {next} after {time}");
                assert_eq!(schedule.until(next), Some(next), "{pattern} in {zone}");
                let before = next - jiff::SignedDuration::from_secs(1);
                assert!(schedule.until(before).is_none_or(|last| last <= time), "{pattern} in {zone}: before {next}");
                assert_eq!(Plan::new(&spec, time, &[], next).start, Some(next), "{pattern} in {zone}");
                time = next;
            }
        }
    }
}
