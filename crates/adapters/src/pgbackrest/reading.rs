//! One reading of a stanza: its backups, and the WAL that each of them needs.

use std::collections::{BTreeMap, BTreeSet};

use domain::backup::Backup;
use domain::status::Status;
use domain::wal::Segment;
use domain::window::{Anchor, Archive, Branch};
use futures::future::join_all;

use super::archive::{Listing, newest_branch};
use super::info::{ArchiveEntry, Entry, Info};
use super::words::quoted;
use super::{PgBackRest, PgBackRestError, Repositories, complete, segment_size};

/// History files that are fetched at the same time. A cluster that often fails over has hundreds.
const AT_ONCE: usize = 4;
/// Segments that are named where many have the same fault.
const NAMED: usize = 3;

/// Segments with two contents that are remembered of an archive.
const DOUBLED: usize = 100;

/// An archive as it was found, and what of it can't be believed.
struct Found {
    archive: Archive,
    doubts: Vec<String>,
    /// Segments that lie there twice.
    doubled: Vec<String>,
}

impl PgBackRest {
    /// Reads backups and WAL archives. What can't be read of one repository leaves the others readable.
    ///
    /// # Errors
    /// If the tool doesn't answer, or its answer isn't understood.
    pub async fn read(&self) -> Result<Repositories, PgBackRestError> {
        let (info, failure) = self.info(&[]).await?;
        let mut backups = info.backups(&self.name);
        let (mut archives, mut unread) = (Vec::new(), Vec::from_iter(failure));
        let mut doubled = Vec::new();
        for place in info.archives() {
            match self.archive(&info, place).await {
                Ok(found) => {
                    let archive = found.archive;
                    unread.extend(found.doubts);
                    doubled.extend(found.doubled.into_iter().map(|name| (archive.repo, name)));
                    let anchors = anchor(&info, place, &archive, &mut backups);
                    archives.push((archive, anchors));
                }
                Err(reason) => unread.push(format!("{}: {reason}", name(place))),
            }
        }
        without_archive(&info, &mut backups);
        self.forget_expired(&mut backups).await?;
        let (status, detail) = info.judge();
        Ok(Repositories {
            status,
            detail,
            repos: info.repos().to_vec(),
            progress: info.progress().cloned(),
            backups,
            archives,
            unread,
            doubled,
            not_understood: info.not_understood().to_vec(),
        })
    }

    /// Lists backups alone, with how the stanza stands by the tool's own word. What could not be read of it stands in the words.
    ///
    /// # Errors
    /// If the tool doesn't answer, or its answer isn't understood.
    pub async fn listed(&self) -> Result<(Vec<Backup>, Status, String), PgBackRestError> {
        let (info, failure) = self.info(&[]).await?;
        let (status, detail) = info.judge();
        let (status, detail) = match failure {
            Some(failure) => (Status::group([status, Status::Unknown]), format!("{detail}; {failure}")),
            None => (status, detail),
        };
        Ok((info.backups(&self.name), status, detail))
    }

    /// What `info` says, whatever its exit status: it may fail and answer all the same. The failure comes beside the answer.
    pub(super) async fn info(&self, options: &[&str]) -> Result<(Info, Option<String>), PgBackRestError> {
        let call = self.invoke(&[&["info", "--output=json"], options].concat());
        let output = complete(call.outcome().await?)?;
        let info = Info::parse(&output.stdout, &self.stanza);
        match (info, output.succeeded()) {
            (Ok(info), Ok(_)) => Ok((info, None)),
            (Ok(info), Err(failure)) => Ok((info, Some(quoted(&failure.to_string())))),
            (Err(error), Ok(_)) => Err(error.into()),
            (Err(_), Err(failure)) => Err(failure.into()),
        }
    }

    async fn archive(&self, info: &Info, place: &ArchiveEntry) -> Result<Found, String> {
        let path = format!("archive/{}/{}", self.stanza, place.id);
        let repo = format!("--repo={}", place.database.repo);
        let said = self
            .call(&["repo-ls", &repo, "--recurse", "--output=json", &path])
            .await;
        let listing = Listing::parse(&said.map_err(|error| error.to_string())?);
        let listing = listing.map_err(|error| format!("its listing is no JSON that Muster understands: {error}"))?;
        let starts = of_database(info, place).filter_map(|(_, entry)| {
            let ((position, _), (start, _)) = (entry.lsn?, entry.wal.as_ref()?);
            Some((position, start.as_str()))
        });
        let segment_size = segment_size::derive(starts, listing.highest_place())?;
        let mut doubts = doubts(&listing, place);
        let segments = listing.segments(segment_size);
        let timelines = segments.keys().map(|segment| segment.timeline).collect();
        let branches = self.branches(&listing, timelines, &repo, &path, &mut doubts).await?;
        let archive = Archive {
            source: self.name.clone(),
            repo: place.database.repo,
            system: info.system(place.database),
            segment_size,
            segments,
            branches,
        };
        Ok(Found {
            archive,
            doubts,
            doubled: listing.doubled.iter().take(DOUBLED).cloned().collect(),
        })
    }

