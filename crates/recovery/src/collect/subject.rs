//! What is looked at of a deployment, and how often.

use std::fmt;
use std::time::Duration;

use crate::settings::{Deployment, Source};

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
}

impl<'a> Subject<'a> {
    /// Everything that is configured of a deployment.
    pub fn of(deployment: &'a Deployment) -> Vec<Self> {
        let sources = deployment.sources.iter().map(Self::Source);
        [Self::Vitals, Self::Keys].into_iter().chain(sources).collect()
    }

    /// Kind and source that its readings are stored under.
    pub fn stored_as(&self) -> (&'static str, &str) {
        match self {
            Self::Vitals => (super::VITALS, super::DATABASE),
            Self::Keys => (super::KEYS, super::MASTER_KEY),
            Self::Source(source) => (super::SOURCE, source.name()),
        }
    }

    /// Tools are started once a minute at most; what asks a service over the network, or changes seldom, less often.
    pub const fn pace(&self) -> Pace {
        let (every, limit) = match self {
            Self::Vitals | Self::Keys => (30, 60),
            Self::Source(source) => match source {
                Source::PgBackRest(_) => (60, 600),
                Source::Dumps(_) => (60, 6 * 3600),
                Source::Unsupported { .. } => (300, 5),
            },
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
}

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, source) = self.stored_as();
        write!(f, "{kind} {source}")
    }
}
