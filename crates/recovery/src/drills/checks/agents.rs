//! Agents on the copy: a launcher would have to start an Ampora with the master key. Without one nothing is known, and that is said.

use domain::drill::{Check, names};

use super::Look;

pub fn checks(look: &Look<'_>) -> Vec<Check> {
    let why = look
        .run
        .deployment
        .drills
        .sandbox
        .as_ref()
        .map_or("no sandbox is configured", |sandbox| sandbox.agents.as_str());
    [names::AGENTS, names::ROLLOUT]
        .map(|name| Check::not_run(name, why))
        .into()
}
