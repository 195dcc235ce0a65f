//! A managed database at another moment. RDS makes a new instance beside the old one, so this is a "different database": nothing that exists is
//! touched, and Ampora is pointed at it by a request of its own.

use adapters::rds::{Instance, Managed, Rds};
use domain::plan::{Advisory, InstanceName, InstanceShape, Moved, Pinned, Plan, RecoveryStop, RestoreRds, Step};
use domain::time::{Timestamp, rfc3339};

use super::Planner;
use super::cost::Back;
use crate::Error;
use crate::settings::Source;

pub const VERIFY: &str = "verify";
pub const CREATE: &str = "create-instance";
pub const WAIT: &str = "wait-available";
pub const CHECK_INSTANCE: &str = "check-instance";
pub const CHECK_DATABASE: &str = "check-database";

/// The word for the latest restorable time.
const LATEST: &str = "latest";

/// What AWS says of the source.
struct Found {
    source: Instance,
    managed: Managed,
}

impl Planner<'_> {
    pub(super) async fn restore_rds(&self, source: &str, at: &str, instance: &str) -> Result<Plan, Error> {
        let rds = self.rds(source)?;
        let stop = stop(at)?;
        let target = instance
            .parse::<InstanceName>()
            .map_err(|error| Error::invalid(error.to_string()))?;
        let found = found(rds).await?;
        let mut reasons = against(&found, stop);
        match rds.instance(target.as_str()).await {
            Ok(None) => {}
            Ok(Some(_)) => reasons.push(format!("There is an instance {target} already. Choose another name.")),
            Err(error) => reasons.push(format!("{error}.")),
        }
        let database = self
            .deployment
            .database
            .as_ref()
            .and_then(|live| live.options.get_database());
        let Some(database) = database else {
            reasons
                .push("Which database of the instance is Ampora’s isn’t configured: set [deployment.database].".into());
            return Err(Error::Invalid(reasons));
        };
        if !reasons.is_empty() {
            return Err(Error::Invalid(reasons));
        }
        let Found { source: of, managed } = found;
        let plan = RestoreRds {
            deployment: self.deployment.name.clone(),
            source: rds.name.clone(),
            region: managed.region.clone(),
            steps: steps(&of, &target, &of.shape),
            instance: of.identifier,
            resource_id: of.resource_id,
            stop,
            target,
            shape: of.shape,
            database: database.to_owned(),
        };
        Ok(Plan {
            advisory: self.rds_advisory(&plan, managed.latest_restorable()).await,
            pinned: Pinned::from(plan),
            made_at: self.clock.now(),
        })
    }

    /// The configured source of this name.
    fn rds(&self, source: &str) -> Result<&Rds, Error> {
        match self.deployment.sources.iter().find(|known| known.name() == source) {
            Some(Source::Rds(rds)) => Ok(rds),
            Some(other) => Err(Error::invalid(format!(
                "{source} is a source of kind {}; a new instance is made of an RDS instance only.",
                other.kind()
            ))),
            None => Err(Error::invalid(format!("There is no source {source:?}."))),
        }
    }

    async fn rds_advisory(&self, plan: &RestoreRds, latest: Option<Timestamp>) -> Advisory {
        let (at, sure) = match plan.stop {
            RecoveryStop::Time { time, .. } => (Some(time), true),
            RecoveryStop::Latest => (latest, false),
        };
        let now = self.clock.now();
        let mut warnings = vec![
            "A new instance is made and costs what the old one does. Ampora goes on with the old one until it is pointed at the new.".to_owned(),
            "AWS fills the new instance from its storage while it runs: the first queries are slow.".into(),
        ];
        let cost = match at {
            Some(at) => {
                let back = Back {
                    at,
                    exclusive: false,
                    sure,
                    known: None,
                    cluster: true,
                };
                self.cost(None, &back, now).await
            }
            None => {
                warnings
                    .push("AWS doesn’t tell its latest restorable time, so what the copy lacks can’t be told.".into());
                super::cost::Cost::unknown(&domain::plan::Revived::ALL, "the moment isn’t known")
            }
        };
        let took = self.took("restore-rds", &plan.source).await;
        Advisory {
            data_loss: cost.loss,
            resurrections: cost.revived,
            durations: took.whole,
            phases: took.phases,
            warnings,
        }
    }
}

