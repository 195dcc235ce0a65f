//! A launched command on this machine, confined like the copy's own server.

use adapters::sandbox::{LaunchSpec, Sandbox, SandboxError};
use domain::drill::{Check, PhaseName};
use domain::key::MasterKey;

use super::{Look, Prepared, START, broken, visit_at};

pub(super) async fn visit(
    look: &Look<'_>,
    sandbox: &Sandbox,
    (prepared, command): (&Prepared, &[String]),
    key: &MasterKey,
) -> Vec<Check> {
    let run = look.run;
    let spec = LaunchSpec {
        command,
        database: &look.copied.database,
        key,
        server: &prepared.server,
        time_limit: START,
        cancellation: run.end.clone(),
        log: run.log(PhaseName::Check),
    };
    let launched = match sandbox.launch(look.copy, spec).await {
        Ok(launched) => launched,
        Err(error) => return not_launched(&error),
    };
    let checks = visit_at(launched.address.clone(), prepared).await;
    launched.end().await;
    checks
}

/// What was launched didn't come up. Whether that is the copy's fault, only its own words tell.
pub(super) fn not_launched(error: &SandboxError) -> Vec<Check> {
    let remedy = error.blame("launcher").remedy;
    broken(
        &error.to_string(),
        remedy
            .as_deref()
            .unwrap_or("look at the drill’s log, and at [deployment.sandbox] launcher"),
    )
}
