//! What is to be done next: pure functions of what is there.

use std::time::Duration;

use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use kube::ResourceExt;
use steersman::ready::{self, Readiness};

use super::api::{TaskKind, Turn};

/// The revision that the Pods of a StatefulSet are to have; `None` until its controller has seen its present spec.
pub fn revision(set: &StatefulSet) -> Option<&str> {
    let status = set.status.as_ref()?;
    let observed = status.observed_generation >= set.metadata.generation;
    status.update_revision.as_deref().filter(|_| observed)
}

/// Whether a claim has its volume.
pub fn is_bound(claim: &PersistentVolumeClaim) -> bool {
    claim.status.as_ref().and_then(|status| status.phase.as_deref()) == Some("Bound")
}

/// For a predicate to which nothing matters but that the object is there.
pub fn exists<K>(_: &K) {}

/// A StatefulSet and its Pods: a shard, or the routers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The name of the StatefulSet.
    pub name: String,
    /// How many Pods it is to have.
    pub wanted: i32,
    /// The revision that they are to have, if that is known by now.
    pub revision: Option<String>,
    /// The Pods, the last one first: the first member of a shard leads it, and goes last.
    pub members: Vec<Member>,
}

/// A Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// Its number within the StatefulSet.
    pub ordinal: i32,
    /// The revision that it was made of.
    pub revision: String,
    /// How it is.
    pub state: State,
}

/// How a Pod is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It serves.
    Ready,
    /// It does not.
    Unready,
    /// It is being deleted.
    Leaving,
}

impl Group {
    /// The group of this StatefulSet, whose Pods are among these.
    pub fn of<'a>(set: &StatefulSet, pods: impl IntoIterator<Item = &'a Pod>) -> Self {
        let is_ours =
            |pod: &&Pod| pod.owner_references().iter().any(|owner| Some(&owner.uid) == set.metadata.uid.as_ref());
        let mut members: Vec<Member> = pods.into_iter().filter(is_ours).map(Member::of).collect();
        members.sort_by_key(|member| std::cmp::Reverse(member.ordinal));
        let wanted = set.spec.replicas.unwrap_or(1);
        Self { name: set.name_any(), wanted, revision: revision(set).map(str::to_owned), members }
    }

    fn outdated(&self) -> impl Iterator<Item = &Member> {
        let revision = self.revision.as_deref();
        self.members.iter().filter(move |member| revision.is_some_and(|revision| member.revision != revision))
    }

    /// How many of the wanted Pods do not serve.
    fn missing(&self) -> i32 {
        let ready = self.members.iter().filter(|member| member.state == State::Ready).count();
        self.wanted.saturating_sub(count(ready))
    }

    /// How many Pods there are that are not wanted.
    fn surplus(&self) -> i32 {
        count(self.members.len()).saturating_sub(self.wanted)
    }
}

impl Member {
    fn of(pod: &Pod) -> Self {
        let name = pod.name_any();
        let state = match ready::pod(pod) {
            _ if pod.metadata.deletion_timestamp.is_some() => State::Leaving,
            Readiness::Ready => State::Ready,
            _ => State::Unready,
        };
        Self {
            ordinal: name.rsplit_once('-').and_then(|(_, number)| number.parse().ok()).unwrap_or_default(),
            revision: pod.labels().get("controller-revision-hash").cloned().unwrap_or_default(),
            name,
            state,
        }
    }
}

/// What the Pods of a database need next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing: all are there, ready and of the present revision.
    Done,
    /// The restart of this Pod.
    Restart(String),
    /// Somebody else has to do something first.
    Wait(String),
}

/// The next step of a rolling restart: one Pod at a time, group after group in the order given, and only while every other Pod
/// serves. `hold`: a backup reads from the members, which therefore stay.
///
/// A Pod that is outdated and does not serve is restarted before all others and at once: nobody misses it, and what it waits for
/// may be in the new revision.
pub fn next_step(groups: &[Group], hold: bool) -> Step {
    let outdated = || groups.iter().flat_map(Group::outdated);
    if let Some(member) = outdated().find(|member| member.state == State::Unready) {
        return Step::Restart(member.name.clone());
    }
    if let Some(group) = groups.iter().find(|group| group.revision.is_none()) {
        return Step::Wait(format!("the StatefulSet {} is not observed yet", group.name));
    }
    if let Some(group) = groups.iter().find(|group| group.missing() > 0) {
        return Step::Wait(format!("{} of {} Pods of {} do not serve", group.missing(), group.wanted, group.name));
    }
    if let Some(group) = groups.iter().find(|group| group.surplus() > 0) {
        return Step::Wait(format!("{} Pods of {} are still to go", group.surplus(), group.name));
    }
    match outdated().next() {
        None => Step::Done,
        Some(member) if hold => Step::Wait(format!("{} is to be restarted once the backup is done", member.name)),
        Some(member) => Step::Restart(member.name.clone()),
    }
}

