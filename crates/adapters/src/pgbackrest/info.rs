//! `pgbackrest info --output=json`: an array of stanzas. Which keys are there depends on the version, the exit code is 0 even when a
//! repository can't be read, and the text of an error may hold bytes that are no UTF-8. Each entry is read on its own, so that one of a
//! form that nobody has seen yet takes no other with it.
//! Format: <https://pgbackrest.org/command.html#command-info>; seen from 2.45 and 2.55.1.

mod chain;
mod entry;
mod fields;
mod state;

use std::collections::BTreeSet;

use domain::backup::Backup;
use domain::ids::SystemIdentifier;
use domain::status::Status;
use serde_json::Value;

use super::words::quoted;
use chain::Verdict;
use entry::DatabaseEntry;
pub(super) use entry::{ArchiveEntry, DatabaseRef, Entry};
use fields::{Fields, Needed as _, Reason};
use state::Code;

pub use state::{Progress, RepoProgress, RepoState, Running};

/// An answer that isn't what `info` prints.
#[derive(Debug, thiserror::Error)]
pub enum InfoError {
    #[error("pgBackRest printed no JSON that Muster understands: {0}")]
    Json(#[from] serde_json::Error),
    #[error("pgBackRest doesn’t know the stanza {0}; check its name and the tool’s configuration")]
    NoStanza(String),
}

/// What `info` said about one stanza.
#[derive(Debug)]
pub struct Info {
    status: Status,
    message: String,
    repos: Vec<RepoState>,
    progress: Option<Progress>,
    entries: Vec<Entry>,
    verdicts: Vec<Verdict>,
    archives: Vec<ArchiveEntry>,
    databases: Vec<DatabaseEntry>,
    not_understood: Vec<Reason>,
}

impl Info {
    /// Reads the answer; bytes that aren't UTF-8 and control characters are replaced.
    ///
    /// # Errors
    /// If it is no JSON, or the stanza isn't in it.
    pub fn parse(answer: &[u8], stanza: &str) -> Result<Self, InfoError> {
        // A quoted error may hold raw control bytes, which JSON forbids inside strings and calls white space outside.
        let text = String::from_utf8_lossy(answer).replace(|c: char| c.is_ascii_control(), " ");
        let stanzas: Vec<Value> = serde_json::from_str(&text)?;
        let mut objects = stanzas.iter().filter_map(|value| Fields::of(value).ok());
        let is_it = |fields: &Fields<'_>| matches!(fields.text("name"), Ok(Some(name)) if name == stanza);
        let found = objects.find(is_it);
        found.map(Self::read).ok_or_else(|| InfoError::NoStanza(stanza.into()))
    }

    fn read(stanza: Fields<'_>) -> Self {
        let mut doubts = Doubts::default();
        let code = doubts
            .part("the stanza", Code::read(stanza))
            .unwrap_or_else(Code::missing);
        let progress = doubts.part("the locks", Progress::read(stanza)).flatten();
        let repos = doubts.each(stanza, "repo", RepoState::read);
        if repos.is_empty() && doubts.reasons.is_empty() {
            doubts.reasons.push("no repository is listed".into());
        }
        let entries = doubts.each(stanza, "backup", Entry::read);
        for entry in &entries {
            let notes = entry
                .notes
                .iter()
                .map(|note| format!("backup {}: {}", quoted(&entry.label), quoted(note)));
            doubts.reasons.extend(notes);
        }
        Self {
            status: code.status,
            message: code.message,
            repos,
            progress,
            verdicts: chain::verdicts(&entries, &doubts.unread),
            entries,
            archives: doubts.each(stanza, "archive", ArchiveEntry::read),
            databases: doubts.each(stanza, "db", DatabaseEntry::read),
            not_understood: doubts.reasons,
        }
    }

    /// The repositories in order.
    #[must_use]
    pub fn repos(&self) -> &[RepoState] {
        &self.repos
    }

