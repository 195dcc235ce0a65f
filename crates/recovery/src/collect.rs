//! Looking at the world on a schedule: each source is read, each reading is kept with its time, and a reading that fails turns its facts
//! unknown without erasing the last good one.

mod assemble;
mod dumps;
mod facts;
mod gone;
mod keep;
mod look;
mod observed;
mod pgbackrest;
pub mod rds;
mod standing;
mod subject;
pub mod walg;
mod watch;

use adapters::ampora::AmporaDb;
use domain::backup::Backup;
use domain::inventory::Inventory;
use domain::observation::Observation;
use domain::policy::Vanished;
use domain::role::Actor;
use domain::status::Status;
use domain::time::Timestamp;
use domain::vitals::Vitals;
use domain::window::{Gap, Window};
use futures::future::join_all;
use serde::{Deserialize, Serialize};
use store::DumpReading;

use crate::keys::Memory;
use crate::settings::{Deployment, Source};
use subject::Subject;

pub use assemble::assemble;
pub(crate) use dumps::{remembered as dump_reading, zoned};
pub use look::prove;
pub use observed::{History, Observed, cached};
pub use watch::run;

/// Kinds of observations in the store.
const SOURCE: &str = "source";
const VITALS: &str = "vitals";
const KEYS: &str = "keys";
/// What those are read from that have one source each.
const DATABASE: &str = "database";
const MASTER_KEY: &str = "master key";

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
    /// Usable backups that an earlier reading had and a later one hadn't any more.
    #[serde(default)]
    pub vanished: Vec<Vanished>,
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
    let db = AmporaDb::new(database.options.clone(), database.schema.clone());
    let read = db.vitals().await.map_err(|error| error.to_string());
    db.close().await;
    read
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
        Source::Unsupported { kind, .. } => Err(format!("{kind}: not supported by this version yet")),
    }
}

/// Looks at everything of one deployment now, without a store: what `muster inventory` prints.
pub async fn observe(deployment: &Deployment, memory: &Memory, actor: &Actor, now: Timestamp) -> Inventory {
    let vitals = Observation::never(DATABASE, Subject::Vitals.interval_s()).updated(vitals(deployment).await, now);
    let known = vitals.known(now);
    let looks = deployment.sources.iter().map(async |configured| {
        let subject = Subject::Source(configured);
        let read = source(deployment, configured, known.fresh(), memory, actor, now);
        let read = match tokio::time::timeout(subject.pace().limit, read).await {
            Ok(read) => read,
            Err(_elapsed) => Err("no answer in time".to_owned()),
        };
        let seen = Observation::never(configured.name(), subject.interval_s()).updated(read, now);
        (configured.kind().to_owned(), seen)
    });
    let sources = join_all(looks).await;
    let keys = crate::keys::prove(deployment, memory, actor, now).await;
    let keys = Observation::never(MASTER_KEY, Subject::Keys.interval_s()).updated(Ok(keys), now);
    let observed = Observed {
        sources,
        vitals,
        keys,
        history: History::default(),
        recoveries: Vec::new(),
    };
    assemble(deployment, &observed, now)
}
