//! Which key opens which backup, as text: first the counts, then the backups that are missing a key or will be, then the others.

use std::collections::BTreeMap;

use domain::coverage::{Answer, Urgency, by_backup, endings};
use domain::inventory::Keys;
use domain::time::Timestamp;

use crate::print::table::aligned;

/// One line for each backup: nobody wants a line for each of its versions.
pub fn text(keys: &Keys) -> String {
    let backups = by_backup(&keys.coverage);
    let answers = backups.iter().map(|(backup, cells)| (Answer::of(cells), *backup));
    let mut answers: Vec<_> = answers.collect();
    answers.sort_by_key(|(answer, backup)| (answer.urgency, !answer.versions.is_empty(), *backup));
    let rows: Vec<_> = answers.iter().map(|(answer, backup)| row(answer, backup)).collect();
    let uncovered = keys.uncovered.iter();
    let uncovered = uncovered.map(|source| {
        [
            "unknown".to_owned(),
            format!("those of {}", source.source),
            source.detail.clone(),
        ]
    });
    let uncovered = aligned(&uncovered.collect::<Vec<_>>());
    if rows.is_empty() {
        return uncovered;
    }
    format!("  {}\n{}{uncovered}", counts(&rows), aligned(&rows))
}

fn counts(rows: &[[String; 4]]) -> String {
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

fn row(answer: &Answer<'_>, backup: &str) -> [String; 4] {
    let opens_today = !answer.versions.is_empty();
    let word = match (answer.urgency, opens_today) {
        (Urgency::AtRisk, true) => "at risk",
        _ => answer.status.word(),
    };
    let versions = match answer.versions.as_slice() {
        [] => "no version".to_owned(),
        versions => format!("version {}", versions.join(", ")),
    };
    let said: Vec<_> = answer
        .warning
        .into_iter()
        .chain([answer.detail])
        .filter(|text| !text.is_empty())
        .collect();
    [word.into(), backup.to_owned(), versions, said.join("; ")]
}

/// Versions that go before every backup has done without them.
pub fn about_to_go(keys: &Keys, now: Timestamp) -> String {
    let endings = endings(keys);
    let rows = endings.iter().map(|ending| {
        let word = if ending.outlive > 0 { "broken" } else { "-" };
        let needed = match ending.outlive {
            0 => format!("backups that need it: {}", ending.backups),
            outlive => format!("backups that are kept for longer: {outlive}"),
        };
        [
            word.to_owned(),
            format!("version {}", ending.version),
            ending.keep.words(now),
            needed,
        ]
    });
    aligned(&rows.collect::<Vec<_>>())
}
