//! The steps of setting a cluster back: a copy is restored beside it, recovered, looked at, and swapped in when a second person says so.
//! Until the swap nothing that exists is changed; afterwards the old cluster is kept whole under another name.

mod afterwards;
mod copy;
mod end;
mod in_place;
mod look;
mod restored;
mod swap;
mod tool;

use adapters::database_host::{DatabaseHost, Holder, HostError, PrivateServer, Recovery};
use domain::approval::{Decision, Request};
use domain::plan::RestorePitr;

use super::execution::{Execution, StepError};
use super::fault;
use crate::Error;
use crate::approvals;
use crate::plans::{self, pitr_steps as steps};
use crate::settings::{Deployment, RestoreHost};

pub use end::{seen, tidied};

/// Everything that the steps need.
pub(super) struct Site<'a> {
    run: &'a Execution,
    plan: &'a RestorePitr,
    deployment: &'a Deployment,
    settings: &'a RestoreHost,
    /// The copy, and the name that the old cluster gets.
    beside: String,
    before: String,
    /// Where the backup is restored to and recovered: beside, or in place of the cluster.
    restored: String,
}

pub async fn step(
    run: &Execution,
    request: &Request,
    plan: &RestorePitr,
    index: usize,
    name: &str,
    resumed: bool,
) -> Result<String, StepError> {
    let site = site(run, plan).ok_or_else(|| StepError::Stale(vec!["the cluster is no longer configured".into()]))?;
    // Each of them on the heap: a worker’s stack has no room for all.
    let done = match name {
        steps::VERIFY => Box::pin(site.verify()).await,
        steps::LOCK => Box::pin(site.lock()).await,
        steps::RESTORE => Box::pin(site.restore(index, resumed)).await,
        steps::RECOVER => Box::pin(site.recover(index)).await,
        steps::CHECK_COPY => Box::pin(site.check_copy(index)).await,
        steps::DECIDE => Box::pin(site.decide(request)).await,
        steps::STOP if plan.in_place.is_some() => Box::pin(site.shut_down()).await,
        steps::STOP => Box::pin(site.stop(request)).await,
        steps::TAIL => Box::pin(site.archive_tail(index)).await,
        steps::ASIDE => Box::pin(site.copy_aside(index, resumed)).await,
        steps::OVER => Box::pin(site.restore_over(index)).await,
        steps::SWAP => Box::pin(site.swap()).await,
        steps::START if plan.in_place.is_some() => Box::pin(site.start_over(request, index)).await,
        steps::START => Box::pin(site.start(index)).await,
        steps::PROMOTE => Box::pin(site.promote()).await,
        steps::CHECK => Box::pin(site.check_restored()).await,
        steps::LET_IN => Box::pin(site.let_in(index)).await,
        steps::BACK_UP => Box::pin(site.full_backup(index, resumed)).await,
        steps::ARCHIVES => Box::pin(site.check_archiving(index, resumed)).await,
        other => Err(StepError::Failed(format!("this version knows no step {other}"))),
    };
    match done {
        Err(StepError::Failed(reason)) => Err(site.judged(index, &reason).await),
        other => other,
    }
}

fn site<'a>(run: &'a Execution, plan: &'a RestorePitr) -> Option<Site<'a>> {
    let deployment = run.services.settings.deployment(&plan.deployment)?;
    Some(Site {
        run,
        plan,
        deployment,
        settings: deployment.host.as_ref()?,
        beside: RestorePitr::of_run(&plan.beside(), run.run()),
        before: RestorePitr::of_run(&plan.before(), run.run()),
        restored: RestorePitr::of_run(&plan.restored_into(), run.run()),
    })
}

