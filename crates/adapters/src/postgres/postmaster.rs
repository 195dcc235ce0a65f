//! What a data directory says about a server that uses it, and what the process table says.
//!
//! `postmaster.pid` alone proves nothing: it outlives a killed server, and its number may belong to another
//! process by then. So a server counts as there only if a process named `postgres` works in the directory.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::process::ProcessIdentity;

/// The name of the server's processes in `/proc/<pid>/comm`.
const SERVER_NAME: &str = "postgres";

/// The lines of `postmaster.pid` that matter here, see `src/include/utils/pidfile.h` of PostgreSQL.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PidFile {
    pub pid: i32,
    /// First folder a Unix socket was made in; empty until the server has got that far.
    pub socket_dir: PathBuf,
    pub status: Status,
}

/// What the server says of itself in the last line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Starting,
    Ready,
    Stopping,
}

impl PidFile {
    pub fn path(data: &Path) -> PathBuf {
        data.join("postmaster.pid")
    }

    /// The file as it is now; `None` if there is none or it is being written.
    pub fn read(data: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(Self::path(data)).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        Some(Self {
            // A standalone backend writes a negative number.
            pid: lines.first()?.parse().ok().filter(|pid| *pid > 0)?,
            socket_dir: lines.get(4).copied().unwrap_or_default().into(),
            status: match lines.get(7).copied() {
                Some("ready" | "standby") => Status::Ready,
                Some("stopping") => Status::Stopping,
                _ => Status::Starting,
            },
        })
    }
}

/// Every process of a PostgreSQL server that works in this data directory, the orphans of a killed one included.
pub(super) fn inhabitants(data: &Path) -> io::Result<Vec<ProcessIdentity>> {
    // The kernel reports real paths; `data` itself may be a link to another disk.
    let data = data.canonicalize()?;
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc")? {
        // A process that ends meanwhile takes its entry with it.
        let Ok(entry) = entry else { continue };
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let is_server = fs::read_to_string(entry.path().join("comm")).is_ok_and(|name| name.trim() == SERVER_NAME);
        if is_server && fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == data) {
            found.extend(ProcessIdentity::of(pid));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::{PidFile, Status};

    #[test]
    fn a_file_in_every_state_is_read() {
        let full = "4711\n/d\n1795384942\n5432\n/tmp/muster-0a1b2c3d-101\n\n  1234 5678\nready   \n";
        let expected = PidFile {
            pid: 4711,
            socket_dir: "/tmp/muster-0a1b2c3d-101".into(),
            status: Status::Ready,
        };
        assert_eq!(PidFile::parse(full), Some(expected));
        assert_eq!(
            PidFile::parse("4711\n/d\n").map(|file| file.status),
            Some(Status::Starting)
        );
        assert_eq!(PidFile::parse(""), None);
        assert_eq!(PidFile::parse("-4711\n/d\n"), None);
        assert_eq!(PidFile::parse("garbage"), None);
    }
}
