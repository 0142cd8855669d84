//! A number at the beginning of a text, read in the one pass that finds its end.
//!
//! A decimal of few digits is an integer of at most 53 bits by a power of ten of at most 22: both are
//! doubles, and one multiplication or division rounds once, so the result is the nearest double
//! (W. D. Clinger, "How to read floating point numbers accurately", PLDI 1990). Every other number
//! goes through the standard library, which comes to the same double. Turned down: a crate for it; the
//! standard library's parser is as good where this one ends.

const LARGEST_EXACT: u64 = 1 << 53;
/// As many digits fit a `u64`.
const MOST_DIGITS: usize = 19;
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// The finite number in JSON's grammar that the text begins with, and how many bytes it takes; `None`
/// where there is no such number. What follows it is the caller's to judge.
#[must_use]
pub fn decimal(text: &[u8]) -> Option<(f64, usize)> {
    let negative = text.first() == Some(&b'-');
    let whole_from = usize::from(negative);
    let (mut mantissa, mut at) = digits(text, whole_from, 0);
    let mut count = at - whole_from;
    if count == 0 || (count > 1 && text[whole_from] == b'0') {
        return None;
    }
    let mut scale = 0_i64;
    if text.get(at) == Some(&b'.') {
        let (with_fraction, end) = digits(text, at + 1, mantissa);
        let fraction = end - at - 1;
        if fraction == 0 {
            return None;
        }
        (mantissa, at, count) = (with_fraction, end, count + fraction);
        scale = -i64::try_from(fraction).ok()?;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        let (exponent, end) = exponent(text, at + 1)?;
        (scale, at) = (scale.saturating_add(exponent), end);
    }
    let exact = exact(mantissa, scale).filter(|_| count <= MOST_DIGITS);
    let value = match exact {
        Some(value) if negative => -value,
        Some(value) => value,
        None => std::str::from_utf8(&text[..at]).ok()?.parse().ok()?,
    };
    value.is_finite().then_some((value, at))
}

/// The digits from there on, behind those of `before`, and where they end. Too many overflow.
fn digits(text: &[u8], from: usize, before: u64) -> (u64, usize) {
    let (mut number, mut at) = (before, from);
    while let Some(digit) = text.get(at).map(|byte| byte.wrapping_sub(b'0')) {
        if digit > 9 {
            break;
        }
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        at += 1;
    }
    (number, at)
}

/// The exponent, and where it ends; one that is longer than any that matters counts as endless.
fn exponent(text: &[u8], from: usize) -> Option<(i64, usize)> {
    const MOST: usize = 6;
    let sign = text.get(from).filter(|byte| matches!(byte, b'+' | b'-'));
    let begin = from + usize::from(sign.is_some());
    let (number, end) = digits(text, begin, 0);
    let size = match end - begin {
        0 => return None,
        1..=MOST => i64::try_from(number).ok()?,
        _ => i64::MAX / 4,
    };
    Some((if sign == Some(&b'-') { -size } else { size }, end))
}

fn exact(mantissa: u64, scale: i64) -> Option<f64> {
    if mantissa > LARGEST_EXACT {
        return None;
    }
    let power = POWERS.get(usize::try_from(scale.unsigned_abs()).ok()?)?;
    // At most 53 bits: the conversion keeps all of them.
    let number = mantissa as f64;
    Some(if scale < 0 {
        number / power
    } else {
        number * power
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_ends_where_its_grammar_does() {
        for (text, value, length) in [
            ("0", 0.0, 1),
            ("17.99,", 17.99, 5),
            ("-2.5e1}", -25.0, 6),
            ("1E+2 ", 100.0, 4),
            ("9007199254740993", 9_007_199_254_740_992.0, 16),
            (
                "123456789012345678901234567890",
                1.234_567_890_123_456_8e29,
                30,
            ),
            ("0.1e-400", 0.0, 8),
            ("1e-00000000000000000005", 1e-5, 23),
        ] {
            assert_eq!(decimal(text.as_bytes()), Some((value, length)), "{text}");
        }
        assert!(decimal(b"-0").is_some_and(|(zero, _)| zero.is_sign_negative()));
    }

    #[test]
    fn what_json_does_not_call_a_number_is_none() {
        for text in [
            "", "-", "+1", ".5", "1.", "1.e5", "1e", "1e+", "01", "-01", "00", "NaN", "inf",
            "1e400", "\"1\"",
        ] {
            assert_eq!(decimal(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn it_is_the_double_of_the_standard_library(
            text in "-?(0|[1-9][0-9]{0,24})(\\.[0-9]{1,24})?([eE][+-]?[0-9]{1,3})?"
        ) {
            let value: f64 = text.parse().unwrap();
            let read = decimal(text.as_bytes()).map(|(value, length)| (value.to_bits(), length));
            prop_assert_eq!(read, value.is_finite().then_some((value.to_bits(), text.len())));
        }

        #[test]
        fn whatever_is_read_is_a_number_of_json(text in "[-+0-9.eE]{0,12}") {
            if let Some((value, length)) = decimal(text.as_bytes()) {
                let read: f64 = serde_json::from_str(&text[..length]).unwrap();
                prop_assert_eq!(read.to_bits(), value.to_bits());
            }
        }
    }
}
