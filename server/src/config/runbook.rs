//! `[runbook]`: where the full-disaster runbook is written each day, so that it can be read when Muster is down too.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Location;

/// The daily copy of the runbook.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Runbook {
    /// `file:///…` or `s3://bucket/prefix`, away from what Muster protects. Left out: `data_dir/runbook`.
    pub location: Option<Location>,
}
