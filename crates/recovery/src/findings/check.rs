//! The symptom finder: somebody picks what they see, and what that branch turns on is read now.

use domain::audit::Outcome;
use domain::ids::EntryId;
use domain::observation::Observation;
use domain::role::{Action, Actor};
use domain::rules::Rule;
use domain::time::Timestamp;
use serde_json::Value;

use crate::audit::Act;
use crate::collect::Subject;
use crate::collect::again::{Turn, again, subjects};
use crate::settings::Deployment;
use crate::{Error, Services};

/// Begins to read what a rule is judged by, and answers when that was asked for. It is read in the background: [`progress`] tells how far
/// it is. Reading may take the key's value out of its manager, so it is for those who may run things.
///
/// # Errors
/// If the actor may not, there is no such deployment or rule, or this process has no credentials to look with.
pub async fn check(services: &Services, actor: &Actor, deployment: &str, code: &str) -> Result<Timestamp, Error> {
    let now = services.clock.now();
    let rule = Rule::of(code).ok_or_else(|| Error::NotFound(format!("rule {code}")))?;
    let settings = services.deployment(deployment)?.clone();
    if let Err(forbidden) = actor.may(Action::Run, services.settings.approvals.roles) {
        let act = act(actor, rule, &settings);
        act.refused(&services.store, &forbidden, now).await?;
        return Err(forbidden.into());
    }
    if !services.works {
        // Its readings would overwrite good ones with "unknown".
        return Err(Error::Unavailable(
            "This process shows pages only: a process with workers has to look.".into(),
        ));
    }
    // Who asks while a look is under way may have changed something since it began: one more follows, and no third.
    if let Some(turn) = Turn::take(&settings, rule.code) {
        let intent = act(actor, rule, &settings).intent(&services.store, now).await?;
        tokio::spawn(look(services.clone(), settings, rule, actor.clone(), intent, turn));
    }
    Ok(now)
}

fn act<'a>(actor: &'a Actor, rule: Rule, deployment: &Deployment) -> Act<'a> {
    Act::new(actor, "finding.check", rule.code).deployment(&deployment.name)
}

async fn look(services: Services, deployment: Deployment, rule: Rule, actor: Actor, intent: EntryId, turn: Turn) {
    let looking = turn.comes().await;
    let looked = again(&services, &deployment, rule.looks, &actor).await;
    if let Err(error) = &looked {
        tracing::warn!(%error, deployment = deployment.name, code = rule.code, "a look for a symptom could not be kept");
    }
    let outcome = if looked.is_ok() { Outcome::Ok } else { Outcome::Failed };
    let act = act(&actor, rule, &deployment);
    let ended = act
        .outcome(&services.store, intent, outcome, services.clock.now())
        .await;
    if let Err(error) = ended {
        tracing::warn!(%error, "the end of a look for a symptom could not be written down");
    }
    drop(looking);
}

/// One thing that a rule is judged by, and whether it was read since somebody asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    pub what: String,
    /// The last attempt to read it.
    pub looked_at: Option<Timestamp>,
    /// Why that attempt brought nothing.
    pub failure: Option<String>,
    pub done: bool,
}

/// How far a check is that was asked for at `asked`.
///
/// # Errors
/// If the actor may not read, the store doesn't answer, or there is no such deployment.
pub async fn progress(
    services: &Services,
    actor: &Actor,
    deployment: &str,
    rule: Rule,
    asked: Timestamp,
) -> Result<Vec<Step>, Error> {
    actor.may(Action::Read, services.settings.approvals.roles)?;
    let settings = services.deployment(deployment)?;
    let readings = services.store.observed(deployment).await?;
    let step = |subject: Subject<'_>| {
        let (kind, source) = subject.stored_as();
        let seen: Option<Observation<Value>> = readings.get(kind, &source);
        let read = seen.as_ref().and_then(|seen| Some(seen.last_good.as_ref()?.1));
        let failed = seen.and_then(|seen| seen.failure);
        let failure = failed.filter(|(at, _)| read.is_none_or(|read| *at > read));
        let looked_at = read.max(failure.as_ref().map(|(at, _)| *at));
        Step {
            what: subject.to_string(),
            looked_at,
            failure: failure.map(|(_, why)| why),
            done: looked_at.is_some_and(|at| at >= asked),
        }
    };
    Ok(subjects(settings, rule.looks).into_iter().map(step).collect())
}
