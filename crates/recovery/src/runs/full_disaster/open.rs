//! From the first pod to the fleet: agents come in when what came back to life was dealt with, and not before.

use adapters::ampora::AmporaDb;

use super::{Rise, Seen};
use crate::runs::execution::StepError;
use crate::runs::rollout;

impl Rise<'_> {
    /// Each line of what came back to life has to be done or waived: a revoked certificate is valid again until then.
    pub(super) async fn checklist(&self) -> Result<Seen, StepError> {
        let Some((report, lines)) = self.run.services.store.run_report(self.run.run()).await? else {
            return Ok(Seen::Unknown(
                "no gap report could be made, so what came back to life isn’t known: work the runbook’s list off by hand".into(),
            ));
        };
        let all = report.revived.len();
        // Audit events that are lost harm no agent: their line may wait.
        let settled = lines.iter().filter(|settled| settled.line < all).count();
        Ok(match all.saturating_sub(settled) {
            0 => Seen::Done(format!("{all} lines settled")),
            open => Seen::NotDone(format!(
                "{open} of {all} lines of what came back to life are neither done nor waived"
            )),
        })
    }

    /// One pod after the other, so that agents come back in batches.
    pub(super) async fn start_all(&self) -> Result<String, StepError> {
        let replicas = self.plan.cluster.replicas;
        for pods in 2..=replicas {
            rollout::started(self.run, &self.ground.site, &self.ground.installation, pods).await?;
        }
        Ok(format!("{replicas} ready"))
    }

    /// Agents that reported since this run began.
    pub(super) async fn agents(&self) -> Result<Seen, StepError> {
        let site = &self.ground.site;
        let run = self.run.services.store.run(self.run.run()).await?;
        let since = run.map_or_else(|| self.run.services.clock.now(), |run| run.created_at);
        let options = site
            .server
            .reader(&self.plan.database.target.database, &site.database.options);
        let db = AmporaDb::new(options, site.database.schema.clone());
        let heard = db.agents_heard(since).await;
        db.close().await;
        Ok(match heard {
            Ok(heard) if heard.since > 0 => {
                Seen::Done(format!("{} of {} agents have reported again", heard.since, heard.known))
            }
            Ok(heard) => Seen::Unknown(format!(
                "none of the {} agents has reported yet; those that can’t be reached may come later",
                heard.known
            )),
            Err(error) => Seen::Unknown(format!("whether agents are back isn’t known: {error}")),
        })
    }
}
