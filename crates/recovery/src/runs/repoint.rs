//! The steps of pointing Ampora at another database. While it is stopped nothing is lost and everything can be put back; from the moment
//! any of it runs on the new database, only a person can say what is next.

mod cluster;
mod service;

use std::time::Duration;

use adapters::npgsql::Connection;
use domain::plan::{Reach, Repoint, Setup};
use domain::run::RunState;
use zeroize::Zeroizing;

use super::execution::{Execution, StepError};
use crate::plans::repoint::{self as plans, Place, Site};
pub(super) use cluster::led;

const LOOK: Duration = Duration::from_secs(1);
/// Pods get half a minute to end, unless their Deployment says otherwise; a service may finish its requests.
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
        plans::START_ONE | plans::START => this.start(name).await,
        other => Err(StepError::Failed(format!("this version knows no step {other}"))),
    };
    match done {
        Err(StepError::Failed(reason)) if has_started(run) => Err(StepError::NeedsHuman(format!(
            "{reason}. Ampora may have written to {} already; {} stays closed. Don’t go back without deciding what becomes of that.",
            plan.to.database, plan.from.database
        ))),
        other => other,
    }
}

/// Adds to a run that ends before Ampora was started how everything is put back.
pub fn tidied(run: &Execution, plan: &Repoint, state: RunState) -> RunState {
    if !run.has_begun(plans::STOP) || has_started(run) {
        return state;
    }
    let back = way_back(run, plan);
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

/// Whether Ampora may have written to the new database.
fn has_started(run: &Execution) -> bool {
    run.has_begun(plans::START_ONE) || run.has_begun(plans::START)
}

fn way_back(run: &Execution, plan: &Repoint) -> String {
    let Repoint { ampora, from, to, .. } = plan;
    let open = match from.reach {
        Reach::Answers { .. } if run.has_begun(plans::FENCE) => format!(
            "ALTER DATABASE \"{}\" ALLOW_CONNECTIONS true; on {}, then ",
            from.database.replace('"', "\"\""),
            from.server
        ),
        Reach::Answers { .. } | Reach::Gone => String::new(),
    };
    let rest = match &ampora.setup {
        Setup::Workload(workload) => cluster::way_back(&ampora.name, workload),
        Setup::Service(service) => service::way_back(run, service),
    };
    let onward = if run.has_begun(plans::LEAD) {
        "Put all back, then make a new request"
    } else {
        "Make a new request to go on, or put all back"
    };
    format!(
        "Ampora is stopped and nothing was written to {}. {onward}: {open}{rest}",
        to.database
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
        match (&self.site.place, &self.plan.ampora.setup) {
            (Place::Cluster(installation), Setup::Workload(_)) => self.stop_pods(installation).await,
            (Place::Service(service), Setup::Service(_)) => self.stop_service(service).await,
            _ => Err(self.moved_house()),
        }
    }

    async fn start(&self, step: &str) -> Result<String, StepError> {
        let started = match (&self.site.place, &self.plan.ampora.setup) {
            (Place::Cluster(installation), Setup::Workload(workload)) => {
                let pods = if step == plans::START_ONE { 1 } else { workload.replicas };
                self.start_pods(installation, pods).await?
            }
            (Place::Service(service), Setup::Service(_)) => self.start_service(service).await?,
            _ => return Err(self.moved_house()),
        };
        let authorities = self.as_many_authorities().await?;
        Ok(format!("{started}; still {authorities} certificate authorities"))
    }

    fn moved_house(&self) -> StepError {
        StepError::Stale(vec![format!(
            "{} was approved, and the configuration names another place where Ampora runs",
            self.plan.ampora.name
        )])
    }

    /// An Ampora that didn't find its authority makes one of its own, which no agent knows.
    async fn as_many_authorities(&self) -> Result<u64, StepError> {
        let (memory, to) = (self.run.memory(), &self.plan.to);
        let planner = self.run.planner(self.site.deployment, &memory);
        let looked = plans::look_again(&planner, &self.site, &to.database).await;
        let (found, _) = looked.map_err(|reasons| StepError::Failed(reasons.join(" ")))?;
        if found.authorities == to.authorities.0 {
            return Ok(found.authorities);
        }
        Err(StepError::Failed(format!(
            "{} has {} certificate authorities now, {} before Ampora started: it may have made one of its own",
            to.database, found.authorities, to.authorities
        )))
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
        match (&self.site.place, &self.plan.ampora.setup) {
            (Place::Cluster(installation), Setup::Workload(workload)) => {
                self.lead_workload(installation, workload).await
            }
            (Place::Service(service), Setup::Service(setup)) => self.lead_service(service, setup).await,
            _ => Err(self.moved_house()),
        }
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
}

/// What Ampora has to be told instead.
fn pointed(site: &Site<'_>, connections: &[Connection], database: &str) -> Vec<(String, Zeroizing<String>)> {
    let (host, port) = site.seen_as();
    let pointed = |connection: &Connection| {
        let value = connection.value.pointed_at(&host, port, database);
        (connection.variable.clone(), value.text())
    };
    connections.iter().map(pointed).collect()
}

/// What was told, to be read in the log.
fn told(site: &Site<'_>, place: &str, database: &str) -> String {
    let (host, port) = site.seen_as();
    format!("{place} says {host}:{port}, database {database}")
}

fn failed(error: impl std::error::Error) -> StepError {
    StepError::Failed(error.to_string())
}
