//! A plan as `muster.plan/1`, the same at the command line and behind a request.

use domain::plan::{Delivery, Pinned, Plan, Reach, RecoveryStop, Setup};
use serde_json::{Value, json};

/// The document. Fields only grow.
#[must_use]
pub fn document(plan: &Plan) -> Value {
    let pinned = &plan.pinned;
    let backup = match pinned {
        Pinned::RestoreDump(plan) => Some(&plan.backup),
        Pinned::RestorePitr(plan) => Some(&plan.backup),
        Pinned::FullDisaster(plan) => Some(&plan.database.backup),
        Pinned::RetrieveKey(_)
        | Pinned::KeyCatchUp(_)
        | Pinned::Repoint(_)
        | Pinned::RestoreRds(_)
        | Pinned::DrillOnRds(_)
        | Pinned::DrillWithKey(_) => None,
    };
    let target_time = match pinned {
        Pinned::RestorePitr(plan) => moment(plan.stop),
        Pinned::RestoreRds(plan) => moment(plan.stop),
        Pinned::RestoreDump(_)
        | Pinned::RetrieveKey(_)
        | Pinned::KeyCatchUp(_)
        | Pinned::Repoint(_)
        | Pinned::FullDisaster(_)
        | Pinned::DrillOnRds(_)
        | Pinned::DrillWithKey(_) => None,
    };
    json!({
        "schema": "muster.plan/1",
        "digest": pinned.digest(),
        "deployment": pinned.deployment(),
        "kind": pinned.kind(),
        "backup": backup,
        "target_time": target_time,
        "made_at": domain::time::rfc3339(plan.made_at),
        "pinned": pinned,
        "advisory": plan.advisory,
        "steps": pinned.steps(),
        "preconditions": preconditions(pinned),
    })
}

/// What the runner makes sure of right before it acts, in words.
#[must_use]
pub fn preconditions(pinned: &Pinned) -> Vec<String> {
    match pinned {
        Pinned::RestoreDump(plan) => vec![
            format!("The dump {} still has the SHA-256 {}.", plan.backup, plan.dump_sha256),
            format!(
                "{} is the cluster {} with version {}.",
                plan.target.server, plan.target.system_identifier, plan.target.server_version
            ),
            format!("No database named {} exists there.", plan.target.database),
        ],
        Pinned::RestorePitr(plan) => vec![
            format!(
                "The manifest of {} still has the SHA-256 {}.",
                plan.backup, plan.manifest_sha256
            ),
            format!(
                "All WAL from {} to {} is in repo{}.",
                plan.replay_from, plan.expected_end, plan.repo
            ),
            format!(
                "{} on {} is the cluster {}, of PostgreSQL {}.",
                plan.server.pgdata, plan.server.host, plan.server.system_identifier, plan.server.major
            ),
            "No manager looks after the server, nothing follows it, and no other run holds the host.".into(),
            match plan.in_place {
                None => {
                    "Somebody else than who asked has decided, at the pause, that the copy takes the cluster’s place."
                        .into()
                }
                Some(kept) => format!(
                    "Before a file is replaced the server is down, its WAL is archived, and {} is copied aside.",
                    kept.word()
                ),
            },
        ],
        Pinned::RetrieveKey(plan) => {
            let mut conditions = vec![format!(
                "Version {} of {} still has the fingerprint {}.",
                plan.version, plan.manager, plan.fingerprint
            )];
            if let Delivery::Placed(place) = &plan.delivery {
                conditions.push(format!(
                    "Nothing is at {}, and no deployment uses that place.",
                    place.manager
                ));
            }
            conditions
        }
        Pinned::FullDisaster(plan) => vec![
            format!(
                "The dump {} still has the SHA-256 {}, and no database named {} exists on {}.",
                plan.database.backup,
                plan.database.dump_sha256,
                plan.database.target.database,
                plan.database.target.server
            ),
            format!(
                "Version {} of {} is still key {}, and nothing is at its new place.",
                plan.key.version, plan.key.manager, plan.key.fingerprint
            ),
            format!(
                "{} still renders to the SHA-256 {}, with no Secret over the key.",
                plan.manifests.overlay, plan.manifests.sha256
            ),
            format!(
                "{} answers, no pod of {} runs on it, and nothing that reconciles its objects is at work.",
                plan.cluster.cluster, plan.cluster.name
            ),
            format!(
                "Before the first pod: {} tenants, {} certificate authorities and migration {} in the restored database, and the image {}.",
                plan.holds.tenants, plan.holds.authorities, plan.holds.migration_head, plan.manifests.image
            ),
        ],
        Pinned::DrillWithKey(plan) => vec![
            "The launcher is configured as it is here, on the same machine.".into(),
            format!("Its program still has the SHA-256 {}.", plan.launch.program_sha256),
            format!(
                "No more than {} days have passed since the last approval, and nobody revoked it.",
                plan.valid_days
            ),
        ],
        Pinned::DrillOnRds(plan) => vec![
            format!(
                "{} is still the instance {}, encrypted as it is here.",
                plan.copy.instance, plan.copy.resource_id
            ),
            "Class, networks and parameters of its copies are still what is written here.".into(),
            format!(
                "No more than {} days have passed since the last approval, and nobody revoked it.",
                plan.valid_days
            ),
        ],
        Pinned::RestoreRds(plan) => vec![
            format!(
                "{} is still the instance {} and made as it was.",
                plan.instance, plan.resource_id
            ),
            "The moment still lies within what AWS can restore to.".into(),
            format!("No instance is called {}.", plan.target),
        ],
        Pinned::Repoint(plan) => vec![
            match &plan.ampora.setup {
                Setup::Workload(_) => format!(
                    "{} is still the one that was read, and nothing reconciles it.",
                    plan.ampora.name
                ),
                Setup::Service(service) => format!(
                    "{} on {} can be read by {} alone and names where Ampora’s databases are; the commands are there.",
                    service.env_file, service.host, service.owner
                ),
            },
            format!(
                "{} on {} still has {} tenants, {} certificate authorities and migration {}; key {} opens it.",
                plan.to.database,
                plan.to.server,
                plan.to.tenants,
                plan.to.authorities,
                plan.to.migration_head.as_deref().unwrap_or("unknown"),
                plan.to.key.short()
            ),
            match plan.from.reach {
                Reach::Answers { .. } => format!("{} on {} can be closed.", plan.from.database, plan.from.server),
                Reach::Gone => format!(
                    "{} doesn’t answer, and the people who agree say that it can’t come back.",
                    plan.from.server
                ),
            },
        ],
        Pinned::KeyCatchUp(plan) => vec![
            format!(
                "The key in use, read from {}, still has the fingerprint {}.",
                plan.source, plan.fingerprint
            ),
            "It opens every sampled envelope of the live database.".into(),
            format!(
                "Version {} of {} is still the current one, and another key.",
                plan.expected, plan.manager
            ),
            match plan.pruned.as_slice() {
                [] => "The manager removes no version because of this write.".into(),
                pruned => format!(
                    "Because of this write the manager removes {} and no other, which no kept backup needs.",
                    pruned.join(", ")
                ),
            },
        ],
    }
}

fn moment(stop: RecoveryStop) -> Option<String> {
    match stop {
        RecoveryStop::Time { time, .. } => Some(domain::time::rfc3339(time)),
        RecoveryStop::Latest => None,
    }
}
