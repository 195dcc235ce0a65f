//! Which backups there are for a drill, as its own tool sees them, and what the chosen one needs.

use adapters::dumps::DumpFile;
use adapters::pgbackrest::{PgBackRest, RepoSecrets};
use adapters::rds::Rds;
use domain::backup::{Backup, Kind};
use domain::drill::{Candidate, Choice, Chosen, Failure, NoBackup, WalNeeded, pick};
use domain::status::Status;
use domain::wal::Segment;
use domain::window::{Anchor, Archive, Window};

use super::managed::{Managed, Moment};
use crate::settings::{Deployment, Dumps, Source};

/// A backup that was chosen, with what it takes to restore it.
pub struct Plan {
    pub chosen: Chosen,
    pub way: Way,
    /// Sources that couldn't be read meanwhile.
    pub unread: Vec<String>,
}

pub enum Way {
    Physical(Box<Physical>),
    Dump { dumps: Box<Dumps>, file: Box<DumpFile> },
    Managed(Box<Managed>, Moment),
}

pub struct Physical {
    pub label: String,
    pub stanza: PgBackRest,
    pub repo: u32,
    pub escrow: Option<RepoSecrets>,
    pub wal: WalNeeded,
    pub major: Option<u32>,
}

/// How far WAL is replayed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// The newest segment there is: a hole before it is a fault of the backup.
    Newest,
    /// The end of the furthest window that the backup leads into.
    Window,
    /// The backup's own end.
    Consistent,
}

/// What lies in the archives of a stanza, with the backups that begin in each.
type Archives = Vec<(Archive, Vec<Anchor>)>;

/// Everything that was found, by the source that it lies in.
#[derive(Default)]
struct Found {
    candidates: Vec<Candidate>,
    stanzas: Vec<(PgBackRest, Archives)>,
    files: Vec<(Dumps, DumpFile)>,
    managed: Vec<Managed>,
    unread: Vec<String>,
}

/// Looks at all sources and picks one backup.
///
/// # Errors
/// If there is none, or the WAL that it needs has a hole.
pub async fn choose(deployment: &Deployment, choice: &Choice, draw: u64) -> Result<Plan, Failure> {
    let found = find(deployment, choice).await;
    let (candidate, to_the_end) = match pick(&found.candidates, choice, draw) {
        Ok(picked) => picked,
        Err(why) => return Err(nothing(&why, &found)),
    };
    let backup = candidate.backup.clone();
    let mut chosen = Chosen {
        source: backup.source.clone(),
        tool: backup.tool.clone(),
        repo: backup.repo,
        label: backup.label.clone(),
        kind: backup.kind,
        stopped_at: backup.stopped_at,
        sha256: None,
        size_bytes: backup.size_bytes,
        to_the_end,
    };
    let of_source = found.managed.iter().find(|managed| managed.rds.name == backup.source);
    let way = if let Some(managed) = of_source {
        let moment = managed.moment(choice, &mut chosen, draw)?;
        Way::Managed(Box::new(managed.clone()), moment)
    } else if candidate.has_wal {
        let until = match (choice, to_the_end) {
            (Choice::LatestRestorableTime, _) => Until::Window,
            (_, true) => Until::Newest,
            (_, false) => Until::Consistent,
        };
        let physical = physical(deployment, &found, &backup, until).await?;
        let digest = physical.stanza.manifest_digest(physical.repo, &backup.label).await;
        chosen.sha256 = digest.ok();
        Way::Physical(Box::new(physical))
    } else {
        let named =
            |(dumps, file): &&(Dumps, DumpFile)| dumps.place.name() == backup.source && file.label == backup.label;
        let Some((dumps, file)) = found.files.iter().find(named).cloned() else {
            return Err(nothing(&NoBackup::Unlisted(backup.label), &found));
        };
        Way::Dump {
            dumps: Box::new(dumps),
            file: Box::new(file),
        }
    };
    Ok(Plan {
        chosen,
        way,
        unread: found.unread,
    })
}

