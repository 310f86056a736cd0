//! The tables.

use std::fmt::Write as _;

use crate::goals::{self, Outcome, Verdict};
use crate::measurement::{RemarkKind, Results};
use crate::record::Record;
use crate::report::candidates::{COLUMNS, Column, OURS, measured, title};
use crate::report::figure::Unit;
use crate::report::groups::{Group, Row, groups, overlooked};
use crate::report::pivot::{Pivot, Spread};

/// All tables whose columns are the candidates; a group that nobody measured is left out.
pub(crate) fn tables(record: &Record, pivot: &Pivot) -> String {
    let mut text = String::new();
    for group in groups() {
        let Some(table) = table(&group, &record.results, pivot) else { continue };
        // A String takes everything.
        let _ = write!(text, "### {}\n\n{}\n\n{table}\n", group.title, group.caption);
    }
    text
}

fn table(group: &Group, results: &Results, pivot: &Pivot) -> Option<String> {
    let columns = measured(results);
    let rows = group.rows.iter().filter(|row| columns.iter().any(|c| row.value(results, pivot, c.id).is_some()));
    let rows: Vec<Vec<String>> = rows.map(|row| cells(row, &columns, results, pivot)).collect();
    if rows.is_empty() {
        return None;
    }
    let heads = columns.iter().map(|column| column.title.to_owned());
    let head = [String::new()].into_iter().chain(heads).chain(["ours : best peer".to_owned()]);
    Some(lines(&[vec![head.collect()], rows].concat()))
}

/// Label, a cell for each candidate, and how ours is beside the best peer.
fn cells(row: &Row, columns: &[&'static Column], results: &Results, pivot: &Pivot) -> Vec<String> {
    let values: Vec<Option<Spread>> = columns.iter().map(|column| row.value(results, pivot, column.id)).collect();
    let shown = |spread: &Spread| row.unit.show(spread.median);
    // What was not noticed makes no work; in a table of what was not noticed, it speaks for itself.
    let is_told = ["lost", "unnoticed", "left-wrong", "late"].contains(&row.figures[0]);
    let is_fit = |column: &Column| is_told || overlooked(row.scenario, column.id, pivot) == 0.0;
    let fit = |(value, column): (&Option<Spread>, &&Column)| value.filter(|_| is_fit(column));
    let best = values
        .iter()
        .zip(columns)
        .filter_map(fit)
        .min_by(|a, b| a.median.total_cmp(&b.median))
        .map(|best| shown(&best));
    let cell = |(value, column): (&Option<Spread>, &&Column)| match value {
        None => "–".to_owned(),
        Some(spread) if !is_fit(column) => format!("{} †", row.unit.cell(*spread)),
        // All that look equal are equally good.
        Some(spread) if Some(shown(spread)) == best => format!("**{}**", row.unit.cell(*spread)),
        Some(spread) => row.unit.cell(*spread),
    };
    let ours = columns.iter().position(|column| column.id == OURS).and_then(|place| values[place]);
    let peers = values.iter().zip(columns).filter(|(_, column)| column.id != OURS).filter_map(fit);
    let peer = peers.min_by(|a, b| a.median.total_cmp(&b.median));
    let beside = beside(ours, peer, row.unit);
    let cells = values.iter().zip(columns).map(cell);
    [row.label.to_owned()].into_iter().chain(cells).chain([beside]).collect()
}

/// Ours as a share of the best peer's.
fn beside(ours: Option<Spread>, peer: Option<Spread>, unit: Unit) -> String {
    let (Some(ours), Some(peer)) = (ours, peer) else { return String::new() };
    let [mine, theirs] = [ours, peer].map(|spread| unit.show(spread.median));
    match () {
        () if mine == theirs => "equal".to_owned(),
        // No share says how much more than nothing something is.
        () if peer.median == 0.0 || ours.median == 0.0 => format!("{mine} : {theirs}"),
        () => format!("{:.2}", ours.median / peer.median),
    }
}

/// Why a candidate was left out.
fn skipped<'a>(results: &'a Results, id: &str) -> Option<&'a str> {
    let is_it = |kind| kind == RemarkKind::Skipped;
    results.remarks.iter().find(|remark| remark.candidate == id && is_it(remark.kind)).map(|remark| &*remark.text)
}

/// What was compared, what was left out, and what failed.
pub(crate) fn candidates(record: &Record) -> String {
    let (about, results) = (&record.about, &record.results);
    let head = ["", "candidate", "how it is written"].map(ToOwned::to_owned).to_vec();
    let row = |column: &Column| {
        let level = match skipped(results, column.id) {
            Some(reason) => format!("{}; **skipped**: {reason}", column.level),
            None => column.level.to_owned(),
        };
        vec![format!("`{}`", column.id), column.title.to_owned(), level]
    };
    let rows = [head].into_iter().chain(COLUMNS.iter().map(row)).collect::<Vec<_>>();
    let mut text = aligned(&rows, |_| "-");
    let failed = results.remarks.iter().filter(|remark| remark.kind == RemarkKind::Failed);
    for (i, remark) in failed.enumerate() {
        let before = if i == 0 { "\nWhat failed:\n\n" } else { "" };
        let _ = writeln!(text, "{before}- {}: {}", title(&remark.candidate), remark.text);
    }
    let versions = about.versions.iter().map(|(name, version)| format!("{name} {version}"));
    let gibibytes = about.machine.memory_bytes as f64 / f64::from(1 << 30);
    let form = match (about.quick, about.repetitions) {
        (true, _) => "the **short form**, for trying".to_owned(),
        (false, repetitions) => format!("medians of {repetitions} repetitions, with the spread where it can be seen"),
    };
    let (date, cores, web_apps) = (&about.date, about.machine.cores, results.web_apps);
    let versions = versions.collect::<Vec<_>>().join(", ");
    let _ = write!(
        text,
        "\nMeasured on {date}, {cores} cores and {gibibytes:.0} GiB, with {web_apps} WebApps: {form}.\nVersions: {versions}.\n"
    );
    text
}

