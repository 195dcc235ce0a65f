//! Ampora as a service of a machine: stopped by its own command, told of its new database by its env file, started again. What counts as
//! stopped and as running is what the databases see of it.

use adapters::postgres::Fence;
use adapters::service::Service;
use domain::plan::{self, Reach};
use domain::shell::word;
use tokio::time::{Duration, Instant, sleep};

use super::{LOOK, Move, STOPPING, failed, plans, pointed, told};
use crate::runs::execution::{Execution, StepError};

/// What is seen of a service.
struct Seen {
    /// What its own command says, where there is one.
    runs: Option<bool>,
    /// Sessions of Ampora's roles.
    sessions: u64,
}

/// How a person puts it back, in commands.
pub(super) fn way_back(run: &Execution, service: &plan::Service) -> String {
    let file = service.env_file.as_str();
    let led = run.has_begun(plans::LEAD).then(|| {
        let kept = format!("{file}.before-{}", run.run());
        let put_back = line(&["mv", "-T", "--", &kept, file].map(str::to_owned));
        format!("{put_back} if that file is there, ")
    });
    format!(
        "{}{} on {}",
        led.unwrap_or_default(),
        line(&service.start),
        service.host
    )
}

fn line(command: &[String]) -> String {
    let words: Vec<_> = command.iter().map(|one| word(one)).collect();
    words.join(" ")
}

impl Move<'_> {
    pub(super) async fn stop_service(&self, service: &Service) -> Result<String, StepError> {
        service.stop(&self.run.end).await.map_err(failed)?;
        let name = &self.plan.ampora.name;
        let old = match self.plan.from.reach {
            Reach::Answers { .. } => Some(self.site.fence(&self.plan.from.database)),
            Reach::Gone => None,
        };
        let over = |seen: &Seen| seen.runs != Some(true) && seen.sessions == 0;
        match self.wait_until(service, old.as_ref(), STOPPING, over).await? {
            Ok(_) if old.is_some() => Ok(format!(
                "the {name} has no session on {} any more",
                self.plan.from.database
            )),
            Ok(_) => Ok(format!(
                "the {name} is stopped; who may still be connected to the old server isn’t known"
            )),
            Err(Seen { runs: Some(true), .. }) => Err(StepError::Failed(format!(
                "the {name} still runs after its stop command"
            ))),
            Err(Seen { sessions, .. }) => Err(StepError::Failed(format!(
                "Ampora’s role still has {sessions} sessions on {}: another instance of it may run",
                self.plan.from.database
            ))),
        }
    }

    pub(super) async fn lead_service(&self, service: &Service, plan: &plan::Service) -> Result<String, StepError> {
        let set_up = service.read().await.map_err(failed)?;
        let database = self.plan.to.database.as_str();
        let values = pointed(&self.site, &set_up.connections, database);
        let run = self.run.run().to_string();
        service.lead(&run, &values).await.map_err(failed)?;
        Ok(told(&self.site, &plan.env_file, database))
    }

    pub(super) async fn start_service(&self, service: &Service) -> Result<String, StepError> {
        // Started before by a worker that died, it has to be started no second time.
        let new = self.site.successor(&self.plan.to.database);
        if !runs_on(&self.seen(service, Some(&new)).await?) {
            service.start(&self.run.end).await.map_err(failed)?;
        }
        let (name, within) = (&self.plan.ampora.name, self.site.restore.repoint.start_within);
        match self.wait_until(service, Some(&new), within, runs_on).await? {
            Ok(Seen { sessions, .. }) => {
                service.forget(&self.run.run().to_string()).await.map_err(failed)?;
                Ok(format!(
                    "the {name} runs, with {sessions} sessions on {}",
                    self.plan.to.database
                ))
            }
            Err(Seen { runs: Some(false), .. }) => Err(StepError::Failed(format!(
                "the {name} doesn’t run {} s after its start command: its own log says why",
                within.as_secs()
            ))),
            Err(_) => Err(StepError::Failed(format!(
                "the {name} has no session on {} after {} s: its own log says why",
                self.plan.to.database,
                within.as_secs()
            ))),
        }
    }

    async fn seen(&self, service: &Service, database: Option<&Fence>) -> Result<Seen, StepError> {
        let connections = service.read().await.map_err(failed)?.connections;
        let roles = connections.iter().filter_map(|connection| connection.value.user());
        let roles: Vec<_> = roles.map(str::to_owned).collect();
        let sessions = match database {
            Some(database) => database.sessions_of(&roles).await.map_err(failed)?,
            None => 0,
        };
        let runs = service.runs().await.map_err(failed)?;
        Ok(Seen { runs, sessions })
    }

    /// Looks until it is so, or time is up: then what was seen last.
    async fn wait_until(
        &self,
        service: &Service,
        database: Option<&Fence>,
        within: Duration,
        so: impl Fn(&Seen) -> bool,
    ) -> Result<Result<Seen, Seen>, StepError> {
        let until = Instant::now() + within;
        loop {
            match self.seen(service, database).await {
                Ok(seen) if so(&seen) => return Ok(Ok(seen)),
                Ok(seen) if Instant::now() >= until => return Ok(Err(seen)),
                Err(error) if Instant::now() >= until => return Err(error),
                // What doesn't answer for a moment may answer the next.
                Ok(_) | Err(_) => {}
            }
            tokio::select! {
                () = self.run.end.cancelled() => return Err(StepError::Failed("it was ended before that".into())),
                () = sleep(LOOK) => {}
            }
        }
    }
}

fn runs_on(seen: &Seen) -> bool {
    seen.runs != Some(false) && seen.sessions > 0
}
