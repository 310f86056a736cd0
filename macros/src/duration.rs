//! Durations as the attributes write them.

use std::time::Duration;

/// The units, from the greatest.
const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// More than this is taken for a mistake; it also keeps sums with the clock far from its limit.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);

/// Reads `"30s"`, `"5m"`, `"1h30m"`: numbers with the units h, m, s and ms, each once, the greatest first.
///
/// # Errors
/// The cause and the remedy.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let millis = millis(text).ok_or_else(|| {
        format!(
            "`{text}` is not a duration; write numbers with the units h, m, s or ms, such as \"30s\", \"5m\", \"1h30m\""
        )
    })?;
    let duration = Duration::from_millis(millis);
    if duration.is_zero() {
        return Err(format!("`{text}` is no time at all; write more than zero, such as \"30s\""));
    }
    if duration > LONGEST {
        return Err(format!("`{text}` is more than a year; write less, such as \"24h\""));
    }
    Ok(duration)
}

fn millis(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut units = UNITS.iter();
    let mut sum = 0u64;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, behind) = rest.split_at(digits);
        let letters = behind.len() - behind.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let (unit, behind) = behind.split_at(letters);
        // `units` moves on, so a unit cannot come twice nor behind a smaller one.
        let (_, factor) = units.find(|(name, _)| *name == unit)?;
        // A number too great to read is too long as well.
        let number = if digits == 0 { None } else { Some(number.parse().unwrap_or(u64::MAX)) };
        sum = sum.saturating_add(number?.saturating_mul(*factor));
        rest = behind;
    }
    (!text.is_empty()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_ones() {
        for (text, seconds) in [("30s", 30), ("5m", 300), ("1h30m", 5400), ("2h", 7200), ("1h0m5s", 3605)] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(parse("1s500ms"), Ok(Duration::from_millis(1500)));
    }

    #[test]
    fn bad_ones() {
        for text in ["", "30", "s", "30 min", "30min", "1m1h", "1m1m", "-5s", "1.5h", "5S", " 5s", "off", "5s ", "１s"]
        {
            assert!(parse(text).is_err_and(|e| e.contains("is not a duration")), "{text}");
        }
    }

    #[test]
    fn out_of_range() {
        assert!(parse("0s").is_err_and(|e| e.contains("no time at all")));
        assert!(parse("0h0m").is_err_and(|e| e.contains("no time at all")));
        assert!(parse("10000h").is_err_and(|e| e.contains("more than a year")));
        assert!(parse("99999999999999999999999h").is_err_and(|e| e.contains("more than a year")));
        assert!(parse("18446744073709551615h18446744073709551615m").is_err_and(|e| e.contains("more than a year")));
    }
}
