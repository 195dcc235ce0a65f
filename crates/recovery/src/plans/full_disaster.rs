//! "Full disaster": the documented list, in its order, as one plan. Everything that people agree to is known before anything is made: the
//! dump was read to its end, the key was tried on it, and the manifests were rendered and compared with what the cluster has.

mod ground;
mod image;
mod steps;

use domain::ids::Big;
use domain::plan::{Change, FullDisaster, Holds, Manifests, Moved, NewCluster, Pinned, Plan, RestoreDump, RetrieveKey};

use super::restore_dump::Resolved;
use super::{Disaster, Planner};
use crate::Error;
pub use ground::Ground;
use ground::Looked;
pub use steps::{
    AGENTS, APPLY, CHECK_CLUSTER, CHECK_DATABASE, CHECK_ENVELOPES, CHECK_SECRET, CHECKLIST, LEAD, NAME, START,
    START_ONE, TLS, VERIFY,
};

impl Planner<'_> {
    pub(super) async fn full_disaster(&self, wished: &Disaster) -> Result<Plan, Error> {
        let ground = Ground::of(self.deployment)?;
        let mut reasons = Vec::new();
        // Kept off the stack, as everything that looks is: a worker's is small.
        let dump = Box::pin(self.resolve_dump(&wished.source, &wished.backup, &wished.database));
        let dump = kept(dump.await, &mut reasons)?;
        let key = Box::pin(self.key_for(&ground, wished)).await;
        let key = kept(key, &mut reasons)?.and_then(key_of);
        let holds = dump.as_ref().and_then(|dump| self.holds(dump, &mut reasons));
        if let (Some(dump), Some(key)) = (&dump, &key) {
            reasons.extend(against_key(&dump.pinned, key));
        }
        let head = holds.as_ref().map(|holds| holds.migration_head.as_str());
        let looked = Box::pin(ground.look(self, key.as_ref(), head, &mut reasons)).await;
        let (Some(dump), Some(key), Some(holds), Some(looked), true) = (dump, key, holds, looked, reasons.is_empty())
        else {
            return Err(Error::Invalid(reasons));
        };
        let mut advisory = dump.advisory;
        advisory.warnings.extend(warnings(&looked));
        let took = self.took("full-disaster", &wished.source).await;
        (advisory.durations, advisory.phases) = (took.whole, took.phases);
        Ok(Plan {
            pinned: Pinned::from(pinned(self, &ground, dump.pinned, holds, key, looked)),
            advisory,
            made_at: dump.at,
        })
    }

    /// The key, into the Secret that is wished for, or else the one that the manifests name.
    async fn key_for(&self, ground: &Ground<'_>, wished: &Disaster) -> Result<Plan, Error> {
        let name = match wished.name.trim() {
            "" => ground.key_secret().await?,
            named => named.to_owned(),
        };
        self.bring_key(&wished.version, &wished.destination, &name).await
    }

    /// What the dump holds of what Ampora must find. On an empty database it would make an authority of its own, which no agent knows.
    fn holds(&self, dump: &Resolved, reasons: &mut Vec<String>) -> Option<Holds> {
        let (schema, backup) = (self.deployment.schema(), &dump.pinned.backup);
        let tenants = rows(&dump.pinned, &schema.tenants);
        let authorities = rows(&dump.pinned, &schema.authorities.table);
        if tenants == 0 {
            reasons.push(format!("{backup} has no tenants."));
        }
        if authorities == 0 {
            reasons.push(format!(
                "{backup} has no certificate authority: Ampora would make a new one, which no agent knows."
            ));
        }
        let Some(migration_head) = dump.migration_head.clone() else {
            reasons.push(format!(
                "{backup} doesn’t tell at which migration it is, so no image can be found that fits it."
            ));
            return None;
        };
        Some(Holds {
            tenants: Big(tenants),
            authorities: Big(authorities),
            migration_head,
        })
    }
}

