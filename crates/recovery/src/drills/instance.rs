//! A drill's temporary instance at AWS: made only where people agreed to exactly this copy, written down before it is asked for, looked at by
//! the role that reads production, and deleted on every way out.

mod removal;

use std::time::Duration;

use adapters::rds::{Instance, Made, RdsError, Wanted};
use adapters::sandbox::{Copy, Lookup};
use domain::audit::Outcome;
use domain::drill::{Failure, Isolation, IsolationKind, PhaseName, TemporaryInstance};
use domain::ids::Big;
use domain::time::{bytes, rfc3339};
use store::requests::Stored;
use tokio::time::{Instant as Clock, sleep};

use super::checks::Copied;
use super::execution::{Execution, Stop};
use super::managed::{Managed, Moment};
use crate::audit::Act;
use crate::plans::drill_on_rds as plans;
use crate::{Error, approvals};

pub use removal::{clear_abandoned, remove, sweep};

/// Between two questions whether it is there; AWS limits how many are asked.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);
/// How long AWS may take to list what it says it makes.
const UNLISTED: Duration = Duration::from_mins(5);
/// How long a new instance's name may take to be known, and its server to answer.
const ANSWER: Duration = Duration::from_mins(5);
const NO_DATABASE: &str = "configure the live database: [deployment.database]";

/// All phases between the choice and the checks.
///
/// # Errors
/// If one broke or was stopped.
pub async fn phases(run: &Execution, managed: &Managed, moment: Moment) -> Result<(Copied, Copy), Stop> {
    let approval = run.phase(PhaseName::Prepare, approved(run, managed)).await?;
    run.with(|drill| {
        drill.instance = Some(record(run.services.clock.now(), managed, moment, drill.id));
        drill.isolation = Isolation {
            kind: IsolationKind::Elsewhere,
            detail: "the copy is an instance of its own at AWS, and nothing of it runs on Muster’s host; its networks are what keeps it apart".into(),
        };
    });
    run.phase(PhaseName::Create, create(run, managed, moment, &approval))
        .await?;
    let made = run.phase(PhaseName::Available, available(run, managed)).await?;
    run.phase(PhaseName::Connect, connect(run, &made, moment)).await
}

/// Exactly this copy, or none.
async fn approved(run: &Execution, managed: &Managed) -> Result<(Stored, String), Failure> {
    let (name, source) = (run.deployment.name.as_str(), managed.rds.name.as_str());
    let found = approvals::standing_on_rds(&run.services, name, source, &managed.copy).await;
    let found = found.map_err(|error| {
        let ask = format!("ask for it: `muster plan drill-on-rds --deployment {name} --source {source} --days 90`, or Requests in the console");
        let words = match error {
            Error::Evidence(words) => words,
            other => other.to_string(),
        };
        Failure::of_environment("not-approved", words, ask)
    })?;
    let words = format!("this copy was agreed to in request {}", found.request.number);
    Ok((found, words))
}

fn record(
    asked_at: domain::time::Timestamp,
    managed: &Managed,
    moment: Moment,
    drill: domain::ids::DrillId,
) -> TemporaryInstance {
    TemporaryInstance {
        source: managed.rds.name.clone(),
        region: managed.copy.region.clone(),
        of: managed.source.identifier.clone(),
        of_resource_id: managed.source.resource_id.clone(),
        name: TemporaryInstance::name_of(drill),
        resource_id: None,
        arn: None,
        restored_to: moment.exact.then_some(moment.at),
        asked_at,
        gone_at: None,
    }
}

