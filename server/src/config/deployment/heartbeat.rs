//! `[deployment.heartbeat]`: one row that Muster renews in Ampora's cluster, so that a restored copy tells its own age. Off by default.

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::{KeyPath, Notes, Secret, Span};

/// The writer of the heartbeat.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Heartbeat {
    /// `postgres://…` of a role that may upsert one row of a schema of its own, and nothing else.
    #[schemars(extend("format" = "postgres-url"))]
    pub url: Secret,
    #[serde(default = "a_minute")]
    pub every: Span,
}

const fn a_minute() -> Span {
    Span(TimeDelta::minutes(1))
}

impl Heartbeat {
    pub(super) fn inspect(&self, at: &KeyPath, notes: &mut Notes) {
        if self.every.0 < TimeDelta::seconds(1) {
            notes.refuse(&at.key("every"), "is shorter than 1s");
        }
    }
}
