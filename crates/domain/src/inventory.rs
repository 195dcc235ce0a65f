//! The documents Muster prints and shows: `muster.inventory/1` and `muster.keys/1`. Fields only grow.

mod keys_report;
mod not_backed_up;
mod version;

use serde::{Deserialize, Serialize};

use crate::backup::Backup;
use crate::custody::{Keep, Secret};
use crate::drift::{Damaged, Finding, Movement, Shares, Verdict};
use crate::key::{Fingerprint, KeyId};
use crate::policy::Standing;
use crate::proof::NonceReuse;
use crate::status::Status;
use crate::time::Timestamp;
use crate::window::{Gap, Window};

pub use keys_report::{KeyFinding, KeysFound, KeysReport};
pub use not_backed_up::NotBackedUp;

/// `muster inventory --json`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InventoryReport {
    pub schema: String,
    pub deployments: Vec<Inventory>,
}

impl InventoryReport {
    #[must_use]
    pub fn new(deployments: Vec<Inventory>) -> Self {
        Self {
            schema: "muster.inventory/1".into(),
            deployments,
        }
    }
}

/// What one deployment could be recovered from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Inventory {
    pub name: String,
    pub sources: Vec<Source>,
    pub artifacts: Vec<Artifact>,
    pub backups: Vec<Backup>,
    pub windows: Vec<Window>,
    pub gaps: Vec<Gap>,
    pub policy: Vec<PolicyLine>,
    /// What is left out of backups, so that nobody wonders whether it was forgotten.
    #[serde(default)]
    pub not_backed_up: Vec<NotBackedUp>,
}

/// One configured source and whether it answered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Source {
    pub name: String,
    pub kind: String,
    pub status: Status,
    pub observed_at: Option<Timestamp>,
    pub detail: String,
}

/// What must be recoverable.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArtifactKind {
    Database,
    MasterKey,
    Tls,
    Image,
    BackupKey,
    BackupCredentials,
    KmsKey,
    PackageBlobs,
}

impl ArtifactKind {
    /// Its name for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Database => "Database",
            Self::MasterKey => "Master key",
            Self::Tls => "Server TLS",
            Self::Image => "Images",
            Self::BackupKey => "Key of the backups",
            Self::BackupCredentials => "Backup credentials",
            Self::KmsKey => "KMS key",
            Self::PackageBlobs => "Package blobs",
        }
    }
}

/// One thing that must come back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Artifact {
    pub kind: ArtifactKind,
    pub name: String,
    pub status: Status,
    pub detail: String,
    pub observed_at: Option<Timestamp>,
}

/// One rule of the policy.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PolicyLine {
    pub rule: String,
    /// `unknown` where the verdict is `unset` or `off`, since a status has three words.
    pub status: Status,
    #[serde(default)]
    pub verdict: Standing,
    pub declared: Option<String>,
    pub actual: Option<String>,
    pub detail: String,
    /// When the verdict last changed, if somebody kept track.
    #[serde(default)]
    pub since: Option<Timestamp>,
}

impl PolicyLine {
    /// What it adds to a group or an exit code; `None` for a rule that is unset or off.
    #[must_use]
    pub const fn counts(&self) -> Option<Status> {
        self.verdict.counts()
    }
}

/// The proof for one deployment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Keys {
    pub name: String,
    pub verdict: Verdict,
    pub status: Status,
    pub detail: String,
    /// What the manager says of the secret; `None` where it doesn't tell.
    #[serde(default)]
    pub secret: Option<Secret>,
    pub versions: Vec<KeyVersion>,
    /// The key the running Ampora was started with, where it can be read.
    pub in_use: Option<InUse>,
    pub envelopes: Envelopes,
    pub replicas: Vec<Replica>,
    pub coverage: Vec<Coverage>,
    /// Sources whose backups aren’t all among these, and why.
    #[serde(default)]
    pub uncovered: Vec<Uncovered>,
}

impl Keys {
    /// Why nothing is known of the versions; `None` where the manager described its secret.
    #[must_use]
    pub fn undescribed(&self) -> Option<&str> {
        (self.secret.is_none() && self.versions.is_empty()).then_some(self.detail.as_str())
    }
}

/// A source whose backups couldn't be listed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Uncovered {
    pub source: String,
    pub detail: String,
}

