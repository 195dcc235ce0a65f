//! `[audit]`: where the newest checkpoint of the audit log is kept outside Muster's database.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Anchor;

/// A database that was rolled back can't hide it from a checkpoint kept elsewhere.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Audit {
    /// `file:///…`, `s3://bucket/prefix` or `https://…`. Left out: `data_dir/anchor` alone.
    pub anchor: Option<Anchor>,
}
