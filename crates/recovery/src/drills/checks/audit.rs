//! The audit log: nothing missing at its end, no hour short of events.

use adapters::sandbox::AuditSpan;
use domain::drill::{AuditFacts, Check, names};

use super::Look;

pub async fn check(look: &mut Look<'_>) -> Check {
    let audit = &look.schema.audit;
    if let Some(damaged) = look.damaged(names::AUDIT, &audit.table) {
        return damaged;
    }
    let copy = match look.copy.audit(&look.copied.database, audit).await {
        Ok(copy) => copy,
        Err(error) => return Check::not_run(names::AUDIT, error.to_string()),
    };
    let production = match &look.run.deployment.database {
        Some(live) => AuditSpan::of_production(&live.options, audit).await.ok(),
        None => None,
    };
    let nearest = |readings: &[domain::vitals::Vitals]| readings.first().and_then(|vitals| vitals.newest_audit_event);
    let facts = AuditFacts {
        newest: copy.newest,
        hours: copy.hours,
        // The newest event never goes back, whatever was read last.
        seen_before: look
            .around
            .before
            .iter()
            .filter_map(|vitals| vitals.newest_audit_event)
            .max(),
        seen_after: nearest(&look.around.after),
        production: production.map(|span| span.hours),
    };
    facts.check()
}
