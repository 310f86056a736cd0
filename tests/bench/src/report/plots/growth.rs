//! What one WebApp costs among 100, 1,000 and 10,000.

use crate::BoxError;
use crate::report::candidates::{Column, OURS};
use crate::report::figure::Unit;
use crate::report::pivot::Pivot;
use crate::report::plots::canvas::{self, Canvas, Drawn, GRID, Ink, LINES, MUTED, TEXT, draw, words};
use crate::report::plots::layout::{Scale, apart};
use crate::scale::REACHED;

const MARGIN: i32 = 24;
const WIDTH: i32 = 1080;
const HEAD: i32 = 72;
const PANEL: (i32, i32) = (503, 250);
const GAP: i32 = 26;
/// Left of a panel: the numbers of its scale. Right of it: the names of the lines.
const NUMBERS: i32 = 56;
const NAMES: i32 = 176;

/// The scenarios and how many WebApps there are.
const SIZES: [(&str, f64); 3] = [("growth-100", 100.0), ("growth-1000", 1_000.0), ("growth-10000", 10_000.0)];

struct Panel {
    title: &'static str,
    figures: &'static [&'static str],
    unit: Unit,
    is_log: bool,
}

const PANELS: [Panel; 4] = [
    Panel { title: "reconciles, each", figures: &["runs"], unit: Unit::Count, is_log: false },
    Panel { title: "requests without watches, each", figures: &["writes", "reads"], unit: Unit::Count, is_log: false },
    Panel { title: "CPU time, each", figures: &["cpu-seconds"], unit: Unit::Seconds, is_log: true },
    Panel { title: "time until all is done, each", figures: &["seconds"], unit: Unit::Seconds, is_log: true },
];

/// One candidate's line: how many, and how much for each.
struct Line<'a> {
    column: &'a Column,
    ink: Ink,
    points: Vec<(f64, f64)>,
}

pub(super) fn draw_lines(columns: &[&'static Column], pivot: &Pivot) -> Result<Option<String>, BoxError> {
    let panels: Vec<(&Panel, Vec<Line<'_>>)> =
        PANELS.iter().map(|panel| (panel, lines(panel, columns, pivot))).collect();
    if panels.iter().all(|(_, lines)| lines.is_empty()) {
        return Ok(None);
    }
    let title = "Cost of one WebApp among 100, 1,000 and 10,000";
    let height = HEAD + 2 * PANEL.1 + GAP + MARGIN;
    let svg = draw((WIDTH, height), title, |canvas| {
        canvas.text((MARGIN, 28), title, words(19, TEXT).bold(true))?;
        let note = "created against the API server alone; where a line is flat, the cost of each does not grow; lower is better";
        canvas.text((MARGIN, 54), note, words(13, MUTED))?;
        for (i, (panel, lines)) in panels.iter().enumerate() {
            let (column, row) = ((i % 2) as i32, (i / 2) as i32);
            paint(canvas, panel, lines, (MARGIN + column * (PANEL.0 + GAP), HEAD + row * (PANEL.1 + GAP)))?;
        }
        Ok(())
    })?;
    Ok(Some(svg))
}

fn lines<'a>(panel: &Panel, columns: &[&'a Column], pivot: &Pivot) -> Vec<Line<'a>> {
    let mut inks = LINES.into_iter().cycle();
    let line = |column: &&'a Column| {
        let ink = if column.id == OURS { canvas::OURS } else { inks.next().unwrap_or(MUTED) };
        let point = |(scenario, count): (&str, f64)| {
            let found = panel.figures.iter().filter_map(|figure| pivot.median(scenario, figure, column.id));
            // A point stands where the candidate came to.
            let reached = pivot.median(scenario, REACHED, column.id).unwrap_or(count).max(1.0);
            Some((reached, found.reduce(|a, b| a + b)? / reached))
        };
        Line { column, ink, points: SIZES.into_iter().filter_map(point).collect() }
    };
    columns.iter().map(line).filter(|line| !line.points.is_empty()).collect()
}

fn paint(canvas: &Canvas<'_>, panel: &Panel, lines: &[Line<'_>], (left, top): (i32, i32)) -> Drawn {
    let (begin, end) = (left + NUMBERS, left + PANEL.0 - NAMES);
    let (upper, lower) = (top + 34, top + PANEL.1 - 26);
    canvas.text((left, top + 10), panel.title, words(14, TEXT).bold(true))?;
    let values = lines.iter().flat_map(|line| line.points.iter().map(|(_, value)| *value));
    let heights = match panel.is_log {
        true => Scale::logarithmic(values, lower, upper),
        false => Scale::linear(values.fold(0.0, f64::max), lower, upper),
    };
    let counts = Scale::logarithmic(SIZES.map(|(_, count)| count), begin, end);
    for tick in heights.ticks() {
        let y = heights.at(tick);
        canvas.line(&[(begin, y), (end, y)], GRID, 1)?;
        canvas.text((begin - 8, y), &super::panels::round(&panel.unit.show(tick)), words(11, MUTED).right())?;
    }
    for (_, count) in SIZES {
        canvas.line(&[(counts.at(count), upper), (counts.at(count), lower)], GRID, 1)?;
        canvas.text((counts.at(count), lower + 14), &Unit::Count.show(count), words(11, MUTED).centered())?;
    }
    // Ours is drawn last, above the others.
    for line in lines.iter().rev() {
        let points: Vec<(i32, i32)> =
            line.points.iter().map(|(count, value)| (counts.at(*count), heights.at(*value))).collect();
        let is_ours = line.column.id == OURS;
        canvas.line(&points, line.ink, if is_ours { 3 } else { 2 })?;
        points.iter().try_for_each(|point| canvas.dot(*point, if is_ours { 4 } else { 3 }, line.ink))?;
    }
    let last = |line: &Line<'_>| line.points.last().map_or(lower, |(_, value)| heights.at(*value));
    let names = apart(&lines.iter().map(last).collect::<Vec<_>>(), 16, lower + 6);
    for (line, y) in lines.iter().zip(names) {
        let value = line.points.last().map_or(0.0, |(_, value)| *value);
        let text = format!("{} {}", line.column.title, panel.unit.show(value));
        let is_ours = line.column.id == OURS;
        canvas.line(&[(end + 4, y), (end + 12, y)], line.ink, 3)?;
        canvas.text((end + 17, y), &text, words(12, line.ink).bold(is_ours))?;
    }
    Ok(())
}
