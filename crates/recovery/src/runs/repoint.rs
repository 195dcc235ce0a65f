//! The steps of pointing Ampora at another database. While it is stopped nothing is lost and everything can be put back; from the moment
//! one pod runs on the new database, only a person can say what is next.

use std::time::Duration;

use adapters::kubernetes::{InstallationError, Rollout};
use domain::plan::{Reach, Repoint};
use domain::run::RunState;
use zeroize::Zeroizing;

use super::execution::{Execution, StepError};
use super::rollout;
use crate::plans::repoint::{self as plans, Site};

/// Pods get half a minute to end, unless their Deployment says otherwise.
const STOPPING: Duration = Duration::from_mins(10);

struct Move<'a> {
    run: &'a Execution,
    plan: &'a Repoint,
    site: Site<'a>,
}

pub async fn step(run: &Execution, plan: &Repoint, name: &str) -> Result<String, StepError> {
    let deployment = run.services.settings.deployment(&plan.deployment);
    let deployment =
        deployment.ok_or_else(|| StepError::Stale(vec!["the deployment is no longer configured".into()]))?;
    let site = Site::of(deployment).map_err(|error| StepError::Stale(vec![error.to_string()]))?;
    let this = Move { run, plan, site };
    let done = match name {
        plans::VERIFY => this.verify().await,
        plans::STOP => this.stop().await,
        plans::FENCE => this.fence().await,
        plans::LEAD => this.lead().await,
        plans::CHECK => this.check().await,
        plans::START_ONE => this.start(1).await,
        plans::START => this.start(plan.ampora.replicas).await,
        other => Err(StepError::Failed(format!("this version knows no step {other}"))),
    };
    match done {
        Err(StepError::Failed(reason)) if run.has_begun(plans::START_ONE) => Err(StepError::NeedsHuman(format!(
            "{reason}. Ampora may have written to {} already; {} stays closed. Don’t go back without deciding what becomes of that.",
            plan.to.database, plan.from.database
        ))),
        other => other,
    }
}

/// Adds to a run that ends before Ampora was started how everything is put back.
pub fn tidied(run: &Execution, plan: &Repoint, state: RunState) -> RunState {
    if !run.has_begun(plans::STOP) || run.has_begun(plans::START_ONE) {
        return state;
    }
    let back = way_back(plan);
    match state {
        RunState::Failed { at, reason } => RunState::Failed {
            at,
            reason: format!("{reason}. {back}"),
        },
        RunState::Cancelled { at } => RunState::NeedsHuman {
            at,
            seen: format!("Cancelled. {back}"),
        },
        other => other,
    }
}

fn way_back(plan: &Repoint) -> String {
    let Repoint { ampora, from, to, .. } = plan;
    let (namespace, deployment) = ampora
        .name
        .trim_start_matches("Deployment ")
        .split_once('/')
        .unwrap_or_default();
    let open = match from.reach {
        Reach::Answers { .. } => format!(
            "ALTER DATABASE \"{}\" ALLOW_CONNECTIONS true; on {}, then ",
            from.database.replace('"', "\"\""),
            from.server
        ),
        Reach::Gone => String::new(),
    };
    format!(
        "Ampora is stopped and nothing was written to {}. Make a new request to go on, or put all back: {open}kubectl -n {namespace} rollout undo \
         deployment/{deployment} if its connection was changed, and kubectl -n {namespace} scale deployment/{deployment} --replicas={}",
        to.database, ampora.replicas
    )
}

