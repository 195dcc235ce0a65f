//! Points in time. The server writes UTC, which is right without a script; the browser rewrites the text in the reader's zone and keeps
//! ages counting (`islands::times`). The title says UTC always.

use domain::time::{Timestamp, ago, clock, rfc3339};
use leptos::prelude::*;

/// How a time is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Show {
    /// `03:12:15 UTC`, with the day where it isn't today's.
    #[default]
    Clock,
    /// `41 s ago`.
    Ago,
    /// `03:12:15.402`, for logs, whose head names the zone.
    Stamp,
    /// `Tue 6 Oct 2026, 01:14:26 UTC`.
    Full,
}

impl Show {
    /// Value of `data-show`, by which the browser knows the form.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Ago => "ago",
            Self::Stamp => "stamp",
            Self::Full => "full",
        }
    }

    fn text(self, at: Timestamp, now: Timestamp) -> String {
        match self {
            Self::Clock => format!("{} UTC", clock(at, now)),
            Self::Ago => ago(at, now),
            Self::Stamp => at.format("%H:%M:%S%.3f").to_string(),
            Self::Full => full(at),
        }
    }
}

/// `Tue 6 Oct 2026, 01:14:26 UTC`.
#[must_use]
pub fn full(at: Timestamp) -> String {
    at.format("%a %-d %b %Y, %H:%M:%S UTC").to_string()
}

/// One point in time, seen at `now`.
#[component]
pub fn Moment(at: Timestamp, now: Timestamp, #[prop(optional)] show: Show) -> impl IntoView {
    view! {
        <time datetime=rfc3339(at) title=full(at) data-show=show.name()>
            {show.text(at, now)}
        </time>
    }
}
