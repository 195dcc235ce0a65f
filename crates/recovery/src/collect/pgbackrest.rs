//! A pgBackRest stanza: backups, and the windows that its WAL opens.

use adapters::pgbackrest::PgBackRest;
use domain::status::Status;
use domain::time::Timestamp;
use domain::vitals::Vitals;
use domain::window::Commit;

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
pub(super) async fn commits(deployment: &Deployment, vitals: Option<&Vitals>, memory: &Memory) -> Vec<Commit> {
    let Memory::Store(store) = memory else {
        return vitals.and_then(commit).into_iter().collect();
    };
    let earlier = store.commits_known(&deployment.name, Timestamp::UNIX_EPOCH).await;
    let latest = match vitals {
        Some(_) => Ok(None),
        None => store.vitals_latest(&deployment.name).await,
    };
    let (earlier, latest) = match (earlier, latest) {
        (Ok(earlier), Ok(latest)) => (earlier, latest),
        (Err(error), _) | (_, Err(error)) => {
            tracing::warn!(%error, "earlier commit times are not known; windows may end early");
            (Vec::new(), None)
        }
    };
    let newest = vitals.or(latest.as_ref());
    // A deployment has one database at a time, so all of them are taken to be of the cluster that was read last. A commit of the one
    // before is older than any backup of this one and opens nothing.
    let system = newest.map(|vitals| vitals.system_identifier);
    let earlier = earlier.into_iter().map(|(lsn, at)| Commit {
        system,
        timeline: None,
        lsn,
        at,
    });
    earlier.chain(newest.and_then(commit)).collect()
}

fn commit(vitals: &Vitals) -> Option<Commit> {
    Some(Commit {
        system: Some(vitals.system_identifier),
        timeline: Some(vitals.timeline),
        lsn: vitals.lsn,
        at: vitals.newest_commit()?,
    })
}
