//! Everything the rules look at, gathered by whoever may look, and the ways in which they ask for it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Silence;
use super::archiver::Archiver;
use super::keys::Elsewhere;
use super::place::Place;
use crate::backup::Backup;
use crate::custody::exposure::Exposure;
use crate::drill::{Leftover, Rehearsals};
use crate::finding::{Cure, Evidence};
use crate::gap::Aftermath;
use crate::history::Seen;
use crate::ids::SystemIdentifier;
use crate::inventory::{Keys, Source};
use crate::policy::{Fact, Lag, Promises};
use crate::set_back::SetBack;
use crate::time::Timestamp;
use crate::traces::Traces;
use crate::vitals::{Sign, Vitals};
use crate::wal::Lsn;
use crate::window::Window;

/// Why a server that was read in recovery doesn't tell where production writes.
pub(super) const REPLAYS: &str = "the server that is read replays WAL (a replica, or a recovery that goes on), so it doesn’t tell where production writes";

/// The WAL archive of one repository, as far as rules compare it with the live server.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ArchiveReading {
    pub repo: u32,
    /// The cluster that wrote it, if the tool tells.
    pub system: Option<SystemIdentifier>,
    pub segment_size: u64,
    /// Timelines of which there are segments, ascending.
    pub timelines: Vec<TimelineReading>,
    /// Segments that lie there twice with different content.
    #[serde(default)]
    pub doubled: Vec<String>,
}

/// One timeline of an archive.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TimelineReading {
    pub timeline: u32,
    /// End of its newest segment.
    pub end: Lsn,
    /// The timeline it left and where, if its history file is there.
    pub parent: Option<(u32, Lsn)>,
}

/// The archives of one source; the newest of a repository last.
#[derive(Clone, Debug)]
pub struct SourceArchive<'a> {
    pub source: String,
    pub archives: Fact<&'a [ArchiveReading]>,
    /// Clusters whose backups lie there, where the tool tells them apart by their backups alone.
    pub systems: Fact<&'a [SystemIdentifier]>,
}

/// A certificate revocation list, as it is served.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Crl {
    pub issuer: String,
    pub this_update: Timestamp,
    /// `None`: it names none, and so never ends.
    pub next_update: Option<Timestamp>,
    pub revoked: u32,
}

/// What was seen of upgrades, oldest first.
#[derive(Clone, Copy, Debug, Default)]
pub struct History<'a> {
    pub heads: &'a [Seen],
    pub images: &'a [Seen],
}

/// What is known of one deployment.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    pub now: Timestamp,
    pub place: Place,
    pub vitals: Fact<&'a Vitals>,
    pub traces: Fact<&'a Traces>,
    /// `None`: no secret manager is configured.
    pub keys: Option<Fact<Keys>>,
    /// Why the database can't be asked, where that was noticed after the keys were tried on it.
    pub gone: Option<String>,
    /// The keys of the site's other deployments.
    pub elsewhere: &'a [Elsewhere],
    /// Keys that left by a request, newest first.
    pub exposures: Fact<Vec<Exposure>>,
    /// Of the sources that archive WAL.
    pub archives: Vec<SourceArchive<'a>>,
    pub sources: &'a [Source],
    pub backups: &'a [Backup],
    pub windows: &'a [Window],
    pub lags: Vec<Lag>,
    pub history: History<'a>,
    /// The digest of the running image; `None`: no image is configured.
    pub image: Option<Fact<String>>,
    /// `None`: no list is configured.
    pub crl: Option<Fact<Crl>>,
    /// `None`: nobody remembers drills, since Muster's own database isn't asked.
    pub rehearsals: Option<&'a Rehearsals>,
    /// Restores that took production's place, oldest first; `None` as above.
    pub restored: Option<&'a [Aftermath]>,
    /// Clusters that Muster set back, oldest first; `None` as above.
    pub set_back: Option<&'a [SetBack]>,
    /// Temporary instances of drills that lie at AWS; `None`: drills make none.
    pub leftovers: Option<Fact<Vec<Leftover>>>,
    pub promises: &'a Promises,
    /// When each rule, by its code, was last seen to be clear.
    pub clear: BTreeMap<&'static str, Timestamp>,
}

/// A value that may be believed, with where it is from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Read<'a, T> {
    pub value: &'a T,
    pub at: Timestamp,
    source: &'a str,
}

impl<'a, T> Read<'a, T> {
    /// Evidence out of this reading.
    pub fn evidence(&self, fact: impl Into<String>, value: impl ToString) -> Evidence {
        Evidence {
            fact: fact.into(),
            value: value.to_string(),
            observed_at: Some(self.at),
            source: self.source.to_owned(),
        }
    }
}

fn read<'a, T>(fact: &'a Fact<T>, source: &'a str) -> Result<Read<'a, T>, Silence> {
    match fact {
        Fact::Known { value, at } => Ok(Read { value, at: *at, source }),
        Fact::Unknown { reason } => Err(Silence::Unknown(reason.clone())),
    }
}

impl<'a> Facts<'a> {
    pub(super) fn vitals(&self) -> Result<Read<'_, &'a Vitals>, Silence> {
        read(&self.vitals, "database")
    }

