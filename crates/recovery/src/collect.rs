//! Looking at the world on a schedule: each source is read, each reading is kept with its time, and a reading that fails turns its facts
//! unknown without erasing the last good one.

mod assemble;
mod dumps;
mod pgbackrest;
mod policy;
mod rounds;

use adapters::ampora::AmporaDb;
use domain::backup::Backup;
use domain::inventory::Inventory;
use domain::observation::Observation;
use domain::role::Actor;
use domain::status::Status;
use domain::time::Timestamp;
use domain::vitals::Vitals;
use domain::window::{Gap, Window};
use serde::{Deserialize, Serialize};
use store::DumpReading;

use crate::keys::Memory;
use crate::settings::{Deployment, Source};

pub use assemble::{Observed, assemble};
pub(crate) use dumps::{remembered as dump_reading, zoned};
pub use rounds::{cached, prove, run};

/// Seconds between two readings of a source or of the vital signs.
pub const INTERVAL_S: u32 = 30;
/// Kind of observation in the store.
pub(crate) const SOURCE: &str = "source";
pub(crate) const VITALS: &str = "vitals";
pub(crate) const KEYS: &str = "keys";

/// What one source held when it was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceReading {
    pub kind: String,
    pub status: Status,
    pub detail: String,
    pub backups: Vec<Backup>,
    pub windows: Vec<Window>,
    pub gaps: Vec<Gap>,
    /// Readings of dumps, by label.
    pub dumps: Vec<(String, DumpReading)>,
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
    let vitals = Observation::never("database", INTERVAL_S).updated(vitals(deployment).await, now);
    let mut sources = Vec::new();
    for configured in &deployment.sources {
        let known = vitals.known(now);
        let read = source(deployment, configured, known.fresh(), memory, actor, now).await;
        sources.push((
            configured.kind().to_owned(),
            Observation::never(configured.name(), INTERVAL_S).updated(read, now),
        ));
    }
    let keys = crate::keys::prove(deployment, memory, actor, now).await;
    let keys = Observation::never("master key", INTERVAL_S).updated(Ok(keys), now);
    assemble(deployment, &Observed { sources, vitals, keys }, now)
}
