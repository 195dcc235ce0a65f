//! A dump into a database that doesn't exist yet, by `pg_restore` itself.

use adapters::postgres::{literal, quote};
use domain::backup::{Backup, DumpContents, Kind};
use domain::locale::LocaleProvider;
use domain::plan::DatabaseName;
use domain::runbook::Step;
use domain::status::Status;

use super::{Book, database};
use crate::by_hand::{DumpFile, INTO as NEW, shell};
use crate::plans;
use crate::settings::Dumps;

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
    let mut file = DumpFile::of(dumps, &newest.label);
    let contents = contents(book, source, &newest.label);
    let mut steps: Vec<_> = file.fetch.as_ref().map(fetch).into_iter().collect();
    steps.extend(unpack(&mut file));
    steps.extend([
        whole(&file),
        roles(owner),
        create(owner, contents),
        read(&file, owner, jobs),
    ]);
    steps.extend(contents.and_then(settings));
    steps.push(Step::told("Gather statistics", "A dump brings none.").by(format!("psql -X -d {NEW} -c ANALYZE")));
    steps.push(database::gate_of(book, None, NEW));
    steps.push(named(&book.database()));
    steps
}

fn fetch(command: &domain::emergency::Command) -> Step {
    let argv = shell::line(command.argv.iter().map(String::as_str));
    Step::told("Fetch it", "With the credentials of the bucket in the environment.").by(argv)
}

/// A packed dump, unpacked where the person is.
fn unpack(file: &mut DumpFile) -> Option<Step> {
    let unpacked = file.path.strip_suffix(".gz")?;
    let name = unpacked.rsplit('/').next().unwrap_or(unpacked).to_owned();
    let packed = std::mem::replace(&mut file.path, name);
    let (packed, name) = (shell::word(&packed), shell::word(&file.path));
    Some(Step::told("Unpack it", "Into the current directory.").by(format!("gunzip --stdout {packed} > {name}")))
}

fn whole(file: &DumpFile) -> Step {
    let path = shell::word(&file.path);
    let step = Step::told(
        "Make sure that it is whole",
        "A dump that lost its end still lists its contents; only reading it all tells.",
    );
    if file.is_script {
        return step.by(format!("tail -n 5 {path} | grep 'PostgreSQL database dump complete'"));
    }
    step.by(format!("pg_restore --file=/dev/null {path} && echo whole"))
}

fn roles(owner: &str) -> Step {
    let (name, text) = (quote(owner), literal(owner));
    let create = format!(
        "SELECT 'CREATE ROLE ' || quote_ident({text}) || ' LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {text}) \\gexec"
    );
    Step::told(
        "Roles first",
        format!(
            "A dump holds none: make the owner, and each role that the dump grants something to. Passwords are set from the secret manager, \
             not restored: type \\password {name} in psql."
        ),
    )
    .by(shell::sql("postgres", &create))
}

fn read(file: &DumpFile, owner: &str, jobs: u32) -> Step {
    let path = shell::word(&file.path);
    let told = "Stops at the first error; a database that fails half-way is dropped and made anew.";
    if file.is_script {
        return Step::told(
            "Restore",
            format!("{told} psql obeys commands inside a script: look through it first."),
        )
        .by(format!(
            "psql -X --set=ON_ERROR_STOP=1 --single-transaction --dbname={NEW} --file={path}"
        ));
    }
    Step::told(
        "Restore",
        format!("{told} A tar archive is read by one process: without --jobs."),
    )
    .by(format!(
        "pg_restore --exit-on-error --no-owner --role={} --jobs={jobs} --dbname={NEW} {path}",
        shell::word(owner)
    ))
}

fn settings(contents: &DumpContents) -> Option<Step> {
    let name = NEW.parse::<DatabaseName>().expect("a plain name");
    let settings = plans::rename(&contents.settings, &contents.database, &name);
    let told = "Settings of the database, which pg_restore leaves out, with its new name in place of the old one.";
    (!settings.is_empty()).then(|| Step::told("Replay its settings", told).by(shell::sql(NEW, &settings.join("\n"))))
}

fn named(database: &str) -> Step {
    Step::told(
        "Give it the name that Ampora asks for",
        format!("On a new server. Where there is a {database} already, PostgreSQL refuses it: Ampora is led to {NEW} then, as told below."),
    )
    .by(shell::sql(
        "postgres",
        &format!("ALTER DATABASE {} RENAME TO {};", quote(NEW), quote(database)),
    ))
}

fn create(owner: &str, contents: Option<&DumpContents>) -> Step {
    let owner = shell::word(owner);
    match contents {
        Some(contents) => Step::told(
            "Make the database",
            "With the encoding and collation that the dump was taken with.",
        )
        .by(format!(
            "createdb --template=template0 --owner={owner} --encoding={} --lc-collate={} --lc-ctype={}{} {NEW}",
            shell::word(&contents.encoding),
            shell::word(&contents.collate),
            shell::word(&contents.ctype),
            provider(contents)
        )),
        None => Step::told(
            "Make the database",
            "Encoding and collation of the dump weren’t known when this was written.",
        )
        .by(format!("createdb --template=template0 --owner={owner} {NEW}")),
    }
}

fn provider(contents: &DumpContents) -> String {
    let options = contents.provider.iter().flat_map(LocaleProvider::options);
    options
        .map(|(name, value)| format!(" --{name}={}", shell::word(value)))
        .collect()
}

fn contents<'a>(book: &'a Book<'_>, source: &str, label: &str) -> Option<&'a DumpContents> {
    let seen = book.observed.sources.iter().find(|(_, seen)| seen.source == source)?;
    let (reading, _) = seen.1.last_good.as_ref()?;
    let (_, dump) = reading.dumps.iter().find(|(name, _)| name == label)?;
    dump.contents.as_ref().ok()
}
