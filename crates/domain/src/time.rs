//! Times and spans in the words people read. Durations are whole seconds; a clock is always handed in.

use chrono::{DateTime, Datelike, SecondsFormat, Utc};

/// A point in time. Always UTC; the browser adds the reader's zone.
pub type Timestamp = DateTime<Utc>;

/// The largest two parts of a span: `2 min 11 s`, `6 d 13 h`, `41 s`. Negative spans are printed with a minus: a clock is off.
#[must_use]
pub fn span(seconds: i64) -> String {
    if seconds < 0 {
        return format!("−{}", span(-seconds));
    }
    let parts = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];
    let first = parts.iter().position(|(_, size)| seconds >= *size).unwrap_or(3);
    let (unit, size) = parts[first];
    let mut text = format!("{} {unit}", seconds / size);
    if let Some((unit, next)) = parts.get(first + 1) {
        let rest = seconds % size / next;
        if rest > 0 {
            text.push_str(&format!(" {rest} {unit}"));
        }
    }
    text
}

/// How long ago, as a span. A time in the future says so, since then one of two clocks is wrong.
#[must_use]
pub fn ago(then: Timestamp, now: Timestamp) -> String {
    let seconds = (now - then).num_seconds();
    if seconds < -1 {
        format!("{} in the future", span(-seconds))
    } else {
        format!("{} ago", span(seconds.max(0)))
    }
}

/// Machine form, RFC 3339 in UTC with milliseconds, as in every JSON Muster prints.
#[must_use]
pub fn rfc3339(time: Timestamp) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// `03:12:15` for times of the day of `now`, else `6 Oct 03:12:15`, with the year when it differs.
#[must_use]
pub fn clock(time: Timestamp, now: Timestamp) -> String {
    let bare = time.format("%H:%M:%S");
    if time.date_naive() == now.date_naive() {
        bare.to_string()
    } else if time.year() == now.year() {
        format!("{} {bare}", time.format("%-d %b"))
    } else {
        format!("{} {bare}", time.format("%-d %b %Y"))
    }
}

/// Bytes with one digit after the point, in powers of 1000: `38.4 GB`.
#[must_use]
pub fn bytes(count: u64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    let mut scale = 1_u64;
    let mut unit = 0;
    while count / scale >= 1000 && unit + 1 < units.len() {
        scale *= 1000;
        unit += 1;
    }
    if unit == 0 {
        return format!("{count} B");
    }
    let tenths = count / (scale / 10);
    format!("{}.{} {}", tenths / 10, tenths % 10, units[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_two_parts_at_most() {
        for (seconds, text) in [
            (0, "0 s"),
            (41, "41 s"),
            (60, "1 min"),
            (131, "2 min 11 s"),
            (3_605, "1 h"),
            (566_000, "6 d 13 h"),
            (-5, "−5 s"),
        ] {
            assert_eq!(span(seconds), text);
        }
    }

    #[test]
    fn sizes_keep_one_digit() {
        for (count, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (38_400_000_000, "38.4 GB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(bytes(count), text);
        }
    }
}
