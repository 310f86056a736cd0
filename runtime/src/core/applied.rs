//! What was applied to one object: so that it is not sent again for nothing, and so that a quarrel about it is noticed.

use std::time::{Duration, Instant};

use super::key::Rv;

/// Writes that follow each other within this time belong together.
const SOON: Duration = Duration::from_secs(60);
/// So many repairs of one object in a row, and somebody keeps changing it.
const REPAIRS: u32 = 5;
/// So many different desires for one object in a row, and they change for no reason.
const WHIMS: u32 = 100;

/// What was applied last to one object, and what the API server has made of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Applied {
    /// A hash of the desired object.
    pub(crate) wish: Option<u128>,
    /// A hash of the fields that were applied, as they were stored.
    pub(crate) stored: u128,
    /// The version in which they were found so.
    pub(crate) rv: Rv,
    repairs: u32,
    whims: u32,
    sent: Option<Instant>,
    /// Whether nothing is known to have come of what was sent last.
    open: bool,
}

/// Why one object is written again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quarrel {
    /// Always the same is desired, and somebody keeps changing it; so many times.
    Repairs(u32),
    /// What is desired changes from run to run; so many times. (A rollout in steps may do so for a while.)
    Whims(u32),
}

impl Applied {
    /// What was desired is stored so, in this version.
    pub(crate) fn is(&mut self, wish: u128, stored: u128, rv: Rv) {
        (self.wish, self.stored, self.rv, self.open) = (Some(wish), stored, rv, false);
    }

    /// An apply is to be sent, since the object is not as desired. Returns what is odd about it: told at the first time
    /// that it is odd, and then whenever the number has doubled; it is odd all the time between. What is sent again because the
    /// API server has refused it, or cannot be reached, is nobody else's doing and does not count.
    pub(crate) fn send(&mut self, wish: u128, now: Instant) -> Option<(Quarrel, bool)> {
        let soon = self.sent.replace(now).is_some_and(|sent| now.saturating_duration_since(sent) < SOON);
        let again = self.wish == Some(wish);
        let repeated = std::mem::replace(&mut self.open, true);
        if self.wish.is_none() || !soon {
            (self.repairs, self.whims) = (0, 0);
        }
        if repeated {
            // As it was.
        } else if again {
            (self.repairs, self.whims) = (self.repairs + 1, 0);
        } else if self.wish.is_some() {
            (self.repairs, self.whims) = (0, self.whims + 1);
        }
        let told =
            |count: u32, first: u32| !repeated && count.is_multiple_of(first) && (count / first).is_power_of_two();
        match (self.repairs, self.whims) {
            (repairs @ REPAIRS.., _) => Some((Quarrel::Repairs(repairs), told(repairs, REPAIRS))),
            (_, whims @ WHIMS..) => Some((Quarrel::Whims(whims), told(whims, WHIMS))),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends these wishes, a second apart; returns what is told.
    fn told(wishes: impl IntoIterator<Item = u128>) -> Vec<Quarrel> {
        let start = Instant::now();
        let mut applied = Applied::default();
        let mut told = Vec::new();
        for (second, wish) in (0..).zip(wishes) {
            let odd = applied.send(wish, start + Duration::from_secs(second));
            told.extend(odd.filter(|(_, told)| *told).map(|(quarrel, _)| quarrel));
            applied.is(wish, 0, Rv(second));
        }
        told
    }

    #[test]
    fn repairs_without_end_are_told_at_growing_numbers() {
        let expected = [Quarrel::Repairs(5), Quarrel::Repairs(10), Quarrel::Repairs(20)];
        assert_eq!(told(std::iter::repeat_n(7, 30)), expected);
    }

    #[test]
    fn wishes_that_always_change_are_told() {
        assert_eq!(told(0..150), [Quarrel::Whims(100)]);
        assert_eq!(told(0..100), []);
    }

    #[test]
    fn a_few_repairs_and_changes_are_nothing_odd() {
        assert_eq!(told([1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]), []);
    }

    #[test]
    fn what_is_refused_again_and_again_is_no_quarrel() {
        let start = Instant::now();
        let mut applied = Applied::default();
        applied.is(7, 0, Rv(1));
        for second in 0..50 {
            assert_eq!(applied.send(7, start + Duration::from_secs(second)), None, "nothing came of it");
        }
        // It was one repair, however often it was sent.
        for second in 50..53 {
            applied.is(7, 0, Rv(second));
            assert_eq!(applied.send(7, start + Duration::from_secs(second)), None);
        }
        applied.is(7, 0, Rv(60));
        assert_eq!(applied.send(7, start + Duration::from_secs(60)), Some((Quarrel::Repairs(5), true)));
        assert_eq!(applied.send(7, start + Duration::from_secs(61)), Some((Quarrel::Repairs(5), false)), "said once");
    }

    #[test]
    fn what_happens_once_in_a_while_is_no_quarrel() {
        let start = Instant::now();
        let mut applied = Applied::default();
        for i in 0..50 {
            assert_eq!(applied.send(7, start + SOON * i), None);
            applied.is(7, 0, Rv(1));
        }
    }
}
