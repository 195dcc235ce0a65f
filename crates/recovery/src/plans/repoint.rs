//! "Point Ampora at the new database": a running Ampora is stopped, the old database closed, and Ampora started on the one that was restored.
//! The order is what keeps two databases from being written at once.

mod facts;
mod place;
mod site;
mod steps;

use domain::plan::{Advisory, DatabaseName, Moved, Pinned, Plan, Reach, Repoint, Revived, Setup};
use domain::time::span;

use super::Planner;
use super::cost::{Back, Cost};
use crate::Error;
use facts::Looked;
pub(super) use facts::is_here;
pub use facts::look_again;
pub use place::Place;
pub(super) use place::secret_name;
pub use site::Site;
pub use steps::{CHECK, FENCE, LEAD, START, START_ONE, STOP, VERIFY};

impl Planner<'_> {
    pub(super) async fn repoint(&self, database: &str, old_is_gone: bool) -> Result<Plan, Error> {
        let site = Site::of(self.deployment)?;
        let name = database
            .parse::<DatabaseName>()
            .map_err(|error| Error::invalid(error.to_string()))?;
        let looked = facts::look(self, &site, &name, old_is_gone).await?;
        let advisory = self.repoint_costs(&looked).await;
        Ok(Plan {
            pinned: Pinned::from(pinned(&self.deployment.name, looked)),
            advisory,
            made_at: self.clock.now(),
        })
    }

    async fn repoint_costs(&self, looked: &Looked) -> Advisory {
        let mut warnings = vec![
            "Ampora is stopped until the new database has been checked: agents keep their configuration and can’t report meanwhile."
                .to_owned(),
        ];
        if looked.stopped {
            let name = &looked.ampora.name;
            warnings.push(match looked.ampora.setup {
                Setup::Workload(_) => {
                    format!("{name} is scaled to 0 now, so one pod runs afterwards: scale it up by hand.")
                }
                Setup::Service(_) => format!("{name} doesn’t run now, and is started all the same."),
            });
        }
        match (looked.newest, looked.newest_of_old) {
            (Some(new), Some(old)) if old > new => warnings.push(format!(
                "The new database ends {} before the old one: what Ampora wrote in between stays in the old one alone.",
                span((old - new).num_seconds())
            )),
            (Some(_), Some(_)) => {}
            _ => warnings.push("How much older the new database is can’t be told.".into()),
        }
        if looked.head_of_old.is_some() && looked.head_of_old != looked.to.migration_head {
            warnings.push(format!(
                "The new database is at migration {}, the old one at {}: start the image that fits, and leave AMPORA_AUTO_MIGRATE at 0.",
                looked.to.migration_head.as_deref().unwrap_or("unknown"),
                looked.head_of_old.as_deref().unwrap_or("unknown")
            ));
        }
        if looked.from.reach == Reach::Gone {
            warnings.push(format!(
                "{} doesn’t answer and so can’t be closed. If it comes back, whatever still knows it may write to it: agree only if you know \
                 that it can’t.",
                looked.from.server
            ));
        }
        warnings.push(
            "Once Ampora runs on the new database there is no way back without losing what it writes there.".into(),
        );
        let cost = match looked.newest {
            Some(newest) => self.cost(None, &Back::of_dump(newest), self.clock.now()).await,
            None => Cost::unknown(&Revived::ALL[..4], "how old the new database is isn’t known"),
        };
        let took = self.took("repoint", &looked.ampora.name).await;
        Advisory {
            data_loss: cost.loss,
            resurrections: cost.revived,
            durations: took.whole,
            phases: took.phases,
            warnings,
        }
    }
}

fn pinned(deployment: &str, looked: Looked) -> Repoint {
    let steps = steps::steps(&looked.ampora, &looked.from, &looked.to);
    Repoint {
        deployment: deployment.into(),
        ampora: looked.ampora,
        from: looked.from,
        to: looked.to,
        steps,
    }
}

/// Plans the same change again and names what is no longer as it was approved.
///
/// # Errors
/// [`Error::Stale`] if a pinned fact moved, [`Error::Invalid`] if it can't be planned at all any more.
pub async fn check_facts(planner: &Planner<'_>, approved: &Repoint) -> Result<(), Error> {
    let gone = approved.from.reach == Reach::Gone;
    let plan = planner.repoint(approved.to.database.as_str(), gone).await?;
    let moved = Pinned::from(approved.clone()).moved(&plan.pinned);
    if moved.is_empty() {
        Ok(())
    } else {
        Err(Error::Stale(moved.iter().map(Moved::sentence).collect()))
    }
}
