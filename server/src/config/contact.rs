//! `[[contact]]`: whom to call.

use schemars::JsonSchema;
use serde::Deserialize;

/// One person of the runbook's call list.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Contact {
    #[schemars(extend("format" = "not-empty"))]
    pub name: String,
    /// What they can do, e.g. `approver, database administrator`.
    pub role: Option<String>,
    pub phone: Option<String>,
    #[schemars(extend("format" = "mail-address"))]
    pub email: Option<String>,
}
