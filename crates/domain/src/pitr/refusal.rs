//! Why a cluster can't go back, each reason in words for whoever asked at night: what is so, and what to do about it.

use std::fmt;

use chrono::SecondsFormat;

use crate::emergency::Retention;
use crate::ids::SystemIdentifier;
use crate::route::{Missed, Nearest};
use crate::time::{Timestamp, bytes};
use crate::window::place;

/// One reason.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// Nothing reaches the moment.
    Missed {
        at: Timestamp,
        missed: Box<Missed>,
        newest: Timestamp,
    },
    /// The archive goes on behind a hole: the end of it can't be reached.
    Torn {
        missing: String,
        reaches: Timestamp,
    },
    NoWindow,
    NoBackup,
    OwnCluster,
    Foreign {
        pgdata: String,
        found: SystemIdentifier,
        expected: Vec<String>,
    },
    TooLittleRoom {
        free: u64,
        needs: u64,
    },
    RoomUnknown,
    NoHooks {
        running: bool,
    },
    Managed(String),
    Followed(String),
    Held(String),
    /// The next backup that ends expires the full one that the restore begins with.
    Expiring {
        backup: String,
        kept: Retention,
        /// The configuration of pgBackRest.
        config: String,
    },
    OtherDatabases(Vec<String>),
    NoSuchDatabases(Vec<String>),
    Unfit(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missed { at, missed, newest } => missed_words(f, *at, missed, *newest),
            Self::Torn { missing, reaches } => write!(
                f,
                "WAL segment {missing} is missing before the end of the archive, so the latest state can’t be reached. The last moment before \
                 the hole is {}: ask for that time instead.",
                exact(*reaches)
            ),
            Self::NoWindow => f.write_str("No window of this source can be restored to: look at the Backups page for what is wrong with it."),
            Self::NoBackup => f.write_str("No usable physical backup of this source leads to that moment."),
            Self::OwnCluster => f.write_str(
                "This cluster holds Muster’s own database: the restore would set back its queue and approvals with it. Move one of the two first.",
            ),
            Self::Foreign {
                pgdata,
                found,
                expected,
            } => write!(
                f,
                "{pgdata} belongs to the cluster {found}, and the backups are of {}: another cluster’s directory is never replaced.",
                expected.join(" and ")
            ),
            Self::TooLittleRoom { free, needs } => write!(
                f,
                "It needs {} beside the data directory, and {} are free.",
                bytes(*needs),
                bytes(*free)
            ),
            Self::RoomUnknown => f.write_str("How much room there is beside the data directory isn’t known."),
            Self::NoHooks { running: true } => f.write_str(
                "The server is running, and there is no command to stop and start it: set stop and start under [deployment.restore].",
            ),
            Self::NoHooks { running: false } => {
                f.write_str("There is no command to stop and start the server: set stop and start under [deployment.restore].")
            }
            Self::Managed(seen) => write!(
                f,
                "The server is looked after by {seen}, which would restart it or fail over during the restore. Pause it, or restore by its own means."
            ),
            Self::Followed(standby) => write!(
                f,
                "{standby} follows this server and would keep the history that is undone. Drop it or its slot first; it has to be made anew afterwards."
            ),
            Self::Held(run) => write!(f, "The host is held by run {run}."),
            Self::Expiring { backup, kept, config } => write!(
                f,
                "The next backup that ends would expire {backup}, which the restore begins with: retention keeps {}. Hold it off first, on every host \
                 that makes backups: add the line expire-auto=n under [global] of {config}. Then ask again, and remove the line when the run is over.",
                match kept {
                    Retention::Fulls(1) => "one full backup".into(),
                    Retention::Fulls(fulls) => format!("{fulls} full backups"),
                    Retention::Days(days) => format!("them for {days} d"),
                }
            ),
            Self::OtherDatabases(names) => write!(
                f,
                "The whole cluster goes back, {} with it: name {} as other databases that are affected, if that is meant.",
                names.join(" and "),
                if names.len() == 1 { "it" } else { "them" },
            ),
            Self::NoSuchDatabases(names) => write!(f, "The cluster has no database {}.", names.join(" and no ")),
            Self::Unfit(reason) => f.write_str(reason),
        }
    }
}

fn missed_words(f: &mut fmt::Formatter<'_>, at: Timestamp, missed: &Missed, newest: Timestamp) -> fmt::Result {
    if at > newest {
        return write!(
            f,
            "{} is later than the last commit known to be archived, {}. Ask for the latest state instead.",
            exact(at),
            exact(newest)
        );
    }
    match missed.gaps.first() {
        Some(gap) => write!(
            f,
            "{} lies in a gap: {} is missing in {}.",
            exact(at),
            gap.missing(),
            place(&gap.source, gap.repo)
        )?,
        None => write!(f, "Nothing reaches {}.", exact(at))?,
    }
    let near = |near: &Nearest| exact(near.at);
    match (&missed.before, &missed.after) {
        (Some(before), Some(after)) => write!(
            f,
            " The nearest before it is {}, the nearest after it {}.",
            near(before),
            near(after)
        ),
        (Some(before), None) => write!(f, " The nearest before it is {}; there is none after it.", near(before)),
        (None, Some(after)) => write!(f, " There is none before it; the nearest after it is {}.", near(after)),
        (None, None) => f.write_str(" There is none before it and none after it."),
    }
}

/// A moment to the microsecond, so that it can be asked for as it stands.
fn exact(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
