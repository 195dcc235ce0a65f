//! What the server of a sandbox may take of the machine. Together its processes are held by a scope of systemd, which is where control groups
//! are kept well; where that can't be had, each process is held by itself, and who reads the drill is told. Which of the two is tried on each
//! drill, like the isolation. <https://www.freedesktop.org/software/systemd/man/latest/systemd-run.html>

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use domain::time::bytes;
use rustix::process::geteuid;

use super::Sandboxes;
use crate::process::Tool;

/// Where systemd says that it is the one who runs this machine: sd_booted(3).
const BOOTED: &str = "/run/systemd/system";
/// Processes in a scope. Production's connections are many at most, and a sandbox has few.
const TASKS: u32 = 1024;
const PATIENCE: Duration = Duration::from_secs(10);

/// What a server may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Bytes of memory.
    pub memory: u64,
    /// Processors. `None`: all of them, after everything else that wants one.
    pub cpus: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 4 << 30,
            cpus: None,
        }
    }
}

/// How it is held to them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Hold {
    /// All processes together.
    pub together: bool,
    /// In words.
    pub detail: String,
}

impl Sandboxes {
    /// Finds out how servers can be held here, by trying.
    pub async fn hold(&self) -> Hold {
        let (memory, cpus) = (bytes(self.limits.memory), self.limits.cpus);
        let scope = match self.refuses_scopes().await {
            None => {
                let cpus = cpus.map_or_else(|| "lowest priority".into(), |cpus| format!("{cpus} processors"));
                return Hold {
                    together: true,
                    detail: format!("limits: {memory} of memory, {cpus}, by a scope of systemd"),
                };
            }
            Some(reason) => reason,
        };
        let cpus = cpus.map_or("", |_| ", not by a number of processors");
        Hold {
            together: false,
            detail: format!(
                "limits: {memory} of memory for each process, not for all together, lowest priority{cpus}: {scope}"
            ),
        }
    }

    /// Why there is no scope to be had.
    async fn refuses_scopes(&self) -> Option<String> {
        if !Path::new(BOOTED).is_dir() {
            return Some("systemd doesn’t run this machine".into());
        }
        if !geteuid().is_root() {
            return Some("only root may ask systemd for a scope".into());
        }
        let mut words = self.limits.scope();
        words.push("true".into());
        let tried = Tool::new("systemd-run")
            .invoke(words)
            .time_limit(PATIENCE)
            .output()
            .await;
        tried.err().map(|error| error.to_string())
    }
}

impl Limits {
    /// Arguments of `systemd-run` before the command.
    pub(super) fn scope(&self) -> Vec<OsString> {
        let mut words = vec!["--scope".to_owned(), "--quiet".into(), "--collect".into()];
        let mut limit = |name: &str, value: String| words.extend(["-p".to_owned(), format!("{name}={value}")]);
        limit("MemoryMax", self.memory.to_string());
        limit("MemorySwapMax", "0".into());
        limit("TasksMax", TASKS.to_string());
        if let Some(cpus) = self.cpus {
            limit("CPUQuota", format!("{}%", cpus.saturating_mul(100)));
        }
        words.push("--".into());
        words.into_iter().map(Into::into).collect()
    }

    /// `prlimit` and its arguments before the command: what holds for each process, however it is held otherwise.
    pub(super) fn each(&self) -> [OsString; 3] {
        [
            "prlimit".into(),
            "--core=0".into(),
            format!("--as={}", self.memory).into(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_asked_for_what_is_allowed() {
        let limits = Limits {
            memory: 1 << 30,
            cpus: Some(2),
        };
        let words: Vec<_> = limits
            .scope()
            .into_iter()
            .filter_map(|word| word.into_string().ok())
            .collect();
        let asked = words.join(" ");
        assert!(
            asked.contains("-p MemoryMax=1073741824") && asked.contains("-p CPUQuota=200%"),
            "{asked}"
        );
        assert!(asked.ends_with(" --"), "{asked}");
    }
}
