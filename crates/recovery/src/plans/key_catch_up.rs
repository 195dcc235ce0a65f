//! The cure of a manager that is behind: the key Ampora runs with, proven on the live database at this moment, becomes the manager's new
//! current version. Nothing of Ampora changes, and no older version is touched by Muster.

use domain::custody::catch_up::{self, Ready};
use domain::inventory::{Coverage, Keys};
use domain::plan::{Advisory, KeyCatchUp, Moved, Pinned, Plan, Step};
use domain::time::Timestamp;

use super::Planner;
use super::retrieve_key::{READ_BACK, READ_ONLY};
use crate::keys::{self, Memory};
use crate::settings::MasterKey;
use crate::{Error, collect};

pub const PROVE: &str = "prove";
pub const WRITE: &str = "write";
pub const PROVE_AGAIN: &str = "prove-again";

/// The steps that every change of keys begins with, and what of them holds here.
const FIRST_STEPS: &str = "Before a key of Ampora is changed: scale Ampora to 0, take a backup, count the envelopes written since the wrong key was \
     set. Here Ampora’s key is the right one and isn’t changed, so it can go on; take a backup all the same.";
const NO_RESTART: &str = "Until this has run, don’t restart Ampora where it takes its key from this manager, and begin no rotation: it would come up \
     with the old key.";
const PREVIOUS_SET: &str =
    "KeyProtection__PreviousMasterKey is still set in the running Ampora: its last rotation isn’t tidied up yet.";

impl Planner<'_> {
    pub(super) async fn key_catch_up(&self) -> Result<Plan, Error> {
        let now = self.clock.now();
        let (pinned, keys) = self.catch_up_facts(now).await?;
        Ok(Plan {
            advisory: advisory(&pinned, &keys),
            pinned: Pinned::KeyCatchUp(pinned),
            made_at: now,
        })
    }

    /// Proves the keys now and pins what is to be done about them; the proof beside it.
    async fn catch_up_facts(&self, now: Timestamp) -> Result<(KeyCatchUp, Keys), Error> {
        let settings = self.deployment.master_key.as_ref();
        let settings = settings.ok_or_else(|| Error::invalid("No secret manager is configured for the master key."))?;
        let mut reasons = Vec::new();
        let manager = &settings.place.manager;
        if READ_ONLY.contains(&manager.kind()) {
            reasons.push(format!(
                "Muster only reads from {}: write the key there by hand.",
                manager.name()
            ));
        }
        let keys = keys::prove(self.deployment, self.memory, self.actor, now).await;
        match catch_up::ready(&keys, &self.coverage(&keys, now).await) {
            Ok(ready) if reasons.is_empty() => Ok((pinned(&self.deployment.name, settings, ready), keys)),
            Ok(_) => Err(Error::Invalid(reasons)),
            Err(more) => {
                reasons.extend(more);
                Err(Error::Invalid(reasons))
            }
        }
    }

    /// Which version opens which kept backup, as far as all sources could be read.
    async fn coverage(&self, keys: &Keys, now: Timestamp) -> Result<Vec<Coverage>, String> {
        let Memory::Store(store) = self.memory else {
            return Err("nothing is remembered of them without Muster’s database".into());
        };
        let observed = collect::cached(store, self.deployment).await;
        observed.map_err(|error| error.to_string())?.whole_coverage(keys, now)
    }
}

fn pinned(deployment: &str, settings: &MasterKey, ready: Ready) -> KeyCatchUp {
    let manager = &settings.place.manager;
    let steps = steps(&ready, &manager.name());
    let Ready {
        expected,
        fingerprint,
        source,
        held_as,
        pruned,
    } = ready;
    KeyCatchUp {
        deployment: deployment.into(),
        manager: manager.name(),
        identity: manager.identity(),
        expected,
        fingerprint,
        source,
        held_as,
        pruned,
        field: settings.place.written.field.clone(),
        encoding: settings.place.written.encoding,
        steps,
    }
}

/// None of them is destructive in the sense that a worker must not repeat it after a crash. `write` writes only behind the version that was
/// approved as current, by the manager's own word, so that of two tries one at most takes effect; and it looks first at what an interrupted
/// try left. What the manager prunes because of it is pinned, and needed by no kept backup.
fn steps(ready: &Ready, manager: &str) -> Vec<Step> {
    let key = ready.fingerprint.short();
    vec![
        Step::new(
            PROVE,
            format!(
                "Proves again that key {key} opens every sampled envelope of the live database, and reads every fact of this plan again."
            ),
        ),
        Step::new(
            WRITE,
            format!(
                "Writes key {key} into {manager} as a new version and makes it the current one, if version {} is still current.",
                ready.expected
            ),
        ),
        Step::new(
            READ_BACK,
            "Reads the new current version and compares the fingerprint with the approved one.",
        ),
        Step::new(
            PROVE_AGAIN,
            "Proves the keys of the live database once more: the verdict has to be in_sync.",
        ),
    ]
}

fn advisory(pinned: &KeyCatchUp, keys: &Keys) -> Advisory {
    let mut warnings = vec![FIRST_STEPS.to_owned(), NO_RESTART.into()];
    if keys.in_use.as_ref().is_some_and(|in_use| in_use.previous_set) {
        warnings.push(PREVIOUS_SET.into());
    }
    if let Some(version) = &pinned.held_as {
        warnings.push(format!(
            "Version {version} is this key already and not the current one. It stays, and the key is written once more."
        ));
    }
    if !pinned.pruned.is_empty() {
        warnings.push(format!(
            "The manager removes {} for good because of this write. No backup that Muster knows of needs it.",
            pinned.pruned.join(", ")
        ));
    }
    Advisory {
        warnings,
        ..Advisory::default()
    }
}

/// Proves and plans the same catch-up again. Answers with what the proof counted. `added`: a version that the run itself has added and not
/// yet made current, which is no fact that moved.
///
/// # Errors
/// [`Error::Stale`] if a pinned fact moved, [`Error::Invalid`] if it can't be planned at all any more.
pub async fn check_proof(planner: &Planner<'_>, approved: &KeyCatchUp, added: Option<&str>) -> Result<String, Error> {
    let (mut pinned, keys) = planner.catch_up_facts(planner.clock.now()).await?;
    if added.is_some() && pinned.held_as.as_deref() == added {
        pinned.held_as.clone_from(&approved.held_as);
    }
    let moved = Pinned::KeyCatchUp(approved.clone()).moved(&Pinned::KeyCatchUp(pinned));
    if !moved.is_empty() {
        return Err(Error::Stale(moved.iter().map(Moved::sentence).collect()));
    }
    Ok(format!(
        "key {} opens {} of {} sampled envelopes; version {} is current",
        approved.fingerprint.short(),
        keys.in_use.as_ref().and_then(|in_use| in_use.opens).unwrap_or_default(),
        keys.envelopes.sampled,
        approved.expected
    ))
}
