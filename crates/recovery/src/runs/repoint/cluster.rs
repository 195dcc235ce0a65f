//! Ampora as a Deployment of a cluster: no pod of it, a Secret with its connections, one pod, then all.

use adapters::kubernetes::{Installation, InstallationError, Rollout};
use domain::plan::Workload;

use super::{Move, STOPPING, failed, pointed, told};
use crate::plans::repoint::Site;
use crate::runs::execution::{Execution, StepError};
use crate::runs::rollout;

/// How a person puts it back, in commands.
pub(super) fn way_back(name: &str, workload: &Workload) -> String {
    let (namespace, deployment) = name
        .trim_start_matches("Deployment ")
        .split_once('/')
        .unwrap_or_default();
    format!(
        "kubectl -n {namespace} rollout undo deployment/{deployment} if its connection was changed, and kubectl -n {namespace} scale \
         deployment/{deployment} --replicas={}",
        workload.replicas
    )
}

impl Move<'_> {
    pub(super) async fn stop_pods(&self, installation: &Installation) -> Result<String, StepError> {
        installation.scale(0).await.map_err(failed)?;
        let name = &self.plan.ampora.name;
        let gone = |rollout: &Rollout| rollout.wanted == 0 && rollout.pods == 0;
        match rollout::wait(self.run, installation, STOPPING, gone).await? {
            Ok(()) => Ok(format!("no pod of {name} is left")),
            Err(Rollout { pods, wanted, .. }) if wanted > 0 => Err(StepError::Failed(format!(
                "something scaled {name} up again: {pods} pods of it run"
            ))),
            Err(Rollout { pods, .. }) => Err(StepError::Failed(format!("{pods} pods of {name} don’t end"))),
        }
    }

    pub(super) async fn lead_workload(
        &self,
        installation: &Installation,
        workload: &Workload,
    ) -> Result<String, StepError> {
        let installed = installation.read().await.map_err(failed)?;
        if installed.uid != workload.uid {
            return Err(StepError::Failed(format!(
                "{} was made anew meanwhile",
                self.plan.ampora.name
            )));
        }
        let database = self.plan.to.database.as_str();
        led(self.run, &self.site, installation, &workload.secret, database)
            .await
            .map_err(failed)
    }

    pub(super) async fn start_pods(&self, installation: &Installation, replicas: u32) -> Result<String, StepError> {
        rollout::started(self.run, &self.site, installation, replicas).await?;
        Ok(format!("{replicas} ready"))
    }
}

/// Has Ampora read its connection strings, led to this database, from a Secret of this run.
pub(in crate::runs) async fn led(
    run: &Execution,
    site: &Site<'_>,
    installation: &Installation,
    secret: &str,
    database: &str,
) -> Result<String, InstallationError> {
    let installed = installation.read().await?;
    let values = pointed(site, &installed.connections, database);
    installation.lead(secret, &run.run().to_string(), &values).await?;
    Ok(told(site, secret, database))
}
