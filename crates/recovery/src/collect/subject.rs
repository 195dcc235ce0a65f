//! What is looked at of a deployment, and how often.

use std::fmt;
use std::time::Duration;

use adapters::pgbackrest::PgBackRest;
use adapters::tls::TlsSettings;

use crate::settings::{Bucket, Deployment, Images, KmsKey, Repo, Source};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const WEEK: u64 = 7 * 24 * HOUR;

/// How often a subject is looked at, and how long one look may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pace {
    pub every: Duration,
    pub limit: Duration,
}

/// One thing that is looked at.
#[derive(Clone, Debug)]
pub enum Subject<'a> {
    /// The live database.
    Vitals,
    /// The versions of the master key, and whether they open what is live.
    Keys,
    Source(&'a Source),
    /// The certificate that is served, and the copy of it.
    Tls(&'a TlsSettings),
    Images(&'a Images),
    /// Whether what is in escrow opens a repository.
    Escrow(&'a Repo),
    Bucket(&'a Bucket),
    Kms(&'a KmsKey),
    /// What a rewind of the live database would lose or revive.
    Traces,
    /// The revocation list that Ampora serves at this address.
    Crl(&'a str),
    /// Every byte of a stanza's repositories, read by pgBackRest itself.
    Verified(&'a PgBackRest),
}

impl<'a> Subject<'a> {
    /// Everything that is configured of a deployment.
    pub fn of(deployment: &'a Deployment) -> Vec<Self> {
        let stanza = |source: &'a Source| match source {
            Source::PgBackRest(stanza) => Some(Self::Verified(stanza)),
            _ => None,
        };
        let mut all = vec![Self::Vitals, Self::Traces, Self::Keys];
        all.extend(deployment.sources.iter().map(Self::Source));
        all.extend(deployment.tls.iter().map(Self::Tls));
        all.extend(deployment.images.iter().map(Self::Images));
        all.extend(
            deployment
                .repos
                .iter()
                .filter(|repo| repo.escrow.is_some())
                .map(Self::Escrow),
        );
        all.extend(
            deployment
                .repos
                .iter()
                .filter_map(|repo| repo.bucket.as_ref())
                .map(Self::Bucket),
        );
        all.extend(deployment.kms_keys.iter().map(Self::Kms));
        all.extend(deployment.crl.as_deref().map(Self::Crl));
        all.extend(deployment.sources.iter().filter_map(stanza));
        all
    }

    /// Kind and source that its readings are stored under.
    pub fn stored_as(&self) -> (&'static str, String) {
        match self {
            Self::Vitals => ("vitals", "database".into()),
            Self::Keys => ("keys", "master key".into()),
            Self::Source(source) => ("source", source.name().into()),
            Self::Tls(_) => ("tls", "certificate".into()),
            Self::Images(_) => ("images", "registry".into()),
            Self::Escrow(repo) => ("escrow", repo.name()),
            Self::Bucket(bucket) => ("bucket", bucket.name.clone()),
            Self::Traces => ("traces", "database".into()),
            Self::Crl(_) => ("crl", "revocation list".into()),
            Self::Kms(key) => ("kms", key.id.clone()),
            Self::Verified(stanza) => ("verify", stanza.name.clone()),
        }
    }

    /// Tools are started once a minute at most; what asks a service over the network, or changes seldom, less often; what reads every byte
    /// of a repository, once a week.
    pub const fn pace(&self) -> Pace {
        let (every, limit) = match self {
            Self::Vitals | Self::Keys => (30, MINUTE),
            Self::Source(source) => match source {
                Source::PgBackRest(_) | Source::WalG(_) => (MINUTE, 10 * MINUTE),
                Source::Dumps(_) => (MINUTE, 6 * HOUR),
                Source::Rds(_) => (5 * MINUTE, 2 * MINUTE),
                Source::Unusable { .. } => (5 * MINUTE, MINUTE),
            },
            Self::Traces => (MINUTE, MINUTE),
            Self::Tls(_) => (10 * MINUTE, MINUTE),
            Self::Crl(_) => (2 * MINUTE, MINUTE),
            Self::Images(_) => (HOUR, 20 * MINUTE),
            Self::Escrow(_) => (6 * HOUR, 10 * MINUTE),
            Self::Bucket(_) | Self::Kms(_) => (HOUR, 2 * MINUTE),
            Self::Verified(_) => (WEEK, 24 * HOUR),
        };
        Pace {
            every: Duration::from_secs(every),
            limit: Duration::from_secs(limit),
        }
    }

    /// Seconds between two looks.
    pub fn interval_s(&self) -> u32 {
        u32::try_from(self.pace().every.as_secs()).unwrap_or(u32::MAX)
    }

    /// Whether a shell that asks once should wait for it.
    pub const fn is_quick(&self) -> bool {
        !matches!(self, Self::Verified(_))
    }
}

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, source) = self.stored_as();
        write!(f, "{kind} {source}")
    }
}
