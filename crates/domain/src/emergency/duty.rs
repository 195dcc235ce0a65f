//! Whether somebody can be expected to pick up now. Hours are written as people write them, `Mon-Fri 08:00-18:00`, in the person's zone.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike as _, NaiveDateTime, NaiveTime, Weekday};
use serde::{Deserialize, Serialize};

/// Whether it is within somebody's hours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    InHours,
    OutOfHours,
    /// Nobody has written down when they can be reached.
    Unknown,
}

impl Duty {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::InHours => "within their hours",
            Self::OutOfHours => "outside their hours",
            Self::Unknown => "hours not known",
        }
    }
}

/// Days of the week and a span of the day. One that ends before it begins goes on into the next day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hours {
    first: Weekday,
    last: Weekday,
    from: NaiveTime,
    to: NaiveTime,
}

impl Hours {
    /// Whether they hold at this local time.
    #[must_use]
    pub fn at(&self, local: NaiveDateTime) -> Duty {
        let (day, time) = (local.weekday(), local.time());
        let whole = self.from == self.to;
        let holds = if whole {
            self.on(day)
        } else if self.from < self.to {
            self.on(day) && self.from <= time && time < self.to
        } else {
            (self.on(day) && time >= self.from) || (self.on(day.pred()) && time < self.to)
        };
        if holds { Duty::InHours } else { Duty::OutOfHours }
    }

    fn on(&self, day: Weekday) -> bool {
        let since = |day: Weekday| day.days_since(self.first);
        since(day) <= since(self.last)
    }
}

impl FromStr for Hours {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let advice = || {
            format!(
                "{text:?} are no hours such as \"Mon-Fri 08:00-18:00\", \"Sat 09:00-12:00\" or \"daily 00:00-24:00\""
            )
        };
        let parts: Vec<_> = text.split_whitespace().collect();
        let [days, span] = parts.as_slice() else {
            return Err(advice());
        };
        let (first, last) = match days.split_once(['-', '–']) {
            Some((first, last)) => (day(first), day(last)),
            None if days.eq_ignore_ascii_case("daily") => (Some(Weekday::Mon), Some(Weekday::Sun)),
            None => (day(days), day(days)),
        };
        let (from, to) = span.split_once(['-', '–']).ok_or_else(advice)?;
        Ok(Self {
            first: first.ok_or_else(advice)?,
            last: last.ok_or_else(advice)?,
            from: time(from).ok_or_else(advice)?,
            to: time(to).ok_or_else(advice)?,
        })
    }
}

fn day(text: &str) -> Option<Weekday> {
    text.parse().ok()
}

/// `24:00` is the end of the day, which is the beginning of the next.
fn time(text: &str) -> Option<NaiveTime> {
    if text == "24:00" {
        return Some(NaiveTime::MIN);
    }
    NaiveTime::parse_from_str(text, "%H:%M").ok()
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = if self.to == NaiveTime::MIN {
            "24:00".into()
        } else {
            self.to.format("%H:%M").to_string()
        };
        write!(f, "{}-{} {}-{end}", self.first, self.last, self.from.format("%H:%M"))
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::*;

    /// Monday 23 November 2026 is day 0.
    fn at(day: u32, hour: u32, minute: u32) -> NaiveDateTime {
        let date = NaiveDate::from_ymd_opt(2026, 11, 23 + day).expect("a date");
        date.and_hms_opt(hour, minute, 0).expect("a time")
    }

    fn hours(text: &str) -> Hours {
        text.parse().expect("hours")
    }

    #[test]
    fn office_hours_end_in_the_evening_and_on_friday() {
        let office = hours("Mon-Fri 08:00-18:00");
        assert_eq!(office.at(at(0, 8, 0)), Duty::InHours);
        assert_eq!(office.at(at(0, 18, 0)), Duty::OutOfHours);
        assert_eq!(office.at(at(5, 12, 0)), Duty::OutOfHours, "Saturday");
    }

    #[test]
    fn a_night_shift_belongs_to_the_day_on_which_it_begins() {
        let night = hours("Fri-Sat 22:00-06:00");
        assert_eq!(night.at(at(4, 23, 0)), Duty::InHours, "Friday night");
        assert_eq!(night.at(at(6, 5, 59)), Duty::InHours, "early on Sunday");
        assert_eq!(night.at(at(4, 5, 0)), Duty::OutOfHours, "early on Friday");
        assert_eq!(night.at(at(6, 23, 0)), Duty::OutOfHours, "Sunday night");
    }

    #[test]
    fn a_week_may_go_over_its_end_and_a_day_may_be_whole() {
        assert_eq!(hours("Sat-Mon 00:00-24:00").at(at(0, 3, 0)), Duty::InHours);
        assert_eq!(hours("Sat-Mon 00:00-24:00").at(at(1, 3, 0)), Duty::OutOfHours);
        assert_eq!(hours("daily 00:00-24:00").at(at(2, 12, 0)), Duty::InHours);
        assert_eq!(hours("Sun 09:00-12:00").at(at(6, 9, 0)), Duty::InHours);
    }

    #[test]
    fn what_is_no_hours_is_said_so() {
        for text in [
            "",
            "Mon",
            "8-18",
            "Mon-Fri",
            "Mon-Fri 8",
            "Mon-Fri 08:00-25:00",
            "Blursday 08:00-18:00",
            "Mon Fri 08:00-18:00",
        ] {
            assert!(text.parse::<Hours>().is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange_to_be_read(text in any::<String>()) {
            let _hours = text.parse::<Hours>();
        }

        #[test]
        fn what_is_written_reads_back(first in 0..7_u8, last in 0..7_u8, from in 0..1440_u32, to in 0..1440_u32) {
            let day = |n| Weekday::try_from(n).expect("below seven");
            let time = |minutes| NaiveTime::from_hms_opt(minutes / 60, minutes % 60, 0).expect("a time");
            let hours = Hours { first: day(first), last: day(last), from: time(from), to: time(to) };
            prop_assert_eq!(hours.to_string().parse::<Hours>(), Ok(hours));
        }
    }
}
