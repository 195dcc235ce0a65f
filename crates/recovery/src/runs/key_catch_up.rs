//! The steps of catching a secret manager up. The key in use is proven in this very run before it is written, and the manager itself writes
//! only behind the version that was approved as current. Older versions are never deleted.

use adapters::manager::{ManagerError, Value};
use domain::approval::Request;
use domain::custody::{Life, Version};
use domain::drift::Verdict;
use domain::key::MasterKey;
use domain::plan::KeyCatchUp;

use super::custodian::Custodian;
use super::execution::{Execution, StepError};
use crate::collect;
use crate::plans::key_catch_up::{PROVE, PROVE_AGAIN, WRITE, check_proof};
use crate::plans::retrieve_key::READ_BACK;
use crate::settings::{Deployment, KeyPlace, MasterKey as Settings};

/// What the steps need.
struct CatchUp<'a> {
    custodian: Custodian<'a>,
    deployment: &'a Deployment,
    settings: &'a Settings,
    plan: &'a KeyCatchUp,
}

/// Where a write of the key in use stands.
enum Standing {
    /// The approved version is still current, and nothing behind it is the key.
    NotWritten,
    /// The key in use is the current version.
    Written { version: String },
    /// It was added as a version that isn't current; the approved one still is.
    Added { version: String },
    /// Another version is current by now.
    Moved(String),
    /// It can't be told; in words.
    Unclear(String),
}

pub async fn step(
    run: &Execution,
    request: &Request,
    plan: &KeyCatchUp,
    name: &str,
    resumed: bool,
) -> Result<String, StepError> {
    let stale = |what: &str| StepError::Stale(vec![format!("{what} is no longer configured")]);
    let deployment = run.services.settings.deployment(&plan.deployment);
    let deployment = deployment.ok_or_else(|| stale("the deployment"))?;
    let settings = deployment.master_key.as_ref();
    let catch_up = CatchUp {
        custodian: Custodian { run, request },
        deployment,
        settings: settings.ok_or_else(|| stale("the secret manager"))?,
        plan,
    };
    match name {
        PROVE => catch_up.prove(None).await,
        WRITE => catch_up.write(resumed).await,
        READ_BACK => catch_up.read_back().await,
        PROVE_AGAIN => catch_up.prove_again().await,
        other => Err(StepError::Failed(format!("this version knows no step {other}"))),
    }
}

