//! Everything the operating system needs to know to start a tool, in a form that can be sent to a supervisor.

use std::{ffi::OsString, io, path::Path, process::Stdio};

use serde::{Deserialize, Serialize};
use tokio::process::Command;
use zeroize::Zeroize;

use super::{ProcessError, RunAs, SEARCH_PATH, error::package_of};

/// A program to start. No `Debug`: environment and input carry passwords.
#[derive(Serialize, Deserialize)]
pub(crate) struct Order {
    pub argv: Vec<OsString>,
    /// Variables and their values; the later of two with one name counts.
    pub environment: Vec<(OsString, OsString)>,
    pub directory: OsString,
    pub input: Option<Vec<u8>>,
    /// User and group id, if other than Muster's own.
    pub user: Option<(u32, u32)>,
    pub niceness: i32,
    /// It is killed where others are asked to end.
    pub is_killed: bool,
}

impl Order {
    pub fn new(argv: Vec<OsString>, run_as: Option<&RunAs>) -> Self {
        Self {
            argv,
            environment: base_environment(run_as),
            // Not the folder Muster was started in: an unprivileged user may be locked out of it.
            directory: "/".into(),
            input: None,
            user: run_as.map(|user| (user.uid, user.gid)),
            niceness: 0,
            is_killed: false,
        }
    }

    /// The command with exactly this environment and user, and without input or output yet. As root, a
    /// change of user also drops all supplementary groups.
    pub fn command(&self) -> Command {
        let mut words = self.argv.iter();
        let mut command = Command::new(words.next().cloned().unwrap_or_default());
        command
            .args(words)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.directory)
            .stdin(Stdio::null());
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// The error for a program that the operating system refused to start.
    pub fn refused(&self, program: &str, run_as: Option<&RunAs>, source: io::Error) -> ProcessError {
        let there = program.contains('/') && Path::new(program).exists();
        if source.kind() == io::ErrorKind::NotFound && !there && Path::new(&self.directory).is_dir() {
            return ProcessError::NotFound {
                program: program.to_owned(),
                package: package_of(program),
            };
        }
        ProcessError::NotStarted {
            program: program.to_owned(),
            user: run_as.map(|user| user.name.clone()),
            source,
        }
    }
}

impl Drop for Order {
    fn drop(&mut self) {
        self.input.zeroize();
    }
}

fn base_environment(run_as: Option<&RunAs>) -> Vec<(OsString, OsString)> {
    let own = || RunAs::current().ok().flatten();
    let home = run_as
        .cloned()
        .or_else(own)
        .map_or_else(|| "/".into(), |user| user.home);
    [
        ("PATH", SEARCH_PATH.into()),
        ("LC_ALL", "C".into()),
        ("TZ", "UTC".into()),
        ("HOME", home.into_os_string()),
    ]
    .map(|(name, value)| (name.into(), value))
    .into()
}
