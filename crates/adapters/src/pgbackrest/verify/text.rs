//! The text of `verify --output=text --verbose`, line by line:
//! ```text
//! stanza: demo
//! status: error
//!   archiveId: 15-1, total WAL checked: 8, total valid WAL: 7
//!     missing: 0, checksum invalid: 1, size invalid: 0, other: 0
//!   backup: 20261123-010123F, status: valid, total files checked: 964, total valid files: 964
//!     missing: 0, checksum invalid: 0, size invalid: 0, other: 0
//! ```
//! Seen from 2.45; the words are those of `src/command/verify/verify.c` up to 2.60.

use std::collections::{BTreeMap, BTreeSet};

use domain::status::Status;

use super::{Files, VerifiedArchive, VerifiedBackup};
use crate::pgbackrest::words::quoted;

/// What was said about one repository.
#[derive(Debug, Default)]
pub struct Report {
    repo: u32,
    /// `ok` or `error`, by its own account.
    overall: Option<String>,
    pub archives: Vec<VerifiedArchive>,
    pub backups: Vec<VerifiedBackup>,
    /// What is wrong with the repository as a whole.
    faults: Vec<String>,
    /// What can't be understood, or speaks against the text.
    pub doubts: Vec<String>,
    /// Warnings, which change nothing.
    pub remarks: Vec<String>,
}

/// What the next line of counts belongs to.
#[derive(Clone, Copy)]
enum Of {
    Nothing,
    Archive,
    Backup,
}

impl Report {
    pub fn parse(repo: u32, text: &str) -> Self {
        let mut report = Self {
            repo,
            ..Self::default()
        };
        let mut last = Of::Nothing;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match report.line(line, last) {
                Some(next) => last = next,
                None => report
                    .doubts
                    .push(format!("verify said {:?}, which Muster doesn’t know", quoted(line))),
            }
        }
        report
            .archives
            .iter_mut()
            .for_each(|archive| archive.status = archive_status(&archive.files));
        report
            .backups
            .iter_mut()
            .for_each(|backup| backup.status = backup_status(backup));
        report
    }

    /// What builds on a backup that isn't right may use the very file that is wrong: its own being valid says nothing then.
    pub fn with_parents(mut self, parents: &BTreeMap<(u32, String), String>) -> Self {
        // Labels begin with their time, so what others build on comes before them.
        self.backups.sort_by(|one, other| one.label.cmp(&other.label));
        for index in 0..self.backups.len() {
            let (earlier, rest) = self.backups.split_at_mut(index);
            let Some(backup) = rest.first_mut().filter(|backup| backup.status == Status::Ok) else {
                continue;
            };
            let parent = parents.get(&(backup.repo, backup.label.clone()));
            let parent = earlier.iter().find(|earlier| Some(&earlier.label) == parent);
            if let Some(parent) = parent.filter(|parent| parent.status != Status::Ok) {
                backup.status = Status::Unknown;
                backup.said = format!("{}, built on {}, which isn’t", backup.said, parent.label);
            }
        }
        self
    }

    /// Of a repository that verify couldn't even begin with.
    pub fn failed(reason: String) -> Self {
        Self {
            doubts: vec![reason],
            ..Self::default()
        }
    }

    /// Nothing in it was understood, or there was nothing.
    pub fn is_empty(&self) -> bool {
        self.overall.is_none() && self.archives.is_empty() && self.backups.is_empty() && self.faults.is_empty()
    }

    /// Takes in one line. `None`: it isn't known.
    fn line(&mut self, line: &str, last: Of) -> Option<Of> {
        let words: Vec<(&str, &str)> = line.split(", ").filter_map(|pair| pair.split_once(": ")).collect();
        match words.as_slice() {
            [("stanza", _)] | [("archiveId" | "backup", "none found")] => Some(Of::Nothing),
            [("status", word)] => {
                self.overall = Some(quoted(word));
                Some(Of::Nothing)
            }
            [
                ("archiveId", id),
                ("total WAL checked", total),
                ("total valid WAL", valid),
            ] => {
                self.archives.push(VerifiedArchive {
                    repo: self.repo,
                    id: quoted(id),
                    status: Status::Unknown,
                    files: counted(total, valid)?,
                });
                Some(Of::Archive)
            }
            [
                ("backup", label),
                ("status", said),
                ("total files checked", total),
                ("total valid files", valid),
            ] => {
                self.backups.push(VerifiedBackup {
                    repo: self.repo,
                    label: quoted(label),
                    status: Status::Unknown,
                    said: quoted(said),
                    files: counted(total, valid)?,
                });
                Some(Of::Backup)
            }
            [("missing" | "checksum invalid" | "size invalid" | "other", _), ..] => self.counts(&words, last),
            _ if line.starts_with("No usable ") || line == "no archives or backups exist in the repo" => {
                self.faults.push(quoted(line));
                Some(Of::Nothing)
            }
            _ => None,
        }
    }

    /// Without `--verbose` only the counts that aren't zero are printed.
    fn counts(&mut self, counts: &[(&str, &str)], last: Of) -> Option<Of> {
        let files = match last {
            Of::Archive => &mut self.archives.last_mut()?.files,
            Of::Backup => &mut self.backups.last_mut()?.files,
            Of::Nothing => return None,
        };
        for (word, count) in counts {
            let field = match *word {
                "missing" => &mut files.missing,
                "checksum invalid" => &mut files.checksum_invalid,
                "size invalid" => &mut files.size_invalid,
                "other" => &mut files.other,
                _ => return None,
            };
            *field = count.parse().ok()?;
        }
        Some(last)
    }

    /// What is wrong, and how badly. `listed` are the backups, by repository, that must be there.
    pub fn findings(&self, listed: &BTreeSet<(u32, String)>) -> Vec<(Status, String)> {
        let doubts = self.doubts.iter().map(|doubt| (Status::Unknown, doubt.clone()));
        if self.is_empty() {
            let nothing = self
                .doubts
                .is_empty()
                .then(|| (Status::Unknown, "verify printed nothing".into()));
            return doubts.chain(nothing).collect();
        }
        let mut found: Vec<_> = self
            .faults
            .iter()
            .map(|fault| (Status::Broken, fault.clone()))
            .collect();
        let torn = self.archives.iter().filter(|archive| archive.status == Status::Broken);
        found.extend(torn.map(|archive| {
            (
                Status::Broken,
                format!("WAL archive {}: {}", archive.id, words(&archive.files)),
            )
        }));
        let bad = self
            .backups
            .iter()
            .filter(|backup| backup.status != Status::Ok && !is_running(backup));
        found.extend(bad.map(|backup| {
            let files = words(&backup.files);
            (
                backup.status,
                format!("backup {}, {}: {files}", backup.label, backup.said),
            )
        }));
        found.extend(self.passed_over(listed));
        found.extend(self.nothing_read());
        found.extend(doubts);
        found.extend(self.by_its_own_account(&found));
        found
    }

    fn passed_over(&self, listed: &BTreeSet<(u32, String)>) -> impl Iterator<Item = (Status, String)> {
        let own = listed.iter().filter(|(repo, _)| *repo == self.repo);
        let seen = |label: &String| self.backups.iter().any(|backup| backup.label == quoted(label));
        own.filter(move |(_, label)| !seen(label)).map(|(_, label)| {
            (
                Status::Broken,
                format!("backup {} is listed and was not found", quoted(label)),
            )
        })
    }

    /// What nobody looked at isn't right.
    fn nothing_read(&self) -> Option<(Status, String)> {
        let read = |files: &Files| files.total > 0;
        let wal = self.archives.iter().any(|archive| read(&archive.files));
        let backups = self.backups.iter().any(|backup| read(&backup.files));
        let what = match (wal, backups) {
            (true, true) => return None,
            _ if !self.faults.is_empty() => return None,
            (false, true) => "no WAL segment",
            (true, false) => "no backup",
            (false, false) => "nothing",
        };
        Some((Status::Unknown, format!("{what} was there to verify")))
    }

    fn by_its_own_account(&self, found: &[(Status, String)]) -> Option<(Status, String)> {
        match self.overall.as_deref() {
            Some("ok") => None,
            Some("error") if found.iter().any(|(status, _)| *status == Status::Broken) => None,
            Some("error") => Some((
                Status::Broken,
                "verify reports an error and names none that Muster knows".into(),
            )),
            Some(word) => Some((
                Status::Unknown,
                format!("verify calls it {word:?}, which Muster doesn’t know"),
            )),
            None => Some((Status::Unknown, "verify printed no status".into())),
        }
    }
}

