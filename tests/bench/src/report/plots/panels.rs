//! Small panels beside each other that share their rows: bars, or dots on a scale of powers of ten.

use crate::BoxError;
use crate::report::figure::Unit;
use crate::report::plots::canvas::{
    Canvas, Drawn, GRID, Ink, MUTED, OURS, OURS_LIGHT, PAPER, PEER, PEER_LIGHT, TEXT, draw, words,
};
use crate::report::plots::layout::{Scale, wrapped};

const MARGIN: i32 = 24;
const WIDTH: i32 = 1080;
const HEAD: i32 = 84;
const ROW: i32 = 22;
const PANEL_HEAD: i32 = 46;
/// Below the rows: the numbers of a scale.
const FOOT: i32 = 24;
const GAP: i32 = 26;
/// About the width of a letter of 13 pixels; and the least between two numbers of a scale.
const LETTER: i32 = 7;
const NUMBER: i32 = 40;

/// A bar of several parts.
#[derive(Clone, Debug)]
pub(super) struct Bar {
    pub(super) parts: Vec<f64>,
    pub(super) label: String,
}

/// Two values that belong together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dots {
    pub(super) from: f64,
    pub(super) to: Option<f64>,
}

/// One panel's rows.
#[derive(Clone, Debug)]
pub(super) enum Rows {
    Bars(Vec<Option<Bar>>),
    Dots(Vec<Option<Dots>>),
}

/// A whole plot.
#[derive(Clone, Debug)]
pub(super) struct Plot<'a> {
    pub(super) title: &'a str,
    pub(super) note: &'a str,
    /// What the parts of a bar, or the two dots, are.
    pub(super) parts: &'a [&'a str],
    /// Labels, and whether it is ours.
    pub(super) rows: Vec<(String, bool)>,
    pub(super) panels: Vec<(String, Rows)>,
    pub(super) unit: Unit,
    /// How many panels stand beside each other.
    pub(super) across: usize,
}

impl Rows {
    fn is_empty(&self) -> bool {
        match self {
            Self::Bars(bars) => bars.iter().all(Option::is_none),
            Self::Dots(dots) => dots.iter().all(Option::is_none),
        }
    }
}