/// That nothing was found says something about the backups only if all of them could be looked at.
fn nothing(why: &NoBackup, found: &Found) -> Failure {
    if found.unread.is_empty() || matches!(why, NoBackup::Several(_)) {
        return match why {
            NoBackup::None => Failure::of_backup("no-backup", why.to_string()),
            _ => Failure::of_environment(
                "no-such-backup",
                why.to_string(),
                "choose one that `muster inventory` lists",
            ),
        };
    }
    Failure::of_environment(
        "repository-unread",
        format!("{why}; {}", found.unread.join("; ")),
        "make the source readable for drills, then start the drill again",
    )
}

async fn find(deployment: &Deployment, choice: &Choice) -> Found {
    let mut found = Found::default();
    for source in &deployment.sources {
        match source {
            Source::PgBackRest(stanza) => found.stanza(deployment, stanza).await,
            Source::Dumps(dumps) => found.dumps(dumps).await,
            Source::WalG(_) => found.unread.push(format!(
                "{}: this version reads wal-g and restores nothing from it",
                source.name()
            )),
            Source::Rds(rds) => found.moments(deployment, rds, choice).await,
            Source::Unusable { reason, .. } => found.unread.push(format!("{}: {reason}", source.name())),
        }
    }
    found
}

impl Found {
    /// By the drill's own tool: what that can't see, it can't restore.
    async fn stanza(&mut self, deployment: &Deployment, stanza: &PgBackRest) {
        let tool = match deployment
            .drills
            .sandbox
            .as_ref()
            .map(|sandbox| sandbox.pgbackrest.clone())
        {
            Some(Ok(tool)) => tool,
            Some(Err(reason)) => return self.unread.push(format!("{}: {reason}", stanza.name)),
            None => return self.unread.push(format!("{}: no sandbox is configured", stanza.name)),
        };
        let own = PgBackRest { tool, ..stanza.clone() };
        match own.read().await {
            Ok(read) => {
                self.unread.extend(read.unread);
                let candidates = read.backups.into_iter().map(|backup| Candidate {
                    reaches: furthest(&read.archives, &backup).map(|(_, _, window)| window.to),
                    backup,
                    has_wal: true,
                });
                self.candidates.extend(candidates);
                self.stanzas.push((own, read.archives));
            }
            Err(error) => self.unread.push(format!("{}: {error}", stanza.name)),
        }
    }

    async fn moments(&mut self, deployment: &Deployment, rds: &Rds, choice: &Choice) {
        match Managed::look(deployment, rds, choice).await {
            Ok(Some(managed)) => {
                self.candidates.push(managed.candidate());
                self.managed.push(managed);
            }
            // Without automated backups there is nothing to choose.
            Ok(None) => {}
            Err(reason) => self.unread.push(reason),
        }
    }

    async fn dumps(&mut self, dumps: &Dumps) {
        match dumps.place.list().await {
            Err(error) => self.unread.push(format!("{}: {error}", dumps.place.name())),
            Ok(listing) => {
                let restorable = listing.dumps.into_iter().filter(|file| file.form.is_restorable());
                for file in restorable {
                    self.candidates.push(Candidate {
                        backup: of_dump(dumps, &file),
                        has_wal: false,
                        reaches: Some(file.modified),
                    });
                    self.files.push((dumps.clone(), file));
                }
            }
        }
    }
}

/// Whether it can be restored is what the drill is to show, so nothing is held against it.
fn of_dump(dumps: &Dumps, file: &DumpFile) -> Backup {
    Backup {
        source: dumps.place.name().into(),
        tool: "pg_dump".into(),
        repo: None,
        label: file.label.clone(),
        kind: Kind::Dump,
        parent: None,
        started_at: None,
        stopped_at: Some(file.modified),
        start_lsn: None,
        stop_lsn: None,
        size_bytes: None,
        stored_bytes: Some(file.size),
        status: Status::Ok,
        detail: String::new(),
    }
}

