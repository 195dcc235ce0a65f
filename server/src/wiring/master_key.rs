//! The secret manager and the key in use.

use adapters::key_files::{EnvFile, KeyFiles};
use recovery::settings::{InUse, Manager, MasterKey};

use crate::config::deployment as written;

pub fn master_key(written: &written::MasterKey) -> MasterKey {
    MasterKey {
        manager: manager(written),
        in_use: written.in_use.as_ref().map(in_use),
        read_interval: written.key_read_interval.0,
    }
}

fn manager(written: &written::MasterKey) -> Manager {
    let unsupported = |kind: String| Manager::Unsupported { kind };
    match (&written.manager, written.proof) {
        (manager, written::Proof::Metadata) => {
            unsupported(format!("{}, of which values are never read", manager.kind()))
        }
        // A file holds the value alone.
        (written::Manager::File(_), _) if written.field.is_some() => unsupported("file with a field in it".into()),
        (written::Manager::File(folder), written::Proof::Values) => Manager::Files(KeyFiles {
            dir: folder.dir.clone(),
            encoding: written.encoding,
        }),
        (other, written::Proof::Values) => unsupported(other.kind().into()),
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
