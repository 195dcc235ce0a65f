//! How making a new RDS instance ended.

use domain::plan::RestoreRds;
use domain::run::{RunState, StepState};
use recovery::plans::restore_rds::CREATE;
use recovery::runs::Run;

use super::{Outcome, state_of};
use crate::components::Word;

pub fn made(run: &Run, plan: &RestoreRds) -> Outcome {
    let (target, region) = (&plan.target, &plan.region);
    let title = match &run.state {
        RunState::Succeeded { .. } => format!("The instance {target} is there, and was looked through."),
        RunState::Refused { .. } => "The runner refused it.".into(),
        RunState::NeedsHuman { .. } => "It stopped, and somebody has to look.".into(),
        RunState::Cancelled { .. } => "It was cancelled.".into(),
        _ => "It failed.".into(),
    };
    let begun = state_of(run, CREATE).is_some_and(|state| *state != StepState::Waiting);
    let next = match &run.state {
        RunState::Succeeded { .. } => {
            "Next: name its address in admin_url under [deployment.restore], then request to point Ampora at it. Until then it costs money and \
             nothing uses it."
                .to_owned()
        }
        _ if begun => format!(
            "Next: AWS may have made {target}, or go on making it, tagged muster-run={}. Muster deletes no instance. If nobody needs it: aws rds \
             delete-db-instance --region {region} --db-instance-identifier {target} --skip-final-snapshot",
            run.id
        ),
        _ => "Nothing was made. Put the cause right, then make a new request.".into(),
    };
    Outcome {
        word: Word::from(&run.state),
        title,
        said: run.state.reason().map(Into::into),
        unharmed: format!("Unharmed: {} and its backups; Ampora goes on with it.", plan.instance),
        next,
        onward: None,
    }
}
