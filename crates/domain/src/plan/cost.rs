//! What a restore costs, as people weigh it: what is lost, what comes back to life, how long it takes. What isn't known says so, with the
//! reason; nothing is interpolated.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// The smallest and largest value something can have. `max` is `None` where nothing bounds it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Range {
    pub min: i64,
    pub max: Option<i64>,
}

impl Range {
    #[must_use]
    pub const fn exactly(value: i64) -> Self {
        Self {
            min: value,
            max: Some(value),
        }
    }

    #[must_use]
    pub const fn at_least(min: i64) -> Self {
        Self { min, max: None }
    }
}

/// How the loss is known.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// Counted in the live database.
    Exact,
    /// From the last vital signs: what they saw is the least, and whatever was written after them comes on top.
    Bounded,
    Unknown,
}

/// What the copy will lack, seen from production.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DataLoss {
    pub basis: Basis,
    /// When production was looked at: just now, or at its last reading.
    pub as_of: Timestamp,
    /// The last commit that the copy is known to hold.
    #[serde(default)]
    pub restore_point: Option<Timestamp>,
    /// Newest known commit of production less the restore point.
    pub seconds: Option<Range>,
    pub audit_events: Option<Range>,
    /// Published versions.
    #[serde(default)]
    pub configurations: Option<Range>,
    /// Agents that enrolled.
    #[serde(default)]
    pub agents: Option<Range>,
    /// Certificates that were issued.
    #[serde(default)]
    pub certificates: Option<Range>,
    /// Audit events that the retention sweep deleted since, and that the copy still has: no loss, and no part of the figures above.
    #[serde(default)]
    pub swept: Option<Range>,
    /// Why a figure isn't known.
    #[serde(default)]
    pub unknown: Vec<String>,
}

impl DataLoss {
    /// Nothing is known but when.
    #[must_use]
    pub const fn unknown(as_of: Timestamp) -> Self {
        Self {
            basis: Basis::Unknown,
            as_of,
            restore_point: None,
            seconds: None,
            audit_events: None,
            configurations: None,
            agents: None,
            certificates: None,
            swept: None,
            unknown: Vec::new(),
        }
    }

    /// The figures with what they count, in the order in which people read them.
    #[must_use]
    pub const fn figures(&self) -> [(&'static str, Option<Range>); 4] {
        [
            ("audit events", self.audit_events),
            ("configuration versions", self.configurations),
            ("agents", self.agents),
            ("certificates", self.certificates),
        ]
    }
}

/// What a rewind revives.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Revived {
    /// Valid again.
    RevokedCertificate,
    /// Redeemable again.
    RedeemedToken,
    /// Opens the API again.
    WithdrawnAccessToken,
    /// Trusted again.
    RemovedPeer,
    /// The one from before works again, and the one that people know doesn't.
    RolePassword,
}

impl Revived {
    pub const ALL: [Self; 5] = [
        Self::RevokedCertificate,
        Self::RedeemedToken,
        Self::WithdrawnAccessToken,
        Self::RemovedPeer,
        Self::RolePassword,
    ];

    /// One of them, in words.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::RevokedCertificate => "revoked certificate",
            Self::RedeemedToken => "redeemed token",
            Self::WithdrawnAccessToken => "withdrawn access token",
            Self::RemovedPeer => "removed peer",
            Self::RolePassword => "role password",
        }
    }

    /// What is to be done about it before Ampora meets its agents again.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::RevokedCertificate => "revoke it again: Settings, Identities, by its serial number",
            Self::RedeemedToken => "delete it: whoever still needs one gets a new one",
            Self::WithdrawnAccessToken => "withdraw it again: Settings, API tokens",
            Self::RemovedPeer => "remove it again: Settings, Federation",
            Self::RolePassword => "set the present password again with ALTER ROLE, by \\password in psql",
        }
    }
}

/// One thing that comes back to life, or a kind of which nobody can say which ones do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Resurrection {
    pub kind: Revived,
    /// Fingerprint, id, or name of the role. `None`: which ones isn't known.
    pub id: Option<String>,
    /// What people know it by, such as a serial number.
    pub name: Option<String>,
    /// It is of no use from then on.
    pub until: Option<Timestamp>,
    /// Whether it surely comes back; else it may, for the reason in `detail`.
    pub certain: bool,
    pub detail: String,
}

impl Resurrection {
    /// A kind of which nobody can say which ones come back.
    #[must_use]
    pub fn unlisted(kind: Revived, detail: impl Into<String>) -> Self {
        Self {
            kind,
            id: None,
            name: None,
            until: None,
            certain: false,
            detail: detail.into(),
        }
    }

