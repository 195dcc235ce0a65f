//! Reads and writes keys for one run. Each reading and each writing of a value is announced in the audit log before it happens and reported
//! after it, by fingerprint. After a write whose end nobody saw, it looks at what is there.

use adapters::manager::{ManagerError, Value};
use domain::approval::Request;
use domain::audit::Outcome;
use domain::custody::{Life, Version};
use domain::key::{Decoded, Fingerprint, MasterKey};

use super::execution::{Execution, StepError};
use crate::audit::Act;
use crate::keys;
use crate::settings::KeyPlace;

/// The keys of a run, in the hands of its worker.
pub struct Custodian<'a> {
    pub run: &'a Execution,
    pub request: &'a Request,
}

/// A secret as it is found at a place that one approved key is to have for itself.
pub enum Found {
    /// Nothing, by the manager's own word.
    Nothing,
    /// One version, current, and it is the approved key.
    Approved { version: String },
    /// Anything else, or something that can't be told; in words.
    Other(String),
}

impl Custodian<'_> {
    fn act(&self, action: &'static str, place: &str) -> Act<'_> {
        let act = Act::new(&self.run.actor, action, place).request(self.request);
        act.detail("run", self.run.run())
    }

    /// One version's key.
    ///
    /// # Errors
    /// With the reason why it can't be had.
    pub async fn key(&self, place: &KeyPlace, version: &str) -> Result<MasterKey, String> {
        let act = self.act("key.read", &place.manager.name()).detail("version", version);
        self.read(act, place.key(version)).await
    }

    /// A key that is had in another way than from a secret manager.
    ///
    /// # Errors
    /// With the reason why it can't be had.
    pub async fn key_of(
        &self,
        source: &str,
        read: impl Future<Output = Result<Decoded, String>>,
    ) -> Result<MasterKey, String> {
        self.read(self.act("key.read", source), read).await
    }

    async fn read<E: std::fmt::Display>(
        &self,
        act: Act<'_>,
        read: impl Future<Output = Result<Decoded, E>>,
    ) -> Result<MasterKey, String> {
        let memory = self.run.memory();
        keys::audited(&memory, act, self.run.services.clock.now(), read).await
    }

    /// A whole value, of which one field is the key.
    ///
    /// # Errors
    /// With the reason why it can't be had.
    pub async fn value(&self, place: &KeyPlace, version: &str) -> Result<Value, String> {
        let mut value = None;
        let act = self.act("key.read", &place.manager.name()).detail("version", version);
        let read = async {
            let whole = place.manager.read(version).await.map_err(|error| error.to_string())?;
            let key = place
                .written
                .key(&whole)
                .map_err(|why| format!("version {version}: {why}"))?;
            value = Some(whole);
            Ok::<_, String>(key)
        };
        self.read(act, read).await?;
        value.ok_or_else(|| format!("version {version} has no value"))
    }

    /// A write of a key into a secret manager.
    ///
    /// # Errors
    /// [`StepError`] if it could not be announced, so that nothing was written. The manager's own answer is inside.
    pub async fn write(
        &self,
        place: &KeyPlace,
        key: &Fingerprint,
        write: impl Future<Output = Result<String, ManagerError>>,
    ) -> Result<Result<String, ManagerError>, StepError> {
        let (store, clock) = (&self.run.services.store, &self.run.services.clock);
        let act = self.act("key.write", &place.manager.name()).detail("fingerprint", key);
        let intent = act.clone().intent(store, clock.now()).await?;
        let written = write.await;
        let (act, outcome) = match &written {
            Ok(version) => (act.detail("version", version), Outcome::Ok),
            Err(error) => (act.detail("why", error), Outcome::Failed),
        };
        act.outcome(store, intent, outcome, clock.now()).await?;
        Ok(written)
    }

    /// Looks at a place that one approved key is to have for itself.
    pub async fn look(&self, place: &KeyPlace, approved: &Fingerprint) -> Found {
        let name = place.manager.name();
        let secret = match place.manager.describe().await {
            Ok(secret) => secret,
            Err(ManagerError::Absent(..)) => return Found::Nothing,
            Err(error) => return Found::Other(format!("it can’t be told what is at the new place: {error}")),
        };
        match secret.versions.as_slice() {
            [] => Found::Nothing,
            [only] if only.current && only.life == Life::Enabled => match self.key(place, &only.name).await {
                Ok(key) if key.fingerprint() == *approved => Found::Approved {
                    version: only.name.clone(),
                },
                Ok(key) => Found::Other(format!("{name} holds another key, {}", key.fingerprint().short())),
                Err(reason) => Found::Other(format!("{name} is there and can’t be read: {reason}")),
            },
            versions => Found::Other(format!(
                "{name} is there and isn’t what this run makes: {}",
                listed(versions)
            )),
        }
    }

    /// The current version of a secret and its key.
    ///
    /// # Errors
    /// With the reason why it isn't known.
    pub async fn current(&self, place: &KeyPlace) -> Result<(String, Fingerprint), String> {
        let secret = place.manager.describe().await.map_err(|error| error.to_string())?;
        let current = secret.current().map(|version| version.name.clone());
        let current = current.ok_or_else(|| format!("{} names no current version", place.manager.name()))?;
        let key = self.key(place, &current).await?;
        Ok((current, key.fingerprint()))
    }
}

/// `version 1, current; version 2, not current`.
fn listed(versions: &[Version]) -> String {
    let words = |version: &Version| {
        let current = if version.current { "current" } else { "not current" };
        format!("version {}, {current}", version.name)
    };
    versions.iter().map(words).collect::<Vec<_>>().join("; ")
}