    /// Where the timelines began of which there are segments, and those they come from. A history file never changes, and old ones are
    /// of no use.
    async fn branches(
        &self,
        listing: &Listing,
        mut wanted: BTreeSet<u32>,
        repo: &str,
        path: &str,
        doubts: &mut Vec<String>,
    ) -> Result<BTreeMap<u32, Branch>, String> {
        let mut branches: BTreeMap<u32, Branch> = BTreeMap::new();
        let mut asked = BTreeSet::new();
        while !wanted.is_empty() {
            let files = wanted.iter().filter_map(|timeline| {
                let file = listing.histories.get(timeline)?;
                Some((*timeline, format!("{path}/{file}")))
            });
            for (timeline, text) in self.histories(repo, files.collect()).await {
                let text = text.map_err(|error| format!("the history of timeline {timeline}: {error}"))?;
                if let Some(branch) = newest_branch(&text) {
                    branches.insert(timeline, branch);
                } else {
                    doubts.push(format!(
                        "{path}, {repo}: the history of timeline {timeline} names no parent"
                    ));
                }
            }
            asked.append(&mut wanted);
            let parents = branches.values().map(|branch| branch.parent);
            wanted = parents.filter(|parent| !asked.contains(parent)).collect();
        }
        Ok(branches)
    }

    /// The texts of history files, by timeline.
    async fn histories(&self, repo: &str, files: Vec<(u32, String)>) -> Vec<(u32, Result<Vec<u8>, PgBackRestError>)> {
        let mut texts = Vec::new();
        for few in files.chunks(AT_ONCE) {
            let arguments: Vec<_> = few.iter().map(|(_, file)| ["repo-get", repo, file.as_str()]).collect();
            let said = join_all(arguments.iter().map(|arguments| self.call(arguments))).await;
            texts.extend(few.iter().map(|(timeline, _)| *timeline).zip(said));
        }
        texts
    }

    /// A backup that expired while its archive was listed lacks its WAL for a good reason. One that is still there does not.
    async fn forget_expired(&self, backups: &mut Vec<Backup>) -> Result<(), PgBackRestError> {
        if backups.iter().all(|backup| backup.status != Status::Broken) {
            return Ok(());
        }
        let (now, _) = self.info(&[]).await?;
        let read = now.repos().iter().filter(|repo| repo.status != Status::Unknown);
        let read: BTreeSet<_> = read.map(|repo| repo.key).collect();
        let still = now.backups(&self.name);
        let still: BTreeSet<_> = still.iter().map(|backup| (backup.repo, &backup.label)).collect();
        let expired = |backup: &Backup| {
            backup.repo.is_some_and(|repo| read.contains(&repo)) && !still.contains(&(backup.repo, &backup.label))
        };
        backups.retain(|backup| backup.status != Status::Broken || !expired(backup));
        Ok(())
    }
}

fn name(place: &ArchiveEntry) -> String {
    format!("WAL archive {} of repo{}", place.id, place.database.repo)
}

fn doubts(listing: &Listing, place: &ArchiveEntry) -> Vec<String> {
    let odd = listing.not_understood;
    let odd = (odd > 0).then(|| format!("{}: {odd} entries of its listing could not be understood", name(place)));
    let twice = listing
        .doubled
        .iter()
        .take(NAMED)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    let more = listing.doubled.len().saturating_sub(NAMED);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    let doubled = (!twice.is_empty()).then(|| {
        format!(
            "{}: {twice}{more} lies there twice with different content, so pgBackRest hands out neither; are two servers archiving to it?",
            name(place)
        )
    });
    odd.into_iter().chain(doubled).collect()
}

/// The backups of the archive's database, with their index.
fn of_database<'a>(info: &'a Info, place: &'a ArchiveEntry) -> impl Iterator<Item = (usize, &'a Entry)> {
    let entries = info.entries().iter().enumerate();
    entries.filter(|(_, entry)| entry.database == place.database)
}

/// The usable backups of an archive. One that can't be made consistent isn't.
fn anchor(info: &Info, place: &ArchiveEntry, archive: &Archive, backups: &mut [Backup]) -> Vec<Anchor> {
    let mut anchors = Vec::new();
    for (index, entry) in of_database(info, place) {
        let (backup, Some((first, last))) = (&mut backups[index], &entry.wal) else {
            continue;
        };
        if backup.status != Status::Ok {
            continue;
        }
        let size = archive.segment_size;
        let (Ok(first), Ok(last)) = (Segment::parse(first, size), Segment::parse(last, size)) else {
            backup.status = Status::Unknown;
            backup.detail = "which WAL it needs could not be understood".into();
            continue;
        };
        let anchor = Anchor {
            stopped_at: entry.stopped_at,
            first,
            last,
            stop_lsn: entry.lsn.map(|(_, stop)| stop),
        };
        if let Some(missing) = archive.torn(&anchor) {
            backup.status = Status::Broken;
            backup.detail = format!(
                "it can’t be made consistent: WAL segment {} is missing",
                missing.name(size)
            );
        } else {
            anchors.push(anchor);
        }
    }
    anchors
}

/// An archive without a segment isn't listed, unless it is of the newest database.
fn without_archive(info: &Info, backups: &mut [Backup]) {
    let places: BTreeSet<_> = info.archives().iter().map(|place| place.database).collect();
    for (entry, backup) in info.entries().iter().zip(backups) {
        if backup.status == Status::Ok && entry.wal.is_some() && !places.contains(&entry.database) {
            // An entry that wasn't understood may be the one.
            let known = info.not_understood().is_empty();
            backup.status = if known { Status::Broken } else { Status::Unknown };
            backup.detail = "no archive with the WAL it needs is listed".into();
        }
    }
}