    /// What earlier looks saw; unknown until there were two.
    pub(super) fn traces(&self) -> Result<Read<'_, &'a Traces>, Silence> {
        let traces = read(&self.traces, "database")?;
        if traces.value.compares() {
            Ok(traces)
        } else {
            Err(Silence::Unknown(
                "nothing is remembered yet that it could be compared with".into(),
            ))
        }
    }

    pub(super) fn keys(&self) -> Result<Read<'_, Keys>, Silence> {
        let keys = self.keys.as_ref();
        let keys = keys.ok_or_else(|| Silence::Unset("[deployment.master_key] isn’t set".into()))?;
        read(keys, "secret manager")
    }

    /// The keys, as they were tried on what the database holds. Silent where it was gone since: nobody knows what is in it now.
    pub(super) fn proof(&self) -> Result<Read<'_, Keys>, Silence> {
        let keys = self.keys()?;
        match &self.gone {
            Some(why) => Err(Silence::Unknown(why.clone())),
            None => Ok(keys),
        }
    }

    /// Keys that left by a request.
    pub(super) fn exposures(&self) -> Result<Read<'_, Vec<Exposure>>, Silence> {
        read(&self.exposures, "requests")
    }

    pub(super) fn crl(&self) -> Result<Read<'_, Crl>, Silence> {
        let crl = self.crl.as_ref();
        let crl = crl
            .ok_or_else(|| Silence::Unset("no address of the revocation list is set: crl of [[deployment]]".into()))?;
        read(crl, "revocation list")
    }

    pub(super) fn image(&self) -> Result<Read<'_, String>, Silence> {
        let image = self.image.as_ref();
        let image = image.ok_or_else(|| Silence::Unset("[deployment.images] isn’t set".into()))?;
        read(image, "registry")
    }

    /// What drills have shown. Silent where there is nothing to rehearse.
    pub(super) fn rehearsals(&self) -> Result<&'a Rehearsals, Silence> {
        if self.sources.is_empty() {
            return Err(Silence::Unset("no source of backups is configured".into()));
        }
        let unasked =
            || Silence::Unknown("drills are remembered in Muster’s own database, which isn’t asked here".into());
        self.rehearsals.ok_or_else(unasked)
    }

    /// Temporary instances of drills that are there.
    pub(super) fn leftovers(&self) -> Result<Read<'_, Vec<Leftover>>, Silence> {
        let leftovers = self.leftovers.as_ref();
        let leftovers = leftovers.ok_or_else(|| {
            Silence::Unset("drills make no copy of an RDS instance: [deployment.source.drill]".into())
        })?;
        read(leftovers, "RDS")
    }

    /// Every archive of every source. Silent if one of them isn't known: what can't be read may be the one.
    pub(super) fn archives(&self) -> Result<Vec<Read<'_, ArchiveReading>>, Silence> {
        if self.archives.is_empty() {
            return Err(Silence::Unset("no source archives WAL".into()));
        }
        let mut all = Vec::new();
        for source in &self.archives {
            let archives = read(&source.archives, &source.source)?;
            all.extend(archives.value.iter().map(|value| Read {
                value,
                at: archives.at,
                source: &source.source,
            }));
        }
        Ok(all)
    }

    /// The tool that archives, for commands.
    pub(super) fn archiver(&self) -> Archiver {
        self.place.archiver.clone().unwrap_or_default()
    }

    /// The way back to before a rule broke: a point in time where a window has it, else the newest dump that was whole by then.
    pub(super) fn way_back(&self, code: &str) -> Option<Cure> {
        let at = *self.clear.get(code)?;
        let window = self.windows.iter().find(|window| window.from <= at && at <= window.to);
        match window {
            Some(window) => Some(self.restore_to(&window.source, at)),
            None => self.dump_before(code),
        }
    }

    /// A moment of this source, by the request that Muster has for its kind.
    pub(super) fn restore_to(&self, source: &str, at: Timestamp) -> Cure {
        let kind = self.sources.iter().find(|one| one.name == source);
        let source = source.to_owned();
        match kind.map(|one| one.kind.as_str()) {
            Some("rds") => Cure::RestoreRds { source, at },
            Some("pgbackrest") => Cure::RestoreTo {
                at,
                source: Some(source),
            },
            _ => Cure::RestoreTo { at, source: None },
        }
    }

    /// The newest dump that was whole before a rule broke: it goes into a database of its own, beside the live one.
    pub(super) fn dump_before(&self, code: &str) -> Option<Cure> {
        let at = *self.clear.get(code)?;
        let whole = self.backups.iter().filter(|backup| backup.is_usable_dump());
        let before = whole.filter(|backup| backup.started_at.is_some_and(|started| started <= at));
        let newest = before.max_by_key(|backup| backup.started_at)?;
        Some(Cure::RestoreDump {
            source: newest.source.clone(),
            backup: newest.label.clone(),
        })
    }

    /// Whether the database has no tenant: then most of what is missing in it has one cause.
    pub(super) fn is_empty_database(&self) -> bool {
        let tenants = self
            .vitals()
            .ok()
            .and_then(|vitals| vitals.value.signs.tenants.known().ok());
        tenants.is_some_and(|tenants| tenants.rows.0 == 0)
    }
}

/// The value of a sign, or silence.
pub(super) fn sign<T>(sign: &Sign<T>) -> Result<&T, Silence> {
    sign.known().map_err(|reason| Silence::Unknown(reason.to_owned()))
}
