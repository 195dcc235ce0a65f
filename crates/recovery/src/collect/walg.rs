//! A storage of wal-g: backups, and the windows that its WAL opens.

use adapters::walg::{Storage, WalG};
use domain::status::Status;
use domain::vitals::Vitals;
use domain::window::{Anchor, Commit, Gap};

use super::pgbackrest::{commits, compared, unarchived};
use super::{RepoReading, SourceReading};
use crate::keys::Memory;
use crate::settings::Deployment;

/// Reasons that are given one by one before the rest is only counted.
const NAMED: usize = 3;

/// Reads the storage. A gap makes the source broken, unless its WAL may still arrive or only permanent backups lie before it.
///
/// # Errors
/// With the reason why the backups could not be listed, for a person.
pub async fn read(
    deployment: &Deployment,
    walg: &WalG,
    vitals: Option<&Vitals>,
    memory: &Memory,
) -> Result<SourceReading, String> {
    let storage = walg.read().await.map_err(|error| error.to_string())?;
    Ok(judge(storage, &commits(deployment, vitals, memory).await))
}

fn judge(storage: Storage, commits: &[Commit]) -> SourceReading {
    let windows = |anchors: &[Anchor]| match &storage.archive {
        Some(archive) => archive.windows(anchors, commits),
        None => (Vec::new(), Vec::new()),
    };
    let lost = |gaps: Vec<Gap>| -> Vec<_> { gaps.into_iter().filter(|gap| !storage.is_pending(gap)).collect() };
    let (_, gaps_to_mind) = windows(&storage.anchors);
    let (windows, gaps) = windows(&[storage.anchors.as_slice(), &storage.permanent].concat());
    let (torn, gaps) = (lost(gaps_to_mind), lost(gaps));
    let whole = if torn.is_empty() { Status::Ok } else { Status::Broken };
    SourceReading {
        kind: "walg".into(),
        status: Status::group([storage.status, whole]),
        detail: detail(&storage, &torn),
        backups: storage.backups.clone(),
        windows,
        gaps,
        dumps: Vec::new(),
        repos: vec![RepoReading {
            retention: Err("wal-g keeps a backup until somebody runs its delete".into()),
            key: 1,
            // wal-g encrypts by its own configuration and tells nobody.
            cipher: None,
            oldest_unarchived: match &storage.archive {
                Some(archive) => unarchived(archive, &storage.anchors, commits),
                None => Err("its WAL was not read".into()),
            },
        }],
        managed: None,
        vanished: Vec::new(),
        // wal-g lists a segment once, whatever was written over it.
        archives: storage.archive.iter().map(|archive| compared(archive, &[])).collect(),
        systems: storage.systems,
    }
}

fn detail(storage: &Storage, torn: &[Gap]) -> String {
    let gaps = torn.iter().map(|gap| {
        let (first, last) = (&gap.first_missing, &gap.last_missing);
        let missing = if first == last {
            first.clone()
        } else {
            format!("{first} to {last}")
        };
        format!("WAL is missing: {missing}")
    });
    let reasons: Vec<_> = gaps.chain(storage.unread.iter().cloned()).collect();
    let more = reasons.len().saturating_sub(NAMED);
    let more = (more > 0).then(|| format!("{more} more reasons"));
    let named = reasons.into_iter().take(NAMED);
    std::iter::once(storage.detail.clone())
        .chain(named)
        .chain(more)
        .collect::<Vec<_>>()
        .join("; ")
}

#[cfg(test)]
mod tests;