async fn physical(deployment: &Deployment, found: &Found, backup: &Backup, until: Until) -> Result<Physical, Failure> {
    let repo = backup.repo.unwrap_or(1);
    let of_source = found.stanzas.iter().find(|(stanza, _)| stanza.name == backup.source);
    let unknown = || {
        Failure::of_environment(
            "repository-unread",
            format!("which WAL {} needs could not be found out", backup.label),
            "see whether `muster inventory` can read the WAL archive",
        )
    };
    let (stanza, archives) = of_source.ok_or_else(unknown)?;
    let wal = if until == Until::Window {
        let (archive, anchor, window) = furthest(archives, backup).ok_or_else(unknown)?;
        WalNeeded::to_the_end_of(archive, &anchor, &window)
    } else {
        let own = archives.iter().filter(|(archive, _)| archive.repo == repo);
        let (archive, anchor) = own
            .filter_map(|(archive, anchors)| Some((archive, anchor(archive, anchors, backup)?)))
            .next_back()
            .ok_or_else(unknown)?;
        match until {
            Until::Consistent => WalNeeded::to_consistency(archive, &anchor),
            Until::Newest | Until::Window => WalNeeded::to_the_end(archive, &anchor),
        }
    };
    let wal = wal.map_err(|hole| Failure::of_backup("wal-gap", format!("wal-gap {}: {hole}", hole.name)))?;
    let escrow = deployment
        .repos
        .iter()
        .find(|one| one.source == backup.source && one.key == repo);
    let escrow = match escrow.and_then(|one| one.escrow.clone()) {
        None => None,
        Some(Ok(secrets)) => Some(secrets),
        Some(Err(reason)) => {
            return Err(Failure::of_environment(
                "escrow-unread",
                reason,
                "make the repository’s escrow readable for drills",
            ));
        }
    };
    let major = stanza.major_of(repo, &backup.label).await.ok().flatten();
    Ok(Physical {
        label: backup.label.clone(),
        stanza: stanza.clone(),
        repo,
        escrow,
        wal,
        major,
    })
}

/// The window with the latest end that a backup leads into, in its own repository.
fn furthest<'a>(archives: &'a Archives, backup: &Backup) -> Option<(&'a Archive, Anchor, Window)> {
    let own = archives.iter().filter(|(archive, _)| Some(archive.repo) == backup.repo);
    let leads = own.filter_map(|(archive, anchors)| {
        let anchor = anchor(archive, anchors, backup)?;
        // The windows of this backup alone: another one's may begin behind a hole.
        let (windows, _) = archive.windows(std::slice::from_ref(&anchor), &[]);
        let window = windows.into_iter().max_by_key(|window| (window.to, window.end_lsn))?;
        Some((archive, anchor, window))
    });
    leads.max_by_key(|(_, _, window)| (window.to, window.end_lsn))
}

/// The anchor of a backup; of one that its tool doesn't call good, as its positions tell.
fn anchor(archive: &Archive, anchors: &[Anchor], backup: &Backup) -> Option<Anchor> {
    let same = |anchor: &&Anchor| Some(anchor.stopped_at) == backup.stopped_at && anchor.stop_lsn == backup.stop_lsn;
    if let Some(anchor) = anchors.iter().find(same) {
        return Some(anchor.clone());
    }
    let (start, stop) = (backup.start_lsn?, backup.stop_lsn?);
    let size = archive.segment_size;
    let number = start.0 / size;
    let timeline = archive
        .segments
        .keys()
        .filter(|segment| segment.number == number)
        .map(|segment| segment.timeline)
        .min()?;
    Some(Anchor {
        stopped_at: backup.stopped_at?,
        first: Segment { timeline, number },
        last: Segment::holding(timeline, stop, size),
        stop_lsn: Some(stop),
    })
}
