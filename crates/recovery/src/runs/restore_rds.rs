//! The steps of making a new RDS instance from the backups of another. No run deletes one: what it leaves behind is tagged with it.

use std::time::Duration;

use adapters::ampora::AmporaDb;
use adapters::rds::{Instance, RUN_TAG, Rds, Wanted};
use domain::plan::{RecoveryStop, RestoreRds};
use tokio::time::sleep;

use super::execution::{Execution, StepError};
use super::report;
use crate::keys;
use crate::plans::restore_rds as plans;
use crate::settings::sqlx_options::PgConnectOptions;
use crate::settings::{Database, Deployment, Source};

/// Between two questions whether it is there; AWS limits how many are asked.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);

struct Making<'a> {
    run: &'a Execution,
    plan: &'a RestoreRds,
    deployment: &'a Deployment,
    database: &'a Database,
    rds: &'a Rds,
}

pub async fn step(run: &Execution, plan: &RestoreRds, name: &str) -> Result<String, StepError> {
    let gone = |what: &str| StepError::Stale(vec![format!("{what} is no longer configured")]);
    let deployment = run
        .services
        .settings
        .deployment(&plan.deployment)
        .ok_or_else(|| gone("the deployment"))?;
    let source = deployment.sources.iter().find(|source| source.name() == plan.source);
    let Some(Source::Rds(rds)) = source else {
        return Err(gone("the source"));
    };
    let this = Making {
        run,
        plan,
        deployment,
        database: deployment.database.as_ref().ok_or_else(|| gone("the live database"))?,
        rds,
    };
    match name {
        plans::VERIFY => this.verify().await,
        plans::CREATE => this.create().await,
        plans::WAIT => this.wait().await,
        plans::CHECK_INSTANCE => this.check_instance().await,
        plans::CHECK_DATABASE => this.check_database().await,
        other => Err(StepError::Failed(format!("this version knows no step {other}"))),
    }
}

