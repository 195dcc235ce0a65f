//! A physical backup, restored by pgBackRest itself.

use adapters::pgbackrest::{PgBackRest, moment};
use domain::backup::{Backup, Kind};
use domain::runbook::Step;
use domain::status::Status;
use domain::time::rfc3339;
use domain::window::Window;

use super::Book;
use super::recover::Server;
use crate::by_hand::shell;

/// pgBackRest with what leads to the stanza, as it is called on the database's own host.
pub(super) fn call(book: &Book<'_>, settings: &PgBackRest) -> String {
    let host = book.deployment.host.as_ref().map(|host| host.tool.clone());
    let tool = host.or_else(|| settings.tool.typed_here());
    let tool = tool.unwrap_or_else(|| vec!["pgbackrest".into()]);
    format!(
        "{} --stanza={}",
        shell::line(tool.iter().map(String::as_str)),
        shell::word(&settings.stanza)
    )
}

pub(super) fn steps(book: &Book<'_>, settings: &PgBackRest) -> Vec<Step> {
    let call = call(book, settings);
    let window = newest(book, &settings.name);
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
    let server = Server::of(book);
    steps.extend(restore(&call, &server.data, window, backup));
    steps.extend(server.recover(book, window.end_lsn));
    steps
}

/// To the latest state, or to a time: one of both.
fn restore(call: &str, data: &str, window: &Window, backup: &Backup) -> [Step; 2] {
    let data = shell::word(data);
    let chosen = format!(
        "install -d -m 700 {data}\n{call} --repo={} --set={} --pg1-path={data}",
        window.repo.max(1),
        shell::word(&backup.label),
    );
    let timeline = window.timelines.last().copied().unwrap_or(1);
    [
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
            moment(window.to)
        )),
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
