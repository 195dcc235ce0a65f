//! What is to be known of a data directory before anything is done to it. Looking changes nothing.

use super::{ControlData, DatabaseHost, HostError};

/// Where distributions put a server's programs, by its major version.
const FOLDERS: [&str; 3] = [
    "/usr/lib/postgresql/{}/bin",
    "/usr/pgsql-{}/bin",
    "/usr/lib/postgresql{}/bin",
];

/// What a path is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Nothing,
    Folder,
    Other,
}

/// A data directory as it was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DataDirectory {
    pub major: u32,
    pub control: ControlData,
    /// Folder of the server's programs.
    pub bin_dir: String,
    /// Whether a server runs in it.
    pub running: bool,
    /// Bytes that are free beside it.
    pub free: u64,
    /// What makes it unfit to be restored: links, tablespaces, a folder that can’t be written to.
    pub unfit: Vec<String>,
    /// Whether a file system is mounted there, so that it can’t be renamed.
    pub mounted: bool,
}

impl DatabaseHost {
    /// What lies at a path.
    ///
    /// # Errors
    /// If the host can't be asked.
    pub async fn kind(&self, path: &str) -> Result<Kind, HostError> {
        if self.holds(&["test", "-L", path]).await? {
            return Ok(Kind::Other);
        }
        if self.holds(&["test", "-d", path]).await? {
            return Ok(Kind::Folder);
        }
        let there = self.holds(&["test", "-e", path]).await?;
        Ok(if there { Kind::Other } else { Kind::Nothing })
    }

    /// Whether this user may make files in a folder there.
    ///
    /// # Errors
    /// If the host can't be asked.
    pub async fn may_write(&self, folder: &str) -> Result<bool, HostError> {
        self.holds(&["test", "-w", folder]).await
    }

    /// Looks at a data directory. `bin_dir` is where its programs are, if that is configured.
    ///
    /// # Errors
    /// If it is none, or can't be read as this user.
    pub async fn data_directory(&self, pgdata: &str, bin_dir: Option<&str>) -> Result<DataDirectory, HostError> {
        let version = self.ask(&["cat", "--", &format!("{pgdata}/PG_VERSION")]).await?;
        let odd = |said: &str| HostError::odd(format!("{pgdata}/PG_VERSION"), said);
        let major = version.parse().map_err(|_| odd(&version))?;
        let bin_dir = self.programs(major, bin_dir).await?;
        let control = self.control_data(&bin_dir, pgdata).await?;
        Ok(DataDirectory {
            major,
            control,
            running: self.is_running(&bin_dir, pgdata).await?,
            free: self.free(pgdata).await?,
            unfit: self.unfit(pgdata).await?,
            mounted: self.holds(&["mountpoint", "-q", "--", pgdata]).await?,
            bin_dir,
        })
    }

    /// Reads a control file.
    ///
    /// # Errors
    /// If there is none.
    pub async fn control_data(&self, bin_dir: &str, pgdata: &str) -> Result<ControlData, HostError> {
        let program = format!("{bin_dir}/pg_controldata");
        let said = self.ask(&[&program, "-D", pgdata]).await?;
        ControlData::parse(&said).ok_or_else(|| HostError::odd(program, said))
    }

    /// Whether a server runs in a data directory. `pg_ctl status` ends with 3 if none does.
    ///
    /// # Errors
    /// If that can't be told.
    pub async fn is_running(&self, bin_dir: &str, pgdata: &str) -> Result<bool, HostError> {
        let program = format!("{bin_dir}/pg_ctl");
        let output = self.call(&[&program, "-D", pgdata, "status"])?.outcome().await?;
        match output.status.code() {
            Some(0) => Ok(true),
            Some(3) => Ok(false),
            _ => Err(output
                .succeeded()
                .map_or_else(HostError::from, |output| HostError::odd(program, output.text()))),
        }
    }

