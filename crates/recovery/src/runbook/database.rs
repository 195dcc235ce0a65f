//! Step 2 of the documented list: PostgreSQL, restored by the tools themselves.

use adapters::postgres::{quote, relation};
use domain::backup::{Backup, Kind};
use domain::runbook::{Block, Section, Step};
use domain::status::Status;
use domain::time::rfc3339;
use domain::window::Window;

use super::{Book, dump, shell};
use crate::settings::Source;

/// What stands for a choice that only the day itself brings.
const NEW_DATA: &str = "/var/lib/postgresql/restored";

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
    blocks.push(Block::Text(
        "Before anything else is done with the restored database:".into(),
    ));
    blocks.push(Block::Steps(vec![gate(book)]));
    Section::new("database", "2. Restore PostgreSQL", blocks)
}

fn restore(book: &Book<'_>, source: &Source) -> Vec<Block> {
    let steps = match source {
        Source::PgBackRest(stanza) => stanza_steps(book, &stanza.name, &stanza.stanza),
        Source::Dumps(dumps) => dump::steps(book, dumps),
        Source::WalG(_) => vec![
            Step::told("Fetch the newest backup", "Into an empty directory, as the user of PostgreSQL, with the storage’s settings in the environment.")
                .by(format!("wal-g backup-list\nwal-g backup-fetch {NEW_DATA} LATEST")),
            Step::told("Recover", "restore_command = 'wal-g wal-fetch %f %p' and standby.signal; then as with pgBackRest.")
                .by(format!("touch {NEW_DATA}/standby.signal")),
        ],
        Source::Rds(rds) => vec![
            Step::told("Make a new instance", "Managed point-in-time restore never goes back in place: it makes another instance, with default security group and parameters unless they are named.").by(format!(
                "aws rds restore-db-instance-to-point-in-time --source-db-instance-identifier {} --target-db-instance-identifier {}-restored \
                 --use-latest-restorable-time --db-subnet-group-name … --vpc-security-group-ids … --db-parameter-group-name …",
                shell::word(&rds.instance), shell::word(&rds.instance)
            )),
        ],
        Source::Unusable { reason, .. } => vec![Step::told("Not known how", reason.clone())],
    };
    vec![
        Block::Text(format!("From {} ({}):", source.name(), source.kind())),
        Block::Steps(steps),
    ]
}

fn stanza_steps(book: &Book<'_>, source: &str, stanza: &str) -> Vec<Step> {
    let host = book.deployment.host.as_ref();
    let default = [
        "pgbackrest".to_owned(),
        "--config=/etc/pgbackrest/pgbackrest.conf".to_owned(),
    ];
    let tool = host.map_or(&default[..], |host| &host.tool);
    let call = format!(
        "{} --stanza={}",
        shell::line(tool.iter().map(String::as_str)),
        shell::word(stanza)
    );
    let pgdata = host.map_or(NEW_DATA, |host| &host.pgdata);
    let bin = host.and_then(|host| host.bin_dir.clone());
    let bin = bin.unwrap_or_else(|| format!("/usr/lib/postgresql/{}/bin", major(book)));
    let window = newest(book, source);
    let backup = window.and_then(|window| best(book, window));
    let mut steps = vec![
        Step::told(
            "See what is there",
            "As the user of PostgreSQL, on the machine that will hold the database, with the pgbackrest.conf and the passphrase of the repository from escrow.",
        )
        .by(format!("{call} info")),
    ];
    let (Some(window), Some(backup)) = (window, backup) else {
        steps.push(Step::told(
            "Choose a backup",
            "Unknown when this was written: no window of this source could be believed. Take the newest backup of info without an error.",
        ));
        return steps;
    };
    let chosen = format!(
        "{call} --repo={} --set={} --pg1-path={}",
        window.repo.max(1),
        shell::word(&backup.label),
        shell::word(pgdata)
    );
    let timeline = window.timelines.last().copied().unwrap_or(1);
    let end = window.end_lsn.map_or_else(|| "not known".into(), |lsn| lsn.to_string());
    steps.push(
        Step::told(
            "Restore it, to the latest state",
            format!(
                "{} of {}; reaches {}. The directory has to be empty or missing.",
                backup.label,
                window.source,
                rfc3339(window.to)
            ),
        )
        .by(format!("{chosen} --type=standby --target-timeline={timeline} restore")),
    );
    steps.push(
        Step::told(
            "Or restore it to a time",
            format!(
                "Any moment from {} to {}, written with its offset. A time that no archived commit follows is refused by PostgreSQL: then take the latest state.",
                rfc3339(window.from),
                rfc3339(window.to)
            ),
        )
        .by(format!(
            "{chosen} --type=time --target='{}' --target-action=pause --target-timeline={timeline} restore",
            window.to.format("%Y-%m-%d %H:%M:%S%.6f+00")
        )),
    );
    steps.extend(recover(&bin, pgdata, &end));
    steps
}

/// Starting the copy with nobody let in, and ending recovery only where it should be.
fn recover(bin: &str, pgdata: &str, end: &str) -> [Step; 2] {
    let (bin, data) = (shell::word(bin), shell::word(pgdata));
    [
        Step::told("Start it with nobody let in", "No network and no archiving until it is known to be the right one.").by(format!(
            "{bin}/pg_ctl -D {data} -o \"-c listen_addresses='' -c unix_socket_directories=/tmp -c archive_mode=off -c hot_standby=on\" -w start"
        )),
        Step::told(
            "See how far it came, then end recovery",
            format!("The position has to be {end} at least (of a restore to a time: recovery has to be paused). Less is a hole in the WAL: go on only if that loss is accepted, and write it down."),
        )
        .by("psql -X -h /tmp -d postgres -c 'SELECT pg_last_wal_replay_lsn(), pg_last_xact_replay_timestamp(), pg_is_wal_replay_paused()'")
        .by("psql -X -h /tmp -d postgres -c 'SELECT pg_promote()'"),
    ]
}

/// The window that leads furthest.
fn newest<'a>(book: &'a Book<'_>, source: &str) -> Option<&'a Window> {
    let own = book.inventory.windows.iter().filter(|window| window.source == source);
    own.max_by_key(|window| (window.timelines.last().copied(), window.to))
}

/// The backup with the least WAL to replay.
fn best<'a>(book: &'a Book<'_>, window: &Window) -> Option<&'a Backup> {
    let fits = |backup: &&Backup| {
        backup.source == window.source
            && backup.repo.unwrap_or_default() == window.repo
            && backup.status == Status::Ok
            && backup.kind != Kind::Dump
            && backup
                .stopped_at
                .is_some_and(|at| (window.from..=window.to).contains(&at))
    };
    book.inventory
        .backups
        .iter()
        .filter(fits)
        .max_by_key(|backup| backup.stopped_at)
}

fn major(book: &Book<'_>) -> String {
    let version = book.vitals().ok().map(|vitals| vitals.server_version.clone());
    let major = version.and_then(|version| Some(version.split('.').next()?.to_owned()));
    major.unwrap_or_else(|| "16".into())
}

/// What has to be true of the database before Ampora may see it.
pub(super) fn gate(book: &Book<'_>) -> Step {
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
    .by(shell::sql(&book.database(), &statements))
}