/// The goals and what became of them.
pub(crate) fn goals(verdicts: &[Verdict]) -> String {
    let head = ["goal", "ours", "limit, or the best peer", ""].map(ToOwned::to_owned).to_vec();
    let row = |verdict: &Verdict| {
        let word = match verdict.outcome {
            Outcome::Missed => "**MISSED**".to_owned(),
            other => other.to_string(),
        };
        vec![verdict.goal.clone(), verdict.ours.clone(), verdict.beside.clone(), word]
    };
    let rows = [head].into_iter().chain(verdicts.iter().map(row)).collect::<Vec<_>>();
    format!("{}\n\n{}", goals::summary(verdicts), aligned(&rows, |_| "-"))
}

/// A table of numbers: all columns but the first stand to the right.
fn lines(rows: &[Vec<String>]) -> String {
    aligned(rows, |column| if column == 0 { "-" } else { ":" })
}

/// A table of Markdown that is a table to the eye as well; the first row is its head.
pub(crate) fn aligned(rows: &[Vec<String>], end: impl Fn(usize) -> &'static str) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or_default()).collect();
    let mut text = String::new();
    for (i, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!(" {cell:width$} |"));
        let _ = writeln!(text, "|{}", cells.collect::<String>());
        if i == 0 {
            let rule = |(column, width): (usize, &usize)| format!("{}{}|", "-".repeat(width + 1), end(column));
            let _ = writeln!(text, "|{}", widths.iter().enumerate().map(rule).collect::<String>());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{lines, tables};
    use crate::measurement::RemarkKind;
    use crate::record::Record;
    use crate::report::made_up::record;
    use crate::report::pivot::Pivot;

    /// The cells behind a label, as far as candidates were measured.
    fn row(text: &str, label: &str) -> Vec<String> {
        let line =
            text.lines().find(|line| line.starts_with(&format!("| {label} "))).unwrap_or_else(|| panic!("{text}"));
        let cells = line.trim_matches('|').split('|').skip(1).map(|cell| cell.trim().to_owned());
        cells.filter(|cell| cell != "–").collect()
    }

    fn text(record: &Record) -> String {
        tables(record, &Pivot::new(&record.results.measurements))
    }

    #[test]
    fn counts_are_divided_the_best_is_bold_and_ours_stands_beside_the_best_peer() {
        let text = text(&record(&[
            ("creation", "runs", "steersman", 200.0),
            ("creation", "runs", "kube-tuned", 320.0),
            ("creation", "runs", "kube-tuned", 340.0),
            ("creation", "runs", "poller", 400.0),
            ("steady", "runs", "steersman", 0.0),
            ("steady", "runs", "kube-tuned", 0.0),
            ("steady", "runs", "poller", 1200.0),
            ("irrelevant", "runs", "steersman", 0.0),
            ("irrelevant", "runs", "poller", 100.0),
        ]));
        assert_eq!(row(&text, "creation until ready"), ["**2**", "3.30 (3.20 .. 3.40)", "4", "0.61"]);
        assert_eq!(row(&text, "steady state"), ["**0**", "**0**", "12", "equal"]);
        assert_eq!(row(&text, "irrelevant annotation on each Deployment"), ["**0**", "1", "0 : 1"]);
        assert!(!text.contains("### Memory"), "nobody measured it");
    }

    #[test]
    fn who_overlooks_something_is_marked_and_not_the_best() {
        let text = text(&record(&[
            ("missed-deletes", "runs", "steersman", 20.0),
            ("missed-deletes", "runs", "kube-tuned", 0.0),
            ("missed-deletes", "lost", "kube-tuned", 20.0),
            ("missed-deletes", "runs", "josdk", 20.0),
        ]));
        assert_eq!(row(&text, "20 children deleted in a gap, per child"), ["**1**", "0 †", "**1**", "equal"]);
        assert_eq!(row(&text, "20 children deleted in a gap of the watches: never repaired"), ["**20**", ""]);
    }

    #[test]
    fn who_was_skipped_or_failed_is_shown_as_such() {
        let mut record = record(&[("creation", "runs", "steersman", 200.0)]);
        record.results.remark("josdk", RemarkKind::Skipped, "java is missing");
        record.results.remark("poller", RemarkKind::Failed, "creation: 3 are not ready in time");
        assert!(!text(&record).contains("Java Operator SDK"), "no column");
        let text = super::candidates(&record);
        assert!(text.contains("**skipped**: java is missing"), "{text}");
        assert!(text.contains("\n- poller: creation: 3 are not ready in time\n"), "{text}");
    }

    #[test]
    fn a_table_is_aligned() {
        let rows = [["", "a"], ["long label", "1"]].map(|row| row.map(ToOwned::to_owned).to_vec());
        assert_eq!(lines(&rows), "|            | a |\n|------------|--:|\n| long label | 1 |\n");
    }
}