async fn create(
    run: &Execution,
    managed: &Managed,
    moment: Moment,
    approval: &Stored,
) -> Result<((), String), Failure> {
    let (id, name) = (run.id().to_string(), TemporaryInstance::name_of(run.id()));
    announce(run, managed, &name, approval).await.map_err(|error| {
        Failure::of_environment(
            "not-announced",
            format!("nothing was made, since it could not be written into the audit log: {error}"),
            "see whether Muster’s own database takes entries of the audit log",
        )
    })?;
    let wanted = Wanted {
        target: &name,
        at: moment.exact.then_some(moment.at),
        shape: &plans::shape(&managed.copy, &managed.source),
        tags: &[
            (TemporaryInstance::TAG, &id),
            (TemporaryInstance::DEPLOYMENT_TAG, &run.deployment.name),
        ],
    };
    let made = match managed.rds.restore(&managed.source, wanted).await {
        // A call that was made twice since its answer was lost; whose it is shows by its tag.
        Err(RdsError::Aws(error))
            if error
                .code()
                .is_some_and(|code| code.starts_with("DBInstanceAlreadyExists")) =>
        {
            Made::default()
        }
        made => made.map_err(|error| error.blame())?,
    };
    run.with(|drill| {
        if let Some(instance) = &mut drill.instance {
            (instance.resource_id, instance.arn) = (made.resource_id, made.arn);
        }
    });
    Ok(((), format!("AWS makes {name}")))
}

/// The entry is there before AWS is asked.
async fn announce(run: &Execution, managed: &Managed, name: &str, approval: &Stored) -> Result<(), Error> {
    let act = Act::new(&run.actor, "drill.make-instance", format!("drill {}", run.id()));
    let act = act
        .deployment(&run.deployment.name)
        .detail("request", approval.request.number)
        .detail("plan_sha256", approval.request.digest)
        .detail("instance", name)
        .detail("of", &managed.source.resource_id);
    let mut tx = run.services.store.begin().await?;
    act.fact(&mut tx, Outcome::Ok, run.services.clock.now()).await?;
    tx.commit().await.map_err(store::StoreError::from)?;
    Ok(())
}

/// Waits until AWS has made it, and makes sure that it is what was asked for.
async fn available(run: &Execution, managed: &Managed) -> Result<(Instance, String), Failure> {
    let (name, began) = (TemporaryInstance::name_of(run.id()), Clock::now());
    let (mut pause, mut seen) = (FIRST, false);
    loop {
        match managed.rds.instance(&name).await {
            Ok(Some(found)) => {
                seen = true;
                is_own(run, &found)?;
                if found.status == "available" {
                    is_as_asked(managed, &found)?;
                    let words = format!("{name} is available, resource {}", found.resource_id);
                    return Ok((found, words));
                }
                went_wrong(&found)?;
            }
            Ok(None) if seen || began.elapsed() > UNLISTED => {
                return Err(Failure::of_environment(
                    "instance-gone",
                    format!("AWS knows no instance {name} any more"),
                    "see in CloudTrail who deleted it",
                ));
            }
            // A question without an answer is asked again, as long as the drill may take.
            Ok(None) => {}
            Err(error) if error.may_pass() => {}
            Err(error) => return Err(error.blame()),
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST);
    }
}

/// The very instance that AWS said it makes; where AWS didn't say, the one with the drill's tag is written down now.
fn is_own(run: &Execution, found: &Instance) -> Result<(), Failure> {
    let stranger = |why: &str| {
        Failure::of_environment(
            "name-taken",
            format!("{} isn’t this drill’s: {why}", found.identifier),
            "look at who made it; Muster doesn’t touch it",
        )
    };
    if found.drill.as_deref() != Some(run.id().to_string().as_str()) {
        return Err(stranger("it doesn’t carry the drill’s tag"));
    }
    run.with(|drill| {
        let Some(instance) = &mut drill.instance else {
            return Ok(());
        };
        let recorded = instance.resource_id.get_or_insert_with(|| found.resource_id.clone());
        if *recorded != found.resource_id {
            return Err(stranger("AWS said that it makes one with another resource id"));
        }
        instance.arn = instance.arn.take().or_else(|| found.arn.clone());
        Ok(())
    })
}

/// The states that an instance doesn't come out of.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html>
fn went_wrong(found: &Instance) -> Result<(), Failure> {
    let words = format!("AWS says that {} is {}", found.identifier, found.status);
    match found.status.as_str() {
        "failed" | "incompatible-restore" => Err(Failure::of_backup("restore-failed", words)),
        "incompatible-network"
        | "incompatible-parameters"
        | "incompatible-option-group"
        | "incompatible-create"
        | "insufficient-capacity"
        | "storage-full"
        | "restore-error"
        | "inaccessible-encryption-credentials"
        | "deleting" => Err(Failure::of_environment(
            "instance-not-made",
            words,
            "look at the events of RDS for this instance, and at [deployment.source.drill]",
        )),
        _ => Ok(()),
    }
}

