//! pgBackRest against real repositories.

mod escrow;
mod retention;
mod troubles;
mod verify;
mod wal;

use adapters::pgbackrest::Repositories;
use domain::status::Status;
use domain::window::{Commit, Gap, Window};
use testkit::pgbackrest::Stanza;

async fn read(stanza: &Stanza) -> Repositories {
    stanza.source().read().await.unwrap()
}

/// Windows and gaps of one repository.
fn windows(read: &Repositories, repo: u32, commits: &[Commit]) -> (Vec<Window>, Vec<Gap>) {
    let own = read.archives.iter().filter(|(archive, _)| archive.repo == repo);
    let (windows, gaps): (Vec<_>, Vec<_>) = own.map(|(archive, anchors)| archive.windows(anchors, commits)).unzip();
    (windows.concat(), gaps.concat())
}

/// Status and detail of a backup.
fn judged<'a>(read: &'a Repositories, label: &str) -> (Status, &'a str) {
    let backup = read.backups.iter().find(|backup| backup.label == label).unwrap();
    (backup.status, backup.detail.as_str())
}
