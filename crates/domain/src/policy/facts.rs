//! Everything the rules look at, gathered by whoever may look. A fact that isn't known carries the reason; no rule guesses.

use serde::{Deserialize, Serialize};

use crate::backup::{Backup, Kind};
use crate::inventory::Replica;
use crate::observation::Known;
use crate::status::Status;
use crate::time::Timestamp;
use crate::upgrade::Upgrade;
use crate::vitals::ArchiveState;
use crate::window::{Gap, Window};

/// A value that may be believed, with the time of its reading, or why there is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fact<T> {
    Known { value: T, at: Timestamp },
    Unknown { reason: String },
}

impl<T> Fact<T> {
    pub fn unknown(reason: impl Into<String>) -> Self {
        Self::Unknown { reason: reason.into() }
    }

    /// The value, or the reason why there is none.
    ///
    /// # Errors
    /// With that reason.
    pub fn known(&self) -> Result<&T, &str> {
        match self {
            Self::Known { value, .. } => Ok(value),
            Self::Unknown { reason } => Err(reason),
        }
    }
}

impl<T: Clone> From<Known<'_, T>> for Fact<T> {
    fn from(known: Known<'_, T>) -> Self {
        match known {
            Known::Fresh { value, at } => Self::Known {
                value: value.clone(),
                at,
            },
            Known::Unknown { reason, .. } => Self::Unknown { reason },
        }
    }
}

/// What is known of one deployment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Facts<'a> {
    /// Those of expired readings are `unknown` by their own status.
    pub backups: &'a [Backup],
    /// Why not every source could be read, or that none is configured. `None`: all were.
    pub backups_unread: Option<String>,
    /// Of sources that may be believed now.
    pub windows: &'a [Window],
    pub gaps: &'a [Gap],
    /// Backups that were usable when they were last seen, and that are gone.
    pub vanished: Vec<Vanished>,
    pub managed: Vec<ManagedSpan>,
    /// The newest commit of production.
    pub newest_commit: Fact<Timestamp>,
    pub archiver: Fact<ArchiveState>,
    /// One for each repository that WAL is archived to, read or not.
    pub lags: Vec<Lag>,
    /// Changes of the migration head and of the images. Unknown: neither has ever been read.
    pub upgrades: Fact<Vec<Upgrade>>,
    /// When Muster first saw this deployment.
    pub observed_since: Option<Timestamp>,
    /// The oldest thing known of the deployment beside its audit log: the start of its CA certificate.
    pub oldest_evidence: Option<Timestamp>,
    pub audit: Fact<AuditSpan>,
    /// Every repository of a tool that can encrypt.
    pub repos: Vec<RepoKey>,
    pub places: Vec<Place>,
    /// The deployment's own region.
    pub home: Option<String>,
    /// `None`: no secret manager is configured.
    pub key: Option<KeyEscrow>,
    pub replicas: Vec<Replica>,
    /// `None`: not configured.
    pub tls: Option<Fact<TlsEnd>>,
    /// `None`: not configured.
    pub images: Option<Fact<Vec<ImageState>>>,
    /// The newest drill that passed.
    pub drill: Option<PassedDrill>,
    /// Recoveries and drills that ran to their end.
    pub recoveries: Vec<Recovery>,
}

impl Facts<'_> {
    /// Since when the deployment is known to exist, by anything but its audit log: that is no evidence of how long it should be.
    pub(super) fn known_since(&self) -> Option<Timestamp> {
        [self.oldest_evidence, self.observed_since].into_iter().flatten().min()
    }

    pub(super) fn is_managed(&self, source: &str) -> bool {
        self.managed.iter().any(|span| span.source == source)
    }
}

/// A backup that was seen and is gone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Vanished {
    pub source: String,
    pub label: String,
    pub kind: Kind,
    pub stopped_at: Timestamp,
    /// The first look that missed it.
    pub gone_at: Timestamp,
}

/// What a managed service can restore to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ManagedSpan {
    pub source: String,
    /// Its latest restorable time.
    pub latest: Timestamp,
    pub retention_days: u32,
}

/// How far the archive of one repository is behind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lag {
    pub source: String,
    pub repo: u32,
    /// Time of the oldest commit that isn't in the repository yet; `None`: every known commit is.
    pub oldest_unarchived: Fact<Option<Timestamp>>,
}

/// Times of the oldest and the newest audit row, archive included; `None`: there is no row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AuditSpan {
    pub oldest: Option<Timestamp>,
    pub newest: Option<Timestamp>,
}

/// One repository and the key that its backups are encrypted with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RepoKey {
    pub source: String,
    pub repo: u32,
    /// The tool's word: `none`, `aes-256-cbc`, … `None`: it didn't say.
    pub cipher: Option<String>,
    pub escrow: Escrow,
}

/// Whether the escrowed passphrase was tried, and how that ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Escrow {
    NotConfigured,
    /// It opened this repository.
    Opens {
        at: Timestamp,
    },
    /// It is there and doesn't open this repository.
    Refused {
        reason: String,
    },
    Unread {
        reason: String,
    },
}

/// What has to lie in two places.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum What {
    Backups,
    Key,
    Images,
}

impl What {
    pub const ALL: [Self; 3] = [Self::Backups, Self::Key, Self::Images];

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Backups => "backups",
            Self::Key => "key",
            Self::Images => "images",
        }
    }
}

/// One place where something lies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    pub what: What,
    pub name: String,
    /// Region or account. `None`: not told.
    pub site: Option<String>,
    pub immutable: Fact<Immutability>,
}

/// Whether whoever holds the credentials could delete what lies there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Immutability {
    /// By what: object lock, versions of the bucket, a vault lock.
    Protected { by: String },
    /// Nothing keeps it.
    Open,
}

/// Whether the secret manager's current version opens what is live.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyEscrow {
    pub status: Status,
    pub detail: String,
    /// `opens 214 of 214`; `None`: not proven either way.
    pub actual: Option<String>,
}

/// The earliest end in the served certificate chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TlsEnd {
    pub not_after: Timestamp,
    /// Whose end it is.
    pub name: String,
    /// Of the chain as a whole; `unknown` if part of it wasn't read.
    pub status: Status,
    pub detail: String,
}

/// Whether one image can be pulled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ImageState {
    pub what: String,
    pub status: Status,
    pub detail: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PassedDrill {
    pub at: Timestamp,
}

/// A recovery that was measured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recovery {
    pub at: Timestamp,
    /// From its first step to the last check that had to pass.
    pub seconds: u32,
    /// `restore of 20261006-021400F`, for people.
    pub what: String,
}
