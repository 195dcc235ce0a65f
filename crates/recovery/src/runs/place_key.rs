//! The steps of putting a key into a new place. Nothing is ever written over: the manager itself refuses to make what is there, and after
//! an interruption the place is looked at before anything is tried again. What is found there and isn't the approved key is left to a
//! person.

use adapters::manager::ManagerError;
use domain::approval::Request;
use domain::key::{Fingerprint, MasterKey};
use domain::plan::{Placed, RetrieveKey};

use super::custodian::{Custodian, Found};
use super::execution::{Execution, StepError};
use crate::plans::retrieve_key::{DELIVER, READ_BACK, VERIFY, check_retrieval, in_use_elsewhere};
use crate::settings::{Deployment, KeyPlace};

/// What the steps need.
struct Delivery<'a> {
    custodian: Custodian<'a>,
    deployment: &'a Deployment,
    plan: &'a RetrieveKey,
    new: KeyPlace,
}

/// `home`: the deployment whose own Ampora will have its key from the place, where it is brought up anew.
pub async fn step(
    run: &Execution,
    request: &Request,
    (plan, place, home): (&RetrieveKey, &Placed, Option<&str>),
    name: &str,
    resumed: bool,
) -> Result<String, StepError> {
    let delivery = Delivery::of(run, request, (plan, place, home))?;
    match name {
        VERIFY => delivery.verify().await,
        DELIVER => delivery.deliver(resumed).await,
        READ_BACK => delivery.read_back().await,
        other => Err(StepError::Failed(format!("this version knows no step {other}"))),
    }
}

impl<'a> Delivery<'a> {
    /// The new place as the configuration leads to it now; it has to be the one that was approved, and still nobody's.
    fn of(
        run: &'a Execution,
        request: &'a Request,
        (plan, place, home): (&'a RetrieveKey, &Placed, Option<&str>),
    ) -> Result<Self, StepError> {
        let stale = |what: String| StepError::Stale(vec![what]);
        let settings = &run.services.settings;
        let deployment = settings.deployment(&plan.deployment);
        let deployment = deployment.ok_or_else(|| stale("the deployment is no longer configured".into()))?;
        let destination = deployment.key_destinations.iter();
        let destination = destination.clone().find(|known| known.name == place.destination);
        let destination = destination.ok_or_else(|| stale("the destination is no longer configured".into()))?;
        let new = destination.place(&place.name);
        let identity = new.manager.identity();
        if identity != place.identity {
            return Err(stale(format!("the new place was {} and is {identity}", place.identity)));
        }
        let taken = in_use_elsewhere(settings, destination.kind, &identity, home);
        if !taken.is_empty() {
            return Err(StepError::Stale(taken));
        }
        Ok(Self {
            custodian: Custodian { run, request },
            deployment,
            plan,
            new,
        })
    }

    /// Reads every pinned fact again. What moved makes the approval stale.
    async fn verify(&self) -> Result<String, StepError> {
        let memory = self.custodian.run.memory();
        let planner = self.custodian.run.planner(self.deployment, &memory);
        let checked = check_retrieval(&planner, self.plan).await;
        checked.map_err(StepError::unplanned)?;
        let key = match &self.plan.fingerprint {
            Fingerprint::Unread => "is there".to_owned(),
            known => format!("is key {}", known.short()),
        };
        Ok(format!(
            "as approved: version {} {key}, and nothing is at {}",
            self.plan.version,
            self.new.manager.name()
        ))
    }

    async fn deliver(&self, resumed: bool) -> Result<String, StepError> {
        if resumed {
            let approved = self.approved().await?;
            match self.look(&approved).await {
                Found::Nothing => {}
                Found::Approved { version } => return Ok(self.arrived(&version)),
                Found::Other(seen) => return Err(StepError::NeedsHuman(seen)),
            }
        }
        let key = self.key().await?;
        let (value, approved) = (self.new.new_value(&key), key.fingerprint());
        let value = value
            .map_err(|error| StepError::Failed(format!("the key can’t be written down as configured: {error}")))?;
        drop(key);
        let create = self.new.manager.create(&value);
        match self.custodian.write(&self.new, &approved, create).await? {
            Ok(version) => Ok(format!("made {} as version {version}", self.new.manager.name())),
            Err(error) => self.judge(error, &approved, resumed).await,
        }
    }

    /// The fingerprint of the approved key, for which it is read where nobody knew it when it was approved.
    async fn approved(&self) -> Result<Fingerprint, StepError> {
        match &self.plan.fingerprint {
            Fingerprint::Unread => Ok(self.key().await?.fingerprint()),
            known => Ok(known.clone()),
        }
    }

    /// The approved key.
    async fn key(&self) -> Result<MasterKey, StepError> {
        let settings = self.deployment.master_key.as_ref();
        let settings =
            settings.ok_or_else(|| StepError::Stale(vec!["the secret manager is no longer configured".into()]))?;
        let key = self.custodian.key(&settings.place, &self.plan.version).await;
        let key = key.map_err(StepError::Failed)?;
        if self.plan.fingerprint.admits(&key.fingerprint()) {
            return Ok(key);
        }
        let moved = format!("version {} isn’t the approved key any more", self.plan.version);
        Err(StepError::Stale(vec![moved]))
    }

    /// What a refusal or a lost answer means. An answer that got lost says nothing about whether the key was written.
    async fn judge(&self, error: ManagerError, approved: &Fingerprint, resumed: bool) -> Result<String, StepError> {
        let lost = matches!(error, ManagerError::Unreachable(..) | ManagerError::Odd(..));
        if !lost && !matches!(error, ManagerError::Exists(_)) {
            return Err(StepError::Failed(error.to_string()));
        }
        match self.look(approved).await {
            Found::Approved { version } => Ok(self.arrived(&version)),
            Found::Nothing => Err(StepError::Failed(format!("{error}; nothing is at the new place"))),
            Found::Other(seen) if lost || resumed => Err(StepError::NeedsHuman(format!("{error}; {seen}"))),
            Found::Other(_) => Err(StepError::Stale(vec![error.to_string()])),
        }
    }

    async fn look(&self, approved: &Fingerprint) -> Found {
        self.custodian.look(&self.new, approved).await
    }

    fn arrived(&self, version: &str) -> String {
        let name = self.new.manager.name();
        format!("an earlier try made {name}: version {version} is the approved key, so nothing was written again")
    }

    async fn read_back(&self) -> Result<String, StepError> {
        let approved = self.approved().await?;
        let key = approved.short();
        match self.look(&approved).await {
            Found::Approved { version } => Ok(format!("version {version} of {} is key {key}", self.new.manager.name())),
            Found::Nothing => Err(StepError::NeedsHuman(format!(
                "{} was made with key {key}, and it isn’t there any more",
                self.new.manager.name()
            ))),
            Found::Other(seen) => Err(StepError::NeedsHuman(format!(
                "{} was made with key {key}; read back, {seen}",
                self.new.manager.name()
            ))),
        }
    }
}
