//! Which key opens which backup, as text: first the counts, then the backups that nothing opens, then the others.

use std::collections::BTreeMap;

use domain::inventory::{Coverage, CoverageStatus};

use crate::print::table::aligned;

/// One line for each backup: nobody wants a line for each of its versions.
pub fn text(cells: &[Coverage]) -> String {
    let mut backups: BTreeMap<&str, Vec<&Coverage>> = BTreeMap::new();
    for cell in cells {
        backups.entry(&cell.backup).or_default().push(cell);
    }
    let mut rows: Vec<_> = backups.iter().map(|(backup, cells)| row(backup, cells)).collect();
    rows.sort();
    if rows.is_empty() {
        return String::new();
    }
    let rows: Vec<_> = rows.into_iter().map(|(_, row)| row).collect();
    format!("  {}\n{}", counts(&rows), aligned(&rows))
}

fn counts(rows: &[[String; 3]]) -> String {
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for [status, ..] in rows {
        *counted.entry(status).or_default() += 1;
    }
    let counted: Vec<_> = counted
        .iter()
        .map(|(status, number)| format!("{number} {status}"))
        .collect();
    counted.join(", ")
}

/// The best that is known of it, and how urgent it is to look.
fn row(backup: &str, cells: &[&Coverage]) -> (u8, [String; 3]) {
    use CoverageStatus::{Expected, Missing, Proven, Refuted, Unknown};
    let having = |status| {
        let with = cells.iter().filter(move |cell| cell.status == status);
        let names: Vec<_> = with.filter_map(|cell| cell.version.as_deref()).collect();
        names.join(", ")
    };
    let any = |status| cells.iter().any(|cell| cell.status == status);
    let (rank, word, says) = if any(Proven) {
        (3, "proven", format!("version {}", having(Proven)))
    } else if any(Missing) {
        (0, "missing", "no version in the manager opens it".into())
    } else if any(Expected) {
        (2, "expected", format!("version {}", having(Expected)))
    } else if any(Unknown) || !any(Refuted) {
        (1, "unknown", "no key was tried on it".into())
    } else {
        (
            0,
            "refuted",
            format!("version {} was tried and opens nothing", having(Refuted)),
        )
    };
    (rank, [word.into(), backup.to_owned(), says])
}
