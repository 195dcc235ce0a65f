//! A throw-away PostgreSQL for the query macros: on a Unix socket in a folder of its own, gone with its last user.

use crate::checkout::{output, succeed};
use anyhow::{Context as _, bail};
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a first start may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running cluster; dropping it stops the server and removes its folder.
pub struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    keeper: Child,
}

impl Cluster {
    /// Makes and starts one. PostgreSQL refuses to run as root, so root makes it as user `postgres`.
    pub fn start() -> anyhow::Result<Self> {
        let programs = programs()?;
        // Below /tmp, because a socket's path must be short and the other user must reach it.
        let folder = tempfile::Builder::new().prefix("muster-").tempdir_in("/tmp")?.keep();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
        let mut keeper = Command::new("sh");
        keeper
            .args(["-c", include_str!("keeper.sh"), "sh"])
            .arg(&folder)
            .arg(&programs);
        if fs::metadata(&folder)?.uid() == 0 {
            let (user, group) = (id("-u")?, id("-g")?);
            chown(&folder, Some(user), Some(group))?;
            keeper.uid(user).gid(group);
        }
        let keeper = keeper.current_dir(&folder).stdin(Stdio::piped()).spawn()?;
        let mut cluster = Self {
            folder,
            programs,
            keeper,
        };
        cluster.wait_until_it_answers()?;
        Ok(cluster)
    }

    /// For sqlx, and for anything else that takes a PostgreSQL URL.
    pub fn url(&self) -> String {
        format!("postgres:///postgres?user=postgres&host={}", self.folder.display())
    }

    /// Runs a file of SQL; its first error is an error.
    pub fn apply(&self, file: &Path) -> anyhow::Result<()> {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args([
            "--no-psqlrc",
            "--quiet",
            "--set",
            "ON_ERROR_STOP=1",
            "--dbname",
            &self.url(),
            "--file",
        ])
        .arg(file);
        succeed(psql.stdout(Stdio::null()))
    }

    fn wait_until_it_answers(&mut self) -> anyhow::Result<()> {
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            if let Some(status) = self.keeper.try_wait()? {
                bail!("PostgreSQL could not be set up ({status}); its message is above");
            }
            let asked = Command::new(self.programs.join("pg_isready"))
                .args(["-q", "-d", &self.url()])
                .status()?;
            if asked.success() {
                return Ok(());
            }
            sleep(Duration::from_millis(100));
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        bail!(
            "PostgreSQL did not answer within {} s; its log:\n{log}",
            PATIENCE.as_secs()
        )
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // An error would mean that it is gone already.
        let _ = self.keeper.wait();
    }
}

/// The newest server that is installed where Debian puts it, or else whatever is on PATH.
fn programs() -> anyhow::Result<PathBuf> {
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let installed = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let newest = installed
        .filter(|path| path.join("bin/initdb").exists())
        .max_by_key(|path| version(path));
    match newest {
        Some(folder) => Ok(folder.join("bin")),
        None => output(Command::new("pg_config").arg("--bindir"))
            .map(|printed| PathBuf::from(printed.trim_end()))
            .context("no PostgreSQL server is installed; `make lint` and `make test` install it on Debian"),
    }
}

fn id(which: &str) -> anyhow::Result<u32> {
    let printed = output(Command::new("id").args([which, "postgres"])).context("there is no user `postgres`")?;
    Ok(printed.trim_end().parse()?)
}
