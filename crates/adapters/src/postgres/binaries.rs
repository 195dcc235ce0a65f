//! Finds the PostgreSQL servers that are installed.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::ClusterError;
use crate::process::Tool;

/// Where Debian and Red Hat keep one bin folder a major version: the folder above, and what follows the version.
const PACKAGED: [(&str, &str, &str); 2] = [("/usr/lib/postgresql", "", "bin"), ("/usr", "pgsql-", "bin")];
const NEEDED: [&str; 2] = ["initdb", "postgres"];

/// The programs of one installed PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binaries {
    /// Folder that holds `postgres`, `initdb`, `pg_dump` and the others.
    pub dir: PathBuf,
    /// Major version, as in `PG_VERSION`.
    pub major: u32,
    /// Full version, for example `15.18`.
    pub version: String,
}

impl Binaries {
    /// The server in `explicit`, or else the newest that is installed.
    pub fn find(explicit: Option<&Path>) -> Result<Self, ClusterError> {
        let found = match explicit {
            Some(dir) => Self::in_dir(dir),
            None => Self::installed().into_iter().next(),
        };
        found.ok_or_else(|| ClusterError::NoBinaries {
            looked_in: explicit.map_or_else(
                || "/usr/lib/postgresql/*/bin, /usr/pgsql-*/bin and the search path".to_owned(),
                |dir| dir.display().to_string(),
            ),
        })
    }

    /// All servers that are installed, newest first; one on the search path counts only if it is the only one.
    #[must_use]
    pub fn installed() -> Vec<Self> {
        let mut found: Vec<_> = packaged_dirs().iter().filter_map(|dir| Self::in_dir(dir)).collect();
        if found.is_empty() {
            let path = env::var_os("PATH").unwrap_or_default();
            found.extend(env::split_paths(&path).find_map(|dir| Self::in_dir(&dir)));
        }
        found.sort_by_key(|binaries| std::cmp::Reverse(binaries.major));
        found
    }

    /// One of the programs, by path.
    #[must_use]
    pub fn tool(&self, program: &str) -> Tool {
        Tool::new(self.dir.join(program))
    }

    fn in_dir(dir: &Path) -> Option<Self> {
        if !NEEDED.iter().all(|program| dir.join(program).is_file()) {
            return None;
        }
        let output = Command::new(dir.join("postgres"))
            .arg("--version")
            .env_clear()
            .output()
            .ok()?;
        let (major, version) = parse_version(&String::from_utf8_lossy(&output.stdout))?;
        Some(Self {
            dir: dir.to_owned(),
            major,
            version,
        })
    }
}

fn packaged_dirs() -> Vec<PathBuf> {
    let mut dirs = Vec::new();
    for (parent, prefix, bin) in PACKAGED {
        for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let version = name.to_str().and_then(|name| name.strip_prefix(prefix));
            if version.is_some_and(|version| version.starts_with(|first: char| first.is_ascii_digit())) {
                dirs.push(entry.path().join(bin));
            }
        }
    }
    dirs
}

/// Reads `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, also with a version as in `18beta1`.
fn parse_version(text: &str) -> Option<(u32, String)> {
    let version = text
        .strip_prefix("postgres (PostgreSQL) ")?
        .split_ascii_whitespace()
        .next()?;
    let digits = version
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(version.len());
    Some((version[..digits].parse().ok()?, version.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::parse_version;

    #[test]
    fn versions_of_all_kinds_are_read() {
        let debian = "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n";
        assert_eq!(parse_version(debian), Some((15, "15.18".to_owned())));
        assert_eq!(
            parse_version("postgres (PostgreSQL) 19beta2"),
            Some((19, "19beta2".to_owned()))
        );
        assert_eq!(parse_version("initdb (PostgreSQL) 15.18"), None);
    }
}
