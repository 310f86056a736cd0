//! The plots, as SVG: opaque, so that they can be read on any page, and dark where the reader prefers that.

mod canvas;
mod growth;
mod layout;
mod panels;

use crate::BoxError;
use crate::record::Record;
use crate::report::candidates::{Column, OURS, measured};
use crate::report::figure::{Unit, number};
use crate::report::groups::{COUNTED, Counted, overlooked};
use crate::report::pivot::Pivot;
use crate::report::thesis::{PUBLISHED, SETTINGS, WAYS};
use panels::{Bar, Dots, Plot, Rows};

const MIB: f64 = 1024.0 * 1024.0;

/// File names and contents; what nobody measured is not drawn.
pub(crate) fn all(record: &Record, pivot: &Pivot) -> Result<Vec<(&'static str, String)>, BoxError> {
    let plot = Plotted { record, pivot };
    let drawn = [
        ("runs.svg", plot.runs()?),
        ("requests.svg", plot.requests()?),
        ("repair.svg", plot.repair()?),
        ("memory.svg", plot.memory()?),
        ("growth.svg", growth::draw_lines(&plot.columns(), pivot)?),
        ("thesis.svg", plot.thesis()?),
    ];
    Ok(drawn.into_iter().filter_map(|(name, svg)| Some((name, svg?))).collect())
}

struct Plotted<'a> {
    record: &'a Record,
    pivot: &'a Pivot,
}

type Svg = Result<Option<String>, BoxError>;

