//! Numbers and names as people read them.

/// Four significant digits, without zeros that say nothing; powers of ten where it is very large or
/// small.
pub(in crate::http) fn significant(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e7).contains(&size) {
        return format!("{value:.3e}");
    }
    let before_point = size.log10().floor() as i32;
    let decimals = usize::try_from(3 - before_point).unwrap_or_default();
    let text = format!("{value:.decimals$}");
    if !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// As [`significant`], a dash for what nobody knows.
pub(in crate::http) fn known(value: Option<f64>) -> String {
    or_dash(value.map(significant))
}

/// The text, a dash where there is none.
pub(in crate::http) fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "–".to_owned())
}

/// With its unit, where it has one.
pub(in crate::http) fn measured(value: f64, unit: Option<&str>) -> String {
    let value = significant(value);
    match unit {
        Some(unit) => format!("{value} {unit}"),
        None => value,
    }
}

/// The beginning of a name that is too long for its place.
pub(in crate::http) fn shortened(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.to_owned();
    }
    let mut short: String = name.chars().take(most.saturating_sub(1)).collect();
    short.push('\u{2026}');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_the_digits_that_say_something() {
        for (value, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (-0.5, "-0.5"),
            (0.123_456, "0.1235"),
            (1234.56, "1235"),
            (123_456.0, "123456"),
            (1.0e7, "1.000e7"),
            (-2.5e-7, "-2.500e-7"),
            (99.996, "100"),
            (0.000_5, "0.0005"),
            (f64::MAX, "1.798e308"),
        ] {
            assert_eq!(significant(value), text);
        }
        assert_eq!(measured(2.0, Some("mm")), "2 mm");
    }

    #[test]
    fn a_long_name_is_cut_between_letters() {
        assert_eq!(shortened("größe", 5), "größe");
        assert_eq!(shortened("größen", 5), "größ\u{2026}");
        assert_eq!(shortened("", 5), "");
    }
}