impl Making<'_> {
    /// Reads every pinned fact again. What moved makes the approval stale.
    async fn verify(&self) -> Result<String, StepError> {
        let memory = self.run.memory();
        let planner = self.run.planner(self.deployment, &memory);
        plans::check_facts(&planner, self.plan)
            .await
            .map_err(StepError::unplanned)?;
        Ok(format!("as approved: {} in {}", self.plan.instance, self.plan.region))
    }

    async fn create(&self) -> Result<String, StepError> {
        let (plan, run) = (self.plan, self.run.run().to_string());
        match self.made().await? {
            Some(made) if made.run.as_deref() == Some(&run) => return Ok(format!("{} was begun before", plan.target)),
            Some(_) => {
                return Err(StepError::Failed(format!(
                    "there is an instance {} that isn’t this run’s",
                    plan.target
                )));
            }
            None => {}
        }
        let source = self.rds.instance(&plan.instance).await.map_err(failed)?;
        let source = source.filter(|source| source.resource_id == plan.resource_id);
        let Some(source) = source else {
            return Err(StepError::Stale(vec![format!(
                "{} is another instance now, or gone",
                plan.instance
            )]));
        };
        let at = match plan.stop {
            RecoveryStop::Time { time, .. } => Some(time),
            RecoveryStop::Latest => None,
        };
        let wanted = Wanted {
            target: plan.target.as_str(),
            at,
            shape: &plan.shape,
            tags: &[(RUN_TAG, &run)],
        };
        self.rds.restore(&source, wanted).await.map_err(failed)?;
        Ok(format!("AWS makes {}, tagged muster-run={run}", plan.target))
    }

    async fn wait(&self) -> Result<String, StepError> {
        let mut pause = FIRST;
        let mut said = String::new();
        loop {
            let made = self
                .made()
                .await?
                .ok_or_else(|| StepError::Failed(format!("{} is gone", self.plan.target)))?;
            match made.status.as_str() {
                "available" => return Ok(format!("{} is available", self.plan.target)),
                "failed"
                | "incompatible-restore"
                | "incompatible-network"
                | "incompatible-parameters"
                | "storage-full"
                | "deleting" => {
                    return Err(StepError::Failed(format!(
                        "AWS says that {} is {}",
                        self.plan.target, made.status
                    )));
                }
                status if status != said => {
                    said = status.to_owned();
                    self.run.note(None, &format!("{}: {said}", self.plan.target)).await?;
                }
                _ => {}
            }
            tokio::select! {
                () = self.run.end.cancelled() => return Err(StepError::Failed(format!("{} goes on being made by AWS", self.plan.target))),
                () = sleep(pause) => {}
            }
            pause = (pause * 2).min(LONGEST);
        }
    }

    async fn check_instance(&self) -> Result<String, StepError> {
        let made = self.available().await?;
        let mut differs = self.plan.shape.differences(&made.shape);
        if made.public != Some(false) {
            differs.push("it may be reachable from the internet".into());
        }
        if !differs.is_empty() {
            return Err(StepError::Failed(format!(
                "{} isn’t as the plan says: {}",
                self.plan.target,
                differs.join("; ")
            )));
        }
        let (host, port) = made
            .endpoint
            .ok_or_else(|| StepError::Failed("AWS tells no address of it".into()))?;
        Ok(format!("{host}:{port}, resource {}", made.resource_id))
    }

    /// The same looks as at any restored copy, by the role that reads the live database: it was restored with it.
    async fn check_database(&self) -> Result<String, StepError> {
        let made = self.available().await?;
        let (host, port) = made
            .endpoint
            .ok_or_else(|| StepError::Failed("AWS tells no address of it".into()))?;
        let live = self.database.options.clone();
        let options = match host.starts_with('/') {
            true => live.socket(&host),
            false => live.host(&host),
        };
        let options = options.port(port).database(&self.plan.database);
        let db = AmporaDb::new(options.clone(), self.database.schema.clone());
        let looked = self.look_into(&db).await;
        db.close().await;
        let looked = looked?;
        self.report(options).await?;
        Ok(looked)
    }

    /// What the new instance lacks and revives, its roles included. Who may only read can become nobody, so of tenants kept apart it tells
    /// what that role may see of it.
    async fn report(&self, copy: PgConnectOptions) -> Result<(), StepError> {
        let isolation = adapters::ampora::isolation(&copy, &copy).await;
        let silence = report::of_copy(self.run, self.deployment, (copy, true), isolation).await?;
        if let Some(silence) = silence {
            self.run
                .note(self.run.place_of(plans::CHECK_DATABASE), &silence)
                .await?;
        }
        Ok(())
    }

    async fn look_into(&self, db: &AmporaDb) -> Result<String, StepError> {
        let found = db.essentials().await.map_err(failed)?;
        if found.tenants == 0 || found.authorities == 0 {
            return Err(StepError::Failed(format!(
                "{} holds {} tenants and {} certificate authorities: Ampora must not start on it",
                self.plan.target, found.tenants, found.authorities
            )));
        }
        let (memory, now) = (self.run.memory(), self.run.services.clock.now());
        let ring = keys::read_ring(self.deployment, &memory, &self.run.actor, now)
            .await
            .map_err(StepError::Failed)?;
        let tried = keys::try_live(&self.deployment.layout, &ring, db)
            .await
            .map_err(failed)?;
        let all = tried.parsed() + tried.unparsed;
        let opener = (0..ring.held.len()).find(|index| all > 0 && tried.opened_by(*index) == all);
        let Some(opener) = opener else {
            return Err(StepError::Failed(format!(
                "no key at hand opens all of its {all} sampled envelopes"
            )));
        };
        Ok(format!(
            "{} tenants, {} certificate authorities; {} opens all {all} sampled envelopes",
            found.tenants,
            found.authorities,
            ring.held[opener].name()
        ))
    }

    async fn made(&self) -> Result<Option<Instance>, StepError> {
        self.rds.instance(self.plan.target.as_str()).await.map_err(failed)
    }

    /// Only what carries this run's tag is this run's.
    async fn available(&self) -> Result<Instance, StepError> {
        let run = self.run.run().to_string();
        let made = self.made().await?.filter(|made| made.run.as_deref() == Some(&run));
        made.ok_or_else(|| StepError::Failed(format!("{} isn’t this run’s any more", self.plan.target)))
    }
}

fn failed(error: impl std::error::Error) -> StepError {
    StepError::Failed(error.to_string())
}
