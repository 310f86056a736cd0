//! Times, sorted.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::watched::Entry;

/// The middle one, and the one that only one in a hundred exceeds. None if there are none.
pub(crate) fn percentiles(mut times: Vec<f64>) -> Option<[f64; 2]> {
    times.sort_by(f64::total_cmp);
    let last = times.len().checked_sub(1)?;
    // Nearest rank.
    let rank = |percent: usize| times[((last + 1) * percent).div_ceil(100).saturating_sub(1).min(last)];
    Some([rank(50), rank(99)])
}

/// When each object was first seen whole after it was seen damaged, and when it was damaged.
#[derive(Debug, Default)]
pub(crate) struct Repairs {
    pub(crate) damaged: BTreeMap<String, Instant>,
    pub(crate) repaired: BTreeMap<String, Instant>,
}

impl Repairs {
    /// Reads them from what a watch has shown. `is_whole` is asked for the name and the object, None if it is gone.
    pub(crate) fn of<K>(entries: &[Entry<K>], is_whole: impl Fn(&str, Option<&K>) -> bool) -> Self {
        let mut repairs = Self::default();
        for entry in entries {
            let whole = is_whole(&entry.name, entry.object.as_deref());
            if !whole {
                repairs.damaged.entry(entry.name.clone()).or_insert(entry.at);
            } else if repairs.damaged.contains_key(&entry.name) {
                repairs.repaired.entry(entry.name.clone()).or_insert(entry.at);
            }
        }
        repairs
    }

    /// How many milliseconds each took.
    pub(crate) fn milliseconds(&self) -> Vec<f64> {
        let pairs = self.repaired.iter().filter_map(|(name, at)| Some((at, self.damaged.get(name)?)));
        pairs.map(|(at, since)| at.duration_since(*since).as_secs_f64() * 1000.0).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use super::{Repairs, percentiles};
    use crate::watched::Entry;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        assert_eq!(percentiles(vec![]), None);
        assert_eq!(percentiles(vec![3.0]), Some([3.0, 3.0]));
        assert_eq!(percentiles((1..=100).rev().map(f64::from).collect()), Some([50.0, 99.0]));
    }

    #[test]
    fn a_repair_begins_with_the_damage() {
        let begin = Instant::now();
        let seen = |milliseconds, name: &str, object: Option<i32>| Entry {
            at: begin + Duration::from_millis(milliseconds),
            name: name.to_owned(),
            object: object.map(Arc::new),
        };
        let entries =
            [seen(0, "a", Some(1)), seen(1, "a", None), seen(1, "b", None), seen(4, "a", Some(2)), seen(9, "a", None)];
        let repairs = Repairs::of(&entries, |_, object| object.is_some());
        assert_eq!(repairs.milliseconds(), [3.0]);
        assert_eq!(repairs.damaged.len() - repairs.repaired.len(), 1);
    }
}
