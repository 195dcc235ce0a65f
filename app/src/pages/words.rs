//! Small words that several pages need.

use domain::time::Timestamp;

/// `2,418`: thousands apart.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The name of a step as people read it: `create-database` is “Create database”.
#[must_use]
pub fn step_name(name: &str) -> String {
    let spaced = name.replace('-', " ").replace(" tls", " TLS");
    let mut letters = spaced.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A time as it is typed into forms, in UTC: `2026-10-06 02:38:00`; seconds, then the whole time of day, may be left out. With an offset
/// behind it, as `+02:00` or `Z`, it is of that offset, and may have the T of RFC 3339.
#[must_use]
pub fn typed_time(text: &str) -> Option<Timestamp> {
    use chrono::{DateTime, NaiveDate, NaiveDateTime};
    let text = text.trim();
    let whole = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"]
        .into_iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let midnight = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    let elsewhere = || {
        let numbered = text.strip_suffix(['Z', 'z']).or_else(|| text.strip_suffix(" UTC"));
        let numbered = numbered.map_or_else(|| text.to_owned(), |time| format!("{time}+00"));
        [
            "%Y-%m-%d %H:%M:%S%.f %#z",
            "%Y-%m-%dT%H:%M:%S%.f %#z",
            "%Y-%m-%d %H:%M %#z",
        ]
        .into_iter()
        .find_map(|form| DateTime::parse_from_str(&numbered, form).ok())
    };
    whole
        .or_else(midnight)
        .map(|time| time.and_utc())
        .or_else(|| elsewhere().map(|time| time.to_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (2_418_007, "2,418,007")] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn times_are_typed_in_one_order_only() {
        let at = |text| typed_time(text).map(|time| time.to_rfc3339());
        assert_eq!(at("2026-10-06 02:38:00").as_deref(), Some("2026-10-06T02:38:00+00:00"));
        assert_eq!(at(" 2026-10-06 02:38").as_deref(), Some("2026-10-06T02:38:00+00:00"));
        assert_eq!(at("2026-10-06").as_deref(), Some("2026-10-06T00:00:00+00:00"));
        let same = "2026-10-06T02:38:00+00:00";
        for elsewhere in [
            "2026-10-06 04:38:00+02:00",
            "2026-10-06 04:38:00 +02",
            "2026-10-06 04:38+0200",
            "2026-10-06T02:38:00Z",
            "2026-10-06 02:38:00 UTC",
            "2026-10-06 02:38:00+00",
        ] {
            assert_eq!(at(elsewhere).as_deref(), Some(same), "{elsewhere}");
        }
        for wrong in ["10/06/2026", "2026-13-01", "yesterday", "", "2026-10-06T02:38"] {
            assert_eq!(typed_time(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn steps_read_like_words() {
        assert_eq!(step_name("create-database"), "Create database");
        assert_eq!(step_name("server-tls"), "Server TLS");
        assert_eq!(step_name(""), "");
    }
}
