//! `[[contact]]`: whom to call.

use schemars::JsonSchema;
use serde::Deserialize;

use super::TimeZone;

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
    /// When they can be reached, e.g. `Mon-Fri 08:00-18:00`, `Fri-Sun 22:00-06:00` or `daily 00:00-24:00`. Left out: not known.
    #[schemars(extend("format" = "hours"))]
    pub hours: Option<String>,
    /// Zone of these hours. Left out: UTC.
    pub timezone: Option<TimeZone>,
}