fn counted(total: &str, valid: &str) -> Option<Files> {
    Some(Files {
        total: total.parse().ok()?,
        valid: valid.parse().ok()?,
        ..Files::default()
    })
}

/// The folder of an old database may be empty; nothing is known then, and nothing is wrong.
fn archive_status(files: &Files) -> Status {
    match (files.total, files.are_right()) {
        (0, true) => Status::Unknown,
        (_, true) => Status::Ok,
        (_, false) => Status::Broken,
    }
}

/// By the word and by the counts, whichever is worse.
fn backup_status(backup: &VerifiedBackup) -> Status {
    match backup.said.as_str() {
        "valid" if !backup.files.are_right() => Status::Broken,
        "valid" if backup.files.total > 0 => Status::Ok,
        "invalid" | "manifest missing" => Status::Broken,
        _ => Status::Unknown,
    }
}

/// A backup that is being made isn't one yet.
fn is_running(backup: &VerifiedBackup) -> bool {
    backup.said == "in-progress"
}

fn words(files: &Files) -> String {
    let faults = [
        (files.missing, "missing"),
        (files.checksum_invalid, "with another checksum"),
        (files.size_invalid, "of another size"),
        (files.other, "not readable"),
    ];
    let named = faults.into_iter().filter(|(count, _)| *count > 0);
    let named: Vec<_> = named.map(|(count, what)| format!("{count} {what}")).collect();
    let right = format!("{} of {} files right", files.valid, files.total);
    [vec![right], named].concat().join(", ")
}
