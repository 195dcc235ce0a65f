//! Which backups there are, by the quickest answer that each source has: for the coverage of a proof that somebody waits for. Nothing is
//! fetched whole and no archive is listed; what only that would tell reads unknown.

use domain::time::Timestamp;
use futures::future::join_all;

use super::subject::Subject;
use super::{Observed, SourceReading, dumps, rds, walg};
use crate::keys::Memory;
use crate::settings::{Deployment, Source};

/// Lists the backups of every source into `observed`, which holds what is remembered of the deployment. A source that doesn't answer
/// within its limit is unknown, with the reason.
pub async fn glance(deployment: &Deployment, memory: &Memory, mut observed: Observed, now: Timestamp) -> Observed {
    let looks = deployment.sources.iter().map(async |source| {
        let limit = Subject::Source(source).pace().limit;
        let listed = tokio::time::timeout(limit, list(deployment, source, memory, now)).await;
        (
            source.name(),
            listed.unwrap_or_else(|_elapsed| Err("no answer in time".into())),
        )
    });
    for (name, listed) in join_all(looks).await {
        if let Some((_, seen)) = observed.sources.iter_mut().find(|(_, seen)| seen.source == name) {
            *seen = seen.clone().updated(listed, now);
        }
    }
    observed
}

async fn list(
    deployment: &Deployment,
    source: &Source,
    memory: &Memory,
    now: Timestamp,
) -> Result<SourceReading, String> {
    match source {
        Source::PgBackRest(stanza) => {
            let (backups, status, detail) = stanza.listed().await.map_err(|error| error.to_string())?;
            Ok(SourceReading {
                kind: source.kind().into(),
                status,
                detail,
                backups,
                windows: Vec::new(),
                gaps: Vec::new(),
                dumps: Vec::new(),
                repos: Vec::new(),
                managed: None,
                vanished: Vec::new(),
                archives: Vec::new(),
                systems: Vec::new(),
            })
        }
        Source::Dumps(dumps) => dumps::glance(deployment, dumps, memory).await,
        Source::WalG(walg) => walg::read(deployment, walg, None, memory).await,
        Source::Rds(rds) => rds::read(rds, now).await,
        Source::Unusable { reason, .. } => Err(reason.clone()),
    }
}
