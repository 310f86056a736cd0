//! The conditions of a status.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use k8s_openapi::jiff::Timestamp;

/// The conditions of a status, as the [API conventions][conventions] want them: built from those that there are, so that
/// `lastTransitionTime` moves only when the status of a condition does.
///
/// ```
/// use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
/// use steersman::Conditions;
///
/// #[derive(Default)]
/// struct WebAppStatus {
///     conditions: Vec<Condition>,
/// }
///
/// fn status(old: Option<&WebAppStatus>, generation: Option<i64>, ready: i32, wanted: i32) -> WebAppStatus {
///     let mut conditions = Conditions::of(old.iter().flat_map(|status| &status.conditions), generation);
///     let reason = if ready == wanted { "AllReplicasReady" } else { "ReplicasMissing" };
///     conditions.set("Ready", ready == wanted, reason, format!("{ready} of {wanted} replicas are ready"));
///     WebAppStatus { conditions: conditions.into_vec() }
/// }
///
/// let first = status(None, Some(1), 1, 3);
/// assert_eq!(first.conditions[0].status, "False");
/// let second = status(Some(&first), Some(1), 2, 3);
/// assert_eq!(second.conditions[0].message, "2 of 3 replicas are ready");
/// assert_eq!(second.conditions[0].last_transition_time, first.conditions[0].last_transition_time);
/// ```
///
/// # Guarantees
/// - What is set as it was is equal to what it was, times included: applying it again changes nothing.
/// - Each condition keeps its place; new ones come last. Those of others are kept as they are.
///
/// [conventions]: https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties
#[derive(Clone, Debug)]
pub struct Conditions {
    all: Vec<Condition>,
    /// The types that were set here.
    own: Vec<String>,
    generation: Option<i64>,
    now: Time,
}

impl Conditions {
    /// Begins with the conditions of the primary's status. `generation` is the primary's `metadata.generation`, which what
    /// is set here rests on.
    pub fn of<'a>(old: impl IntoIterator<Item = &'a Condition>, generation: Option<i64>) -> Self {
        Self { all: old.into_iter().cloned().collect(), own: Vec::new(), generation, now: seconds(Timestamp::now()) }
    }

    /// Takes this for the present time, cut to seconds.
    #[must_use]
    pub fn at(self, now: Time) -> Self {
        Self { now: seconds(now.0), ..self }
    }

    /// Says how it is with the condition `type_`: `true`, `false`, or `None` if it is unknown. Returns whether that is new,
    /// which may be worth an event.
    ///
    /// `reason` is a word in CamelCase for programs, never empty; `message` is for people.
    pub fn set(
        &mut self,
        type_: &str,
        status: impl Into<Option<bool>>,
        reason: impl Into<String>,
        message: impl Into<String>,
    ) -> bool {
        let mut condition = Condition {
            type_: type_.to_owned(),
            status: word(status.into()).to_owned(),
            reason: reason.into(),
            message: message.into(),
            observed_generation: self.generation,
            last_transition_time: self.now.clone(),
        };
        if !self.own.iter().any(|own| own == type_) {
            self.own.push(type_.to_owned());
        }
        let Some(old) = self.all.iter_mut().find(|old| old.type_ == type_) else {
            self.all.push(condition);
            return true;
        };
        let turned = old.status != condition.status;
        if !turned {
            condition.last_transition_time = old.last_transition_time.clone();
        }
        *old = condition;
        turned
    }

    /// Takes the condition out; returns whether it was there.
    pub fn remove(&mut self, type_: &str) -> bool {
        let before = self.all.len();
        self.own.retain(|own| own != type_);
        self.all.retain(|condition| condition.type_ != type_);
        self.all.len() != before
    }

    /// The condition of this type.
    pub fn get(&self, type_: &str) -> Option<&Condition> {
        self.all.iter().find(|condition| condition.type_ == type_)
    }

    /// Whether the condition is there and true.
    pub fn is_true(&self, type_: &str) -> bool {
        self.get(type_).is_some_and(|condition| condition.status == word(Some(true)))
    }

    /// All conditions, those of others included: what to apply where the schema says nothing about the list, so that
    /// every apply replaces the whole of it.
    pub fn into_vec(self) -> Vec<Condition> {
        self.all
    }

    /// The conditions that were set here, without those of others: what to apply where the schema has the list merged by
    /// `type` (`x-kubernetes-list-type: map`), so that each manager has conditions of its own. One that was applied before
    /// and is left out goes.
    pub fn into_own(self) -> Vec<Condition> {
        let Self { mut all, own, .. } = self;
        all.retain(|condition| own.contains(&condition.type_));
        all
    }
}

