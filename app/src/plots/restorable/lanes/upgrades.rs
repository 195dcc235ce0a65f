//! The lane of the upgrades: each lies between the last look that saw the old version and the first that saw the new one.

use domain::time::Timestamp;
use domain::upgrade::Upgrade;

use super::{Labels, minute};
use crate::plots::ink::Ink;
use crate::plots::pen::Pen;

pub(super) fn draw(
    pen: &Pen<'_>,
    (top, bottom): (i32, i32),
    upgrades: &[Upgrade],
    now: Timestamp,
    labels: &mut Labels<'_, '_>,
) {
    for upgrade in upgrades {
        let Some((from, to)) = pen.within(upgrade.last_old, upgrade.first_new, 3) else {
            continue;
        };
        pen.bar((from, to), (top + 3, bottom - 3), Ink::Strong);
        pen.tick(from, (top - 1, bottom + 1), Ink::Strong, 1);
        let what = upgrade.what.word();
        let texts = [format!("{what} {}", minute(upgrade.first_new, now)), what.into()];
        labels.write(from, &texts, Ink::Strong);
    }
}
