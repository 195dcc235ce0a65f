//! Steps that people do elsewhere. Muster looks first; what it can't see done takes somebody's word, with a note. A word never makes good
//! what is seen not to be so, and what is taken on a word is told as such.

use domain::approval::Refusal;
use domain::audit::Outcome;
use domain::plan::{Confirmer, Step};
use domain::role::{Actor, Forbidden, Rules};
use domain::run::{RunState, StepState};
use store::StoreError;
use store::runs::Confirmation;

use super::execution::{Execution, StepError};
use crate::audit::Act;
use crate::{Error, Services};

/// How the record of a step begins that was done by somebody's word alone.
pub const UNVERIFIED: &str = "not verified: ";

/// Longest note, in characters.
const LONGEST: usize = 2000;

/// What Muster sees of a step by itself, in words.
pub(super) enum Seen {
    Done(String),
    /// Nothing that can be seen tells.
    Unknown(String),
    /// It isn't done, whatever anybody says.
    NotDone(String),
}

/// Ends a manual step, or has the run wait for somebody's word about it.
pub(super) async fn settled(run: &Execution, step: &Step, seen: Seen) -> Result<String, StepError> {
    let store = &run.services.store;
    let word = store.run_confirmation(run.run(), &step.name).await?;
    match (seen, word) {
        (Seen::Done(detail), None) => Ok(detail),
        (Seen::Done(detail), Some(word)) => Ok(format!("{detail}; {}", said(&word))),
        (Seen::Unknown(why), Some(word)) => Ok(format!("{UNVERIFIED}{why}; {}", said(&word))),
        (Seen::Unknown(why), None) => Err(StepError::Paused(format!(
            "{why}. Muster can’t see this by itself: it takes the word of {}.",
            asked(step)
        ))),
        (Seen::NotDone(why), None) => Err(StepError::Paused(format!(
            "{why}. It goes on when that is put right and {} says so.",
            asked(step)
        ))),
        (Seen::NotDone(why), Some(word)) => {
            let mut tx = store.begin().await?;
            store::runs::confirmation_drop(&mut tx, run.run(), run.fence(), &step.name).await?;
            tx.commit().await.map_err(StoreError::from)?;
            Err(StepError::Paused(format!(
                "{} said that it is done, and it isn’t: {why}.",
                word.by_name
            )))
        }
    }
}

fn said(word: &Confirmation) -> String {
    format!("confirmed by {}: {}", word.by_name, word.note)
}

fn asked(step: &Step) -> &'static str {
    step.manual.unwrap_or(Confirmer::Operator).word()
}

fn may_confirm_any(actor: &Actor, rules: Rules) -> Result<(), Forbidden> {
    let may = |who: Confirmer| actor.may(who.action(), rules);
    may(Confirmer::Operator).or_else(|forbidden| may(Confirmer::Approver).map_err(|_| forbidden))
}

/// Notes somebody's word that the step which a run waits at was done, and lets the run go on.
///
/// # Errors
/// If the role doesn't allow it, the note is missing, or the run doesn't wait at this step.
pub async fn confirm(services: &Services, actor: &Actor, number: i64, step: &str, note: &str) -> Result<(), Error> {
    let (now, note, rules) = (services.clock.now(), note.trim(), services.settings.approvals.roles);
    let act = Act::new(actor, "run.confirm", format!("request {number}, step {step}")).detail("note", note);
    // Who may confirm no step at all isn't told which there are.
    if let Err(forbidden) = may_confirm_any(actor, rules) {
        act.refused(&services.store, &forbidden, now).await?;
        return Err(forbidden.into());
    }
    let missing = || Error::NotFound(format!("step {step} of the run of request {number}"));
    let stored = services.store.request(number).await?.ok_or_else(missing)?;
    let act = act.request(&stored.request);
    let run = services.store.run_of_request(stored.request.id).await?;
    let run = run.ok_or_else(missing)?;
    let found = run.steps.iter().find(|(one, _)| one.name == step);
    let (found, state) = found.ok_or_else(missing)?;
    let who = found.manual.ok_or_else(missing)?;
    if let Err(forbidden) = actor.may(who.action(), rules) {
        act.refused(&services.store, &forbidden, now).await?;
        return Err(forbidden.into());
    }
    if who == Confirmer::Approver && actor.person == stored.request.requester {
        act.refused(&services.store, &Refusal::Own, now).await?;
        return Err(Refusal::Own.into());
    }
    if note.is_empty() || note.chars().count() > LONGEST {
        return Err(Error::invalid(format!(
            "Say what was done, or what you looked at, in 1 to {LONGEST} characters: the note is kept."
        )));
    }
    if !matches!(
        (&run.state, state),
        (RunState::Paused { .. }, StepState::Running { .. })
    ) {
        return Err(Error::invalid("The run doesn’t wait at this step."));
    }
    let word = Confirmation {
        step: step.into(),
        note: note.into(),
        by_name: actor.name.clone(),
        at: now,
    };
    let mut tx = services.store.begin().await?;
    let first = store::runs::confirm(&mut tx, run.id, &word).await?;
    if !first || !store::runs::go_on(&mut tx, stored.request.id).await? {
        return Err(Error::invalid("Somebody was faster: the run goes on already."));
    }
    act.detail("run", run.id).fact(&mut tx, Outcome::Ok, now).await?;
    tx.commit().await.map_err(StoreError::from)?;
    Ok(())
}
