//! Removes what an earlier Muster left that was killed, and what was kept long enough.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use domain::time::Timestamp;
use rustix::process::Signal;

use super::place::{RECORD, Record, remove};
use super::{SandboxError, Sandboxes};
use crate::process::ProcessIdentity;

/// A supervisor that lost its Muster gives its server five seconds.
const PATIENCE: Duration = Duration::from_secs(15);
const LOOK: Duration = Duration::from_millis(50);

/// What a sweep found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Swept {
    pub removed: usize,
    /// Failed drills that stay for a while.
    pub kept: usize,
}

impl Sandboxes {
    /// Ends and removes sandboxes whose Muster is gone, and kept ones whose time is over. Those of a living Muster are let alone.
    ///
    /// # Errors
    /// If one can't be removed.
    pub async fn sweep(&self, now: Timestamp) -> Result<Swept, SandboxError> {
        let mut swept = Swept::default();
        let entries = match fs::read_dir(&self.root) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(swept),
            entries => entries.map_err(SandboxError::file("listed", &self.root))?,
        };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.extension().is_none_or(|extension| extension != RECORD) {
                continue;
            }
            let Some(record) = read(&path).filter(|record| self.is_own(record)) else {
                tracing::warn!(record = %path.display(), "a sandbox’s record can’t be read; it stays");
                continue;
            };
            if record.kept_until.is_some_and(|until| until > now) {
                swept.kept += 1;
                continue;
            }
            if record.kept_until.is_none() && record.owner.is_alive() {
                continue;
            }
            end(&record).await;
            remove(&record.folder, &record.socket_dir, &path).await?;
            tracing::info!(drill = %record.id, "removed the sandbox of a drill that ended without it");
            swept.removed += 1;
        }
        Ok(swept)
    }

    /// A record is only believed about folders that this Muster would have made.
    fn is_own(&self, record: &Record) -> bool {
        let name = record
            .socket_dir
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        record.folder.parent() == Some(&self.root)
            && record.socket_dir.parent() == Some(Path::new("/tmp"))
            && name.starts_with("muster-drill-")
    }
}

pub(super) fn read(path: &Path) -> Option<Record> {
    serde_json::from_str(&fs::read_to_string(path).ok()?).ok()
}

/// Ends what still runs of it, and waits until it has: every process that works in its folder, and the supervisor of its server.
pub(super) async fn end(record: &Record) {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        let inside = inhabitants(&record.folder);
        let held = [record.server, record.launched].into_iter().flatten();
        if inside.is_empty() && !held.into_iter().any(ProcessIdentity::is_alive) {
            return;
        }
        // The supervisor ends its server by itself; killed, it would leave it behind.
        for process in inside {
            // One that is gone already is what everybody hopes for.
            let _ = process.signal(Signal::KILL);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Processes whose working directory lies in the folder, also as a confined one sees it.
fn inhabitants(folder: &Path) -> Vec<ProcessIdentity> {
    let Ok(folder) = folder.canonicalize() else {
        return Vec::new();
    };
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let inside = |pid: &i32| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(&folder));
    pids.filter(inside).filter_map(ProcessIdentity::of).collect()
}
