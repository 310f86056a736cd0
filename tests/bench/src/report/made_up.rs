//! Made-up measurements for tests.

use crate::record::Record;

/// A record of 100 WebApps with these figures; what is named several times was repeated.
pub(crate) fn record(figures: &[(&str, &str, &str, f64)]) -> Record {
    let mut record = Record::default();
    record.results.web_apps = 100;
    for (i, (scenario, figure, candidate, value)) in figures.iter().enumerate() {
        let earlier =
            figures[..i].iter().filter(|other| (other.0, other.1, other.2) == (*scenario, *figure, *candidate));
        record.results.add(scenario, figure, candidate, 1 + earlier.count() as u32, *value);
    }
    record
}