    /// What runs right now, as far as this host knows.
    #[must_use]
    pub fn progress(&self) -> Option<&Progress> {
        self.progress.as_ref()
    }

    /// The parts of the answer that are of no use, each with the reason.
    #[must_use]
    pub fn not_understood(&self) -> &[String] {
        &self.not_understood
    }

    /// The stanza's status by its codes; the exit code of the command says nothing. What wasn't understood may be anything.
    #[must_use]
    pub fn judge(&self) -> (Status, String) {
        let bad = self.repos.iter().filter(|repo| repo.status != Status::Ok);
        let mut words: Vec<_> = bad.map(|repo| format!("repo{}: {}", repo.key, repo.message)).collect();
        if words.is_empty() || self.status == Status::Broken {
            words.insert(0, self.message.clone());
        }
        words.extend(self.progress.as_ref().map(Progress::words));
        let doubt = match self.not_understood.as_slice() {
            [] => Status::Ok,
            [first, rest @ ..] => {
                let more = if rest.is_empty() {
                    String::new()
                } else {
                    format!(" (and {} more)", rest.len())
                };
                words.push(format!("not understood: {first}{more}"));
                Status::Unknown
            }
        };
        let parts = self.repos.iter().map(|repo| repo.status).chain([self.status, doubt]);
        (Status::group(parts), words.join("; "))
    }

    /// Its backups, as they are listed: oldest first.
    #[must_use]
    pub fn backups(&self, source: &str) -> Vec<Backup> {
        let judged = self.entries.iter().zip(&self.verdicts);
        judged.map(|(entry, verdict)| backup(entry, verdict, source)).collect()
    }

    /// In the order of [`Self::backups`].
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The archives that are to be listed.
    pub(super) fn archives(&self) -> &[ArchiveEntry] {
        &self.archives
    }

    pub(super) fn system(&self, database: DatabaseRef) -> Option<SystemIdentifier> {
        let found = self.databases.iter().find(|entry| entry.database == database);
        found.map(|entry| entry.system)
    }
}

/// What wasn't understood, while an answer is read.
#[derive(Default)]
struct Doubts {
    reasons: Vec<Reason>,
    /// Labels of backups that are there all the same.
    unread: BTreeSet<String>,
}

impl Doubts {
    fn part<T>(&mut self, what: &str, read: Result<T, Reason>) -> Option<T> {
        read.map_err(|reason| self.reasons.push(format!("{what}: {}", quoted(&reason))))
            .ok()
    }

    /// The entries of a list that can be read.
    fn each<T>(&mut self, stanza: Fields<'_>, list: &str, read: fn(&Value) -> Result<T, Reason>) -> Vec<T> {
        let values = self
            .part("the stanza", stanza.list(list).needed(list))
            .unwrap_or_default();
        let mut found = Vec::new();
        for (number, value) in (1..).zip(values) {
            match read(value) {
                Ok(entry) => found.push(entry),
                Err(reason) => {
                    let label = value.get("label").and_then(Value::as_str);
                    self.unread.extend(label.map(str::to_owned));
                    let name = label.map_or_else(|| format!("{number} of {}", values.len()), quoted);
                    self.reasons.push(format!("{list} {name}: {}", quoted(&reason)));
                }
            }
        }
        found
    }
}

fn backup(entry: &Entry, verdict: &Verdict, source: &str) -> Backup {
    Backup {
        source: source.into(),
        tool: "pgbackrest".into(),
        repo: Some(entry.database.repo),
        label: entry.label.clone(),
        kind: entry.kind,
        parent: entry.parent.clone(),
        started_at: Some(entry.started_at),
        stopped_at: Some(entry.stopped_at),
        start_lsn: entry.lsn.map(|(start, _)| start),
        stop_lsn: entry.lsn.map(|(_, stop)| stop),
        size_bytes: entry.size,
        stored_bytes: entry.stored,
        status: verdict.status,
        detail: verdict.detail(&entry.label),
    }
}

#[cfg(test)]
mod tests;
