//! Tells a full disk and a barred folder from other reasons why PostgreSQL didn't do its work.

use std::{
    fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use super::{ClusterError, layout::Layout, spec::ClusterSpec};
use crate::process::{ProcessError, RunAs};

/// With less room than one WAL segment no server starts, and its log may be too full to say so.
const TOO_LITTLE: u64 = 16 * 1024 * 1024;

/// Why `initdb` failed.
pub(super) fn initdb(spec: &ClusterSpec, layout: &Layout, source: ProcessError) -> ClusterError {
    let said = match &source {
        ProcessError::Failed { tail, .. } | ProcessError::Killed { tail, .. } => tail.join("\n"),
        ProcessError::NotStarted { source, .. } => source.to_string(),
        _ => String::new(),
    };
    known_cause(spec, layout, &said).unwrap_or_else(|| ClusterError::Initialise {
        folder: layout.folder().to_owned(),
        source,
    })
}

/// Why a server ended before it was ready.
pub(super) fn server(spec: &ClusterSpec, layout: &Layout, status: String, log: String) -> ClusterError {
    known_cause(spec, layout, &log).unwrap_or_else(|| ClusterError::Died {
        data: layout.data(),
        status,
        log,
    })
}

/// Why Muster's own file operation failed.
pub(super) fn file_error(layout: &Layout, what: &'static str, path: &Path, source: io::Error) -> ClusterError {
    if source.kind() == io::ErrorKind::StorageFull {
        return disk_full(layout, source.to_string());
    }
    ClusterError::file(what, path)(source)
}

fn known_cause(spec: &ClusterSpec, layout: &Layout, said: &str) -> Option<ClusterError> {
    if said.contains("No space left on device") || free_bytes(layout.folder()).is_some_and(|free| free < TOO_LITTLE) {
        return Some(disk_full(layout, said.to_owned()));
    }
    let user = spec.run_as.as_ref().filter(|_| said.contains("ermission denied"))?;
    let blocked = barred_folder(layout.folder(), user)?;
    Some(ClusterError::Unreachable {
        user: user.name.clone(),
        blocked,
    })
}

fn disk_full(layout: &Layout, detail: String) -> ClusterError {
    let free_mib = free_bytes(layout.folder()).unwrap_or_default() / (1024 * 1024);
    ClusterError::DiskFull {
        folder: layout.folder().to_owned(),
        free_mib,
        detail,
    }
}

fn free_bytes(path: &Path) -> Option<u64> {
    let status = rustix::fs::statvfs(path).ok()?;
    Some(status.f_bavail * status.f_frsize)
}

/// The uppermost folder on the way that this user may not pass, by its mode.
fn barred_folder(folder: &Path, user: &RunAs) -> Option<PathBuf> {
    let mut way: Vec<_> = folder.ancestors().collect();
    way.reverse();
    let barred = way
        .into_iter()
        .find(|dir| fs::metadata(dir).is_ok_and(|found| !may_pass(&found, user)))?;
    Some(barred.to_owned())
}

fn may_pass(found: &fs::Metadata, user: &RunAs) -> bool {
    let bit = if found.uid() == user.uid {
        0o100
    } else if found.gid() == user.gid {
        0o010
    } else {
        0o001
    };
    found.mode() & bit != 0
}
