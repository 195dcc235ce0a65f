//! The proof of the master key: read the versions, try them on the wrapped columns, say what was seen. Keys live in memory for as long as
//! one proof takes; every value that is read is an audit entry.

mod beside;
mod coverage;
mod exposures;
mod proof;
mod replicas;
mod ring;
mod single;

use std::collections::BTreeSet;

use adapters::ampora::AmporaDb;
use domain::audit::Outcome;
use domain::custody::State;
use domain::drift::{self, Evidence, Shares, Verdict};
use domain::ids::EntryId;
use domain::inventory::{Envelopes, Keys};
use domain::observation::Observation;
use domain::role::Actor;
use domain::status::Status;
use domain::time::Timestamp;
use store::Store;

use crate::audit::Act;
use crate::collect::Subject;
use crate::settings::Deployment;

pub use beside::Beside;
pub use coverage::{Custody, coverage};
pub use exposures::{Handed, exposures};
pub use proof::{Tried, try_all, try_live};
pub(crate) use ring::clamp;
pub use ring::{HeldKey, KeyRing};
pub(crate) use single::{audited, listed, version};

/// What is remembered between proofs. The command line without a database remembers nothing.
#[derive(Clone, Debug)]
pub enum Memory {
    None,
    Store(Store),
}

impl Memory {
    /// Writes down that values are about to be read. Without a store there is no log, and the person at the shell has the files.
    async fn announce(&self, act: Act<'_>, at: Timestamp) -> Result<Option<EntryId>, String> {
        let Self::Store(store) = self else { return Ok(None) };
        let written = act.intent(store, at).await;
        written
            .map(Some)
            .map_err(|_| "the audit log can’t be written, so no key was read".to_owned())
    }

    /// Writes down which values were read.
    async fn report(&self, act: Act<'_>, intent: Option<EntryId>, outcome: Outcome, at: Timestamp) {
        let (Self::Store(store), Some(intent)) = (self, intent) else {
            return;
        };
        if let Err(error) = act.outcome(store, intent, outcome, at).await {
            tracing::error!(%error, "keys were read and the audit log could not take the outcome");
        }
    }

    async fn layout_proven(&self, deployment: &Deployment) -> bool {
        match self {
            Self::None => false,
            Self::Store(store) => {
                let proven = store.layout_proven(&deployment.name, &deployment.layout_digest()).await;
                matches!(proven, Ok(Some(_)))
            }
        }
    }

    async fn opened_before(&self, deployment: &str, ring: &KeyRing) -> bool {
        let (Self::Store(store), Some(current)) = (self, ring.current()) else {
            return false;
        };
        store
            .opened_before(deployment, &current.key.fingerprint())
            .await
            .unwrap_or(false)
    }

    /// The last proof.
    async fn last(&self, deployment: &str) -> Option<Keys> {
        let Self::Store(store) = self else { return None };
        let (kind, source) = Subject::Keys.stored_as();
        let row = store::Subject {
            deployment,
            kind,
            source: &source,
        };
        let last: Option<Observation<Keys>> = store.observation(row).await.ok()?;
        Some(last?.last_good?.0)
    }

    async fn remember(&self, deployment: &Deployment, tried: &Tried, ring: &KeyRing, at: Timestamp) {
        let Self::Store(store) = self else { return };
        if tried.opened > 0
            && let Err(error) = store
                .layout_prove(&deployment.name, &deployment.layout_digest(), at)
                .await
        {
            tracing::warn!(%error, "the proven layout could not be remembered");
        }
        for (index, key) in ring
            .held
            .iter()
            .enumerate()
            .filter(|(index, _)| tried.opened_by(*index) > 0)
        {
            if let Err(error) = store.opening_record(&deployment.name, &key.key.fingerprint(), at).await {
                tracing::warn!(%error, index, "an opened key could not be remembered");
            }
        }
    }
}

