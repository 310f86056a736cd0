//! Quantities: `500m`, `1.5Gi`, `2e3`.

/// Whether two texts are quantities of exactly the same amount. The API server stores the shortest form: `1000m` as `1`.
pub(super) fn is_same(a: &str, b: &str) -> bool {
    matches!((amount(a), amount(b)), (Some(a), Some(b)) if a == b)
}

/// The amount as mantissa × 10^exponent, where the mantissa does not end in 0; `None` if the text is no quantity, or one
/// of more digits than anybody needs.
fn amount(text: &str) -> Option<(i128, i32)> {
    let (negative, text) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut mantissa: i128 = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        mantissa = mantissa.checked_mul(10)?.checked_add(digit.checked_sub(b'0').filter(|d| *d < 10)?.into())?;
    }
    let (factor, exponent) = unit(suffix)?;
    mantissa = mantissa.checked_mul(factor)?;
    let mut exponent = exponent.checked_sub(fraction.len().try_into().ok()?)?;
    if mantissa == 0 {
        return Some((0, 0));
    }
    while mantissa % 10 == 0 {
        (mantissa, exponent) = (mantissa / 10, exponent + 1);
    }
    Some((if negative { -mantissa } else { mantissa }, exponent))
}

/// What a suffix multiplies by: a power of 1024 and a power of 10.
fn unit(suffix: &str) -> Option<(i128, i32)> {
    let decimal = |exponent| Some((1, exponent));
    let binary = |power: u32| Some((1 << (10 * power), 0));
    match suffix {
        "" => decimal(0),
        "n" => decimal(-9),
        "u" => decimal(-6),
        "m" => decimal(-3),
        "k" => decimal(3),
        "M" => decimal(6),
        "G" => decimal(9),
        "T" => decimal(12),
        "P" => decimal(15),
        "E" => decimal(18),
        "Ki" => binary(1),
        "Mi" => binary(2),
        "Gi" => binary(3),
        "Ti" => binary(4),
        "Pi" => binary(5),
        "Ei" => binary(6),
        _ => decimal(suffix.strip_prefix(['e', 'E'])?.parse::<i16>().ok()?.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_amount_in_other_words() {
        for (a, b) in [
            ("1000m", "1"),
            ("0.5", "500m"),
            ("1.5Gi", "1536Mi"),
            ("0", "0m"),
            ("-0", "+0"),
            (".5", "0.50"),
            ("5.", "5"),
            ("12e6", "12M"),
            ("1E3", "1k"),
            ("1e-3", "1m"),
            ("1E", "1e18"),
            ("-1.50", "-1500m"),
            ("0.5Ki", "512"),
            ("1Ei", "1152921504606846976"),
        ] {
            assert!(is_same(a, b), "{a} and {b}");
        }
    }

    #[test]
    fn other_amounts_and_what_is_none() {
        for (a, b) in [
            ("1", "2"),
            ("1", "-1"),
            ("1Ki", "1k"),
            ("1", "1m"),
            ("100n", "101n"),
            ("", ""),
            ("-", "-"),
            (".", "."),
            ("1x", "1x"),
            ("1.2.3", "1.2.3"),
            ("1 Gi", "1Gi"),
            ("1e", "1e"),
            ("e3", "e3"),
            ("99999999999999999999999999999999999999999", "99999999999999999999999999999999999999999"),
        ] {
            assert!(!is_same(a, b), "{a} and {b}");
        }
    }
}
