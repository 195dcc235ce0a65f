//! The folder of one demo: what lies where in it, and whose it is. A folder that holds anything else is left alone.

use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use adapters::process::RunAs;
use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

const STATE: &str = "demo.json";
const LOCK: &str = "demo.lock";
/// A killed demo holds its lock until a child that it was just starting has become the program it was to be.
const LET_GO: Duration = Duration::from_secs(2);
const AGAIN: Duration = Duration::from_millis(50);
/// What making a demo leaves in its folder; all that is ever removed from it.
const MADE: [&str; 8] = [
    "ampora",
    "ampora.env",
    "dumps",
    "keys",
    "muster.toml",
    "pgbackrest",
    "pgbackrest.conf",
    "secrets",
];

/// A folder that belongs to this process until it is dropped.
pub(crate) struct Folder {
    root: PathBuf,
    _lock: File,
}

/// What is known of the demo in a folder.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    /// Everything was made: database, backups, keys.
    pub complete: bool,
    /// Where the identity provider listened. Its people are known by its address, so it is kept where possible.
    pub provider_port: Option<u16>,
}

impl Folder {
    /// Takes the folder, made if it is missing, and tells what an earlier demo got done in it.
    ///
    /// # Errors
    /// If it holds something else than a demo, if another demo runs in it, or if it can't be written.
    pub fn claim(dir: &Path) -> anyhow::Result<(Self, State)> {
        fs::create_dir_all(dir)
            .with_context(|| format!("{} can't be made. Name another --data-dir.", dir.display()))?;
        let root = dir
            .canonicalize()
            .with_context(|| format!("{} can't be entered", dir.display()))?;
        refuse_strangers(&root)?;
        let lock = lock(&root)?;
        // PostgreSQL's user passes through it where Muster is root; each thing in it has stricter rights of its own.
        let mode = if RunAs::unprivileged()?.is_some() { 0o711 } else { 0o700 };
        fs::set_permissions(&root, Permissions::from_mode(mode))?;
        let folder = Self { root, _lock: lock };
        let state = folder.state()?;
        Ok((folder, state))
    }

    fn state(&self) -> anyhow::Result<State> {
        match fs::read(self.root.join(STATE)) {
            Ok(text) => serde_json::from_slice(&text).with_context(|| {
                format!(
                    "{} isn't what a demo writes. Name another --data-dir.",
                    self.root.join(STATE).display()
                )
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(State::default()),
            Err(error) => Err(error.into()),
        }
    }

    /// Notes how far the demo is, all or nothing.
    pub fn remember(&self, state: &State) -> anyhow::Result<()> {
        self.write_private(&self.root.join(STATE), &serde_json::to_vec_pretty(state)?)
    }

    /// Removes what an attempt that was cut short left behind. Its server must be stopped.
    pub fn clear(&self) -> anyhow::Result<()> {
        for name in MADE {
            let path = self.root.join(name);
            let removed = if path.is_dir() {
                fs::remove_dir_all(&path)
            } else {
                fs::remove_file(&path)
            };
            match removed {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("{} can't be removed", path.display()));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Makes a folder that only its owner may enter.
    pub fn make(&self, path: &Path, owner: Option<&RunAs>) -> anyhow::Result<()> {
        let make = || {
            fs::create_dir_all(path)?;
            fs::set_permissions(path, Permissions::from_mode(0o700))?;
            owner.map_or(Ok(()), |user| chown(path, Some(user.uid), Some(user.gid)))
        };
        make().with_context(|| format!("{} can't be made", path.display()))
    }

    /// Writes a file for its owner's eyes, all or nothing.
    pub fn write_private(&self, path: &Path, content: &[u8]) -> anyhow::Result<()> {
        let write = || {
            // Made with mode 0600, under another name until it is whole.
            let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(&self.root))?;
            io::Write::write_all(&mut file, content)?;
            file.as_file().sync_all()?;
            file.persist(path)?;
            io::Result::Ok(())
        };
        write().with_context(|| format!("{} can't be written", path.display()))
    }

    /// The Ampora database's cluster.
    pub fn cluster(&self) -> PathBuf {
        self.root.join("ampora")
    }

    /// Environment of the running Ampora, with the key it was started with.
    pub fn environment(&self) -> PathBuf {
        self.root.join("ampora.env")
    }

    pub fn dumps(&self) -> PathBuf {
        self.root.join("dumps")
    }

    /// The file secret manager.
    pub fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    /// Where approved keys may be put: a folder for each name.
    pub fn standby(&self) -> PathBuf {
        self.root.join("standby-{name}")
    }

    pub fn secrets(&self) -> PathBuf {
        self.root.join("secrets")
    }

    /// pgBackRest's repository and locks.
    pub fn backrest(&self) -> PathBuf {
        self.root.join("pgbackrest")
    }

    pub fn backrest_config(&self) -> PathBuf {
        self.root.join("pgbackrest.conf")
    }

    /// The console's configuration.
    pub fn config(&self) -> PathBuf {
        self.root.join("muster.toml")
    }

    /// Where the console keeps its own files. The demo never touches them.
    pub fn console_data(&self) -> PathBuf {
        self.root.join("muster")
    }
}

fn refuse_strangers(root: &Path) -> anyhow::Result<()> {
    let names: Vec<_> = fs::read_dir(root)?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<Result<_, _>>()?;
    let stranger = names.iter().find(|name| *name != LOCK);
    if let Some(stranger) = stranger
        && !names.iter().any(|name| name == STATE)
    {
        bail!(
            "{} holds {} and no demo. Nothing was changed; name an empty folder, or leave --data-dir out.",
            root.display(),
            stranger.display()
        );
    }
    Ok(())
}

fn lock(root: &Path) -> anyhow::Result<File> {
    let file = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(false)
        .open(root.join(LOCK))?;
    let since = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if since.elapsed() < LET_GO => sleep(AGAIN),
            Err(TryLockError::WouldBlock) => {
                bail!(
                    "Another demo runs in {}. It is unharmed; stop it first, or name another --data-dir.",
                    root.display()
                )
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("{} can't be locked", root.display()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_holds_something_else_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("thesis.tex"), "years of work").unwrap();
        let refused = Folder::claim(dir.path()).err().unwrap().to_string();
        assert!(refused.contains("thesis.tex"), "{refused}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn one_folder_serves_one_demo_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let first = Folder::claim(dir.path()).unwrap();
        assert!(
            Folder::claim(dir.path())
                .err()
                .unwrap()
                .to_string()
                .contains("Another demo runs")
        );
        drop(first);
        Folder::claim(dir.path()).unwrap();
    }

    #[test]
    fn what_was_remembered_is_found_and_clearing_takes_only_what_was_made() {
        let dir = tempfile::tempdir().unwrap();
        let (folder, state) = Folder::claim(dir.path()).unwrap();
        assert_eq!(state, State::default());
        let done = State {
            complete: true,
            provider_port: Some(8081),
        };
        folder.remember(&done).unwrap();
        fs::create_dir_all(folder.console_data()).unwrap();
        fs::create_dir_all(folder.keys()).unwrap();
        folder.clear().unwrap();
        assert!(folder.console_data().exists() && !folder.keys().exists());
        drop(folder);
        assert_eq!(Folder::claim(dir.path()).unwrap().1, done);
    }
}