impl Plot<'_> {
    /// Nothing, if nothing was measured. Empty panels are left out.
    pub(super) fn draw(mut self) -> Result<Option<String>, BoxError> {
        self.panels.retain(|(_, rows)| !rows.is_empty());
        if self.panels.is_empty() {
            return Ok(None);
        }
        let lines = self.panels.len().div_ceil(self.across) as i32;
        let height = HEAD + lines * (self.panel_height() + GAP) - GAP + MARGIN;
        draw((WIDTH, height), self.title, |canvas| {
            self.head(canvas)?;
            for (i, panel) in self.panels.iter().enumerate() {
                let (line, place) = ((i / self.across) as i32, (i % self.across) as i32);
                let top = HEAD + line * (self.panel_height() + GAP);
                if place == 0 {
                    self.labels(canvas, top)?;
                }
                let width = self.panel_width();
                self.panel(canvas, panel, (self.left() + place * (width + GAP), top), width)?;
            }
            Ok(())
        })
        .map(Some)
    }

    fn is_dots(&self) -> bool {
        self.panels.iter().any(|(_, rows)| matches!(rows, Rows::Dots(_)))
    }

    fn panel_height(&self) -> i32 {
        PANEL_HEAD + self.rows.len() as i32 * ROW + if self.is_dots() { FOOT } else { 0 }
    }

    /// Where the panels begin, right of the labels.
    fn left(&self) -> i32 {
        let longest = self.rows.iter().map(|(label, _)| label.chars().count()).max().unwrap_or_default() as i32;
        MARGIN + longest * 13 / 2 + 24
    }

    fn panel_width(&self) -> i32 {
        let across = self.across as i32;
        (WIDTH - MARGIN - self.left() - (across - 1) * GAP) / across
    }

    fn head(&self, canvas: &Canvas<'_>) -> Drawn {
        canvas.text((MARGIN, 28), self.title, words(19, TEXT).bold(true))?;
        canvas.text((MARGIN, 54), self.note, words(13, MUTED))?;
        let mut x = WIDTH - MARGIN;
        for (i, part) in self.parts.iter().enumerate().rev() {
            x -= part.chars().count() as i32 * 13 / 2 + 4;
            canvas.text((x, 28), part, words(13, TEXT))?;
            x -= 14;
            match (self.is_dots(), i) {
                (true, 0) => canvas.dot((x, 28), 5, OURS)?,
                (true, _) => canvas.ring((x, 28), 5, OURS)?,
                (false, i) => canvas.bar((x - 6, 22), (x + 6, 34), ink(true, i))?,
            }
            x -= 22;
        }
        Ok(())
    }

    fn labels(&self, canvas: &Canvas<'_>, top: i32) -> Drawn {
        for (i, (label, is_ours)) in self.rows.iter().enumerate() {
            let ink = if *is_ours { OURS } else { TEXT };
            canvas.text((self.left() - 14, middle(top, i)), label, words(13, ink).bold(*is_ours).right())?;
        }
        Ok(())
    }

    fn panel(&self, canvas: &Canvas<'_>, (title, rows): &(String, Rows), (x, top): (i32, i32), width: i32) -> Drawn {
        let lines = wrapped(title, (width / LETTER) as usize);
        for (i, line) in lines.iter().enumerate() {
            let up = (lines.len() - 1 - i) as i32 * 16;
            canvas.text((x, top + PANEL_HEAD - 18 - up), line, words(13, TEXT).bold(true))?;
        }
        match rows {
            Rows::Bars(bars) => self.bars(canvas, bars, (x, top), width),
            Rows::Dots(dots) => self.dots(canvas, dots, (x, top), width),
        }
    }

    fn bars(&self, canvas: &Canvas<'_>, bars: &[Option<Bar>], (x, top): (i32, i32), width: i32) -> Drawn {
        let sum = |bar: &Bar| bar.parts.iter().sum::<f64>();
        let largest = bars.iter().flatten().map(sum).fold(0.0, f64::max);
        let widest = bars.iter().flatten().map(|bar| bar.label.chars().count()).max().unwrap_or_default() as i32;
        let scale = Scale::linear(largest, x, x + width - widest * LETTER - 10);
        let rows = self.rows.len() as i32;
        canvas.line(&[(x, top + PANEL_HEAD), (x, top + PANEL_HEAD + rows * ROW)], GRID, 1)?;
        for (i, bar) in bars.iter().enumerate() {
            let (y, is_ours) = (middle(top, i), self.rows[i].1);
            let Some(bar) = bar else {
                canvas.text((x + 6, y), "–", words(13, MUTED))?;
                continue;
            };
            let mut so_far = 0.0;
            for (part, value) in bar.parts.iter().enumerate() {
                let from = scale.at(so_far);
                so_far += value;
                if scale.at(so_far) > from {
                    canvas.bar((from, y - 7), (scale.at(so_far), y + 7), ink(is_ours, part))?;
                }
            }
            let ink = if is_ours { OURS } else { TEXT };
            canvas.text((scale.at(so_far) + 6, y), &bar.label, words(13, ink).bold(is_ours))?;
        }
        Ok(())
    }

    fn dots(&self, canvas: &Canvas<'_>, dots: &[Option<Dots>], (x, top): (i32, i32), width: i32) -> Drawn {
        let scale = self.common_scale(x, width);
        let bottom = top + PANEL_HEAD + self.rows.len() as i32 * ROW;
        for tick in scale.ticks_apart(NUMBER) {
            canvas.line(&[(scale.at(tick), top + PANEL_HEAD), (scale.at(tick), bottom)], GRID, 1)?;
            let label = round(&self.unit.show(tick * self.step()));
            canvas.text((scale.at(tick), bottom + 12), &label, words(11, MUTED).centered())?;
        }
        for (i, dots) in dots.iter().enumerate() {
            let (y, is_ours) = (middle(top, i), self.rows[i].1);
            let Some(dots) = dots else {
                canvas.text((x + 6, y), "–", words(13, MUTED))?;
                continue;
            };
            let from = scale.at(dots.from / self.step());
            let to = dots.to.map_or(from, |to| scale.at(to / self.step()));
            canvas.line(&[(from, y), (to, y)], ink(is_ours, 1), 3)?;
            if dots.to.is_some() {
                canvas.ring((to, y), 5, ink(is_ours, 0))?;
            }
            canvas.dot((from, y), 5, ink(is_ours, 0))?;
            let text = words(12, if is_ours { OURS } else { TEXT }).bold(is_ours);
            // Nothing crosses the words.
            let (begin, label) = (from.max(to) + 9, self.text_of(*dots));
            canvas.bar((begin, y - 8), (begin + label.chars().count() as i32 * LETTER, y + 8), PAPER)?;
            canvas.text((begin, y), &label, text)?;
        }
        Ok(())
    }

    /// One scale of powers of ten for all panels, with room for the words behind the dots.
    fn common_scale(&self, x: i32, width: i32) -> Scale {
        let panels = self.panels.iter().filter_map(|(_, rows)| match rows {
            Rows::Dots(dots) => Some(dots.iter().flatten()),
            Rows::Bars(_) => None,
        });
        let all: Vec<Dots> = panels.flatten().copied().collect();
        let widest = all.iter().map(|dots| self.text_of(*dots).chars().count()).max().unwrap_or_default() as i32;
        let values = all.iter().flat_map(|dots| [Some(dots.from), dots.to]).flatten();
        Scale::logarithmic(values.map(|value| value / self.step()), x + 4, x + width - widest * 13 / 2 - 16)
    }

    /// The step between two values of a scale of bytes is a mebibyte, or its numbers would not be round.
    fn step(&self) -> f64 {
        if self.unit == Unit::Bytes { super::MIB } else { 1.0 }
    }

    fn text_of(&self, Dots { from, to }: Dots) -> String {
        let from = self.unit.show(from);
        let Some(to) = to.map(|to| self.unit.show(to)) else { return from };
        match (from.rsplit_once(' '), to.rsplit_once(' ')) {
            _ if from == to => to,
            (Some((number, unit)), Some((_, other))) if unit == other => format!("{number} .. {to}"),
            _ => format!("{from} .. {to}"),
        }
    }
}

/// `10.0 ms` on a scale is `10 ms`.
pub(super) fn round(label: &str) -> String {
    match label.split_once(' ') {
        Some((number, unit)) if number.contains('.') => {
            format!("{} {unit}", number.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => label.to_owned(),
    }
}

fn middle(top: i32, row: usize) -> i32 {
    top + PANEL_HEAD + row as i32 * ROW + ROW / 2
}

fn ink(is_ours: bool, part: usize) -> Ink {
    match (is_ours, part) {
        (true, 0) => OURS,
        (true, _) => OURS_LIGHT,
        (false, 0) => PEER,
        (false, _) => PEER_LIGHT,
    }
}
