//! Measuring in turns, medians, and the table at the end.

use std::fmt;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// How long a run of the benchmarks is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    Full,
    Quick,
}

impl Size {
    pub(crate) fn pick<T>(self, full: T, quick: T) -> T {
        match self {
            Self::Full => full,
            Self::Quick => quick,
        }
    }
}

/// What was measured; the text is in the unit that fits.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Quantity {
    Seconds(f64),
    Bytes(f64),
    Count(f64),
}

impl Quantity {
    pub(crate) fn value(self) -> f64 {
        match self {
            Self::Seconds(value) | Self::Bytes(value) | Self::Count(value) => value,
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Seconds(s) if s.is_infinite() => f.write_str("never"),
            Self::Seconds(s) if s < 1e-6 => write!(f, "{:.0} ns", s * 1e9),
            Self::Seconds(s) if s < 1e-3 => write!(f, "{:.2} µs", s * 1e6),
            Self::Seconds(s) if s < 1.0 => write!(f, "{:.1} ms", s * 1e3),
            Self::Seconds(s) => write!(f, "{s:.1} s"),
            Self::Bytes(b) if b.abs() < 10_000.0 => write!(f, "{b:.0} B"),
            Self::Bytes(b) if b.abs() < 1024.0 * 1024.0 => write!(f, "{:.1} KiB", b / 1024.0),
            Self::Bytes(b) => write!(f, "{:.1} MiB", b / 1024.0 / 1024.0),
            Self::Count(count) => write!(f, "{count:.2}"),
        }
    }
}

/// What a measurement has to reach.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    /// Nothing: the row is there to be read.
    None,
    /// Ours is at most this.
    AtMost(Quantity),
    /// Ours is at most this share of the peer's.
    Share(f64),
    /// As the section decided.
    Decided { met: bool, text: &'static str },
}

#[derive(Debug)]
struct Row {
    what: String,
    ours: Quantity,
    peer: Option<(String, Quantity)>,
    goal: Goal,
}

impl Row {
    fn ratio(&self) -> Option<f64> {
        let ratio = self.peer.as_ref().map(|(_, peer)| self.ours.value() / peer.value());
        ratio.filter(|ratio| ratio.is_finite())
    }

    fn cells(&self) -> [String; 6] {
        let ratio = self.ratio();
        let (goal, met) = match self.goal {
            Goal::None => (String::new(), None),
            Goal::AtMost(limit) => (format!("≤ {limit}"), Some(self.ours.value() <= limit.value())),
            Goal::Share(share) => (format!("≤ {share} × peer"), ratio.map(|ratio| ratio <= share)),
            Goal::Decided { met, text } => (text.to_owned(), Some(met)),
        };
        let met = met.map_or("", |met| if met { "met" } else { "MISSED" });
        let peer = self.peer.as_ref().map_or(String::new(), |(peer, quantity)| format!("{quantity} ({peer})"));
        let ratio = ratio.map_or(String::new(), |ratio| match ratio {
            r if r <= 0.0 => "≤ 0".to_owned(),
            r if r < 0.01 => format!("1 : {:.0}", 1.0 / r),
            r => format!("{r:.2}"),
        });
        [self.what.clone(), self.ours.to_string(), peer, ratio, goal, met.to_owned()]
    }
}

/// All that was measured.
#[derive(Debug, Default)]
pub(crate) struct Report(Vec<Row>);

impl Report {
    pub(crate) fn row(&mut self, what: impl Into<String>, ours: Quantity, peer: Option<(&str, Quantity)>, goal: Goal) {
        let peer = peer.map(|(name, quantity)| (name.to_owned(), quantity));
        let row = Row { what: what.into(), ours, peer, goal };
        eprintln!("  {}", row.cells().join(" | "));
        self.0.push(row);
    }
}

/// A table of Markdown that is a table to the eye as well.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = ["", "ours", "peer", "ratio", "goal", "met/missed"].map(ToOwned::to_owned);
        let rows: Vec<_> = std::iter::once(head).chain(self.0.iter().map(Row::cells)).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        let widths: [usize; 6] = std::array::from_fn(width);
        for (i, row) in rows.iter().enumerate() {
            let cells = row.iter().zip(widths).map(|(cell, width)| format!(" {cell:width$} |"));
            writeln!(f, "|{}", cells.collect::<String>())?;
            if i == 0 {
                let rules = widths.map(|width| format!("{}|", "-".repeat(width + 2)));
                writeln!(f, "|{}", rules.concat())?;
            }
        }
        Ok(())
    }
}

/// The middle of the samples.
pub(crate) fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

/// What `work` returns, and how many seconds it took.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let begin = Instant::now();
    let result = std::hint::black_box(work());
    (result, begin.elapsed().as_secs_f64())
}

/// The seconds that this process has had a processor; unlike the time on the wall they do not count what others had.
pub(crate) fn processor() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default()).as_secs_f64()
}
