//! The answer to the one question: if it were lost now, what would come back, how fast, does the key open it?

mod gist;
mod rehearsed;
mod restore_to;
mod rotation;
mod source;

use std::collections::BTreeSet;

use domain::backup::Backup;
use domain::ids::Sha256;
use domain::inventory::{ArtifactKind, Inventory, Keys};
use domain::observation::{Known, Observation};
use domain::role::{Action, Actor};
use domain::time::Timestamp;
use domain::upgrade::{Upgrade, writers};
use domain::vitals::Vitals;
use domain::window::Window;
use serde::{Deserialize, Serialize};

use crate::collect::{self, Observed};
use crate::settings::Deployment;
use crate::{Error, Services};

pub(crate) use gist::keep;
pub use gist::{Gist, gist, others};
pub use rehearsed::{Rehearsed, Shown};
pub use restore_to::{Found, RestoreTo, restore_to};
pub(crate) use restore_to::{past, production};
pub use rotation::{KeyHistory, key_history};
pub use source::{LOOKED_BACK, SourceView, Stretch, Verified, source};
pub use store::DumpReading;

/// One deployment as its pages see it.
#[derive(Clone, Debug)]
pub struct View {
    pub name: String,
    pub region: Option<String>,
    pub now: Timestamp,
    pub inventory: Inventory,
    pub vitals: Observation<Vitals>,
    pub keys: Observation<Keys>,
    /// The keys with the coverage of the backups; `None` where they may not be believed now.
    pub proven: Option<Keys>,
    pub comes_back: ComesBack,
    /// Windows of sources that may not be believed now, as they were last read.
    pub past_windows: Vec<Window>,
    /// Artifacts that no configuration mentions, so nothing can be known of them.
    pub not_set_up: Vec<ArtifactKind>,
    /// Whether there is a server that dumps can be restored into.
    pub can_restore: bool,
    /// Upgrades of Ampora that were seen to happen, oldest first.
    pub upgrades: Vec<Upgrade>,
    /// Seconds that restores of this deployment took, newest first. Empty: none was done yet.
    pub durations: Vec<u32>,
    /// What drills last showed.
    pub rehearsed: Rehearsed,
    /// Requests that wait for people.
    pub waiting: i64,
}

/// What would come back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ComesBack {
    /// Everything up to this window's end. `lost` is what production has committed since, as far as known.
    UpTo {
        window: Window,
        lost_seconds: Option<i64>,
    },
    /// Nothing continuous, but a dump of this time.
    Copy {
        source: String,
        label: String,
        as_of: Option<Timestamp>,
    },
    /// Every source was read, and there is nothing.
    Nothing,
    Unknown {
        reason: String,
    },
}

/// One deployment.
///
/// # Errors
/// If the actor may not read, the store doesn't answer, or there is no deployment of this name.
pub async fn view(services: &Services, actor: &Actor, name: &str) -> Result<View, Error> {
    actor.may(Action::Read, services.settings.approvals.roles)?;
    view_of(services, services.deployment(name)?).await
}

/// One backup, with the deployment around it.
#[derive(Clone, Debug)]
pub struct BackupView {
    pub view: View,
    pub backup: Backup,
    /// What reading a dump to its end has shown; `None` for other kinds, and until it was read.
    pub reading: Option<DumpReading>,
    /// Every content that was seen under the dump's name, oldest first. More than one: somebody changed it.
    pub contents: Vec<(Sha256, Timestamp)>,
    /// Digests of the images that may have written it. Empty: it is older than what Muster watched, or has no time.
    pub images: BTreeSet<String>,
}

/// One backup of a deployment. The same label may lie in several repositories; without `repo` the first of them counts.
///
/// # Errors
/// As [`view`], or if the source has no backup of this label.
pub async fn backup(
    services: &Services,
    actor: &Actor,
    name: &str,
    (source, repo, label): (&str, Option<u32>, &str),
) -> Result<BackupView, Error> {
    actor.may(Action::Read, services.settings.approvals.roles)?;
    let deployment = services.deployment(name)?;
    let observed = collect::cached(&services.store, deployment).await?;
    let reading = observed.dump(source, label).cloned();
    let images = observed.history.images.clone();
    let view = seen(services, deployment, observed).await?;
    let mut backups = view.inventory.backups.iter();
    let found = backups.find(|backup| {
        let there = repo.is_none() || backup.repo.is_none() || backup.repo == repo;
        there && backup.source == source && backup.label == label
    });
    let missing = || Error::NotFound(format!("backup {label} in the source {source}"));
    let backup = found.cloned().ok_or_else(missing)?;
    let mut wrote = writers(std::slice::from_ref(&backup), &images);
    Ok(BackupView {
        images: wrote.remove(label).unwrap_or_default(),
        backup,
        contents: services.store.dump_checksums(name, source, label).await?,
        reading,
        view,
    })
}

pub(crate) async fn view_of(services: &Services, deployment: &Deployment) -> Result<View, Error> {
    let observed = collect::cached(&services.store, deployment).await?;
    seen(services, deployment, observed).await
}

pub(crate) async fn seen(services: &Services, deployment: &Deployment, observed: Observed) -> Result<View, Error> {
    let store = &services.store;
    let now = services.clock.now();
    let inventory = collect::assemble(deployment, &observed, now);
    Ok(View {
        name: deployment.name.clone(),
        region: deployment.region.clone(),
        now,
        comes_back: comes_back(&observed, &inventory, now),
        past_windows: observed.past_windows(now),
        not_set_up: not_set_up(deployment, &inventory),
        can_restore: deployment.restore.is_some(),
        proven: observed.keys_with_coverage(now),
        inventory,
        upgrades: observed.history.upgrades(),
        vitals: observed.vitals,
        keys: observed.keys,
        durations: observed.recoveries.iter().map(|recovery| recovery.seconds).collect(),
        rehearsed: observed.rehearsals.as_ref().map(Rehearsed::of).unwrap_or_default(),
        waiting: store.requests_waiting(&deployment.name).await?,
    })
}

fn not_set_up(deployment: &Deployment, inventory: &Inventory) -> Vec<ArtifactKind> {
    let kinds = inventory.artifacts.iter().map(|artifact| artifact.kind);
    kinds.filter(|kind| !collect::is_set_up(deployment, *kind)).collect()
}

fn comes_back(observed: &Observed, inventory: &Inventory, now: Timestamp) -> ComesBack {
    use domain::status::Status;
    if let Some(window) = observed.best_window(now) {
        let newest = observed.vitals.known(now).fresh().and_then(Vitals::newest_commit);
        let lost_seconds = newest.map(|newest| (newest - window.to).num_seconds().max(0));
        return ComesBack::UpTo {
            window: window.clone(),
            lost_seconds,
        };
    }
    let usable = inventory.backups.iter().filter(|backup| backup.status == Status::Ok);
    if let Some(backup) = usable.max_by_key(|backup| backup.stopped_at) {
        return ComesBack::Copy {
            source: backup.source.clone(),
            label: backup.label.clone(),
            as_of: backup.started_at,
        };
    }
    let unread = observed.sources.iter().find_map(|(_, source)| match source.known(now) {
        Known::Unknown { reason, .. } => Some(format!("{}: {reason}", source.source)),
        Known::Fresh { .. } => None,
    });
    match unread {
        Some(reason) => ComesBack::Unknown { reason },
        None if inventory.sources.is_empty() => ComesBack::Unknown {
            reason: "no source of backups is configured".into(),
        },
        None => ComesBack::Nothing,
    }
}