fn is_as_asked(managed: &Managed, found: &Instance) -> Result<(), Failure> {
    let text = |key: &Option<String>| key.clone().unwrap_or_else(|| "none".into());
    let (wanted, is) = (&managed.copy.kms_key, &found.shape.kms_key);
    if wanted != is {
        return Err(Failure::of_backup(
            "other-encryption",
            format!("the copy is encrypted with {} instead of {}", text(is), text(wanted)),
        ));
    }
    let mut differs = plans::shape(&managed.copy, &managed.source).differences(&found.shape);
    if found.public != Some(false) {
        differs.push("it may be reachable from the internet".into());
    }
    if differs.is_empty() {
        return Ok(());
    }
    Err(Failure::of_environment(
        "came-out-otherwise",
        format!(
            "{} isn’t as it was asked for, so nobody looked into it: {}",
            found.identifier,
            differs.join("; ")
        ),
        "see who changes instances in this account, and whether the names in [deployment.source.drill] exist",
    ))
}

/// By the role that reads production: it was restored with everything else.
async fn connect(run: &Execution, made: &Instance, moment: Moment) -> Result<((Copied, Copy), String), Failure> {
    let Some(live) = &run.deployment.database else {
        return Err(Failure::of_environment(
            "no-database",
            "nobody knows by which role to look into the copy",
            NO_DATABASE,
        ));
    };
    let (host, port) = made.endpoint.clone().ok_or_else(|| {
        Failure::of_environment(
            "no-address",
            "AWS tells no address of the copy",
            "start the drill again",
        )
    })?;
    let database = live.options.get_database().unwrap_or("ampora").to_owned();
    let options = match host.starts_with('/') {
        true => live.options.clone().socket(&host),
        false => live.options.clone().host(&host),
    };
    let copy = Copy::elsewhere(options.port(port), &database);
    let (version, whole) = answers(&copy, &format!("{host}:{port}")).await?;
    run.with(|drill| {
        drill.figures.versions.insert("postgresql".into(), version.clone());
        drill.figures.restored_bytes = Some(Big(whole.size));
        if !whole.closed.is_empty() {
            let closed = whole.closed.join(", ");
            drill.warnings.push(format!(
                "nobody looked into {closed}: Muster’s role may not connect there"
            ));
        }
    });
    let words = format!("PostgreSQL {version} at {host}:{port}, {}", bytes(whole.size));
    Ok(((Copied::managed(database, whole.control, moment), copy), words))
}

/// The first answer of a new server, whose name may not be known everywhere yet.
async fn answers(copy: &Copy, place: &str) -> Result<(String, adapters::sandbox::Whole), Failure> {
    let (began, mut pause) = (Clock::now(), FIRST);
    loop {
        let asked = async { Ok::<_, Lookup>((copy.version().await?.0, copy.whole().await?)) };
        match asked.await {
            Ok(told) => return Ok(told),
            Err(error) if began.elapsed() > ANSWER || is_refusal(&error) => {
                return Err(Failure::of_environment(
                    "copy-unreachable",
                    format!("the copy at {place} can’t be asked: {error}"),
                    "let Muster’s host reach it (security groups of [deployment.source.drill]), with the role, the password and the TLS authority \
                     that it reads production with",
                ));
            }
            Err(_) => {}
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST);
    }
}

/// What doesn't change by waiting: who isn't let in, and a certificate that isn't believed.
fn is_refusal(error: &Lookup) -> bool {
    let words = error.to_string();
    ["password", "certificate", "pg_hba", "does not exist", "permission"]
        .iter()
        .any(|word| words.contains(word))
}

/// The name of the moment, for the record.
#[must_use]
pub fn called(instance: &TemporaryInstance, label: &str) -> String {
    let moment = instance
        .restored_to
        .map_or_else(|| format!("the latest, {label} or later"), rfc3339);
    format!("{} of {} as of {moment}", instance.identity(), instance.of)
}
