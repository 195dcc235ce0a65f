//! The one number that a rule turns on, where the vital signs have one: what a plot shows over time beside how the rule stood.

use crate::vitals::Vitals;

/// A number out of a reading.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// What it counts, for the head of a plot.
    pub what: &'static str,
    of: fn(&Vitals) -> Option<u64>,
}

impl Measure {
    /// `None`: the reading doesn't have it.
    #[must_use]
    pub fn of(&self, vitals: &Vitals) -> Option<u64> {
        (self.of)(vitals)
    }

    /// That of a rule; `None`: it turns on no number, or on one that vital signs don't have.
    #[must_use]
    pub fn for_rule(code: &str) -> Option<Self> {
        let (what, of): (_, fn(&Vitals) -> Option<u64>) = match code {
            "ca-lost" => ("agents with a certificate of an unknown authority", |vitals| {
                Some(vitals.signs.chains.known().ok()?.orphaned.into())
            }),
            "audit-rewound" | "audit-sweep" | "restore-lost-events" => ("audit events, hot and archived", |vitals| {
                let signs = &vitals.signs;
                let archived = signs.archive.known().map_or(0, |table| table.rows.rows.0);
                Some(signs.hot.known().ok()?.rows.rows.0.saturating_add(archived))
            }),
            "effective-config-missing" => ("agents that report without an effective configuration", |vitals| {
                Some(vitals.signs.effective.known().ok()?.missing_and_heard.0)
            }),
            "empty-database" => ("tenants", |vitals| Some(vitals.signs.tenants.known().ok()?.rows.0)),
            "first-login-becomes-admin" => ("users", |vitals| Some(vitals.signs.users.known().ok()?.rows.0)),
            "revoked-valid-again" | "restore-revived-certificates" => ("revoked certificates", |vitals| {
                Some(vitals.signs.revoked.known().ok()?.number.0)
            }),
            "tokens-alive-again" => ("tokens that can be redeemed", |vitals| {
                Some(vitals.signs.tokens.known().ok()?.number.0)
            }),
            "foreign-timeline" | "recovery-stopped-early" => {
                ("timeline of the live server", |vitals| Some(vitals.timeline.into()))
            }
            "wal-archiving-stalled" => ("minutes since a segment was archived", |vitals| {
                let since = vitals.read_at - vitals.archive.last_archived_at?;
                u64::try_from(since.num_minutes()).ok()
            }),
            _ => return None,
        };
        Some(Self { what, of })
    }
}