/// Whether there is no Pod and none is wanted.
pub fn is_stopped(groups: &[Group]) -> bool {
    groups.iter().all(|group| group.wanted == 0 && group.members.is_empty())
}

/// How many Pods serve.
pub fn ready(groups: &[Group]) -> i32 {
    let members = groups.iter().flat_map(|group| &group.members);
    count(members.filter(|member| member.state == State::Ready).count())
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// When a password is to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// Never.
    Never,
    /// In this time.
    In(Duration),
    /// Now.
    Due,
}

/// When the password that was made `then` is to be changed, if it is to be every so many days. Of one whose age nobody knows, now.
pub fn rotation(then: Option<Timestamp>, days: Option<u32>, now: Timestamp) -> Rotation {
    let Some(days) = days else { return Rotation::Never };
    let every = SignedDuration::from_hours(24 * i64::from(days));
    let due = then.map(|then| then.checked_add(every).unwrap_or(Timestamp::MAX));
    match due.map(|due| Duration::try_from(due.duration_since(now))) {
        Some(Ok(rest)) if !rest.is_zero() => Rotation::In(rest),
        _ => Rotation::Due,
    }
}

/// Somebody who waits for a turn.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Waiting {
    /// Since when.
    pub since: Option<Timestamp>,
    /// Who.
    pub who: Turn,
}