impl CatchUp<'_> {
    const fn place(&self) -> &KeyPlace {
        &self.settings.place
    }

    /// Proves the key in use and reads every pinned fact again. What moved makes the approval stale. `added`: the version that an earlier
    /// try of this run left.
    async fn prove(&self, added: Option<&str>) -> Result<String, StepError> {
        let memory = self.custodian.run.memory();
        let planner = self.custodian.run.planner(self.deployment, &memory);
        let checked = check_proof(&planner, self.plan, added).await;
        checked.map_err(StepError::unplanned)
    }

    async fn write(&self, resumed: bool) -> Result<String, StepError> {
        let mut added = None;
        if resumed {
            match self.standing().await {
                Standing::NotWritten => {}
                Standing::Written { version } => return Ok(self.arrived(&version)),
                Standing::Added { version } if self.place().manager.goes_on() => added = Some(version),
                Standing::Added { version } => return Err(StepError::NeedsHuman(halfway(&version))),
                Standing::Moved(moved) => return Err(StepError::Stale(vec![moved])),
                Standing::Unclear(seen) => return Err(StepError::NeedsHuman(seen)),
            }
        }
        // A worker that takes the run over may come hours later: what another one proved doesn't count any more.
        if self.custodian.run.was_done_before(PROVE) {
            self.prove(added.as_deref()).await?;
        }
        let key = self.key_in_use().await?;
        let value = self.value(&key).await?;
        let place = self.place();
        let append = place.manager.append(&value, &self.plan.expected);
        match self.custodian.write(place, &self.plan.fingerprint, append).await? {
            Ok(version) => Ok(format!(
                "written as version {version}, which is current now; version {} stays",
                self.plan.expected
            )),
            Err(error) => self.judge(error).await,
        }
    }

    async fn key_in_use(&self) -> Result<MasterKey, StepError> {
        let in_use = self.settings.in_use.as_ref();
        let in_use = in_use
            .ok_or_else(|| StepError::Stale(vec!["where Ampora has its key from is no longer configured".into()]))?;
        let source = in_use.name();
        let read = async {
            let keys = in_use.read().await.map_err(|error| error.to_string())?;
            keys.master.ok_or_else(|| format!("{source} sets no key"))
        };
        let key = self.custodian.key_of(&source, read).await.map_err(StepError::Failed)?;
        if key.fingerprint() == self.plan.fingerprint {
            Ok(key)
        } else {
            let moved = format!("the key in use is {} now", key.fingerprint().short());
            Err(StepError::Stale(vec![moved]))
        }
    }

    /// The value of the current version with the key in use in place of its own.
    async fn value(&self, key: &MasterKey) -> Result<Value, StepError> {
        let place = self.place();
        let old = self.custodian.value(place, &self.plan.expected).await;
        let old = old.map_err(StepError::Failed)?;
        place
            .written
            .value(key, Some(&old))
            .map_err(|error| StepError::Failed(format!("the key can’t be written down as configured: {error}")))
    }

    /// What a refusal or a lost answer means. An answer that got lost says nothing about whether the key was written.
    async fn judge(&self, error: ManagerError) -> Result<String, StepError> {
        match error {
            ManagerError::Moved(..) => Err(StepError::Stale(vec![error.to_string()])),
            ManagerError::Unreachable(..) | ManagerError::Odd(..) => match self.standing().await {
                Standing::NotWritten => Err(StepError::Failed(format!("{error}; nothing was written"))),
                Standing::Written { version } => Ok(self.arrived(&version)),
                Standing::Added { version } => Err(StepError::NeedsHuman(format!("{error}; {}", halfway(&version)))),
                Standing::Moved(seen) | Standing::Unclear(seen) => {
                    Err(StepError::NeedsHuman(format!("{error}; {seen}")))
                }
            },
            other => Err(StepError::Failed(other.to_string())),
        }
    }

    /// Where a write stands that nobody saw the end of. Versions behind the approved one are read: one of them may be this run's.
    async fn standing(&self) -> Standing {
        let place = self.place();
        let secret = match place.manager.describe().await {
            Ok(secret) => secret,
            Err(error) => return Standing::Unclear(format!("it can’t be told whether the key was written: {error}")),
        };
        let names: Vec<_> = secret.versions.iter().map(|version| version.name.as_str()).collect();
        let expected = names.iter().position(|name| *name == self.plan.expected);
        // A manager that keeps one version only doesn't list the approved one any more once another was written.
        let behind = expected.map_or(&secret.versions[..], |place| &secret.versions[place + 1..]);
        let current = secret.current().map(|version| version.name.as_str());
        let may_be_ours =
            |version: &&Version| version.life == Life::Enabled && self.plan.held_as.as_ref() != Some(&version.name);
        for version in behind.iter().filter(may_be_ours) {
            let name = version.name.clone();
            match self.custodian.key(place, &name).await {
                Ok(key) if key.fingerprint() != self.plan.fingerprint => {}
                Ok(_) if version.current => return Standing::Written { version: name },
                Ok(_) if current == Some(&*self.plan.expected) => return Standing::Added { version: name },
                Ok(_) => return Standing::Unclear(halfway(&name)),
                Err(reason) => {
                    return Standing::Unclear(format!("version {name} may be this run’s and can’t be read: {reason}"));
                }
            }
        }
        match current {
            Some(current) if current == self.plan.expected => Standing::NotWritten,
            Some(other) => Standing::Moved(format!("version {other} is current by now, not {}", self.plan.expected)),
            None => Standing::Unclear(format!("{} names no current version", place.manager.name())),
        }
    }

    fn arrived(&self, version: &str) -> String {
        format!(
            "an earlier try wrote it: version {version} is key {} and current, so nothing was written again",
            self.plan.fingerprint.short()
        )
    }

    async fn read_back(&self) -> Result<String, StepError> {
        let key = self.plan.fingerprint.short();
        match self.custodian.current(self.place()).await {
            Ok((version, fingerprint)) if fingerprint == self.plan.fingerprint => {
                Ok(format!("version {version} is current and is key {key}"))
            }
            Ok((version, other)) => Err(StepError::NeedsHuman(format!(
                "key {key} was written; the current version is {version} by now, key {}",
                other.short()
            ))),
            Err(reason) => Err(StepError::NeedsHuman(format!(
                "key {key} was written and can’t be read back: {reason}"
            ))),
        }
    }

    /// Keeps what it proves, so that pages turn at once.
    async fn prove_again(&self) -> Result<String, StepError> {
        let run = self.custodian.run;
        let keys = collect::prove(&run.services, self.deployment, &run.actor).await?;
        if keys.verdict == Verdict::InSync {
            return Ok(format!("in_sync: {}", keys.detail));
        }
        Err(StepError::Failed(format!(
            "the key was written and read back, and the proof says {}: {}",
            keys.verdict.word(),
            keys.detail
        )))
    }
}

fn halfway(version: &str) -> String {
    format!("version {version} is the key in use and isn’t the current one")
}
