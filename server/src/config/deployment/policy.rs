//! `[deployment.policy]`: what was promised. A promise that isn't written down is reported as unset, never as kept.

use std::borrow::Cow;

use domain::policy::Rule;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::config::Span;

/// Thresholds, each optional.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Policy {
    /// Oldest that the newest full backup may be.
    pub full_backup_age: Option<Span>,
    /// How far back a full backup must reach.
    pub full_retention: Option<Span>,
    /// Oldest commit that may not be in the repository yet.
    pub wal_lag: Option<Span>,
    /// Most that may be lost.
    pub rpo: Option<Span>,
    /// Longest that a recovery may take.
    pub rto: Option<Span>,
    /// Longest time between two drills that passed.
    pub drill_every: Option<Span>,
    /// How long before its end a certificate must have been renewed.
    pub tls_expiry: Option<Span>,
    /// How far back the audit log must reach: `HotDays` and `ArchiveDays` of Ampora together.
    pub audit_retention: Option<Span>,
    /// Rules that are switched off for this deployment, by the names that `muster inventory` prints.
    pub off: Vec<RuleName>,
}

/// The name of a rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
pub struct RuleName(pub Rule);

impl JsonSchema for RuleName {
    fn schema_name() -> Cow<'static, str> {
        "RuleName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "enum": Rule::ALL.map(Rule::name)})
    }
}
