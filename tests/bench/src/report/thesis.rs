//! The table of the thesis.

use crate::report::candidates::OURS;
use crate::report::figure::Unit;
use crate::report::markdown::aligned;
use crate::report::pivot::Pivot;

/// A primary with its secondaries: the scenario, and what stands in the table. Those with `-noise` have 10,000 foreign objects more.
pub(crate) const SETTINGS: [(&str, &str); 3] =
    [("thesis-1x100", "1 kind × 100"), ("thesis-1x1000", "1 kind × 1,000"), ("thesis-5x20", "5 kinds × 20")];

/// The ways to read them, from the slowest on.
pub(crate) const WAYS: [(&str, &str); 4] = [
    ("direct-sequential", "GET + LISTs, one after another"),
    ("direct-at-once", "GET + LISTs at once"),
    ("kube-stores", "filtered scan of kube's stores"),
    (OURS, "steersman's snapshot"),
];

/// What the thesis has published of its own aggregated API server, median of 100 in milliseconds, in the order of [`SETTINGS`]:
/// on other machines and clusters (GKE: from the same node; minikube: from inside the cluster).
pub(crate) const PUBLISHED: [(&str, [f64; 3]); 4] = [
    ("thesis, aggregated API server, GKE", [997.0, 1088.0, 1138.0]),
    ("thesis, GET + LISTs, GKE", [32.1, 57.2, 109.6]),
    ("thesis, aggregated API server, minikube", [55.8, 79.3, 92.1]),
    ("thesis, GET + LISTs, minikube", [4.5, 13.5, 13.4]),
];

/// Settings × ways, each without and with foreign objects, and the published figures below.
pub(super) fn table(pivot: &Pivot) -> String {
    let read = |scenario: &str, way: &str| pivot.get(scenario, "read-seconds", way);
    if !SETTINGS.iter().any(|(scenario, _)| read(scenario, OURS).is_some()) {
        return "Not measured.".to_owned();
    }
    let heads = SETTINGS.iter().flat_map(|(_, label)| [(*label).to_owned(), "… + 10,000 foreign".to_owned()]);
    let mut rows = vec![[String::new()].into_iter().chain(heads).collect::<Vec<_>>()];
    for (way, label) in WAYS {
        let cells = SETTINGS.iter().flat_map(|(scenario, _)| [(*scenario).to_owned(), format!("{scenario}-noise")]);
        let cells = cells.map(|scenario| match read(&scenario, way) {
            Some(spread) if way == OURS => format!("**{}**", Unit::Seconds.cell(spread)),
            Some(spread) => Unit::Seconds.cell(spread),
            None => "–".to_owned(),
        });
        rows.push([label.to_owned()].into_iter().chain(cells).collect());
    }
    for (label, milliseconds) in PUBLISHED {
        let cells = milliseconds.iter().flat_map(|ms| [Unit::Milliseconds.show(*ms), String::new()]);
        rows.push([format!("*{label}, published*")].into_iter().chain(cells).collect());
    }
    aligned(&rows, |column| if column == 0 { "-" } else { ":" })
}

#[cfg(test)]
mod tests {
    use super::table;
    use crate::report::made_up::record;
    use crate::report::pivot::Pivot;

    #[test]
    fn what_was_measured_stands_above_what_was_published() {
        let record = record(&[
            ("thesis-5x20", "read-seconds", "steersman", 2e-6),
            ("thesis-5x20-noise", "read-seconds", "steersman", 2.1e-6),
            ("thesis-5x20", "read-seconds", "direct-at-once", 5.4e-3),
        ]);
        let text = table(&Pivot::new(&record.results.measurements));
        let line = |label: &str| text.lines().find(|line| line.contains(label)).unwrap_or_default().to_owned();
        let numbers = |label| line(label).split('|').skip(6).map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
        assert_eq!(numbers("steersman's snapshot"), ["**2.00 µs**", "**2.10 µs**", ""], "{text}");
        assert_eq!(numbers("GET + LISTs at once"), ["5.40 ms", "–", ""], "{text}");
        assert!(line("aggregated API server, GKE").contains("1.14 s"), "{text}");
        assert_eq!(table(&Pivot::default()), "Not measured.");
    }
}
