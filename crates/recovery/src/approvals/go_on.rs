//! The second decision: a restore waits at its target, and somebody else than who asked says whether the copy takes the cluster's place.
//! Like the first one it takes a login of its own, which the runner verifies by itself before it goes on.

use domain::approval::{Decision, Request};
use domain::ids::RequestId;
use domain::run::{RunState, StepState};
use store::PgConnection;

use super::evidence::verify_login;
use crate::plans::pitr_steps::DECIDE;
use crate::{Error, Services};

/// What was decided, and by whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SecondDecision {
    pub decision: Decision,
    /// The person's subject at the identity provider.
    pub by: String,
}

/// Makes sure that there is something to decide.
pub(super) async fn waits_for_one(services: &Services, request: RequestId) -> Result<(), Error> {
    let run = services.store.run_of_request(request).await?;
    // Other steps wait for somebody's word that they were done, which no login decides.
    let decides = run.as_ref().is_some_and(|run| {
        run.steps
            .iter()
            .any(|(step, state)| step.name == DECIDE && matches!(state, StepState::Running { .. }))
    });
    match run.map(|run| run.state) {
        Some(RunState::Paused { .. }) if decides => Ok(()),
        Some(other) => Err(Error::invalid(format!(
            "Nothing waits for this decision: the run is {}.",
            other.word()
        ))),
        None => Err(Error::invalid("Nothing waits for this decision: there is no run.")),
    }
}

/// Lets the run go on, in the transaction that keeps the decision.
pub(super) async fn wake(tx: &mut PgConnection, request: RequestId) -> Result<(), Error> {
    if store::runs::go_on(tx, request).await? {
        return Ok(());
    }
    Err(Error::invalid("Somebody was faster: the run goes on already."))
}

/// The decision by which the run of this request goes on, verified as the runner verifies approvals. `None`: nobody has decided yet.
///
/// # Errors
/// [`Error::Evidence`] if a row says so that no login proves.
pub async fn second_decision(services: &Services, request: &Request) -> Result<Option<SecondDecision>, Error> {
    let Some(asked) = services.store.challenge_to_go_on(request.id).await? else {
        return Ok(None);
    };
    let Some(token) = &asked.raw_id_token else {
        return Err(Error::Evidence("the second decision carries no login".into()));
    };
    let now = services.clock.now();
    let proven = verify_login(services, request, &asked.challenge, token, now).await?;
    if proven.person == request.requester {
        return Err(Error::Evidence("the second decision is the requester’s own".into()));
    }
    Ok(Some(SecondDecision {
        decision: asked.challenge.decision,
        by: proven.person.subject,
    }))
}
