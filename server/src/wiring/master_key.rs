//! The secret manager, its copies elsewhere, the key in use, and where keys may be put.

use adapters::key_files::EnvFile;
use adapters::kubernetes::InUseSecret;
use adapters::manager::Written;
use domain::plan::PlaceName;
use recovery::settings::{Destination, InUse, KeyPlace, MasterKey, Proof, Replica};

use super::{Reach, managers};
use crate::config::deployment as written;

pub fn master_key(written: &written::MasterKey, cluster: Option<&written::Kubernetes>, reach: Reach) -> MasterKey {
    let replicas = written.replicas.iter().map(|replica| Replica {
        name: replica.name.clone(),
        place: KeyPlace {
            manager: managers::manager(&replica.manager, cluster, reach),
            written: Written {
                field: replica.field.clone().or_else(|| written.field.clone()),
                encoding: replica.encoding.unwrap_or(written.encoding),
            },
        },
    });
    MasterKey {
        place: KeyPlace {
            manager: managers::manager(&written.manager, cluster, reach),
            written: Written {
                field: written.field.clone(),
                encoding: written.encoding,
            },
        },
        proof: match written.proof {
            written::Proof::Values => Proof::Values,
            written::Proof::Metadata => Proof::Metadata,
        },
        replicas: replicas.collect(),
        in_use: written.in_use.as_ref().map(|place| in_use(place, cluster)),
        read_interval: written.key_read_interval.0,
    }
}

/// Nothing is asked of it before a request names a place in it.
pub fn destination(
    written: &written::KeyDestination,
    cluster: Option<&written::Kubernetes>,
    reach: Reach,
) -> Destination {
    let (own, cluster) = (written.clone(), cluster.cloned());
    let place = move |name: &PlaceName| KeyPlace {
        manager: managers::manager(&own.manager_of(name.as_str()), cluster.as_ref(), reach),
        written: Written {
            field: own.field.clone(),
            encoding: own.encoding,
        },
    };
    Destination::new(written.name.clone(), written.manager.kind(), place)
}

fn in_use(written: &written::InUse, cluster: Option<&written::Kubernetes>) -> InUse {
    match written {
        written::InUse::EnvFile(path) => InUse::EnvFile(EnvFile { path: path.clone() }),
        written::InUse::Kubernetes(place) => {
            let namespace = cluster.map_or(written::NAMESPACE, |cluster| cluster.namespace.as_str());
            let secret = managers::kubernetes(&place.secret, namespace, cluster);
            let deployment = cluster.map(|cluster| cluster.deployment.as_str());
            InUse::Kubernetes(InUseSecret::new(secret, &place.key, deployment))
        }
    }
}
