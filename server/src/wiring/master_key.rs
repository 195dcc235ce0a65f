//! The secret manager, its copies elsewhere, and the key in use.

use std::sync::Arc;

use adapters::key_files::{EnvFile, KeyFiles};
use adapters::manager::{SecretManager, Unusable, Written};
use recovery::settings::{InUse, KeyPlace, MasterKey, Proof, Replica};

use crate::config::deployment as written;

pub fn master_key(written: &written::MasterKey) -> MasterKey {
    let replicas = written.replicas.iter().map(|replica| Replica {
        name: replica.name.clone(),
        place: KeyPlace {
            manager: manager_of(&replica.manager),
            written: Written {
                field: replica.field.clone().or_else(|| written.field.clone()),
                encoding: replica.encoding.unwrap_or(written.encoding),
            },
        },
    });
    MasterKey {
        place: KeyPlace {
            manager: manager_of(&written.manager),
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

fn manager_of(written: &written::Manager) -> Arc<dyn SecretManager> {
    match written {
        written::Manager::File(folder) => Arc::new(KeyFiles {
            dir: folder.dir.clone(),
        }),
        other => Arc::new(Unusable {
            kind: other.kind(),
            name: other.kind().into(),
            why: "not supported by this version yet".into(),
        }),
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