impl Plotted<'_> {
    fn columns(&self) -> Vec<&'static Column> {
        measured(&self.record.results)
    }

    /// A row for each candidate.
    fn rows(&self) -> Vec<(String, bool)> {
        self.columns().iter().map(|column| (column.title.to_owned(), column.id == OURS)).collect()
    }

    fn runs(&self) -> Svg {
        self.bars("Reconciles", "per WebApp, or as the panel says; fewer is better", &[], |counted, id| {
            Some(vec![self.each(counted, "runs", id)?])
        })
    }

    fn requests(&self) -> Svg {
        let note = "per WebApp, or as the panel says, without watches; fewer is better";
        self.bars("Requests to the API server", note, &["writes", "reads"], |counted, id| {
            let writes = self.each(counted, "writes", id)?;
            Some(vec![writes, self.each(counted, "reads", id).unwrap_or_default()])
        })
    }

    fn each(&self, counted: &Counted, figure: &str, id: &str) -> Option<f64> {
        Some(self.pivot.median(counted.scenario, figure, id)? / counted.per.of(&self.record.results))
    }

    fn bars(&self, title: &str, note: &str, parts: &[&str], value: impl Fn(&Counted, &str) -> Option<Vec<f64>>) -> Svg {
        let columns = self.columns();
        let bar = |counted: &Counted, id: &str| {
            let parts = value(counted, id)?;
            let label = number(parts.iter().sum());
            // Whoever overlooks something has little work with it.
            let overlooked = overlooked(counted.scenario, id, self.pivot);
            let label = if overlooked > 0.0 { format!("{label}, {overlooked:.0} lost") } else { label };
            Some(Bar { label, parts })
        };
        let panels = COUNTED.iter().map(|counted| {
            let bars = columns.iter().map(|column| bar(counted, column.id));
            (counted.label.to_owned(), Rows::Bars(bars.collect()))
        });
        Plot { title, note, parts, rows: self.rows(), panels: panels.collect(), unit: Unit::Count, across: 4 }.draw()
    }

    fn repair(&self) -> Svg {
        let columns = self.columns();
        let panel = |(title, scenario): (&str, &str)| {
            let dots = columns.iter().map(|column| {
                let [p50, p99] =
                    ["repair-p50-ms", "repair-p99-ms"].map(|figure| self.pivot.median(scenario, figure, column.id));
                Some(Dots { from: p50? / 1e3, to: p99.map(|p99| p99 / 1e3) })
            });
            (title.to_owned(), Rows::Dots(dots.collect()))
        };
        let panels = [
            ("each Service deleted", "services-deleted"),
            ("a ConfigMap of each changed", "config-maps-changed"),
            ("20 children deleted in a gap of the watches", "missed-deletes"),
        ];
        Plot {
            title: "Time to repair",
            note: "from the damage, or the end of the gap, to the repair; further left is better",
            parts: &["p50", "p99"],
            rows: self.rows(),
            panels: panels.map(panel).to_vec(),
            unit: Unit::Seconds,
            across: 3,
        }
        .draw()
    }

    fn memory(&self) -> Svg {
        let columns = self.columns();
        let panel = |(title, quiet, noisy): (&str, &str, &str)| {
            let settled = |scenario: &str, id: &str| self.pivot.median(scenario, "rss-bytes", id);
            let dots = columns
                .iter()
                .map(|column| Some(Dots { from: settled(quiet, column.id)?, to: settled(noisy, column.id) }));
            (title.to_owned(), Rows::Dots(dots.collect()))
        };
        let panels =
            [("100 WebApps", "memory-100", "memory-100-noise"), ("1,000 WebApps", "memory-1000", "memory-1000-noise")];
        Plot {
            title: "Resident memory, settled after a start",
            note: "foreign objects: 5,000 ConfigMaps and 5,000 Secrets of 4 kB that are nobody's; further left is better",
            parts: &["without foreign objects", "among 10,000 foreign objects"],
            rows: self.rows(),
            panels: panels.map(panel).to_vec(),
            unit: Unit::Bytes,
            across: 2,
        }
        .draw()
    }

    fn thesis(&self) -> Svg {
        let ways = WAYS.iter().map(|(way, label)| ((*label).to_owned(), *way == OURS));
        let published = PUBLISHED.iter().map(|(label, _)| ((*label).to_owned(), false));
        let panel = |(i, (scenario, label)): (usize, &(&str, &str))| {
            let read = |scenario: &str, way: &str| self.pivot.median(scenario, "read-seconds", way);
            let measured = WAYS
                .iter()
                .map(|(way, _)| Some(Dots { from: read(scenario, way)?, to: read(&format!("{scenario}-noise"), way) }));
            let published =
                PUBLISHED.iter().map(|(_, milliseconds)| Some(Dots { from: milliseconds[i] / 1e3, to: None }));
            ((*label).to_owned(), Rows::Dots(measured.chain(published).collect()))
        };
        if !SETTINGS.iter().any(|(scenario, _)| self.pivot.median(scenario, "read-seconds", OURS).is_some()) {
            return Ok(None);
        }
        Plot {
            title: "Reading one primary with its secondaries",
            note: "the published figures are those of the thesis, of other machines and clusters; further left is better",
            parts: &["in a cluster of 6,000 objects", "among 10,000 foreign objects more"],
            rows: ways.chain(published).collect(),
            panels: SETTINGS.iter().enumerate().map(panel).collect(),
            unit: Unit::Seconds,
            across: 3,
        }
        .draw()
    }
}

#[cfg(test)]
mod tests {
    use super::{MIB, all};
    use crate::report::made_up::record;
    use crate::report::pivot::Pivot;

    #[test]
    fn what_was_measured_is_drawn_with_its_numbers_and_nothing_else() {
        let record = record(&[
            ("creation", "runs", "steersman", 203.0),
            ("creation", "runs", "poller", 402.0),
            ("memory-100", "rss-bytes", "steersman", 13.0 * MIB),
            ("memory-100-noise", "rss-bytes", "steersman", 14.0 * MIB),
        ]);
        let plots = all(&record, &Pivot::new(&record.results.measurements)).expect("they can be drawn");
        let names: Vec<&str> = plots.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["runs.svg", "memory.svg"]);
        let runs = &plots[0].1;
        for text in ["2.03", "4.02", "creation until ready", "prefers-color-scheme: dark"] {
            assert!(runs.contains(text), "{text}: {runs}");
        }
        assert!(!runs.contains("steady state"), "an empty panel");
        assert!(plots[1].1.contains("13.0 .. 14.0 MiB"), "{}", plots[1].1);
    }
}