impl Site<'_> {
    /// What a failed step means. Once clients are in it harms nothing of the restore, and the end of the run tells what is left to do. From the first destructive step on it leaves the cluster half-way, and only a person can say what is next; before it the cluster
    /// is as it was, which is told with what follows from the tool's words.
    async fn judged(&self, index: usize, reason: &str) -> StepError {
        if self.plan.is_in_use_at(index) {
            return StepError::Failed(reason.to_owned());
        }
        if self.plan.turn().is_some_and(|turn| index >= turn) {
            let seen = self.seen().await;
            return StepError::NeedsHuman(format!("{reason}. {seen}"));
        }
        let pgdata = &self.plan.server.pgdata;
        let stop = self.plan.steps.iter().position(|step| step.name == steps::STOP);
        let unharmed = if stop.is_some_and(|stop| index >= stop) {
            format!("Nothing was moved: the cluster is whole in {pgdata}")
        } else {
            format!("The cluster in {pgdata} was not touched")
        };
        StepError::Failed(fault::told(reason, &unharmed))
    }

    fn holder(&self) -> Holder {
        Holder {
            run: self.run.run(),
            fence: self.run.fence(),
        }
    }

    fn host(&self) -> &DatabaseHost {
        &self.settings.host
    }

    /// The server over the copy, on a socket of its own.
    fn copy(&self) -> PrivateServer<'_> {
        let id = self.run.run().to_string();
        PrivateServer {
            host: self.host(),
            bin_dir: &self.plan.server.bin_dir,
            data: &self.restored,
            folder: format!("/tmp/muster-{id}"),
            superuser: &self.plan.server.superuser,
        }
    }

    fn recovery(&self) -> Recovery {
        steps::recovery(self.plan, &self.settings.tool)
    }

    /// Looks again at everything that was approved. What moved makes the approval stale.
    async fn verify(&self) -> Result<String, StepError> {
        let mut moved = self.place_moved().await?;
        moved.extend(self.wal_moved().await?);
        if moved.is_empty() {
            return Ok(format!(
                "as approved: {} with all of its WAL to {}",
                self.plan.backup, self.plan.expected_end
            ));
        }
        Err(StepError::Stale(moved))
    }

    async fn place_moved(&self) -> Result<Vec<String>, StepError> {
        let run = self.run.run().to_string();
        let memory = self.run.memory();
        let planner = self.run.planner(self.deployment, &memory);
        self.planned(Box::pin(plans::check_place(&planner, self.plan, &run)).await)
    }

    async fn wal_moved(&self) -> Result<Vec<String>, StepError> {
        let memory = self.run.memory();
        let planner = self.run.planner(self.deployment, &memory);
        self.planned(Box::pin(plans::check_wal(&planner, self.plan)).await)
    }

    fn planned(&self, looked: Result<Vec<String>, Error>) -> Result<Vec<String>, StepError> {
        match looked {
            Ok(moved) => Ok(moved),
            Err(Error::Invalid(reasons) | Error::Stale(reasons)) => Err(StepError::Failed(reasons.join("; "))),
            Err(Error::Store(error)) => Err(error.into()),
            Err(error) => Err(StepError::Failed(error.to_string())),
        }
    }

    async fn lock(&self) -> Result<String, StepError> {
        let pgdata = &self.plan.server.pgdata;
        self.host().lock(pgdata, self.run.run()).await.map_err(failed)?;
        Ok(format!("{pgdata}.muster-lock names this run"))
    }

    /// Waits for the second decision. Nothing is held in memory while it waits: whoever decides wakes any worker.
    async fn decide(&self, request: &Request) -> Result<String, StepError> {
        let Some(decided) = self.second_decision(request).await? else {
            return Err(StepError::Paused(self.what_to_decide()));
        };
        match decided.decision {
            Decision::Promote => Ok(format!("promote, decided by {}", decided.by)),
            _ => Err(StepError::GivenUp(format!("given up by {}", decided.by))),
        }
    }

    async fn second_decision(&self, request: &Request) -> Result<Option<approvals::SecondDecision>, StepError> {
        match approvals::second_decision(&self.run.services, request).await {
            Ok(decided) => Ok(decided),
            Err(Error::Evidence(why)) => Err(StepError::Failed(why)),
            Err(error) => Err(StepError::Muster(error)),
        }
    }

    /// What stays whatever happens, for a sentence.
    fn unharmed(&self) -> String {
        match self.plan.in_place {
            None => format!("The cluster in {} was not touched", self.plan.server.pgdata),
            Some(_) => format!("What is kept of the old cluster is in {}", self.before),
        }
    }

    fn what_to_decide(&self) -> String {
        if let Some(kept) = self.plan.in_place {
            return format!(
                "{} was restored in place, recovered and looked through, as the steps above say; clients aren’t let in. Promote: it goes on from \
                 here. Give up: it stays down, and a person puts back what was copied to {} ({}).",
                self.restored,
                self.before,
                kept.word()
            );
        }
        format!(
            "The copy in {} was recovered and looked through, as the steps above say; the cluster in {} goes on as it was. Promote: the server \
             is stopped and the copy takes its place. Give up: the copy is removed.",
            self.beside, self.plan.server.pgdata
        )
    }
}

fn failed(error: HostError) -> StepError {
    StepError::Failed(error.to_string())
}