impl Move<'_> {
    /// Reads every pinned fact again. What moved makes the approval stale.
    async fn verify(&self) -> Result<String, StepError> {
        let memory = self.run.memory();
        let planner = self.run.planner(self.site.deployment, &memory);
        plans::check_facts(&planner, self.plan)
            .await
            .map_err(StepError::unplanned)?;
        Ok(format!(
            "as approved: {} with {} tenants",
            self.plan.to.database, self.plan.to.tenants
        ))
    }

    async fn stop(&self) -> Result<String, StepError> {
        let installation = &self.site.installation;
        installation.scale(0).await.map_err(failed)?;
        let stopped = |rollout: &Rollout| rollout.wanted == 0 && rollout.pods == 0;
        let seen = rollout::wait(self.run, installation, STOPPING, stopped).await?;
        match seen {
            Ok(()) => Ok(format!("no pod of {} is left", self.plan.ampora.name)),
            Err(Rollout { pods, wanted, .. }) if wanted > 0 => Err(StepError::Failed(format!(
                "something scaled {} up again: {pods} pods of it run",
                self.plan.ampora.name
            ))),
            Err(Rollout { pods, .. }) => Err(StepError::Failed(format!(
                "{pods} pods of {} don’t end",
                self.plan.ampora.name
            ))),
        }
    }

    async fn fence(&self) -> Result<String, StepError> {
        let from = &self.plan.from;
        let fence = self.site.fence(&from.database);
        match (from.reach, fence.facts().await) {
            (Reach::Answers { system_identifier }, Ok(facts)) if facts.system_identifier == system_identifier => {
                let ended = fence.close().await.map_err(failed)?;
                Ok(format!("{} is closed; {ended} sessions were ended", from.database))
            }
            (Reach::Answers { .. }, Ok(facts)) => Err(StepError::Failed(format!(
                "another server answers now, with the cluster {}",
                facts.system_identifier
            ))),
            (Reach::Answers { .. }, Err(error)) => {
                Err(StepError::Failed(format!("the old database can’t be closed: {error}")))
            }
            (Reach::Gone, Ok(_)) => Err(StepError::Failed(format!(
                "{} is back: its database has to be closed",
                from.server
            ))),
            (Reach::Gone, Err(error)) => Ok(format!(
                "not closed: {error}; the people who agreed said that it can’t come back"
            )),
        }
    }

    async fn lead(&self) -> Result<String, StepError> {
        let installation = &self.site.installation;
        let installed = installation.read().await.map_err(failed)?;
        if installed.uid != self.plan.ampora.uid {
            return Err(StepError::Failed(format!(
                "{} was made anew meanwhile",
                self.plan.ampora.name
            )));
        }
        let secret = &self.plan.ampora.secret;
        led(self.run, &self.site, secret, self.plan.to.database.as_str())
            .await
            .map_err(failed)
    }

    async fn check(&self) -> Result<String, StepError> {
        let memory = self.run.memory();
        let planner = self.run.planner(self.site.deployment, &memory);
        let to = &self.plan.to;
        let looked = plans::look_again(&planner, &self.site, &to.database).await;
        let (found, key) = looked.map_err(|reasons| StepError::Failed(reasons.join(" ")))?;
        let differs = [
            ("tenants", found.tenants.to_string(), to.tenants.to_string()),
            (
                "certificate authorities",
                found.authorities.to_string(),
                to.authorities.to_string(),
            ),
            (
                "migration",
                found.migration_head.unwrap_or_default(),
                to.migration_head.clone().unwrap_or_default(),
            ),
            ("key", key.to_string(), to.key.to_string()),
        ];
        let moved: Vec<_> = differs
            .into_iter()
            .filter(|(_, is, was)| is != was)
            .map(|(what, is, was)| format!("{what} {was} was approved, {is} is there"))
            .collect();
        if moved.is_empty() {
            Ok(format!(
                "{} tenants, {} authorities, key {} opens all of it",
                to.tenants,
                to.authorities,
                to.key.short()
            ))
        } else {
            Err(StepError::Failed(moved.join("; ")))
        }
    }

    async fn start(&self, replicas: u32) -> Result<String, StepError> {
        rollout::started(self.run, &self.site, replicas).await?;
        let (memory, to) = (self.run.memory(), &self.plan.to);
        let planner = self.run.planner(self.site.deployment, &memory);
        let looked = plans::look_again(&planner, &self.site, &to.database).await;
        let (found, _) = looked.map_err(|reasons| StepError::Failed(reasons.join(" ")))?;
        if found.authorities != to.authorities.0 {
            return Err(StepError::Failed(format!(
                "{} has {} certificate authorities now, {} before Ampora started: it may have made one of its own",
                to.database, found.authorities, to.authorities
            )));
        }
        Ok(format!(
            "{replicas} ready; still {} certificate authorities",
            to.authorities
        ))
    }
}

/// Has Ampora read its connection strings, led to this database, from a Secret of this run.
pub(super) async fn led(
    run: &Execution,
    site: &Site<'_>,
    secret: &str,
    database: &str,
) -> Result<String, InstallationError> {
    let installed = site.installation.read().await?;
    let (host, port) = site.seen_as();
    let connections = installed.connections.iter();
    let values = connections.map(|connection| {
        let led = connection.value.pointed_at(&host, port, database);
        (connection.variable.clone(), led.text())
    });
    let values: Vec<(String, Zeroizing<String>)> = values.collect();
    site.installation.lead(secret, &run.run().to_string(), &values).await?;
    Ok(format!("{secret} says {host}:{port}, database {database}"))
}

fn failed(error: impl std::error::Error) -> StepError {
    StepError::Failed(error.to_string())
}
