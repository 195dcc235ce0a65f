//! The secret manager, its copies elsewhere, and the key in use.

use adapters::key_files::EnvFile;
use adapters::manager::Written;
use recovery::settings::{InUse, KeyPlace, MasterKey, Proof, Replica};

use super::{Reach, managers};
use crate::config::deployment as written;

pub fn master_key(written: &written::MasterKey, reach: Reach) -> MasterKey {
    let replicas = written.replicas.iter().map(|replica| Replica {
        name: replica.name.clone(),
        place: KeyPlace {
            manager: managers::manager(&replica.manager, reach),
            written: Written {
                field: replica.field.clone().or_else(|| written.field.clone()),
                encoding: replica.encoding.unwrap_or(written.encoding),
            },
        },
    });
    MasterKey {
        place: KeyPlace {
            manager: managers::manager(&written.manager, reach),
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
        in_use: written.in_use.as_ref().map(in_use),
        read_interval: written.key_read_interval.0,
    }
}

fn in_use(written: &written::InUse) -> InUse {
    match written {
        written::InUse::EnvFile(path) => InUse::EnvFile(EnvFile { path: path.clone() }),
        written::InUse::Kubernetes(_) => InUse::Unsupported {
            kind: "kubernetes".into(),
        },
    }
}
