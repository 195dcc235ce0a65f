//! The plan of a standing approval: which instance drills have AWS make of which, as it is configured and as the source is now.

use adapters::rds::{Instance, Rds};
use domain::plan::{Advisory, CopyOnRds, DrillOnRds, InstanceShape, Pinned, Plan, Step};

use super::Planner;
use super::drill_with_key::stands_for;
use crate::Error;
use crate::settings::{Deployment, ManagedCopy, Source};

const EVERY_DRILL: &str = "Until its time is over each drill of this deployment makes such an instance, whoever starts the drill: its schedule does, and one \
     operator can. AWS charges for it while it is there.";
const SAME_DATA: &str = "The copy holds all that production holds, and takes production’s roles and passwords: whoever may connect to the one \
     may connect to the other, as far as the networks let them.";

impl Planner<'_> {
    pub(super) async fn drill_on_rds(&self, source: &str, days: u32) -> Result<Plan, Error> {
        stands_for(days)?;
        let (rds, wanted) = configured(self.deployment, source).map_err(Error::invalid)?;
        let found = rds.instance(&rds.instance).await;
        let found = found.map_err(|error| Error::invalid(format!("{error}.")))?;
        let found = found.ok_or_else(|| Error::invalid(format!("There is no instance {}.", rds.instance)))?;
        if let Some(cluster) = &found.cluster {
            return Err(Error::invalid(in_cluster(&found.identifier, cluster)));
        }
        let region = rds.aws.region().await;
        let region = region.map_err(|error| Error::invalid(format!("{error}.")))?;
        let copy = copy(wanted, &found, region);
        let plan = DrillOnRds {
            deployment: self.deployment.name.clone(),
            source: source.into(),
            steps: steps(&copy),
            copy,
            valid_days: days,
        };
        Ok(Plan {
            pinned: Pinned::DrillOnRds(plan),
            advisory: Advisory {
                phases: Vec::new(),
                data_loss: None,
                resurrections: Vec::new(),
                durations: Vec::new(),
                warnings: vec![EVERY_DRILL.into(), SAME_DATA.into()],
            },
            made_at: self.clock.now(),
        })
    }
}

/// Why the instance of a cluster isn't rehearsed.
#[must_use]
pub fn in_cluster(instance: &str, cluster: &str) -> String {
    format!("{instance} belongs to the cluster {cluster}: Muster makes copies of instances only, not of clusters.")
}

/// The source with what is configured for drills of it.
///
/// # Errors
/// In words, if it isn't one, or nothing is.
pub fn configured<'a>(deployment: &'a Deployment, source: &str) -> Result<(&'a Rds, &'a ManagedCopy), String> {
    let rds = match deployment.sources.iter().find(|known| known.name() == source) {
        Some(Source::Rds(rds)) => rds,
        Some(Source::Unusable { reason, .. }) => return Err(format!("{source}: {reason}")),
        Some(other) => return Err(format!("{source} is a source of kind {}, not rds.", other.kind())),
        None => return Err(format!("There is no source {source:?}.")),
    };
    let wanted = deployment.drills.managed.get(source).ok_or_else(|| {
        format!("{source}: drills make no copy of it as long as [deployment.source.drill] isn’t configured for it.")
    })?;
    Ok((rds, wanted))
}

/// The copy as drills would have it made now.
#[must_use]
pub fn copy(wanted: &ManagedCopy, source: &Instance, region: String) -> CopyOnRds {
    let shape = source.shape.clone();
    let mut security_groups = wanted.security_groups.clone().unwrap_or(shape.security_groups);
    security_groups.sort();
    CopyOnRds {
        region,
        instance: source.identifier.clone(),
        resource_id: source.resource_id.clone(),
        class: wanted.class.clone().unwrap_or(shape.class),
        subnet_group: wanted.subnet_group.clone().or(shape.subnet_group),
        parameter_group: wanted.parameter_group.clone().or(shape.parameter_group),
        security_groups,
        kms_key: shape.kms_key,
    }
}

/// The same as what AWS is asked for. One zone is enough for a day, and nothing keeps the copy from being deleted.
#[must_use]
pub fn shape(copy: &CopyOnRds, source: &Instance) -> InstanceShape {
    InstanceShape {
        class: copy.class.clone(),
        engine_version: source.shape.engine_version.clone(),
        subnet_group: copy.subnet_group.clone(),
        parameter_group: copy.parameter_group.clone(),
        security_groups: copy.security_groups.clone(),
        multi_az: false,
        kms_key: copy.kms_key.clone(),
        deletion_protection: false,
    }
}

fn steps(copy: &CopyOnRds) -> Vec<Step> {
    let groups = copy.security_groups.join(", ");
    vec![
        Step::new(
            "create",
            format!(
                "In each drill: has AWS make an instance muster-drill-… of {}, class {}, security groups {groups}, tagged with the drill. It isn’t \
                 reachable from the internet.",
                copy.instance, copy.class
            ),
        ),
        Step::new(
            "check",
            "Looks through its databases by the role that reads production, over TLS as production is read.",
        ),
        Step::new(
            "delete",
            "Has AWS delete that very instance with its automated backups and without a last snapshot, however the drill ends.",
        ),
    ]
}
