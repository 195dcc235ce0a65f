//! What is left to do once Ampora runs again.

use domain::runbook::{Block, Section, Step};

use super::{Book, shell};
use crate::settings::Source;

pub(super) fn section(book: &Book<'_>) -> Section {
    let stanza = book.deployment.sources.iter().find_map(|source| match source {
        Source::PgBackRest(stanza) => Some(stanza.stanza.clone()),
        _ => None,
    });
    let stanza = shell::word(stanza.as_deref().unwrap_or("ampora"));
    let collations = "SELECT datname, datcollversion, pg_database_collation_actual_version(oid) AS now FROM pg_database\n\
                      WHERE datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid);";
    let steps = vec![
        Step::told("A full backup at once", "On the new timeline; until then the old backups are all there is. A cluster with another system identifier needs stanza-upgrade first.")
            .by(format!("pgbackrest --stanza={stanza} backup --type=full && pgbackrest --stanza={stanza} check")),
        Step::told("Collations", "Another C library or ICU sorts otherwise: each database that is listed needs REINDEX DATABASE, then ALTER DATABASE … REFRESH COLLATION VERSION.")
            .by(shell::sql("postgres", collations)),
        Step::told("Standbys, pools, schedules", "Make standbys anew; restart connection pools; start backups and their expiry again, last of all."),
        Step::told("Tell what was lost", "From the last commit before the disaster to the moment that was restored: audit events, configurations, agents, certificates. A new revocation list is signed within 15 minutes."),
        Step::told("Remove the old cluster", "When nobody needs a row from it any more."),
    ];
    Section::new("afterwards", "Afterwards", vec![Block::Steps(steps)])
}
