//! The state of the stanza, of each repository, and of what runs right now.

use domain::status::Status;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::fields::{Fields, Needed as _, Reason};
use super::quoted;

/// One repository, as far as `info` tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepoState {
    pub key: u32,
    /// `none`, `aes-256-cbc`, …; `None`: pgBackRest didn't say, so it isn't known whether the backups need a passphrase.
    pub cipher: Option<String>,
    pub status: Status,
    /// pgBackRest's own number for it.
    pub code: Option<u64>,
    pub message: String,
}

/// What pgBackRest does at this moment, by its locks. They lie on the host that makes the backups, so that none is seen elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub backup: Option<Running>,
    pub restore: Option<Running>,
}

/// One command that runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// Bytes to copy, and copied so far. `None` before the copying begins, and in versions before 2.48.
    pub size: Option<u64>,
    pub done: Option<u64>,
    /// By repository, from 2.59 on.
    pub repos: Vec<RepoProgress>,
}

/// The part of a running backup that goes to one repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepoProgress {
    pub repo: u32,
    pub size: Option<u64>,
    pub done: Option<u64>,
}

/// A code with pgBackRest's words for it.
pub(super) struct Code {
    pub number: Option<u64>,
    pub status: Status,
    pub message: String,
}

impl Code {
    /// A status that isn't there is no good one.
    pub fn read(of: Fields<'_>) -> Result<Self, Reason> {
        let status = of.object("status").needed("status")?;
        let number = status.number("code").needed("status.code")?;
        Ok(Self {
            number: Some(number),
            status: judge(number),
            message: match status.text("message")?.map(quoted) {
                Some(message) if !message.is_empty() => message,
                _ if number == 0 => "ok".into(),
                _ => format!("status code {number}"),
            },
        })
    }

    pub fn missing() -> Self {
        Self {
            number: None,
            status: Status::Unknown,
            message: "pgBackRest gave no status".into(),
        }
    }
}

/// 0 ok. 1 missing stanza path, 2 no valid backups, 3 missing stanza data and 5 (the repositories belong to different clusters) are
/// facts. The rest means that something couldn't be read: 4 (differs across repositories: theirs say how), 6 (backup not found), 99.
const fn judge(code: u64) -> Status {
    match code {
        0 => Status::Ok,
        1..=3 | 5 => Status::Broken,
        _ => Status::Unknown,
    }
}

impl RepoState {
    pub(super) fn read(value: &Value) -> Result<Self, Reason> {
        let fields = Fields::of(value)?;
        let key = fields.small("key").needed("key")?;
        let cipher = fields.text("cipher")?.map(quoted);
        let code = Code::read(fields).map_err(|reason| format!("repo{key}: {reason}"))?;
        Ok(Self {
            key,
            cipher,
            status: code.status,
            code: code.number,
            message: code.message,
        })
    }
}

impl Progress {
    /// The locks of a stanza's status. `None`: it holds none.
    pub(super) fn read(stanza: Fields<'_>) -> Result<Option<Self>, Reason> {
        let status = stanza.object("status")?;
        let Some(lock) = status
            .and_then(|status| status.object("lock").transpose())
            .transpose()?
        else {
            return Ok(None);
        };
        let progress = Self {
            backup: Running::read(lock, "backup")?,
            restore: Running::read(lock, "restore")?,
        };
        Ok((progress != Self::default()).then_some(progress))
    }

    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        // Without a size it may as well be `expire`, which takes the same lock.
        let backup = self.backup.as_ref().map(|running| match running.percent() {
            Some(percent) => format!("a backup is running: {percent} %"),
            None => "a backup is running, or backups are being expired".into(),
        });
        let restore = self.restore.as_ref().map(|running| match running.percent() {
            Some(percent) => format!("a restore is running: {percent} %"),
            None => "a restore is running".into(),
        });
        backup.into_iter().chain(restore).collect::<Vec<_>>().join("; ")
    }
}

impl Running {
    fn read(lock: Fields<'_>, command: &str) -> Result<Option<Self>, Reason> {
        let Some(fields) = lock.object(command)? else {
            return Ok(None);
        };
        if fields.flag("held")? != Some(true) {
            return Ok(None);
        }
        let repos = fields.list("repo")?.unwrap_or_default();
        Ok(Some(Self {
            size: fields.number("size")?,
            done: fields.number("size-cplt")?,
            repos: repos.iter().map(RepoProgress::read).collect::<Result<_, _>>()?,
        }))
    }

    /// Whole percent that are done, never more than all.
    #[must_use]
    pub fn percent(&self) -> Option<u64> {
        let (size, done) = (self.size?, self.done?);
        let percent = u128::from(done.min(size)) * 100 / u128::from(size.max(1));
        u64::try_from(percent).ok()
    }
}

impl RepoProgress {
    fn read(value: &Value) -> Result<Self, Reason> {
        let fields = Fields::of(value)?;
        Ok(Self {
            repo: fields.small("key").needed("key")?,
            size: fields.number("size")?,
            done: fields.number("size-cplt")?,
        })
    }
}
