//! Steps that several recoveries share, with their commands.

use super::facts::Place;
use crate::finding::Step;

/// Nothing may be written while the cause is removed.
pub(super) fn stop(place: &Place) -> Step {
    Step::run(
        "Stop Ampora, so that nothing more is written.",
        format!(
            "kubectl -n {} scale deploy/{} --replicas=0",
            place.namespace, place.workload
        ),
        "systemctl stop ampora",
    )
}

/// One instance first; the others when it is well.
pub(super) fn start(place: &Place) -> Step {
    Step::run(
        "Start one instance, look at it, then start the others.",
        format!(
            "kubectl -n {} scale deploy/{} --replicas=1",
            place.namespace, place.workload
        ),
        "systemctl start ampora",
    )
}

/// Whatever comes next can be undone.
pub(super) fn back_up(place: &Place) -> Step {
    let command = match &place.stanza {
        Some(stanza) => format!("pgbackrest --stanza={stanza} backup --type=full"),
        None => format!("pg_dump --format=custom --file=before-recovery.dump {}", place.database),
    };
    Step::anywhere(
        "Take a backup of the state as it is: the next steps must be undoable.",
        command,
    )
}

/// SQL in Ampora's database.
pub(super) fn sql(text: impl Into<String>, place: &Place, statement: &str) -> Step {
    Step::anywhere(
        text,
        format!("psql --dbname={} <<'SQL'\n{statement}\nSQL", place.database),
    )
}

/// A text as an SQL literal.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''").replace(['\0', '\n', '\r'], ""))
}

/// The first few, and how many more there are.
pub(super) fn few<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const NAMED: usize = 5;
    let names: Vec<_> = names.into_iter().collect();
    let listed = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => listed,
        more => format!("{listed} and {more} more"),
    }
}
