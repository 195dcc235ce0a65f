//! Looking at the world on a schedule: each source is read, each reading is kept with its time, and a reading that fails turns its facts
//! unknown without erasing the last good one.

pub mod again;
mod artifacts;
mod assemble;
mod dumps;
mod facts;
mod glance;
mod gone;
mod images;
pub mod keep;
mod key_lanes;
mod look;
mod observed;
mod pgbackrest;
mod places;
pub mod rds;
mod reading;
mod standing;
mod subject;
mod walg;
mod watch;

use adapters::ampora::AmporaDb;
use domain::backup::Backup;
use domain::emergency::Retention;
use domain::ids::SystemIdentifier;
use domain::inventory::Inventory;
use domain::policy::Vanished;
use domain::role::Actor;
use domain::rules::ArchiveReading;
use domain::status::Status;
use domain::time::Timestamp;
use domain::traces::Look;
use domain::vitals::Vitals;
use domain::window::{Gap, Window};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use store::DumpReading;

use crate::keys::Memory;
use crate::settings::{Deployment, Source};
use reading::{Looking, Reading};

pub use again::again;
pub use artifacts::is_set_up;
pub use assemble::assemble;
pub use dumps::Progress;
pub(crate) use dumps::{changed_since, listed, zoned};
pub(crate) use facts::lags;
pub use glance::glance;
pub use images::ImagesReading;
pub(crate) use key_lanes::{lanes as key_lanes, stands_for as proof_stands_for};
pub use look::{proof, prove};
pub use observed::{History, Observed, cached};
pub(crate) use pgbackrest::commits;
pub use rds::RdsFacts;
pub use reading::{BucketReading, Judged};
pub use standing::record;
pub(crate) use standing::{PAUSE, source_fact};
pub(crate) use subject::Subject;
pub use watch::run;

/// What one source held when it was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceReading {
    pub kind: String,
    pub status: Status,
    pub detail: String,
    #[serde(default)]
    pub backups: Vec<Backup>,
    pub windows: Vec<Window>,
    pub gaps: Vec<Gap>,
    /// Readings of dumps, by label.
    #[serde(default)]
    pub dumps: Vec<(String, DumpReading)>,
    /// Its repositories, where it has any.
    #[serde(default)]
    pub repos: Vec<RepoReading>,
    /// What a managed service says of itself.
    #[serde(default)]
    pub managed: Option<RdsFacts>,
    /// Usable backups that an earlier reading had and a later one hadn't any more.
    #[serde(default)]
    pub vanished: Vec<Vanished>,
    /// Its WAL archives, for comparison with the live server. Empty where the tool doesn't show them.
    #[serde(default)]
    pub archives: Vec<ArchiveReading>,
    /// Clusters whose backups lie in it, where it tells no more of them.
    #[serde(default)]
    pub systems: Vec<SystemIdentifier>,
}

/// One repository of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepoReading {
    pub key: u32,
    /// The tool's word for how it is encrypted; `None`: it didn't say.
    pub cipher: Option<String>,
    /// Time of the oldest known commit that isn't in it yet, or why that isn't known.
    pub oldest_unarchived: Result<Option<Timestamp>, String>,
    /// What the tool keeps by its own settings, or why it doesn't tell.
    #[serde(default = "unread")]
    pub retention: Result<Retention, String>,
}

fn unread() -> Result<Retention, String> {
    Err("the reading is of a version of Muster that didn’t look at it".into())
}

/// The part of a reading that is large and seldom changes; it is stored apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalogue {
    backups: Vec<Backup>,
    dumps: Vec<(String, DumpReading)>,
}

impl SourceReading {
    fn split(mut self) -> (Self, Catalogue) {
        let catalogue = Catalogue {
            backups: std::mem::take(&mut self.backups),
            dumps: std::mem::take(&mut self.dumps),
        };
        (self, catalogue)
    }

    fn joined(self, catalogue: Catalogue) -> Self {
        let Catalogue { backups, dumps } = catalogue;
        Self { backups, dumps, ..self }
    }
}

