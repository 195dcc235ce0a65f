//! A plan as `muster.plan/1`, the same at the command line and behind a request.

use domain::plan::{Delivery, Pinned, Plan};
use serde_json::{Value, json};

/// The document. Fields only grow.
#[must_use]
pub fn document(plan: &Plan) -> Value {
    let pinned = &plan.pinned;
    let backup = match pinned {
        Pinned::RestoreDump(plan) => Some(&plan.backup),
        Pinned::RetrieveKey(_) | Pinned::KeyCatchUp(_) => None,
    };
    json!({
        "schema": "muster.plan/1",
        "digest": pinned.digest(),
        "deployment": pinned.deployment(),
        "kind": pinned.kind(),
        "backup": backup,
        "target_time": null,
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
