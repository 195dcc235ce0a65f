//! `[database]`: where Muster keeps its own state.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Secret;

/// Muster's own database. Never on the cluster that Muster protects.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Database {
    /// `postgres://user:password@host/database`. Left out: a private PostgreSQL cluster in `data_dir`.
    #[schemars(extend("format" = "postgres-url"))]
    pub url: Option<Secret>,
}
