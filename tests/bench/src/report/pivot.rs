//! From the flat list of measurements to what stands in a cell.

use std::collections::BTreeMap;

use crate::measurement::Measurement;

/// The repetitions of one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// Of at least one sample.
    pub(crate) fn of(mut samples: Vec<f64>) -> Option<Self> {
        samples.sort_by(f64::total_cmp);
        let (min, max) = (*samples.first()?, *samples.last()?);
        let (lower, upper) = (samples[(samples.len() - 1) / 2], samples[samples.len() / 2]);
        Some(Self { median: f64::midpoint(lower, upper), min, max })
    }

    pub(crate) fn divided(self, by: f64) -> Self {
        Self { median: self.median / by, min: self.min / by, max: self.max / by }
    }
}

/// All measurements, by scenario, figure and candidate.
#[derive(Debug, Default)]
pub(crate) struct Pivot(BTreeMap<(String, String), BTreeMap<String, Spread>>);

impl Pivot {
    pub(crate) fn new(measurements: &[Measurement]) -> Self {
        let mut samples: BTreeMap<(String, String), BTreeMap<String, Vec<f64>>> = BTreeMap::new();
        for Measurement { scenario, figure, candidate, value, .. } in measurements {
            let row = samples.entry((scenario.clone(), figure.clone())).or_default();
            row.entry(candidate.clone()).or_default().push(*value);
        }
        let spreads = |row: BTreeMap<String, Vec<f64>>| {
            row.into_iter().filter_map(|(candidate, samples)| Some((candidate, Spread::of(samples)?))).collect()
        };
        Self(samples.into_iter().map(|(key, row)| (key, spreads(row))).collect())
    }

    pub(crate) fn get(&self, scenario: &str, figure: &str, candidate: &str) -> Option<Spread> {
        self.row(scenario, figure).find(|(id, _)| *id == candidate).map(|(_, spread)| spread)
    }

    pub(crate) fn median(&self, scenario: &str, figure: &str, candidate: &str) -> Option<f64> {
        self.get(scenario, figure, candidate).map(|spread| spread.median)
    }

    /// Everybody's spread of a figure.
    pub(crate) fn row(&self, scenario: &str, figure: &str) -> impl Iterator<Item = (&str, Spread)> {
        let row = self.0.get(&(scenario.to_owned(), figure.to_owned()));
        row.into_iter().flatten().map(|(candidate, spread)| (candidate.as_str(), *spread))
    }
}

#[cfg(test)]
mod tests {
    use super::{Pivot, Spread};
    use crate::report::made_up::record;

    #[test]
    fn the_median_is_the_middle_or_between_the_two_in_the_middle() {
        let spread =
            |samples: &[f64]| Spread::of(samples.to_vec()).map(|spread| (spread.min, spread.median, spread.max));
        assert_eq!(spread(&[]), None);
        assert_eq!(spread(&[3.0]), Some((3.0, 3.0, 3.0)));
        assert_eq!(spread(&[9.0, 1.0, 2.0]), Some((1.0, 2.0, 9.0)));
        assert_eq!(spread(&[4.0, 1.0, 2.0, 100.0]), Some((1.0, 3.0, 100.0)));
    }

    #[test]
    fn repetitions_are_joined_and_nothing_else() {
        let record = record(&[
            ("creation", "runs", "steersman", 200.0),
            ("creation", "runs", "poller", 900.0),
            ("creation", "runs", "steersman", 210.0),
            ("creation", "writes", "steersman", 600.0),
            ("steady", "runs", "steersman", 0.0),
        ]);
        let pivot = Pivot::new(&record.results.measurements);
        assert_eq!(pivot.median("creation", "runs", "steersman"), Some(205.0));
        assert_eq!(pivot.get("creation", "runs", "steersman"), Some(Spread { median: 205.0, min: 200.0, max: 210.0 }));
        assert_eq!(pivot.median("steady", "runs", "steersman"), Some(0.0));
        assert_eq!(pivot.median("steady", "runs", "poller"), None);
        assert_eq!(pivot.row("creation", "runs").map(|(id, _)| id).collect::<Vec<_>>(), ["poller", "steersman"]);
    }
}
