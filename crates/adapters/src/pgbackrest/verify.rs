//! `pgbackrest verify` reads every byte of a repository, so it is for the night and not for the rounds. What it found is in its text: its
//! exit code is 0 whatever that was, and its own `status: ok` stands above backups whose manifest is missing.
//!
//! It doesn't see everything: a WAL segment that isn't there is no fault to it (the windows show that), and versions before 2.59 pass over
//! a backup whose folder is gone. So each backup that `info` lists must be named in the text. And some (2.55, not 2.45) call a backup valid
//! that uses a file of another one which isn't.

mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::backup::Backup;
use domain::status::Status;
use serde::{Deserialize, Serialize};

use super::words::quoted;
use super::{PgBackRest, PgBackRestError, complete};
use crate::process::Output;
pub(super) use text::Report;

/// A repository of some terabytes takes hours.
const PATIENCE: Duration = Duration::from_secs(12 * 3600);
/// Faults that are named in the summary.
const NAMED: usize = 5;

/// What `verify` found in all repositories of a stanza.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    pub status: Status,
    pub detail: String,
    pub archives: Vec<VerifiedArchive>,
    pub backups: Vec<VerifiedBackup>,
}

/// The WAL segments of one database in one repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedArchive {
    pub repo: u32,
    /// Version and history number, such as `15-1`.
    pub id: String,
    pub status: Status,
    #[serde(flatten)]
    pub files: Files,
}

/// The files of one backup, with those of other backups that it uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifiedBackup {
    pub repo: u32,
    pub label: String,
    pub status: Status,
    /// `valid`, `invalid`, `manifest missing`, `in-progress`, or whatever else was said.
    pub said: String,
    #[serde(flatten)]
    pub files: Files,
}

/// How many files were read, and what was wrong with some.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files {
    pub total: u64,
    pub valid: u64,
    pub missing: u64,
    pub checksum_invalid: u64,
    pub size_invalid: u64,
    /// Not readable, or not decryptable.
    pub other: u64,
}

impl Files {
    /// Whether each file was found to be right.
    #[must_use]
    pub fn are_right(&self) -> bool {
        self.valid == self.total && self.missing + self.checksum_invalid + self.size_invalid + self.other == 0
    }
}

impl PgBackRest {
    /// Has every file of every repository read and compared with its checksum. Takes hours; gives way to everything else on its machine.
    ///
    /// # Errors
    /// If the repositories can't even be listed. One that can't be verified makes the result unknown.
    pub async fn verify(&self) -> Result<Verification, PgBackRestError> {
        let (before, _) = self.info(&[]).await?;
        let parents = parents(before.backups(&self.name));
        let mut found = Vec::new();
        for repo in before.repos() {
            let report = self.verify_repo(repo.key).await;
            found.push((repo.key, report.map(|report| report.with_parents(&parents))));
        }
        let (after, _) = self.info(&[]).await?;
        // One that came or went meanwhile may be missing for a good reason.
        let stayed = &listed(before.backups(&self.name)) & &listed(after.backups(&self.name));
        Ok(summary(found, &stayed))
    }

    async fn verify_repo(&self, repo: u32) -> Result<Report, String> {
        let options = ["verify", &format!("--repo={repo}"), "--output=text", "--verbose"];
        let call = self.invoke(&options).time_limit(PATIENCE).low_priority();
        let output = call.outcome().await.map_err(|error| error.to_string())?;
        let output = complete(output).map_err(|error| error.to_string())?;
        read(repo, output)
    }
}

fn listed(backups: Vec<Backup>) -> BTreeSet<(u32, String)> {
    let places = backups.into_iter();
    places.filter_map(|backup| Some((backup.repo?, backup.label))).collect()
}

/// What each backup builds on, by repository and label.
fn parents(backups: Vec<Backup>) -> BTreeMap<(u32, String), String> {
    let children = backups.into_iter();
    children
        .filter_map(|backup| Some(((backup.repo?, backup.label), backup.parent?)))
        .collect()
}

/// The text counts, whatever the exit code; but a failure isn't made good by it.
fn read(repo: u32, output: Output) -> Result<Report, String> {
    let mut report = Report::parse(repo, &output.text());
    let warnings = quoted(&output.error_text());
    match output.succeeded() {
        Ok(_) if warnings.is_empty() => {}
        Ok(_) => report.remarks.push(warnings),
        Err(failure) if report.is_empty() => return Err(quoted(&failure.to_string())),
        Err(failure) => report.doubts.push(quoted(&failure.to_string())),
    }
    Ok(report)
}

fn summary(found: Vec<(u32, Result<Report, String>)>, listed: &BTreeSet<(u32, String)>) -> Verification {
    let (mut archives, mut backups) = (Vec::new(), Vec::new());
    let (mut parts, mut words) = (Vec::new(), Vec::new());
    for (repo, report) in found {
        let report = report.unwrap_or_else(Report::failed);
        let findings = report.findings(listed);
        parts.push(Status::group(
            findings.iter().map(|(status, _)| *status).chain([Status::Ok]),
        ));
        let said = findings.into_iter().map(|(_, what)| what).chain(report.remarks);
        words.extend(said.map(|what| format!("repo{repo}: {what}")));
        archives.extend(report.archives);
        backups.extend(report.backups);
    }
    if words.is_empty() {
        let segments: u64 = archives
            .iter()
            .map(|archive: &VerifiedArchive| archive.files.total)
            .sum();
        let made = backups
            .iter()
            .filter(|backup: &&VerifiedBackup| backup.status == Status::Ok)
            .count();
        words.push(format!(
            "{segments} WAL segments and {made} backups were read and are right"
        ));
    }
    let more = words.len().saturating_sub(NAMED);
    words.truncate(NAMED);
    words.extend((more > 0).then(|| format!("and {more} more")));
    Verification {
        status: Status::group(parts),
        detail: words.join("; "),
        archives,
        backups,
    }
}

#[cfg(test)]
mod tests;
