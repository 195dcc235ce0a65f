//! The steps of bringing Ampora up on a new cluster. Those of the database and of the key are carried out by what carries out their own
//! plans. Until one pod runs everything that was made can be thrown away; from then on only a person can say what is next.

mod bring_up;
mod open;

use domain::approval::Request;
use domain::plan::{Delivery, FullDisaster, Step};
use domain::run::RunState;

use super::execution::{Execution, StepError};
use super::manual::{Seen, settled};
use super::{place_key, restore_dump};
use crate::plans::full_disaster::{self as plans, Ground};
use crate::plans::retrieve_key::{DELIVER, READ_BACK};
use crate::plans::{CHECK_KEY, CHECK_ROWS, COMPLETE, CREATE, RESTORE, SETTINGS};

/// What no program can see from here: where a name leads for agents elsewhere.
const LEAD_HERE: &str = "Agents and people are to be led to the new cluster: DNS, load balancer, ingress, with the certificate of the public name";

/// One run of it.
struct Rise<'a> {
    run: &'a Execution,
    plan: &'a FullDisaster,
    ground: Ground<'a>,
    /// A worker before this one had begun the step.
    resumed: bool,
}

pub async fn step(
    run: &Execution,
    request: &Request,
    plan: &FullDisaster,
    (index, step): (usize, &Step),
    resumed: bool,
) -> Result<String, StepError> {
    let done = match step.name.as_str() {
        name @ (CREATE | RESTORE | SETTINGS | CHECK_ROWS | CHECK_KEY | COMPLETE) => {
            Box::pin(restore_dump::step(run, &plan.database, index, name, resumed)).await
        }
        name @ (DELIVER | READ_BACK) => Box::pin(key(run, request, plan, name, resumed)).await,
        plans::CHECK_SECRET => Box::pin(key(run, request, plan, READ_BACK, resumed)).await,
        _ => Box::pin(own(run, request, plan, (step, resumed))).await,
    };
    match done {
        Err(StepError::Failed(reason)) if run.has_begun(plans::START_ONE) => Err(StepError::NeedsHuman(format!(
            "{reason}. Ampora may have written to {} already: what it wrote is lost with that database. Look at its pods before anything else",
            plan.database.target.database
        ))),
        other => other,
    }
}

/// A step of the key, at the place that Ampora will have it from.
async fn key(
    run: &Execution,
    request: &Request,
    plan: &FullDisaster,
    name: &str,
    resumed: bool,
) -> Result<String, StepError> {
    let Delivery::Placed(place) = &plan.key.delivery else {
        return Err(StepError::Failed("the plan puts the key nowhere".into()));
    };
    place_key::step(run, request, (&plan.key, place, Some(&plan.deployment)), name, resumed).await
}

async fn own(
    run: &Execution,
    request: &Request,
    plan: &FullDisaster,
    (step, resumed): (&Step, bool),
) -> Result<String, StepError> {
    let deployment = run.services.settings.deployment(&plan.deployment);
    let deployment =
        deployment.ok_or_else(|| StepError::Stale(vec!["the deployment is no longer configured".into()]))?;
    let ground = Ground::of(deployment).map_err(|error| StepError::Stale(vec![error.to_string()]))?;
    let this = Rise {
        run,
        plan,
        ground,
        resumed,
    };
    match step.name.as_str() {
        plans::VERIFY => Box::pin(this.verify()).await,
        plans::CHECK_CLUSTER => this.check_cluster().await,
        plans::TLS => settled(run, step, this.server_tls().await).await,
        plans::APPLY => this.apply().await,
        plans::LEAD => settled(run, step, this.lead().await?).await,
        plans::CHECK_DATABASE => Box::pin(this.check_database()).await,
        plans::START_ONE => Box::pin(this.start_one()).await,
        plans::CHECK_ENVELOPES => {
            let secret = Box::pin(key(run, request, plan, READ_BACK, false)).await?;
            this.check_envelopes(&secret).await
        }
        plans::CHECKLIST => settled(run, step, this.checklist().await?).await,
        plans::NAME => settled(run, step, Seen::Unknown(LEAD_HERE.into())).await,
        plans::START => this.start_all().await,
        plans::AGENTS => settled(run, step, this.agents().await?).await,
        other => Err(StepError::Failed(format!("this version knows no step {other}"))),
    }
}

/// Adds to a run that ends before Ampora was started what it made, and that it can go. One that is cancelled later leaves Ampora running.
pub fn tidied(run: &Execution, plan: &FullDisaster, state: RunState) -> RunState {
    if run.has_begun(plans::START_ONE) {
        return running_on(plan, state);
    }
    if !run.has_begun(CREATE) {
        return state;
    }
    let left = left(run, plan);
    match state {
        RunState::Failed { at, reason } => RunState::Failed {
            at,
            reason: format!("{reason}. {left}"),
        },
        RunState::Refused { at, reason } => RunState::Refused {
            at,
            reason: format!("{reason}. {left}"),
        },
        RunState::Cancelled { at } => RunState::NeedsHuman {
            at,
            seen: format!("Cancelled. {left}"),
        },
        other => other,
    }
}

fn running_on(plan: &FullDisaster, state: RunState) -> RunState {
    let FullDisaster { cluster, database, .. } = plan;
    let workload = cluster.name.rsplit('/').next().unwrap_or_default();
    let (at, why) = match state {
        RunState::Cancelled { at } => (at, "Cancelled".to_owned()),
        RunState::Refused { at, reason } => (at, format!("Refused: {reason}")),
        other => return other,
    };
    RunState::NeedsHuman {
        at,
        seen: format!(
            "{why}. {0} was started on {1} and goes on as it is now; what it wrote there is lost with that database. Either work off by hand what is \
             open in the steps, or take it down: kubectl -n {2} scale deploy/{workload} --replicas=0",
            cluster.name, database.target.database, cluster.namespace
        ),
    }
}

fn left(run: &Execution, plan: &FullDisaster) -> String {
    let (namespace, database) = (&plan.cluster.namespace, &plan.database.target.database);
    let mut left = vec![format!("the database {database} on {}", plan.database.target.server)];
    if let (true, Delivery::Placed(place)) = (run.has_begun(DELIVER), &plan.key.delivery) {
        left.push(format!("the key in {}", place.manager));
    }
    if run.has_begun(plans::APPLY) {
        left.push(format!("{} with 0 replicas", plan.cluster.name));
    }
    if run.has_begun(plans::LEAD) {
        left.push(format!("Secret {namespace}/{}", plan.cluster.connection));
    }
    format!(
        "Ampora wasn’t started, and the dump and the secret manager are as they were. What this run may have made: {}. Put the cause right, remove \
         what is in the way (drop the database, delete the Secrets), and make a new request",
        left.join(", ")
    )
}

fn failed(error: impl std::error::Error) -> StepError {
    StepError::Failed(error.to_string())
}