fn word(status: Option<bool>) -> &'static str {
    match status {
        Some(true) => "True",
        Some(false) => "False",
        None => "Unknown",
    }
}

/// As the API server stores times, so that what is set now equals what is read later.
fn seconds(time: Timestamp) -> Time {
    Time(Timestamp::from_second(time.as_second()).unwrap_or(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Time {
        Time(text.parse().unwrap())
    }

    const EARLY: &str = "2026-01-01T00:00:00Z";
    const LATE: &str = "2026-01-01T00:01:00Z";

    fn ready() -> Vec<Condition> {
        let mut conditions = Conditions::of([], Some(1)).at(time(EARLY));
        conditions.set("Ready", true, "Up", "");
        conditions.into_vec()
    }

    #[test]
    fn the_time_moves_with_the_status_alone() {
        let old = ready();
        let mut conditions = Conditions::of(&old, Some(2)).at(time(LATE));
        assert!(!conditions.set("Ready", true, "StillUp", "three of three"));
        let same = conditions.get("Ready").unwrap();
        assert_eq!((same.reason.as_str(), same.message.as_str()), ("StillUp", "three of three"));
        assert_eq!((same.observed_generation, &same.last_transition_time), (Some(2), &time(EARLY)));

        assert!(conditions.set("Ready", None, "Unreachable", ""));
        let turned = conditions.get("Ready").unwrap();
        assert_eq!((turned.status.as_str(), &turned.last_transition_time), ("Unknown", &time(LATE)));
    }

    #[test]
    fn a_new_condition_is_news_and_has_the_present_time() {
        let mut conditions = Conditions::of([], None).at(time(EARLY));
        assert!(conditions.set("Ready", false, "Down", "no replica"));
        assert!(!conditions.is_true("Ready"));
        let condition = conditions.get("Ready").unwrap();
        assert_eq!((condition.status.as_str(), &condition.last_transition_time), ("False", &time(EARLY)));
        assert_eq!(condition.observed_generation, None);
    }

    #[test]
    fn what_is_set_as_it_was_is_equal() {
        let old = ready();
        let mut conditions = Conditions::of(&old, Some(1));
        conditions.set("Ready", true, "Up", "");
        assert_eq!(conditions.into_vec(), old);
    }

    #[test]
    fn places_and_foreign_conditions_are_kept() {
        let mut old = ready();
        old.insert(0, Condition { type_: "example.com/Audited".into(), observed_generation: None, ..old[0].clone() });
        let mut conditions = Conditions::of(&old, Some(2)).at(time(LATE));
        conditions.set("Ready", false, "Down", "");
        conditions.set("Progressing", true, "Starting", "");
        let own: Vec<_> = conditions.clone().into_own().into_iter().map(|condition| condition.type_).collect();
        let all = conditions.into_vec();
        assert_eq!(all[0], old[0]);
        assert_eq!(
            all.iter().map(|c| c.type_.as_str()).collect::<Vec<_>>(),
            ["example.com/Audited", "Ready", "Progressing"]
        );
        assert_eq!(own, ["Ready", "Progressing"]);
    }

    #[test]
    fn a_removed_condition_is_gone_and_not_ours_any_more() {
        let old = ready();
        let mut conditions = Conditions::of(&old, None);
        assert!(conditions.is_true("Ready"));
        conditions.set("Ready", true, "Up", "");
        assert!(conditions.remove("Ready"));
        assert!(!conditions.remove("Ready") && !conditions.is_true("Ready"));
        assert!(conditions.clone().into_own().is_empty() && conditions.into_vec().is_empty());
    }

    #[test]
    fn times_come_back_from_json_as_they_are() {
        let mut conditions = Conditions::of([], None).at(time("2026-01-01T00:00:00.999999Z"));
        conditions.set("Ready", true, "Up", "");
        let condition = conditions.into_vec().remove(0);
        let json = serde_json::to_string(&condition).unwrap();
        assert_eq!(serde_json::from_str::<Condition>(&json).unwrap(), condition);
    }
}
