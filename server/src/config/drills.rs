//! `[drills]`: what holds for the drills of all deployments together.

use schemars::JsonSchema;
use serde::Deserialize;

/// Drills of the whole site.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Drills {
    /// How many sandboxes may exist at a time; further drills wait.
    #[schemars(range(min = 1, max = 100))]
    pub parallel: u32,
}

impl Default for Drills {
    fn default() -> Self {
        Self { parallel: 2 }
    }
}
