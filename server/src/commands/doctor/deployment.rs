//! One deployment: can each of its systems be reached, with the rights that Muster needs?

use adapters::manager::{ManagerError, SecretManager as _};
use adapters::postgres::TargetServer;
use domain::role::Actor;
use domain::status::Status;
use domain::vitals::Vitals;
use recovery::keys::Memory;
use recovery::settings::{Deployment, InUse, KeyPlace, MasterKey, Restore};
use recovery::{Clock, collect};

use super::{Check, rights};

/// How far this machine's clock and a database's may differ, in seconds.
const SKEW: i64 = 5;

pub async fn checks(deployment: &Deployment) -> Vec<Check> {
    let now = Clock::system().now();
    let name = |what: &str| format!("{}: {what}", deployment.name);
    let vitals = collect::vitals(deployment).await;
    let mut checks = vec![live(name("live database"), &vitals, now)];
    let (actor, memory) = (Actor::job("shell"), Memory::None);
    let reached = collect::reach(deployment, vitals.as_ref().ok(), &memory, &actor, now).await;
    checks.extend(
        reached
            .into_iter()
            .map(|(what, status, says)| Check::new(name(&what), status, says)),
    );
    if let Some(sandbox) = &deployment.drills.sandbox {
        let hold = sandbox.places.hold().await;
        let status = if hold.together { Status::Ok } else { Status::Unknown };
        checks.push(Check::new(name("limits of drills"), status, hold.detail).advice());
    }
    checks.extend(rights::checks(deployment).await.into_iter().map(Check::advice));
    if let Some(heartbeat) = &deployment.heartbeat {
        let said = |()| {
            format!(
                "its role may renew one row and nothing else; every {} s",
                heartbeat.every.as_secs()
            )
        };
        checks.push(Check::of(name("heartbeat"), heartbeat.writer.check().await, said));
    }
    checks.push(match &deployment.restore {
        Some(restore) => target(name("server to restore into"), restore).await,
        None => Check::new(
            name("server to restore into"),
            Status::Unknown,
            "admin_url isn't set under [deployment.restore]",
        ),
    });
    match &deployment.master_key {
        Some(key) => {
            checks.push(manager(name("secret manager"), &key.place).await);
            for replica in &key.replicas {
                checks.push(manager(name(&format!("replica {}", replica.name)), &replica.place).await);
            }
            checks.push(in_use(name("key in use"), key).await);
        }
        None => checks.push(Check::new(
            name("secret manager"),
            Status::Unknown,
            "none is configured",
        )),
    }
    checks
}

fn live(what: String, vitals: &Result<Vitals, String>, now: domain::time::Timestamp) -> Check {
    match vitals {
        Ok(vitals) => {
            let apart = (now - vitals.read_at).num_seconds().abs();
            let status = if apart <= SKEW { Status::Ok } else { Status::Broken };
            let said = format!("PostgreSQL {}, clocks {apart} s apart", vitals.server_version);
            Check::new(what, status, said)
        }
        Err(reason) => Check::new(what, Status::Broken, reason.clone()),
    }
}

async fn target(what: String, restore: &Restore) -> Check {
    match TargetServer::new(restore.admin.clone()).facts().await {
        Ok(facts) if !facts.roles.contains(&restore.owner) => {
            let advice = format!(
                "{} has no role {:?}, which restored databases belong to",
                facts.server, restore.owner
            );
            Check::new(what, Status::Broken, advice)
        }
        Ok(facts) => Check::new(
            what,
            Status::Ok,
            format!("PostgreSQL {} at {}", facts.version, facts.server),
        ),
        Err(error) => Check::new(what, Status::Broken, error.to_string()),
    }
}

/// Lists versions. A value is read for a proof, not for a check-up.
async fn manager(what: String, place: &KeyPlace) -> Check {
    let name = place.manager.name();
    match place.manager.describe().await {
        Ok(secret) => {
            let current = secret.current();
            let said = match current {
                Some(current) => format!("{} versions in {name}, {} current", secret.versions.len(), current.name),
                None => format!("{} versions in {name}, none of them current", secret.versions.len()),
            };
            let said = std::iter::once(said).chain(secret.remarks.iter().cloned());
            let status = if current.is_some() { Status::Ok } else { Status::Broken };
            Check::new(what, status, said.collect::<Vec<_>>().join("; "))
        }
        Err(error @ ManagerError::Unsupported(..)) => Check::new(what, Status::Unknown, error.to_string()),
        Err(error) => Check::new(what, Status::Broken, error.to_string()),
    }
}

/// Asks whether it is there. Its values are read for a proof, not for a check-up.
async fn in_use(what: String, key: &MasterKey) -> Check {
    match &key.in_use {
        Some(InUse::EnvFile(file)) => Check::of(what, std::fs::File::open(&file.path), |_| {
            file.path.display().to_string()
        }),
        Some(InUse::Kubernetes(secret)) => Check::of(what, secret.secret.describe().await, |_| secret.name()),
        None => Check::new(what, Status::Unknown, "in_use isn't set under [deployment.master_key]"),
    }
}