    /// One line for a person.
    #[must_use]
    pub fn sentence(&self) -> String {
        let word = self.kind.word();
        let Some(id) = &self.id else {
            return format!("{word}s: which ones come back isn’t known ({})", self.detail);
        };
        let known_by = self.name.as_ref().filter(|name| *name != id);
        let known_by = known_by.map_or_else(String::new, |name| format!(" {name}"));
        let sure = if self.certain { "" } else { ", perhaps" };
        let until = self
            .until
            .map_or_else(String::new, |at| format!(", good until {}", crate::time::rfc3339(at)));
        format!("{word}{known_by} ({id}){sure}{until}: {}", self.detail)
    }
}

/// As it stands in rows: earlier versions of Muster kept sentences.
#[derive(Deserialize)]
#[serde(untagged)]
enum Kept {
    Sentence(String),
    Listed {
        kind: Revived,
        id: Option<String>,
        name: Option<String>,
        until: Option<Timestamp>,
        certain: bool,
        detail: String,
    },
}

impl<'de> Deserialize<'de> for Resurrection {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Kept::deserialize(deserializer)? {
            Kept::Sentence(sentence) => Self::unlisted(Revived::RevokedCertificate, sentence),
            Kept::Listed {
                kind,
                id,
                name,
                until,
                certain,
                detail,
            } => Self {
                kind,
                id,
                name,
                until,
                certain,
                detail,
            },
        })
    }
}

/// Where a duration was measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MeasuredIn {
    Runs,
    Drills,
    /// Of the source itself: how long it took to make them.
    Backups,
}

/// How long one part takes, as it was measured.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PhaseTime {
    /// Of a step of the run, or of a phase of a drill.
    pub name: String,
    /// Seconds.
    pub min: u32,
    pub max: u32,
    /// How many times it was measured.
    pub of: u32,
    pub measured_in: MeasuredIn,
}

impl PhaseTime {
    /// Of measured seconds by name, each name where it was first met.
    #[must_use]
    pub fn of(measured: impl IntoIterator<Item = (String, u32)>, measured_in: MeasuredIn) -> Vec<Self> {
        let mut phases: Vec<Self> = Vec::new();
        for (name, seconds) in measured {
            match phases.iter_mut().find(|phase| phase.name == name) {
                Some(phase) => {
                    (phase.min, phase.max) = (phase.min.min(seconds), phase.max.max(seconds));
                    phase.of += 1;
                }
                None => phases.push(Self {
                    name,
                    min: seconds,
                    max: seconds,
                    of: 1,
                    measured_in,
                }),
            }
        }
        phases
    }
}

/// What people should weigh. Frozen for the record; changes of these don't make an approval stale.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Advisory {
    pub data_loss: Option<DataLoss>,
    pub resurrections: Vec<Resurrection>,
    /// Seconds that runs like this one took, newest first; where there were none, those of drills. Empty: no history.
    pub durations: Vec<u32>,
    /// The same by part.
    #[serde(default)]
    pub phases: Vec<PhaseTime>,
    /// Sentences that must be read before deciding.
    pub warnings: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_from_the_fastest_to_the_slowest() {
        let measured = [("restore", 40), ("check", 2), ("restore", 31)];
        let measured = measured.map(|(name, seconds)| (name.to_owned(), seconds));
        let phases = PhaseTime::of(measured, MeasuredIn::Runs);
        let told: Vec<_> = phases
            .iter()
            .map(|phase| (phase.name.as_str(), phase.min, phase.max, phase.of))
            .collect();
        assert_eq!(told, [("restore", 31, 40, 2), ("check", 2, 2, 1)]);
    }

    #[test]
    fn a_plan_of_an_earlier_version_still_reads() {
        let earlier = r#"{"data_loss":{"basis":"exact","as_of":"2026-11-23T05:00:00Z","seconds":{"min":5,"max":5},"audit_events":null},
            "resurrections":["certificates that were revoked"],"durations":[3],"warnings":[]}"#;
        let advisory: Advisory = serde_json::from_str(earlier).expect("reads");
        assert!(
            advisory.resurrections[0]
                .sentence()
                .contains("certificates that were revoked")
        );
        let now = serde_json::to_string(&advisory).expect("writes");
        assert_eq!(serde_json::from_str::<Advisory>(&now).expect("reads"), advisory);
    }
}
