//! Step 2 of the documented list: PostgreSQL, restored by the tools themselves.

use adapters::postgres::{quote, relation};
use domain::runbook::{Block, Section, Step};
use domain::time::rfc3339;

use super::recover::Server;
use super::{Book, dump, stanza};
use crate::by_hand::shell;
use crate::settings::Source;

pub(super) fn section(book: &Book<'_>) -> Section {
    let mut blocks = vec![
        Block::Text(
            "Never over anything: into a new data directory, or into a database that doesn’t exist yet. Physical backups come closest to the \
             end; a dump is of one moment."
                .into(),
        ),
        Block::Trap(
            "A recovery to the latest state ends at the first missing WAL segment and promotes itself without an error. So it is started as a \
             standby, which waits instead, and its position is compared with the end of the archive."
                .into(),
        ),
    ];
    for source in &book.deployment.sources {
        blocks.extend(restore(book, source));
    }
    Section::new("database", "2. Restore PostgreSQL", blocks)
}

fn restore(book: &Book<'_>, source: &Source) -> Vec<Block> {
    let steps = match source {
        Source::PgBackRest(settings) => stanza::steps(book, settings),
        Source::Dumps(dumps) => dump::steps(book, dumps),
        Source::WalG(_) => walg(book),
        Source::Rds(rds) => vec![
            Step::told("Make a new instance", "Managed point-in-time restore never goes back in place: it makes another instance, with default security group and parameters unless they are named.").by(format!(
                "aws rds restore-db-instance-to-point-in-time --source-db-instance-identifier {} --target-db-instance-identifier {}-restored \
                 --use-latest-restorable-time --db-subnet-group-name … --vpc-security-group-ids … --db-parameter-group-name …",
                shell::word(&rds.instance), shell::word(&rds.instance)
            )),
            gate(book),
        ],
        Source::Unusable { reason, .. } => vec![Step::told("Not known how", reason.clone())],
    };
    vec![
        Block::Text(format!("From {} ({}):", source.name(), source.kind())),
        Block::Steps(steps),
    ]
}

fn walg(book: &Book<'_>) -> Vec<Step> {
    let server = Server::of(book);
    let data = shell::word(&server.data);
    let mut steps = vec![
        Step::told("Fetch the newest backup", "Into an empty directory, as the user of PostgreSQL, with the storage’s settings in the environment.")
            .by(format!("wal-g backup-list\nwal-g backup-fetch {data} LATEST")),
        Step::told("Have it fetch its WAL", "As a standby, which waits at a hole in the WAL instead of ending there.").by(format!(
            "echo \"restore_command = 'wal-g wal-fetch %f %p'\" >> {data}/postgresql.auto.conf\ntouch {data}/standby.signal"
        )),
    ];
    steps.extend(server.recover(book, None));
    steps
}

/// What has to be true of the database before Ampora may see it.
pub(super) fn gate(book: &Book<'_>) -> Step {
    gate_of(book, None, &book.database())
}

/// The same of this database; on a server that is reached by the socket in this folder, where it isn't the usual one.
pub(super) fn gate_of(book: &Book<'_>, socket: Option<&str>, database: &str) -> Step {
    let schema = book.deployment.schema();
    let statements = format!(
        "SET row_security = off;\nSELECT 'tenants' AS what, count(*)::text AS found FROM {tenants}\nUNION ALL SELECT 'signing keys', count(*)::text FROM {keys}\n\
         UNION ALL SELECT 'migration head', max({migration}) FROM {migrations}\nUNION ALL SELECT 'newest audit event', max({at})::text FROM {audit};",
        tenants = relation(&schema.tenants),
        keys = relation(&schema.authorities.table),
        migration = quote(&schema.migrations.column),
        migrations = relation(&schema.migrations.table),
        at = quote(&schema.audit.at),
        audit = relation(&schema.audit.table),
    );
    let expected = match book.vitals() {
        Ok(vitals) => {
            let tenants = vitals
                .signs
                .tenants
                .known()
                .map_or_else(|_| "not known".into(), ToString::to_string);
            format!(
                "Expected, as read at {}: {tenants} tenants, at least one signing key, migration head {}. Zero tenants: too early a target, or rows \
                 that the role may not see. No signing key: Ampora would make a new authority, and no agent would come back. Stop then.",
                rfc3339(vitals.read_at),
                vitals.migration_head.as_deref().unwrap_or("not known")
            )
        }
        Err(why) => format!(
            "What to expect isn’t known ({why}): tenants and signing keys have to be more than zero. Stop otherwise."
        ),
    };
    Step::told(
        "Look through it, as a role that row-level security doesn’t bind",
        expected,
    )
    .by(shell::sql_on(socket, database, &statements))
}
