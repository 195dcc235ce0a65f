//! A pgBackRest stanza: backups, and the windows that its WAL opens.

use adapters::pgbackrest::PgBackRest;
use domain::status::Status;
use domain::time::Timestamp;
use domain::vitals::Vitals;
use domain::wal::Lsn;

use super::SourceReading;
use crate::keys::Memory;
use crate::settings::Deployment;

pub async fn read(
    deployment: &Deployment,
    stanza: &PgBackRest,
    vitals: Option<&Vitals>,
    memory: &Memory,
) -> Result<SourceReading, String> {
    let repositories = stanza.read().await.map_err(|error| error.to_string())?;
    let commits = commits(deployment, vitals, memory).await;
    let (mut windows, mut gaps) = (Vec::new(), Vec::new());
    for (archive, anchors) in &repositories.archives {
        let (found, torn) = archive.windows(anchors, &commits);
        windows.extend(found);
        gaps.extend(torn);
    }
    let mut detail = vec![repositories.detail];
    detail.extend(repositories.unread.iter().cloned());
    let unread = if repositories.unread.is_empty() {
        Status::Ok
    } else {
        Status::Unknown
    };
    Ok(SourceReading {
        kind: "pgbackrest".into(),
        status: Status::group([repositories.status, unread]),
        detail: detail.join("; "),
        backups: repositories.backups,
        windows,
        gaps,
        dumps: Vec::new(),
        vanished: Vec::new(),
    })
}

/// Known commit times with their positions, from this reading and earlier ones.
async fn commits(deployment: &Deployment, vitals: Option<&Vitals>, memory: &Memory) -> Vec<(Lsn, Timestamp)> {
    let now = vitals.and_then(|vitals| Some((vitals.lsn, vitals.newest_commit()?)));
    let mut commits: Vec<_> = now.into_iter().collect();
    if let Memory::Store(store) = memory {
        match store.commits_known(&deployment.name, Timestamp::UNIX_EPOCH).await {
            Ok(earlier) => commits.extend(earlier),
            Err(error) => tracing::warn!(%error, "earlier commit times are not known; windows may end early"),
        }
    }
    commits
}
