//! The images that recovery needs: the one that runs, and each that wrote a backup which is still kept.

use std::collections::{BTreeMap, BTreeSet};

use adapters::kubernetes::RunningImage;
use adapters::registry::{self, Digest, ImageReading, Version, Wanted};
use domain::backup::Backup;
use domain::history::Seen;
use serde::{Deserialize, Serialize};

use super::cached;
use super::reading::{Looking, connect};
use crate::keys::Memory;
use crate::settings::{EarlierVersion, Images};

/// What was found out about images.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ImagesReading {
    pub image: ImageReading,
    /// The same in a second registry, where one is configured.
    pub second: Option<ImageReading>,
    /// What the cluster runs, or why that isn't known. `None`: no cluster is configured.
    pub running: Option<Result<Vec<RunningImage>, String>>,
}

impl ImagesReading {
    /// The digest of the image that runs: what the cluster says, else what the registry has for the configured one.
    #[must_use]
    pub fn running_digest(&self) -> Option<String> {
        let of_cluster = match &self.running {
            Some(Ok(images)) => images.iter().find_map(|image| image.digest.clone()),
            _ => None,
        };
        let of_registry = || self.image.checked.first()?.digest.as_ref().map(ToString::to_string);
        of_cluster.or_else(of_registry)
    }
}

/// Asks the registries, and the cluster where there is one.
///
/// # Errors
/// With the reason, for a person.
pub async fn read(looking: &Looking<'_>, images: &Images) -> Result<ImagesReading, String> {
    let deployment = looking.deployment;
    let running = match &deployment.kubernetes {
        None => None,
        Some(cluster) => Some(match connect(Some(cluster)).await {
            Ok(api) => api
                .images(&cluster.namespace, &cluster.deployment)
                .await
                .map_err(|error| error.to_string()),
            Err(reason) => Err(reason),
        }),
    };
    let (backups, history) = remembered(looking).await?;
    let earlier = earlier(&backups, &history, &images.earlier);
    let second = async {
        match &images.second {
            Some((second, _)) => Some(registry::read(second, &earlier).await),
            None => None,
        }
    };
    let (image, second) = tokio::join!(registry::read(&images.image, &earlier), second);
    Ok(ImagesReading { image, second, running })
}

/// The backups that are kept, and the images that ran when. Without a store neither is known here.
async fn remembered(looking: &Looking<'_>) -> Result<(Vec<Backup>, Vec<Seen>), String> {
    let Memory::Store(store) = looking.memory else {
        return Ok((Vec::new(), Vec::new()));
    };
    let observed = cached(store, looking.deployment)
        .await
        .map_err(|error| error.to_string())?;
    let last = observed
        .sources
        .iter()
        .filter_map(|(_, source)| source.last_good.as_ref());
    let backups = last.flat_map(|(reading, _)| reading.backups.iter().cloned()).collect();
    Ok((backups, observed.history.images))
}

/// Versions that wrote what is kept: by the images that were seen running, and by what the configuration says of the time before.
fn earlier(backups: &[Backup], history: &[Seen], written: &[EarlierVersion]) -> Vec<Wanted> {
    let mut wrote: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for backup in backups {
        let at = backup.stopped_at;
        let running = history
            .iter()
            .filter(|run| at.is_some_and(|at| run.since <= at && at <= run.until));
        for run in running {
            wrote.entry(run.value.clone()).or_default().insert(&backup.label);
        }
    }
    let seen = wrote.iter().filter_map(|(digest, labels)| {
        let newest = labels.last()?;
        let more = labels.len() - 1;
        let what = match more {
            0 => format!("wrote backup {newest}"),
            _ => format!("wrote backup {newest} and {more} more"),
        };
        let version = Version::Digest(digest.parse::<Digest>().ok()?);
        Some(Wanted { what, version })
    });
    let declared = written.iter().map(|version| Wanted {
        what: version.note.clone().unwrap_or_else(|| "ran earlier".into()),
        version: Version::Digest(version.digest.clone()),
    });
    seen.chain(declared).collect()
}
