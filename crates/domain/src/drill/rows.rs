//! Row counts of the copy against those that were read around the moment it is of.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::Big;

/// Rows of each table, `schema.table`.
pub type Counts = BTreeMap<String, Big>;

/// Of a single reading, a count of the copy may be this much off, in percent: rows came and went between the two.
const TOLERANCE: u64 = 10;
/// And this many rows, since ten percent of a small table are nothing.
const FEW: u64 = 10;

/// Readings around the moment, each group with the one nearest to it first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Surroundings {
    pub before: Vec<Counts>,
    pub after: Vec<Counts>,
}

/// What the comparison showed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Compared {
    /// Tables whose count fits.
    pub fits: Vec<String>,
    /// Tables whose count doesn't, in words.
    pub differs: Vec<String>,
    /// Tables of which nobody can tell, in words.
    pub untold: Vec<String>,
}

impl Surroundings {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.before.is_empty() && self.after.is_empty()
    }

    /// Compares every table that was counted around the moment, but those in `aside`, which something else speaks for.
    #[must_use]
    pub fn compare(&self, copy: &Counts, aside: &BTreeSet<String>) -> Compared {
        let nearest = self.before.first().into_iter().chain(self.after.first());
        let tables: BTreeSet<_> = nearest
            .flat_map(BTreeMap::keys)
            .filter(|name| !aside.contains(*name))
            .collect();
        let mut compared = Compared::default();
        for table in tables {
            self.table(table, copy.get(table).map(|rows| rows.0), &mut compared);
        }
        compared
    }

    fn table(&self, name: &str, copy: Option<u64>, compared: &mut Compared) {
        let of = |readings: &[Counts]| {
            readings
                .iter()
                .filter_map(|counts| counts.get(name).map(|rows| rows.0))
                .collect()
        };
        let (before, after): (Vec<u64>, Vec<u64>) = (of(&self.before), of(&self.after));
        let Some(copy) = copy else {
            // A table that was made or dropped around the moment.
            let both = !before.is_empty() && !after.is_empty();
            let list = if both {
                &mut compared.differs
            } else {
                &mut compared.untold
            };
            list.push(format!("{name} isn’t there"));
            return;
        };
        match (before.first(), after.first()) {
            (Some(_), Some(_)) => {
                let (low, high) = between(&before, &after);
                if (low..=high).contains(&copy) {
                    compared.fits.push(name.to_owned());
                } else {
                    compared.differs.push(format!(
                        "{name} has {copy} rows, and had {low} to {high} around that moment"
                    ));
                }
            }
            (Some(one), None) | (None, Some(one)) => {
                if copy.abs_diff(*one) <= (one / 100 * TOLERANCE).max(FEW) {
                    compared.fits.push(name.to_owned());
                } else {
                    let side = if before.is_empty() { "after" } else { "before" };
                    compared.untold.push(format!(
                        "{name} has {copy} rows; {one} were counted {side} that moment, none on the other side"
                    ));
                }
            }
            (None, None) => {}
        }
    }
}

/// What the count can have been between the two nearest readings. A table that only grows leaves no doubt; one that also shrinks can have
/// moved by as much as it did in the readings around.
fn between(before: &[u64], after: &[u64]) -> (u64, u64) {
    let (earlier, later) = (before[0], after[0]);
    let in_order: Vec<_> = before.iter().rev().chain(after).copied().collect();
    let shrinks = in_order.windows(2).any(|pair| pair[1] < pair[0]);
    if !shrinks {
        return (earlier, later);
    }
    let low = in_order.iter().min().copied().unwrap_or_default();
    let high = in_order.iter().max().copied().unwrap_or_default();
    let churn = high - low;
    (
        earlier.min(later).saturating_sub(churn),
        earlier.max(later).saturating_add(churn),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counts(rows: &[(&str, u64)]) -> Counts {
        rows.iter()
            .map(|(name, rows)| ((*name).to_owned(), Big(*rows)))
            .collect()
    }

    fn around(before: &[u64], after: &[u64]) -> Surroundings {
        let readings = |rows: &[u64]| rows.iter().map(|rows| counts(&[("t", *rows)])).collect();
        Surroundings {
            before: readings(before),
            after: readings(after),
        }
    }

    fn verdict(around: &Surroundings, copy: u64) -> &'static str {
        let compared = around.compare(&counts(&[("t", copy)]), &BTreeSet::new());
        match (compared.fits.len(), compared.differs.len(), compared.untold.len()) {
            (1, 0, 0) => "fits",
            (0, 1, 0) => "differs",
            (0, 0, 1) => "untold",
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_table_that_grows_lies_between_its_two_readings() {
        let readings = around(&[100, 90], &[120, 130]);
        for (copy, expected) in [
            (99, "differs"),
            (100, "fits"),
            (120, "fits"),
            (121, "differs"),
            (0, "differs"),
        ] {
            assert_eq!(verdict(&readings, copy), expected, "{copy}");
        }
    }

    #[test]
    fn a_table_that_shrinks_too_has_room_for_its_churn() {
        let readings = around(&[10, 14], &[12]);
        for (copy, expected) in [(6, "fits"), (16, "fits"), (5, "differs"), (17, "differs")] {
            assert_eq!(verdict(&readings, copy), expected, "{copy}");
        }
    }

    #[test]
    fn one_reading_convicts_nobody() {
        assert_eq!(verdict(&around(&[], &[1000]), 950), "fits");
        assert_eq!(verdict(&around(&[], &[1000]), 400), "untold");
    }

    #[test]
    fn a_table_that_vanished_is_a_difference() {
        let compared = around(&[5], &[5]).compare(&Counts::new(), &BTreeSet::new());
        assert_eq!(compared.differs, ["t isn’t there"]);
    }

    proptest! {
        #[test]
        fn a_copy_of_either_reading_always_fits(before in prop::collection::vec(any::<u64>(), 1..5), after in prop::collection::vec(any::<u64>(), 1..5)) {
            let readings = around(&before, &after);
            prop_assert_eq!(verdict(&readings, before[0]), "fits");
            prop_assert_eq!(verdict(&readings, after[0]), "fits");
        }
    }
}