/// Whose turn it is: whoever has it keeps it for as long as it waits in the queue; then the oldest. A backup gets it only while the
/// database is `settled`, since it wants all members; a restore always.
pub fn turn(now: Option<&Turn>, queue: &[Waiting], settled: bool) -> Option<Turn> {
    let keeps = now.filter(|turn| queue.iter().any(|waiting| waiting.who == **turn));
    let may = |waiting: &&Waiting| settled || waiting.who.kind == TaskKind::Restore;
    keeps.cloned().or_else(|| queue.iter().filter(may).min().map(|waiting| waiting.who.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `old`, `new`: ready, of that revision; with `!` not ready, with `-` leaving. The last Pod comes first.
    fn group(name: &str, wanted: i32, pods: &[&str]) -> Group {
        let member = |(i, text): (usize, &&str)| {
            let ordinal = count(pods.len() - 1 - i);
            let state = match text.chars().next() {
                Some('!') => State::Unready,
                Some('-') => State::Leaving,
                _ => State::Ready,
            };
            let revision = text.trim_start_matches(['!', '-']).to_owned();
            Member { name: format!("{name}-{ordinal}"), ordinal, revision, state }
        };
        let members = pods.iter().enumerate().map(member).collect();
        Group { name: name.to_owned(), wanted, revision: Some("new".into()), members }
    }

    fn restart(name: &str) -> Step {
        Step::Restart(name.into())
    }

    fn waits(step: &Step) -> bool {
        matches!(step, Step::Wait(_))
    }

    #[test]
    fn pods_are_restarted_from_the_last_to_the_first_group_after_group() {
        let step = |a: &[&str], b: &[&str]| next_step(&[group("a", 3, a), group("b", 1, b)], false);
        assert_eq!(step(&["old", "old", "old"], &["old"]), restart("a-2"));
        assert_eq!(step(&["new", "old", "old"], &["old"]), restart("a-1"));
        assert_eq!(step(&["new", "new", "old"], &["old"]), restart("a-0"));
        assert_eq!(step(&["new", "new", "new"], &["old"]), restart("b-0"));
        assert_eq!(step(&["new", "new", "new"], &["new"]), Step::Done);
    }

    #[test]
    fn none_is_restarted_while_another_does_not_serve() {
        for pods in [&["-old", "old", "old"][..], &["!new", "old", "old"], &["old", "old"], &["new", "new", "-new"]] {
            let step = next_step(&[group("a", 3, pods), group("b", 1, &["old"])], false);
            assert!(waits(&step), "{pods:?}: {step:?}");
        }
        let step = next_step(&[group("a", 2, &["old", "old"]), group("b", 1, &["!new"])], false);
        assert!(waits(&step), "nor one of another group: {step:?}");
        let step = next_step(&[group("a", 1, &["new", "new"])], false);
        assert!(waits(&step), "nor is it done while one is to go: {step:?}");
        assert_eq!(next_step(&[group("a", 0, &[])], false), Step::Done, "nobody is wanted");
    }

    #[test]
    fn what_does_not_serve_anyway_is_restarted_first_even_during_a_backup() {
        let groups = [group("a", 2, &["old", "old"]), group("b", 2, &["!new", "!old"])];
        assert_eq!(next_step(&groups, true), restart("b-0"));
    }

    #[test]
    fn a_backup_holds_up_what_serves() {
        let groups = [group("a", 2, &["old", "old"])];
        assert!(waits(&next_step(&groups, true)));
        assert_eq!(next_step(&[group("a", 2, &["new", "new"])], true), Step::Done);
    }

    #[test]
    fn nothing_is_restarted_before_the_revision_is_known() {
        let unobserved = Group { revision: None, ..group("a", 1, &["old"]) };
        assert!(waits(&next_step(&[unobserved, group("b", 1, &["old"])], false)));
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_password_is_due_when_its_days_are_over_and_not_before() {
        let then = at("2026-01-01T00:00:00Z");
        let when = |now| rotation(Some(then), Some(30), at(now));
        assert_eq!(when("2026-01-01T00:00:00Z"), Rotation::In(Duration::from_secs(30 * 24 * 3600)));
        assert_eq!(when("2026-01-30T23:59:59Z"), Rotation::In(Duration::from_secs(1)));
        assert_eq!(when("2026-01-31T00:00:00Z"), Rotation::Due);
        assert_eq!(when("2027-01-01T00:00:00Z"), Rotation::Due);
        assert_eq!(rotation(Some(then), None, at("2027-01-01T00:00:00Z")), Rotation::Never);
        assert_eq!(rotation(None, Some(30), then), Rotation::Due, "nobody knows how old it is");
        assert!(matches!(rotation(Some(Timestamp::MAX), Some(3650), then), Rotation::In(_)), "and no overflow");
    }

    fn waiting(kind: TaskKind, name: &str, since: &str) -> Waiting {
        Waiting { since: Some(at(since)), who: Turn { kind, name: name.into(), uid: format!("uid-of-{name}") } }
    }

    #[test]
    fn turns_go_by_age_and_are_kept_until_the_end() {
        let early = waiting(TaskKind::Backup, "early", "2026-01-01T00:00:00Z");
        let late = waiting(TaskKind::Restore, "late", "2026-01-02T00:00:00Z");
        let queue = [late.clone(), early.clone()];
        assert_eq!(turn(None, &queue, true), Some(early.who.clone()));
        assert_eq!(turn(Some(&late.who), &queue, true), Some(late.who.clone()), "whoever has it keeps it");
        assert_eq!(
            turn(Some(&late.who), std::slice::from_ref(&early), true),
            Some(early.who.clone()),
            "until it is done"
        );
        let again = Turn { uid: "another".into(), ..late.who.clone() };
        assert_eq!(turn(Some(&again), &queue, true), Some(early.who.clone()), "another one of that name waits");
        assert_eq!(turn(None, &[], true), None);
    }

    #[test]
    fn a_backup_waits_until_the_database_is_settled_and_a_restore_does_not() {
        let backup = waiting(TaskKind::Backup, "early", "2026-01-01T00:00:00Z");
        let restore = waiting(TaskKind::Restore, "late", "2026-01-02T00:00:00Z");
        assert_eq!(turn(None, std::slice::from_ref(&backup), false), None);
        assert_eq!(turn(None, &[backup.clone(), restore.clone()], false), Some(restore.who));
        assert_eq!(turn(Some(&backup.who), std::slice::from_ref(&backup), false), Some(backup.who), "and keeps it");
    }
}
