//! What is left to do once Ampora runs again.

use domain::runbook::{Block, Section, Step};

use super::{Book, stanza};
use crate::by_hand::shell;
use crate::settings::Source;

pub(super) fn section(book: &Book<'_>) -> Section {
    let collations = "SELECT datname, datcollversion, pg_database_collation_actual_version(oid) AS now FROM pg_database\n\
                      WHERE datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid);";
    let steps = vec![
        backup(book),
        Step::told("Collations", "PostgreSQL 15 and newer tell it: another C library or ICU sorts otherwise. Each database that is listed needs REINDEX DATABASE, then ALTER DATABASE … REFRESH COLLATION VERSION.")
            .by(shell::sql("postgres", collations)),
        Step::told("Standbys, pools, schedules", "Make standbys anew; restart connection pools; start backups and their expiry again, last of all."),
        Step::told("Tell what was lost", "From the last commit before the disaster to the moment that was restored: audit events, configurations, agents, certificates. A new revocation list is signed within 15 minutes."),
        Step::told("Remove the old cluster", "When nobody needs a row from it any more."),
    ];
    Section::new("afterwards", "Afterwards", vec![Block::Steps(steps)])
}

fn backup(book: &Book<'_>) -> Step {
    let told = Step::told(
        "A full backup at once",
        "On the new timeline; until then the old backups are all there is. A cluster with another system identifier needs stanza-upgrade first.",
    );
    let stanzas = book.deployment.sources.iter().filter_map(|source| match source {
        Source::PgBackRest(settings) => Some(stanza::call(book, settings)),
        _ => None,
    });
    stanzas.fold(told, |step, call| {
        step.by(format!("{call} --type=full backup && {call} check"))
    })
}