/// What could be resolved; reasons against it are collected, so that nobody has to find them one by one.
fn kept<T>(resolved: Result<T, Error>, reasons: &mut Vec<String>) -> Result<Option<T>, Error> {
    match resolved {
        Ok(resolved) => Ok(Some(resolved)),
        Err(Error::Invalid(more)) => {
            reasons.extend(more);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn key_of(plan: Plan) -> Option<RetrieveKey> {
    match plan.pinned {
        Pinned::RetrieveKey(key) => Some(key),
        _ => None,
    }
}

/// Rows of a table of the schema, whose names in the dump have theirs before them.
fn rows(dump: &RestoreDump, table: &str) -> u64 {
    let named = |name: &str| name == table || name.split_once('.').is_some_and(|(_, own)| own == table);
    let counted = dump.rows.iter().find(|(name, _)| named(name));
    counted.map_or(0, |(_, rows)| rows.0)
}

/// Only the key that opens all of the dump may be delivered.
fn against_key(dump: &RestoreDump, key: &RetrieveKey) -> Option<String> {
    match &dump.key_fingerprint {
        None => Some(format!(
            "No key at hand opens {}: nothing proves which one Ampora needs, and with another its secrets stay locked.",
            dump.backup
        )),
        Some(opens) if *opens != key.fingerprint => Some(format!(
            "Version {} is key {}, and {} opens with key {}: choose the version that holds that one.",
            key.version,
            key.fingerprint.short(),
            dump.backup,
            opens.short()
        )),
        Some(_) => None,
    }
}

fn warnings(looked: &Looked) -> Vec<String> {
    let mut warnings = looked.warnings.clone();
    warnings.push(
        "Whatever is left of the old Ampora must not come back while this runs: with the old database behind it, agents would be told two \
         things."
            .into(),
    );
    warnings
        .push("Once one pod runs on the restored database there is no way back without losing what it writes.".into());
    warnings
}

fn pinned(
    planner: &Planner<'_>,
    ground: &Ground<'_>,
    database: RestoreDump,
    holds: Holds,
    key: RetrieveKey,
    looked: Looked,
) -> FullDisaster {
    let mut plan = FullDisaster {
        deployment: planner.deployment.name.clone(),
        cluster: NewCluster {
            cluster: looked.cluster,
            namespace: ground.overlay.namespace.clone(),
            name: ground.installation.name(),
            replicas: looked.replicas,
            brought: looked.brought,
            connection: super::repoint::secret_name(&database.target.database),
        },
        database,
        holds,
        key,
        manifests: Manifests {
            overlay: ground.overlay.folder.display().to_string(),
            sha256: looked.sha256,
            image: looked.image.image,
            image_because: looked.image.because,
            changes: looked.changes,
        },
        steps: Vec::new(),
    };
    plan.steps = steps::steps(&plan);
    plan
}

/// Plans the same again and names what is no longer as it was approved.
///
/// # Errors
/// [`Error::Stale`] if a pinned fact moved, [`Error::Invalid`] if it can't be planned at all any more.
pub async fn check_facts(planner: &Planner<'_>, approved: &FullDisaster) -> Result<(), Error> {
    let wished = wished(approved);
    let plan = Box::pin(planner.full_disaster(&wished)).await?;
    let moved = Pinned::from(approved.clone()).moved(&plan.pinned);
    if moved.is_empty() {
        Ok(())
    } else {
        Err(Error::Stale(moved.iter().map(Moved::sentence).collect()))
    }
}

/// What applying does to one object, line by line, as the log has it.
#[must_use]
pub fn told(change: &Change) -> Vec<String> {
    let object = &change.object;
    match (change.new, change.lines.as_slice()) {
        (true, _) => vec![format!("{object}: new")],
        (false, []) => vec![format!("{object}: stays")],
        (false, lines) => lines.iter().map(|line| format!("{object} {line}")).collect(),
    }
}

/// What leads to this plan.
fn wished(plan: &FullDisaster) -> Disaster {
    let (destination, name) = match &plan.key.delivery {
        domain::plan::Delivery::Placed(place) => (place.destination.clone(), place.name.to_string()),
        _ => Default::default(),
    };
    Disaster {
        deployment: plan.deployment.clone(),
        source: plan.database.source.clone(),
        backup: plan.database.backup.clone(),
        database: plan.database.target.database.to_string(),
        version: plan.key.version.clone(),
        destination,
        name,
    }
}