/// Reads the live database's vital signs.
///
/// # Errors
/// With the reason, for a person.
pub async fn vitals(deployment: &Deployment) -> Result<Vitals, String> {
    let database = deployment.database.as_ref().ok_or("no live database is configured")?;
    let db = AmporaDb::new(database.for_vitals(), database.schema.clone()).with_layout(deployment.layout.clone());
    // Many questions, and often asked from deep within: kept off a worker's stack.
    let read = Box::pin(db.vitals()).await.map_err(|error| error.to_string());
    db.close().await;
    read
}

/// Looks at what a rewind would lose or revive.
///
/// # Errors
/// With the reason, for a person.
pub async fn traces(deployment: &Deployment) -> Result<Look, String> {
    let database = deployment.database.as_ref().ok_or("no live database is configured")?;
    let db = AmporaDb::new(database.for_vitals(), database.schema.clone());
    let look = db.traces().await.map_err(|error| error.to_string());
    db.close().await;
    look
}

/// Reads one source. `vitals` make the end of a window exact.
///
/// # Errors
/// With the reason why it could not be read, for a person.
pub async fn source(
    deployment: &Deployment,
    source: &Source,
    vitals: Option<&Vitals>,
    memory: &Memory,
    actor: &Actor,
    at: Timestamp,
) -> Result<SourceReading, String> {
    match source {
        Source::PgBackRest(stanza) => pgbackrest::read(deployment, stanza, vitals, memory).await,
        Source::Dumps(dumps) => dumps::read(deployment, dumps, memory, actor, at).await,
        Source::WalG(walg) => walg::read(deployment, walg, vitals, memory).await,
        // Kept off the stack of whoever waits for the source.
        Source::Rds(rds) => Box::pin(rds::look(rds, deployment, at)).await,
        Source::Unusable { reason, .. } => Err(reason.clone()),
    }
}

/// Looks at everything of one deployment now, without a store: what `muster inventory` prints. Reading every byte of a repository is left to
/// the collector.
pub async fn observe(deployment: &Deployment, memory: &Memory, actor: &Actor, now: Timestamp) -> Inventory {
    assemble(deployment, &look_now(deployment, memory, actor, now).await, now)
}

/// Looks at everything that is quickly answered.
pub(crate) async fn look_now(deployment: &Deployment, memory: &Memory, actor: &Actor, now: Timestamp) -> Observed {
    let subjects: Vec<_> = Subject::of(deployment).into_iter().filter(Subject::is_quick).collect();
    let vitals = bounded(deployment, &Subject::Vitals, None, memory, actor, now).await;
    let known = match &vitals {
        Reading::Vitals(read) => read.as_ref().as_ref().ok().cloned(),
        _ => None,
    };
    let others = subjects.iter().filter(|subject| !matches!(subject, Subject::Vitals));
    let looks = others.map(async |subject| {
        let read = bounded(deployment, subject, known.as_ref(), memory, actor, now).await;
        (subject, read)
    });
    let read = join_all(looks).await;
    let mut observed = Observed::never(deployment);
    observed.take(&Subject::Vitals, vitals, now);
    for (subject, reading) in read {
        observed.take(subject, reading, now);
    }
    observed
}

/// How each thing outside stands that can be asked without reading a key: what `muster doctor` prints, as `(what, status, words)`.
pub async fn reach(
    deployment: &Deployment,
    vitals: Option<&Vitals>,
    memory: &Memory,
    actor: &Actor,
    now: Timestamp,
) -> Vec<(String, Status, String)> {
    let subjects = Subject::of(deployment);
    let asked = subjects
        .iter()
        .filter(|subject| subject.is_quick() && !matches!(subject, Subject::Vitals | Subject::Keys));
    let looks = asked.map(async |subject| {
        let (status, says) = bounded(deployment, subject, vitals, memory, actor, now).await.said();
        (subject.to_string(), status, says)
    });
    join_all(looks).await
}

async fn bounded(
    deployment: &Deployment,
    subject: &Subject<'_>,
    vitals: Option<&Vitals>,
    memory: &Memory,
    actor: &Actor,
    now: Timestamp,
) -> Reading {
    let looking = Looking {
        deployment,
        vitals,
        memory,
        actor,
        now,
    };
    match tokio::time::timeout(subject.pace().limit, looking.at(subject)).await {
        Ok(reading) => reading,
        Err(_elapsed) => reading::nothing(subject, deployment, "no answer in time".into()),
    }
}
