//! What people should weigh: what is lost, what comes back to life, who would notice, how long it takes.

use domain::pitr::Resolved;
use domain::plan::{Advisory, DataLoss, RecoveryStop};
use domain::time::{Timestamp, bytes, span};

use super::afterwards::full_took;
use super::place::Looked;
use super::stock::Shelf;
use crate::plans::Planner;
use crate::plans::cost::Back;

impl Planner<'_> {
    pub(super) async fn pitr_advisory(
        &self,
        looked: &Looked,
        shelf: &Shelf,
        resolved: &Resolved,
        now: Timestamp,
    ) -> Advisory {
        let back = back(shelf, resolved);
        let cost = self.cost(looked.database.as_ref(), &back, now).await;
        if let Some(database) = &looked.database {
            database.close().await;
        }
        let mut warnings = warnings(looked, resolved, cost.loss.as_ref());
        warnings.extend(
            shelf
                .unread
                .iter()
                .map(|what| format!("Not everything of the stanza could be read: {what}.")),
        );
        let took = self.took("restore-pitr", &resolved.way.source).await;
        let full = full_took(shelf, resolved, &took.phases);
        Advisory {
            data_loss: cost.loss,
            resurrections: cost.revived,
            durations: took.whole,
            phases: took.phases.into_iter().chain(full).collect(),
            warnings,
        }
    }
}

/// The moment that the cluster goes back to, as far as it is known before recovery ends there.
fn back(shelf: &Shelf, resolved: &Resolved) -> Back {
    let reaches = resolved.way.reaches;
    let exclusive = matches!(resolved.stop, RecoveryStop::Time { exclusive: true, .. });
    let kept = |at: &Timestamp| if exclusive { *at < reaches } else { *at <= reaches };
    Back {
        at: reaches,
        exclusive,
        sure: resolved.way.exact,
        known: shelf.commits.iter().map(|commit| commit.at).filter(kept).max(),
        cluster: true,
    }
}

fn warnings(looked: &Looked, resolved: &Resolved, loss: Option<&DataLoss>) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(seconds) = loss.and_then(|loss| loss.seconds) {
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
    warnings
}
