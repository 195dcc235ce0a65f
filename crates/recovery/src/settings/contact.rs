//! Whom to call.

use chrono_tz::Tz;
use domain::emergency::{Contact as Listed, Duty, Hours};
use domain::time::Timestamp;

/// One person of the call list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contact {
    pub name: String,
    /// What they can do, in the site's own words.
    pub role: Option<String>,
    pub phone: Option<String>,
    pub email: Option<String>,
    /// When they can be reached, by the clock of their zone. `None`: not known.
    pub hours: Option<(Hours, Tz)>,
}

impl Contact {
    /// As they are listed at `now`.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Listed {
        Listed {
            name: self.name.clone(),
            role: self.role.clone(),
            phone: self.phone.clone(),
            email: self.email.clone(),
            hours: self.hours.as_ref().map(|(hours, zone)| format!("{hours} {zone}")),
            duty: self.hours.as_ref().map_or(Duty::Unknown, |(hours, zone)| {
                hours.at(now.with_timezone(zone).naive_local())
            }),
        }
    }
}
