//! How a number is shown.

use crate::report::pivot::Spread;

const MIB: f64 = 1024.0 * 1024.0;

/// What a number is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Counted, perhaps per something.
    Count,
    Seconds,
    Milliseconds,
    Bytes,
}

impl Unit {
    /// With three digits that matter, as far as they say something.
    pub(crate) fn show(self, value: f64) -> String {
        match self {
            Self::Count => number(value),
            Self::Milliseconds => Self::Seconds.show(value / 1e3),
            Self::Bytes => format!("{} MiB", decimals(value / MIB)),
            Self::Seconds if value <= 0.0 => "0 s".to_owned(),
            Self::Seconds if value < 1e-6 => format!("{:.0} ns", value * 1e9),
            Self::Seconds if value < 1e-3 => format!("{} µs", digits(value * 1e6)),
            Self::Seconds if value < 1.0 => format!("{} ms", digits(value * 1e3)),
            Self::Seconds => format!("{} s", digits(value)),
        }
    }

    /// The median, and the spread if it can be seen.
    pub(crate) fn cell(self, spread: Spread) -> String {
        let [median, min, max] = [spread.median, spread.min, spread.max].map(|value| self.show(value));
        if min == max { median } else { format!("{median} ({min} .. {max})") }
    }
}

/// A count, with thousands apart.
pub(crate) fn number(value: f64) -> String {
    if value >= 1000.0 {
        return thousands(value);
    }
    // A mean that is no whole number shows it, however small the rest is.
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

fn thousands(value: f64) -> String {
    let text = format!("{value:.0}");
    let groups = text.as_bytes().rchunks(3).rev().map(|group| String::from_utf8_lossy(group).into_owned());
    groups.collect::<Vec<_>>().join(",")
}

fn digits(value: f64) -> String {
    match value {
        value if value < 10.0 => format!("{value:.2}"),
        value if value < 100.0 => format!("{value:.1}"),
        value => thousands(value),
    }
}

fn decimals(value: f64) -> String {
    if value.abs() < 100.0 { format!("{value:.1}") } else { thousands(value) }
}

#[cfg(test)]
mod tests {
    use super::Unit;
    use crate::report::pivot::Spread;

    #[test]
    fn numbers_have_the_digits_that_matter() {
        let seconds = [0.0, 3.4e-7, 2.13e-6, 0.0534, 0.5, 7.25, 12.0].map(|value| Unit::Seconds.show(value));
        assert_eq!(seconds, ["0 s", "340 ns", "2.13 µs", "53.4 ms", "500 ms", "7.25 s", "12.0 s"]);
        let counts = [0.0, 2.0, 2.034, 1200.0, 1_234_567.0].map(|value| Unit::Count.show(value));
        assert_eq!(counts, ["0", "2", "2.03", "1,200", "1,234,567"]);
        let bytes = [19.0, 549.2, -0.5].map(|mib| Unit::Bytes.show(mib * 1024.0 * 1024.0));
        assert_eq!(bytes, ["19.0 MiB", "549 MiB", "-0.5 MiB"]);
    }

    #[test]
    fn a_spread_that_cannot_be_seen_is_not_shown() {
        assert_eq!(Unit::Count.cell(Spread { median: 2.0, min: 2.0, max: 2.0 }), "2");
        assert_eq!(Unit::Count.cell(Spread { median: 2.0, min: 2.0, max: 2.5 }), "2 (2 .. 2.50)");
        assert_eq!(Unit::Seconds.cell(Spread { median: 1.001, min: 1.0, max: 1.002 }), "1.00 s");
    }
}