/// Reads the keys of a deployment. Announced in the audit log before, reported with fingerprints after.
///
/// # Errors
/// With the reason why they can't be read, for a person.
pub async fn read_ring(
    deployment: &Deployment,
    memory: &Memory,
    actor: &Actor,
    at: Timestamp,
) -> Result<KeyRing, String> {
    let Some(settings) = &deployment.master_key else {
        return Err("no secret manager is configured for the master key".into());
    };
    let act = Act::new(actor, "key.read", settings.place.manager.name()).deployment(&deployment.name);
    let intent = memory.announce(act.clone(), at).await?;
    let read = KeyRing::read(settings).await;
    let (report, outcome) = match &read {
        Ok(ring) => {
            let report = ring.held.iter().fold(act.clone(), |act, held| {
                act.detail(&held.name(), held.key.fingerprint())
            });
            (report, Outcome::Ok)
        }
        Err(reason) => (act.clone().detail("why", reason), Outcome::Failed),
    };
    memory.report(report, intent, outcome, at).await;
    read
}

/// Proves the keys of one deployment on its live database, now.
pub async fn prove(deployment: &Deployment, memory: &Memory, actor: &Actor, at: Timestamp) -> Keys {
    let last = memory.last(&deployment.name).await;
    let before = last.as_ref().and_then(|last| last.envelopes.shares.clone());
    let mut keys = match read_ring(deployment, memory, actor, at).await {
        Ok(ring) => on_live(deployment, memory, &ring, before.as_ref(), at).await,
        Err(reason) => unproven(deployment, reason),
    };
    // What a proof that failed has not seen is still as it was.
    keys.envelopes.shares = keys.envelopes.shares.or(before);
    if let Some(last) = last {
        recognise(&mut keys, &last);
    }
    keys
}

/// A version that isn't handed out any more holds the key that it held when it was read: versions never change.
fn recognise(keys: &mut Keys, last: &Keys) {
    let held_back = [State::Disabled, State::Deleted].map(State::word);
    for version in &mut keys.versions {
        if version.fingerprint.is_some() || !held_back.contains(&version.state.as_str()) {
            continue;
        }
        let same = last.versions.iter().find(|then| {
            (&then.manager, &then.version, then.created_at) == (&version.manager, &version.version, version.created_at)
        });
        if let Some(then) = same {
            version.fingerprint.clone_from(&then.fingerprint);
            version.key_id.clone_from(&then.key_id);
        }
    }
}

/// Tries the keys on the live database.
async fn on_live(
    deployment: &Deployment,
    memory: &Memory,
    ring: &KeyRing,
    before: Option<&Shares>,
    at: Timestamp,
) -> Keys {
    let tried = match &deployment.database {
        None => Err("no live database is configured".to_owned()),
        Some(database) => {
            let db = AmporaDb::new(database.options.clone(), database.schema.clone());
            let tried = try_live(&deployment.layout, ring, &db).await;
            db.close().await;
            tried.map_err(|error| error.to_string())
        }
    };
    let tried = match tried {
        Ok(tried) => tried,
        Err(reason) => {
            return Keys {
                detail: reason,
                ..ring.document(&deployment.name, None)
            };
        }
    };
    memory.remember(deployment, &tried, ring, at).await;
    let evidence = Evidence {
        candidates: ring.candidates(),
        known_ids: ring.held.iter().map(|held| held.key.key_id()).collect::<BTreeSet<_>>(),
        groups: tried.groups.clone(),
        unparsed: tried.unparsed,
        layout_proven: tried.opened > 0 || memory.layout_proven(deployment).await,
        current_opened_before: memory.opened_before(&deployment.name, ring).await,
    };
    let finding = drift::judge(&evidence).after(before, at);
    Keys {
        verdict: finding.verdict,
        status: finding.status,
        envelopes: tried.document().judged(&finding),
        detail: finding.detail,
        ..ring.document(&deployment.name, Some(&tried))
    }
}

/// What is said of keys that could not be proven.
#[must_use]
pub fn unproven(deployment: &Deployment, reason: String) -> Keys {
    Keys {
        name: deployment.name.clone(),
        verdict: Verdict::Unknown,
        status: Status::Unknown,
        detail: reason,
        secret: None,
        versions: Vec::new(),
        in_use: None,
        envelopes: Envelopes::default(),
        replicas: Vec::new(),
        coverage: Vec::new(),
        uncovered: Vec::new(),
    }
}
