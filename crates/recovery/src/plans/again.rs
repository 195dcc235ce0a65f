//! The wish that leads to a plan once more: what was approved and is so no longer can be asked for anew, with the facts of today.

use domain::plan::{Delivery, Pinned, Reach, RecoveryStop};
use domain::time::rfc3339;

use super::{Disaster, Wanted, Wish};

/// The word for the end of what can be replayed.
const LATEST: &str = "latest";

impl Wish {
    /// What somebody wished for who got this plan.
    #[must_use]
    pub fn again(pinned: &Pinned) -> Self {
        let deployment = pinned.deployment().to_owned();
        match pinned {
            Pinned::RestoreDump(plan) => Self::RestoreDump {
                deployment,
                source: plan.source.clone(),
                backup: plan.backup.clone(),
                database: plan.target.database.to_string(),
            },
            Pinned::RestorePitr(plan) => Self::RestorePitr {
                deployment,
                source: plan.source.clone(),
                at: at(plan.stop),
                exclusive: matches!(plan.stop, RecoveryStop::Time { exclusive: true, .. }),
                affects: plan.affects_other_databases.clone(),
                in_place: plan.in_place.is_some(),
            },
            Pinned::RestoreRds(plan) => Self::RestoreRds {
                deployment,
                source: plan.source.clone(),
                at: at(plan.stop),
                instance: plan.target.to_string(),
            },
            Pinned::RetrieveKey(plan) => Self::RetrieveKey {
                deployment,
                version: plan.version.clone(),
                delivery: Wanted::of(&plan.delivery),
            },
            Pinned::KeyCatchUp(_) => Self::KeyCatchUp { deployment },
            Pinned::Repoint(plan) => Self::Repoint {
                deployment,
                database: plan.to.database.to_string(),
                old_is_gone: plan.from.reach == Reach::Gone,
            },
            Pinned::DrillWithKey(plan) => Self::DrillWithKey {
                deployment,
                days: plan.valid_days,
            },
            Pinned::DrillOnRds(plan) => Self::DrillOnRds {
                deployment,
                source: plan.source.clone(),
                days: plan.valid_days,
            },
            Pinned::FullDisaster(plan) => {
                let (destination, name) = match &plan.key.delivery {
                    Delivery::Placed(place) => (place.destination.clone(), place.name.to_string()),
                    Delivery::ShownOnce | Delivery::Sealed { .. } | Delivery::Split { .. } => Default::default(),
                };
                Self::FullDisaster(Disaster {
                    deployment,
                    source: plan.database.source.clone(),
                    backup: plan.database.backup.clone(),
                    database: plan.database.target.database.to_string(),
                    version: plan.key.version.clone(),
                    destination,
                    name,
                })
            }
        }
    }
}

/// To the microsecond, as it was asked for.
fn at(stop: RecoveryStop) -> String {
    match stop {
        RecoveryStop::Time { time, .. } if time.timestamp_subsec_nanos() == 0 => rfc3339(time),
        RecoveryStop::Time { time, .. } => time.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        RecoveryStop::Latest => LATEST.into(),
    }
}
