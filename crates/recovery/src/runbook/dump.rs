//! A dump into a database that doesn't exist yet, by `pg_restore` itself.

use domain::backup::{Backup, DumpContents, Kind};
use domain::runbook::Step;
use domain::status::Status;

use super::{Book, shell};
use crate::settings::Dumps;

/// Name of the database that is made.
const NEW: &str = "ampora_restored";

pub(super) fn steps(book: &Book<'_>, dumps: &Dumps) -> Vec<Step> {
    let source = dumps.place.name();
    let usable = |backup: &&Backup| backup.source == source && backup.kind == Kind::Dump && backup.status == Status::Ok;
    let newest = book.inventory.backups.iter().filter(usable);
    let Some(newest) = newest.max_by_key(|backup| backup.stopped_at.or(backup.started_at)) else {
        return vec![Step::told(
            "Choose a dump",
            "Unknown when this was written: no dump of this source was read to its end. List it, and read the newest one in full before trusting it.",
        )
        .by("pg_restore --file=/dev/null NEWEST.dump && echo whole")];
    };
    let restore = book.deployment.restore.as_ref();
    let owner = restore.map_or("ampora", |restore| &restore.owner);
    let jobs = restore.map_or(4, |restore| restore.jobs);
    let label = shell::word(&newest.label);
    let contents = contents(book, source, &newest.label);
    let mut steps = vec![
        Step::told(
            "Make sure that it is whole",
            "A dump that lost its end still lists its contents; only reading it all tells.",
        )
        .by(format!("pg_restore --file=/dev/null {label} && echo whole")),
        Step::told(
            "Roles first",
            "A dump holds none. Passwords are set from the secret manager, not restored.",
        )
        .by(format!(
            "psql -X -d postgres -c 'CREATE ROLE {} LOGIN' && psql -X -d postgres",
            adapters::postgres::quote(owner)
        )),
        create(owner, contents),
        Step::told(
            "Restore",
            "Stops at the first error; a database that fails half-way is dropped and made anew.",
        )
        .by(format!(
            "pg_restore --exit-on-error --no-owner --role={} --jobs={jobs} --dbname={NEW} {label}",
            shell::word(owner)
        )),
    ];
    if let Some(settings) = contents
        .map(|contents| &contents.settings)
        .filter(|settings| !settings.is_empty())
    {
        let named = "Settings of the database, which pg_restore leaves out. They name the old database: put the new name in its place.";
        steps.push(Step::told("Replay its settings", named).by(shell::sql(NEW, &settings.join("\n"))));
    }
    steps.push(Step::told("Gather statistics", "A dump brings none.").by(format!("psql -X -d {NEW} -c ANALYZE")));
    steps
}

fn create(owner: &str, contents: Option<&DumpContents>) -> Step {
    let owner = shell::word(owner);
    match contents {
        Some(contents) => Step::told(
            "Make the database",
            "With the encoding and collation that the dump was taken with.",
        )
        .by(format!(
            "createdb --template=template0 --owner={owner} --encoding={} --lc-collate={} --lc-ctype={} {NEW}",
            shell::word(&contents.encoding),
            shell::word(&contents.collate),
            shell::word(&contents.ctype)
        )),
        None => Step::told(
            "Make the database",
            "Encoding and collation of the dump weren’t known when this was written.",
        )
        .by(format!("createdb --template=template0 --owner={owner} {NEW}")),
    }
}

fn contents<'a>(book: &'a Book<'_>, source: &str, label: &str) -> Option<&'a DumpContents> {
    let seen = book.observed.sources.iter().find(|(_, seen)| seen.source == source)?;
    let (reading, _) = seen.1.last_good.as_ref()?;
    let (_, dump) = reading.dumps.iter().find(|(name, _)| name == label)?;
    dump.contents.as_ref().ok()
}