fn stop(at: &str) -> Result<RecoveryStop, Error> {
    if at.trim() == LATEST {
        return Ok(RecoveryStop::Latest);
    }
    let parsed = chrono::DateTime::parse_from_rfc3339(at.trim());
    let time = parsed.map_err(|_| {
        Error::invalid(format!(
            "{at:?} is no time with an offset, such as 2026-04-01T02:00:00Z, and not the word {LATEST}."
        ))
    })?;
    Ok(RecoveryStop::Time {
        time: time.to_utc(),
        exclusive: false,
    })
}

async fn found(rds: &Rds) -> Result<Found, Error> {
    let unreadable = |error: adapters::rds::RdsError| Error::invalid(format!("{error}."));
    let source = rds.instance(&rds.instance).await.map_err(unreadable)?;
    let source = source.ok_or_else(|| {
        Error::invalid(format!(
            "The instance {} is gone: its retained backups are restored by AWS’s own console, and Ampora is pointed at the result.",
            rds.instance
        ))
    })?;
    let managed = rds.read().await.map_err(unreadable)?;
    Ok(Found { source, managed })
}

fn against(found: &Found, stop: RecoveryStop) -> Vec<String> {
    let Found { source, managed } = found;
    let mut reasons = Vec::new();
    if let Some(cluster) = &source.cluster {
        reasons.push(format!(
            "{} belongs to the cluster {cluster}: Muster makes new instances only, no clusters.",
            source.identifier
        ));
    }
    if source.retention_days == 0 {
        reasons.push(format!(
            "{} has no automated backups, so AWS restores it to no point in time.",
            source.identifier
        ));
        return reasons;
    }
    let RecoveryStop::Time { time, .. } = stop else {
        return reasons;
    };
    let earliest = managed.automated.iter().filter_map(|backup| backup.earliest).min();
    match managed.latest_restorable() {
        Some(latest) if time > latest => reasons.push(format!(
            "{} lies behind the latest restorable time, {}. Ask for that, or for latest.",
            rfc3339(time),
            rfc3339(latest)
        )),
        Some(_) => {}
        None => reasons.push("AWS doesn’t tell up to when it can restore.".into()),
    }
    match earliest {
        Some(earliest) if time < earliest => reasons.push(format!(
            "{} lies before the earliest restorable time, {}.",
            rfc3339(time),
            rfc3339(earliest)
        )),
        Some(_) | None => {}
    }
    reasons
}

/// None of them is destructive: an instance that an interrupted try had made carries the run's tag, and is found again.
fn steps(source: &Instance, target: &InstanceName, shape: &InstanceShape) -> Vec<Step> {
    let groups = shape.security_groups.join(", ");
    vec![
        Step::new(VERIFY, "Reads every fact of this plan again."),
        Step::new(
            CREATE,
            format!(
                "Has AWS make {target} of {}, class {}, security groups {groups}, tagged with this run. It isn’t reachable from the internet.",
                source.identifier, shape.class
            ),
        ),
        Step::new(
            WAIT,
            "Waits until AWS says that it is available. That takes from minutes to hours.",
        ),
        Step::new(
            CHECK_INSTANCE,
            "Compares the new instance with the old one: class, version, networks, parameters, zones, encryption.",
        ),
        Step::new(
            CHECK_DATABASE,
            "Looks into the restored database: tenants, certificate authorities, and that a key at hand opens its envelopes. Then writes down what it lacks and what comes back to life in it.",
        ),
    ]
}

/// Plans the same restore again and names what is no longer as it was approved.
///
/// # Errors
/// [`Error::Stale`] if a pinned fact moved, [`Error::Invalid`] if it can't be planned at all any more.
pub async fn check_facts(planner: &Planner<'_>, approved: &RestoreRds) -> Result<(), Error> {
    let at = match approved.stop {
        RecoveryStop::Time { time, .. } => rfc3339(time),
        RecoveryStop::Latest => LATEST.into(),
    };
    let plan = planner
        .restore_rds(&approved.source, &at, approved.target.as_str())
        .await?;
    let moved = Pinned::from(approved.clone()).moved(&plan.pinned);
    if moved.is_empty() {
        Ok(())
    } else {
        Err(Error::Stale(moved.iter().map(Moved::sentence).collect()))
    }
}
