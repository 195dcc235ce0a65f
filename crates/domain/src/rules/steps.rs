//! Steps that several recoveries share, with their commands.

use super::place::Place;
use crate::finding::Step;

/// Nothing may be written while the cause is removed.
pub(super) fn stop(place: &Place) -> Step {
    Step::run(
        "Scale Ampora to 0, so that nothing more is written.",
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
    let command = match &place.archiver {
        Some(archiver) => archiver.full_backup(None),
        None => format!("pg_dump --format=custom --file=before-recovery.dump {}", place.database),
    };
    Step::anywhere(
        "Take a backup of the state as it is: the next steps must be undoable.",
        command,
    )
}

/// What comes before any change of a key, whatever was found. A change or a rotation before that loses what it should save.
pub(super) fn before_a_change(place: &Place) -> Vec<Step> {
    let count = "Count the envelopes that were written since the wrong key was set, where one was: they need that key, and a rotation started \
                 now would lose them. Only then change anything, as a request that a second person agrees to.";
    vec![stop(place), back_up(place), sql(count, place, &place.counts)]
}

/// Another key for Ampora, without losing what is sealed with the present one.
pub(super) fn rotate(place: &Place) -> Vec<Step> {
    let edit = set_keys(place);
    vec![
        Step::anywhere(
            "Write 32 bytes from a random generator into the secret manager, as a new version. The present one stays: backups need it.",
            "openssl rand -base64 32",
        ),
        Step::run(
            "Give Ampora the new key as KeyProtection:MasterKey and the present one as KeyProtection:PreviousMasterKey.",
            edit.0,
            edit.1,
        ),
        start(place),
        prove_then_clean_up(),
    ]
}

/// How the keys that Ampora starts with are changed, in Kubernetes and on a machine.
pub(super) fn set_keys(place: &Place) -> (String, String) {
    let Place {
        namespace, workload, ..
    } = place;
    let secret = format!(
        "\"$(kubectl -n {namespace} get deploy/{workload} -o jsonpath='{{..secretKeyRef.name}}' | tr ' ' '\\n' | sort -u | head -1)\""
    );
    (
        format!("kubectl -n {namespace} edit secret {secret}"),
        format!(
            "sudoedit {}    # KeyProtection__MasterKey, KeyProtection__PreviousMasterKey",
            place.env_file
        ),
    )
}

/// How a rotation ends.
pub(super) fn prove_then_clean_up() -> Step {
    Step::told(
        "Prove the keys (Keys page). When every envelope opens with the new key, remove PreviousMasterKey; keep the old version in the \
         secret manager for the backups of its time.",
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
