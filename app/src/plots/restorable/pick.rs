//! Picking a time by a click that needs no script: the picture lies under a row of links, each to the moment in its middle.

use chrono::TimeDelta;
use domain::time::Timestamp;

use super::Restorable;

/// Links over one picture. On the narrowest one they are as wide as the line that marks what was picked.
pub const PICKS: i32 = 96;

/// The moments of the links, from left to right. `None`: that part of the picture lies in the future.
#[must_use]
pub fn picks(plot: &Restorable) -> Vec<Option<Timestamp>> {
    let width = (plot.to - plot.from) / PICKS;
    // Rounded as far as the picture can be read anyway.
    let round = if width >= TimeDelta::minutes(2) { 60 } else { 1 };
    let pick = |number: i32| {
        let middle = (plot.from + width * number + width / 2).timestamp();
        let at = Timestamp::from_timestamp(middle - middle.rem_euclid(round), 0)?;
        (at <= plot.now).then_some(at)
    };
    (0..PICKS).map(pick).collect()
}
