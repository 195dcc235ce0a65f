//! Namespaces that drills made in clusters: deleted when the drill ends, and otherwise by the next Muster that looks.

use adapters::kubernetes::{KubernetesError, KubernetesSettings, Rehearsal, leftovers};
use domain::drill::Failure;
use domain::ids::DrillId;

use crate::Services;
use crate::settings::{Agents, Deployment, Overlaid};

/// The cluster of a deployment's launcher, if it is one.
fn overlaid(deployment: &Deployment) -> Option<&Overlaid> {
    match &deployment.drills.sandbox.as_ref()?.agents {
        Agents::InCluster(overlaid) => Some(overlaid),
        Agents::Launched(_) | Agents::Not(_) => None,
    }
}

/// Deletes what a drill made.
///
/// # Errors
/// If it can't be deleted: the key is still in it.
pub async fn clear(rehearsal: &Rehearsal) -> Result<(), Failure> {
    match rehearsal.remove().await {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::of_environment(
            "namespace-left",
            format!("the namespace {} still holds the key: {error}", rehearsal.namespace()),
            format!(
                "delete it: kubectl delete namespace {}; Muster tries again by itself",
                rehearsal.namespace()
            ),
        )),
    }
}

/// Deletes what a drill made whose Muster was lost.
pub async fn clear_abandoned(deployment: &Deployment, drill: DrillId) {
    let Some(overlaid) = overlaid(deployment) else {
        return;
    };
    let removed = async {
        Rehearsal::of(&overlaid.cluster, &overlaid.namespace, drill)
            .await?
            .remove()
            .await
    };
    if let Err(error) = removed.await {
        tracing::error!(%error, %drill, "the namespace of a drill that was lost could not be deleted yet");
    }
}

/// Deletes what drills left that are over. Those of another Muster, whose drills this one doesn't know, are let alone.
pub async fn sweep(services: &Services) {
    let mut seen: Vec<&KubernetesSettings> = Vec::new();
    for overlaid in services.settings.deployments.iter().filter_map(overlaid) {
        if seen.contains(&&overlaid.cluster) {
            continue;
        }
        seen.push(&overlaid.cluster);
        if let Err(error) = sweep_cluster(services, overlaid).await {
            tracing::error!(%error, "what earlier drills left in a cluster could not be deleted");
        }
    }
}

async fn sweep_cluster(services: &Services, overlaid: &Overlaid) -> Result<(), KubernetesError> {
    for left in leftovers(&overlaid.cluster).await? {
        let known = services.store.drill(left.drill).await.ok().flatten();
        let Some(base) = left.base().filter(|_| known.is_some_and(|found| found.state.is_over())) else {
            continue;
        };
        if let Err(error) = Rehearsal::of(&overlaid.cluster, base, left.drill).await?.remove().await {
            tracing::error!(%error, namespace = left.namespace, "the namespace of a drill could not be deleted yet");
        }
    }
    Ok(())
}
