//! A plan as `muster.plan/1`, the same at the command line and behind a request.

use domain::plan::{Pinned, Plan};
use serde_json::{Value, json};

/// The document. Fields only grow.
#[must_use]
pub fn document(plan: &Plan) -> Value {
    let pinned = &plan.pinned;
    let backup = match pinned {
        Pinned::RestoreDump(plan) => Some(&plan.backup),
        Pinned::RetrieveKey(_) => None,
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
        Pinned::RetrieveKey(plan) => vec![format!(
            "Version {} of {} still has the fingerprint {}.",
            plan.version, plan.manager, plan.fingerprint
        )],
    }
}