/// One version in the secret manager. The key itself is never part of any document.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeyVersion {
    pub manager: String,
    pub version: String,
    /// `None`: not read (denied, destroyed, or no 32 bytes).
    pub fingerprint: Option<Fingerprint>,
    pub key_id: Option<KeyId>,
    pub created_at: Option<Timestamp>,
    pub current: bool,
    /// A word of [`crate::custody::State`], or `denied`, `absent`, `unreadable` where the value should have been had and wasn't.
    pub state: String,
    /// How long the manager keeps it.
    #[serde(default)]
    pub keep: Keep,
    /// Labels of the manager, such as `AWSPREVIOUS`.
    #[serde(default)]
    pub labels: Vec<String>,
    pub length_ok: Option<bool>,
    /// The stored text had quotes, white space or a second encoding around the key.
    #[serde(default)]
    pub untidy: bool,
    pub opens: Option<u32>,
    pub of: Option<u32>,
    pub detail: String,
}

/// The key of the running Ampora.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InUse {
    pub source: String,
    pub fingerprint: Option<Fingerprint>,
    pub key_id: Option<KeyId>,
    /// The manager's version with the same key.
    pub version: Option<String>,
    /// `KeyProtection:PreviousMasterKey` is still set.
    pub previous_set: bool,
    /// Whether it has 32 bytes; `None`: it wasn’t read.
    #[serde(default)]
    pub length_ok: Option<bool>,
    /// Which key that is, where it could be read.
    #[serde(default)]
    pub previous: Option<PreviousKey>,
    pub opens: Option<u32>,
    pub of: Option<u32>,
    pub detail: String,
}

/// The key that Ampora was rotated away from and still has.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PreviousKey {
    pub fingerprint: Fingerprint,
    /// The manager's version with the same key.
    pub version: Option<String>,
    pub opens: Option<u32>,
}

/// What was sampled of the wrapped columns.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Envelopes {
    pub sampled: u32,
    /// Opened by at least one key.
    pub opened: u32,
    pub unparsed: u32,
    pub key_ids: Vec<KeyIdCount>,
    pub columns: Vec<ColumnCount>,
    /// Values that are spoilt, those that could not be read as envelopes included; the first few by name.
    #[serde(default)]
    pub damaged: u32,
    #[serde(default)]
    pub damage: Vec<Damaged>,
    /// Envelopes whose nonces were compared, nonces that one key used for different ones, and the first few of these.
    #[serde(default)]
    pub nonces_compared: u32,
    #[serde(default)]
    pub nonces_reused: u32,
    #[serde(default)]
    pub nonce_reuse: Vec<NonceReuse>,
    /// How much is of which key. The next proof is seen beside it.
    #[serde(default)]
    pub shares: Option<Shares>,
    /// Where several keys are live: whether the rotation goes on.
    #[serde(default)]
    pub movement: Option<Movement>,
}

impl Envelopes {
    /// Adds what the verdict has shown of them.
    #[must_use]
    pub fn judged(mut self, finding: &Finding) -> Self {
        self.damaged = self
            .damaged
            .saturating_add(u32::try_from(finding.damaged).unwrap_or(u32::MAX));
        self.damage.extend(finding.damage.iter().cloned());
        self.shares.clone_from(&finding.shares);
        self.movement = finding.movement;
        self
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeyIdCount {
    pub key_id: Option<KeyId>,
    pub count: u32,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ColumnCount {
    pub column: String,
    pub rows: u32,
    pub sampled: u32,
    pub unparsed: u32,
}

/// A copy of the manager in another place.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Replica {
    pub name: String,
    pub status: Status,
    /// Of its current version.
    #[serde(default)]
    pub fingerprint: Option<Fingerprint>,
    #[serde(default)]
    pub version: Option<String>,
    pub detail: String,
}

/// Does this version open this backup?
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CoverageStatus {
    /// Envelopes of this very backup were opened with it.
    Proven,
    /// By its time it should.
    Expected,
    /// Envelopes of this backup were tried and did not open.
    Refuted,
    /// The version it needs isn't in the manager, or won't be for as long as the backup is kept.
    Missing,
    Unknown,
}

impl CoverageStatus {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Expected => "expected",
            Self::Refuted => "refuted",
            Self::Missing => "missing",
            Self::Unknown => "unknown",
        }
    }
}

/// One cell of backup × key version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Coverage {
    pub backup: String,
    /// `None`: no version of the manager.
    pub version: Option<String>,
    pub status: CoverageStatus,
    pub proven_at: Option<Timestamp>,
    /// How that is known, in words.
    #[serde(default)]
    pub detail: String,
    /// What has to be seen to, before the version is gone.
    #[serde(default)]
    pub warning: Option<String>,
    /// When it is gone, where that has a date.
    #[serde(default)]
    pub at: Option<Timestamp>,
}

impl Coverage {
    /// What holds until `at` has come: a version that will be missing is still there.
    #[must_use]
    pub const fn today(&self) -> CoverageStatus {
        match self.status {
            CoverageStatus::Missing if self.version.is_some() && self.at.is_some() => match self.proven_at {
                Some(_) => CoverageStatus::Proven,
                None => CoverageStatus::Expected,
            },
            status => status,
        }
    }
}