    async fn programs(&self, major: u32, configured: Option<&str>) -> Result<String, HostError> {
        let folders: Vec<_> = match configured {
            Some(folder) => vec![folder.to_owned()],
            None => FOLDERS.map(|folder| folder.replace("{}", &major.to_string())).into(),
        };
        for folder in &folders {
            if self.holds(&["test", "-x", &format!("{folder}/pg_ctl")]).await? {
                self.are_of(major, folder).await?;
                return Ok(folder.clone());
            }
        }
        Err(HostError::NoServer {
            host: self.name().to_owned(),
            major,
            looked: folders.join(", "),
        })
    }

    /// Makes sure that programs are of this major version: another one's misread a control file, or start nothing. `pg_ctl --version` says
    /// `pg_ctl (PostgreSQL) 16.4`.
    async fn are_of(&self, major: u32, folder: &str) -> Result<(), HostError> {
        let found = self.ask(&[&format!("{folder}/pg_ctl"), "--version"]).await?;
        let number = found.split_whitespace().find_map(|word| {
            let digits = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
            word[..digits].parse::<u32>().ok()
        });
        if number == Some(major) {
            return Ok(());
        }
        Err(HostError::OtherServer {
            folder: folder.to_owned(),
            host: self.name().to_owned(),
            found: found.chars().take(100).collect(),
            major,
        })
    }

    async fn free(&self, pgdata: &str) -> Result<u64, HostError> {
        let said = self
            .ask(&["df", "--output=avail", "--block-size=1", "--", above(pgdata)])
            .await?;
        let free = said.lines().last().and_then(|line| line.trim().parse().ok());
        free.ok_or_else(|| HostError::odd("df", said))
    }

    /// Bytes of a data directory, and of its WAL. Files that come and go meanwhile don't matter.
    ///
    /// # Errors
    /// If that can't be told.
    pub async fn sizes(&self, pgdata: &str) -> Result<(u64, u64), HostError> {
        let wal = format!("{pgdata}/pg_wal");
        Ok((self.size(pgdata).await?, self.size(&wal).await?))
    }

    async fn size(&self, path: &str) -> Result<u64, HostError> {
        let output = self
            .call(&["du", "-s", "--block-size=1", "--", path])?
            .outcome()
            .await?;
        let size = output
            .text()
            .split_whitespace()
            .next()
            .and_then(|size| size.parse().ok());
        size.ok_or_else(|| HostError::odd("du", output.error_text()))
    }

    async fn unfit(&self, pgdata: &str) -> Result<Vec<String>, HostError> {
        let mut reasons = Vec::new();
        let real = self.ask(&["readlink", "-f", "--", pgdata]).await?;
        if real != pgdata {
            reasons.push(format!("{pgdata} leads to {real}; name the folder itself as pgdata"));
        }
        if self.kind(&format!("{pgdata}/pg_wal")).await? != Kind::Folder {
            reasons.push(format!(
                "{pgdata}/pg_wal isn’t a folder of its own but a link; a swap would part the WAL from its cluster"
            ));
        }
        let spaces = self.ask(&["ls", "-A", "--", &format!("{pgdata}/pg_tblspc")]).await?;
        if !spaces.is_empty() {
            reasons.push(
                "the cluster has tablespaces, which lie outside of its directory and aren’t swapped with it".into(),
            );
        }
        let parent = above(pgdata);
        if !self.holds(&["test", "-w", parent]).await? {
            reasons.push(format!(
                "{parent} can’t be written to, so nothing can be put beside the data directory"
            ));
        }
        if !self.holds(&["test", "-O", pgdata]).await? {
            reasons.push(format!(
                "{pgdata} doesn’t belong to the user that commands run as there"
            ));
        }
        Ok(reasons)
    }
}

/// The folder that something lies in.
fn above(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some((parent, _)) if !parent.is_empty() => parent,
        _ => "/",
    }
}
