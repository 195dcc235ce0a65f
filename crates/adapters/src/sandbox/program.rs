//! The program of a launcher: the file that is started, and the folder it brings along. What is handed a key is known by its content, not
//! by its name.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use domain::ids::Sha256;
use sha2::Digest as _;

use super::{SandboxError, Sandboxes};

/// Folders that every confined command sees, read-only.
const SYSTEM: [&str; 6] = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"];

/// A program's file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program {
    path: PathBuf,
}

/// The file that a command starts.
///
/// # Errors
/// If it isn't named by its whole path, or isn't there.
pub fn program_of(command: &[String]) -> Result<Program, SandboxError> {
    let path = PathBuf::from(command.first().map_or("", String::as_str));
    if !path.is_absolute() {
        return Err(SandboxError::Launcher(format!(
            "a launcher’s program is named by its whole path, not {:?}",
            path.display()
        )));
    }
    let path = path.canonicalize().map_err(SandboxError::file("found", &path))?;
    Ok(Program { path })
}

impl Program {
    /// SHA-256 of its file.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn sha256(&self) -> Result<Sha256, SandboxError> {
        let hash = || -> io::Result<Sha256> {
            let (mut file, mut hasher) = (File::open(&self.path)?, sha2::Sha256::new());
            let mut part = vec![0; 1 << 16];
            loop {
                let read = file.read(&mut part)?;
                if read == 0 {
                    return Ok(Sha256(hasher.finalize().into()));
                }
                hasher.update(&part[..read]);
            }
        };
        hash().map_err(SandboxError::file("read", &self.path))
    }

    /// How it is called: the system's own by the name that was given, since some programs go by it.
    pub(super) fn started_as(&self, given: &str) -> OsString {
        if self.is_of_the_system() {
            given.into()
        } else {
            self.path.clone().into_os_string()
        }
    }

    fn is_of_the_system(&self) -> bool {
        SYSTEM.iter().any(|system| self.path.starts_with(system))
    }

    /// What of the file system it needs besides the system's own: the folder it lies in.
    ///
    /// # Errors
    /// If that would show what Muster hides.
    pub(super) fn folder(&self, within: &Sandboxes) -> Result<Option<PathBuf>, SandboxError> {
        if self.is_of_the_system() {
            return Ok(None);
        }
        let folder = self.path.parent().unwrap_or(Path::new("/")).to_owned();
        let hidden = within.hidden.iter().chain([&within.root]);
        let shows = |hidden: &PathBuf| hidden.starts_with(&folder) || folder.starts_with(hidden);
        if folder == Path::new("/") || hidden.into_iter().any(shows) {
            return Err(SandboxError::Launcher(format!(
                "put the program into a folder of its own: {} holds what nothing inside may see",
                folder.display()
            )));
        }
        Ok(Some(folder))
    }
}
