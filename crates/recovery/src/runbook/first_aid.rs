//! What is done before anything is restored: nothing more gets lost, and it is known what still goes on.

use adapters::postgres::{quote, relation};
use domain::runbook::{Block, Section, Step};

use super::Book;
use crate::by_hand::shell;
use crate::settings::Source;

pub(super) fn section(book: &Book<'_>) -> Section {
    let (kubectl, _, workload) = book.kubectl();
    let audit = book.deployment.schema().audit;
    let newest = format!(
        "SELECT now() AS now, max({}) AS newest FROM {};",
        quote(&audit.at),
        relation(&audit.table)
    );
    let steps = vec![
        Step::told(
            "Is anything still writing?",
            "If the database answers, its last commit tells. Where it still takes commits, a restore loses what it takes from now on.",
        )
        .by(shell::sql(&book.database(), &newest)),
        Step::told(
            "Stop Ampora, and with it its retention sweep",
            "The sweep runs within an hour of each start and deletes old audit events. Nothing may start Ampora again until the checks below pass.",
        )
        .by(format!("{kubectl} scale deploy/{} --replicas=0", shell::word(&workload)))
        .by("systemctl stop ampora   # where it is a binary"),
        stop_expiry(book),
        Step::told(
            "Keep the broken cluster",
            "Its pg_wal may hold commits that were never archived. Don’t delete, re-initialise or restore over its data directory: rename it, \
             or stop the machine.",
        ),
        Step::told(
            "Write down when, and what is seen",
            "The last good moment decides the target of the restore. A later restore can’t be told from this one without notes.",
        ),
    ];
    Section::new("first-aid", "First aid, before any restore", vec![Block::Steps(steps)])
}

fn stop_expiry(book: &Book<'_>) -> Step {
    let mut step = Step::told(
        "Stop what removes old backups",
        "Each backup that expires now may be the one that is needed. Suspend the schedule that runs expire, and lifecycle rules of buckets.",
    );
    for source in &book.deployment.sources {
        if let Source::PgBackRest(stanza) = source {
            step = step.by(format!(
                "# stanza {}: comment out its backup and expire jobs, then make sure that none runs\npgrep -af 'pgbackrest.*(expire|backup)'",
                stanza.stanza
            ));
        }
    }
    step
}
