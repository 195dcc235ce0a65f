//! What people should weigh: what is lost, what comes back to life, who would notice, how long it takes.

use domain::pitr::Resolved;
use domain::plan::{Advisory, Basis, DataLoss, Range, RecoveryStop};
use domain::time::{Timestamp, bytes, rfc3339, span};

use super::place::Looked;
use super::stock::Shelf;
use crate::plans::Planner;

impl Planner<'_> {
    pub(super) async fn pitr_advisory(
        &self,
        looked: &Looked,
        shelf: &Shelf,
        resolved: &Resolved,
        now: Timestamp,
    ) -> Advisory {
        let reaches = resolved.way.reaches;
        let loss = self.lost(looked, resolved, now).await;
        if let Some(database) = &looked.database {
            database.close().await;
        }
        let mut warnings = warnings(looked, resolved);
        warnings.extend(
            shelf
                .unread
                .iter()
                .map(|what| format!("Not everything of the stanza could be read: {what}.")),
        );
        Advisory {
            data_loss: Some(loss),
            resurrections: resurrections(reaches),
            durations: shelf.past.iter().map(|past| past.seconds).collect(),
            warnings,
        }
    }

    /// Counted in the live database where it answers: what it has and the restored one won't.
    async fn lost(&self, looked: &Looked, resolved: &Resolved, now: Timestamp) -> DataLoss {
        let mut loss = resolved.way.loss.clone();
        let Some(database) = &looked.database else { return loss };
        let Ok(events) = database.audit_events_since(resolved.way.reaches).await else {
            return loss;
        };
        // Of a window whose end isn't proven, more may be lost than what is later than the target.
        let max = resolved.way.exact.then_some(events);
        loss.audit_events = Some(Range { min: events, max });
        loss.as_of = now;
        if loss.basis == Basis::Exact && max.is_none() {
            loss.basis = Basis::Bounded;
        }
        loss
    }
}

fn warnings(looked: &Looked, resolved: &Resolved) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(seconds) = resolved.way.loss.seconds {
        warnings.push(format!("The last {} of production are undone.", span(seconds.min)));
    }
    match &looked.live {
        None => warnings.push(
            "The live server doesn’t answer: what else its cluster holds isn’t known. The copy is looked through before it takes its place."
                .into(),
        ),
        Some(live) => {
            if live.sessions > 0 {
                warnings.push(format!(
                    "{} sessions of clients are open. Scale Ampora to 0 before the run starts: what it writes until the swap is lost.",
                    live.sessions
                ));
            }
            let others = live.databases.iter().filter(|(name, _)| *name != live.database);
            warnings.extend(others.map(|(name, size)| {
                let size = size.and_then(|size| u64::try_from(size).ok());
                format!(
                    "The database {name} ({}) goes back with it.",
                    size.map_or_else(|| "size not known".into(), bytes)
                )
            }));
        }
    }
    if !resolved.way.exact {
        warnings.push(
            "No commit is known by its time behind this moment: the end of the window is the time its last segment arrived. Recovery may end \
             before the target; then nothing is swapped."
                .into(),
        );
    }
    if matches!(resolved.stop, RecoveryStop::Time { exclusive: true, .. }) {
        warnings.push("Recovery stops just before the first commit of exactly that moment.".into());
    }
    warnings.push(
        "How many configurations, agents and certificates are lost isn’t known: the vital signs don’t count them by time.".into(),
    );
    warnings
}

/// What a rewind revives by its nature. Which ones there are isn't known, since nobody wrote down their identities.
fn resurrections(reaches: Timestamp) -> Vec<String> {
    let since = rfc3339(reaches);
    vec![
        format!("certificates that were revoked after {since}: revoke them again before agents are let in"),
        format!("bootstrap tokens that were redeemed after {since} and haven’t expired"),
        format!("access tokens, peer secrets and approvals that were withdrawn after {since}"),
        format!(
            "passwords of database roles as they were at {since}: one that was changed because it leaked works again"
        ),
    ]
}
