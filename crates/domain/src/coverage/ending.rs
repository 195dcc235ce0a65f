//! What is about to take a version away that a backup needs.

use super::{Stock, moment};
use crate::backup::Backup;
use crate::custody::{Keep, State};
use crate::inventory::{Coverage, CoverageStatus, KeyVersion};
use crate::key::Fingerprint;
use crate::time::Timestamp;

/// How a version ends. The later one of two is the greater.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum End {
    /// The manager may remove it at any time.
    AnyTime(String),
    NextWrite(String),
    At(Timestamp, String),
    /// Nothing that is known removes it.
    Never,
}

impl Stock<'_> {
    /// Says of a cell whose key is there today when and how that ends.
    pub(super) fn ending(&self, backup: &Backup, cell: Coverage, key: &Fingerprint) -> Coverage {
        self.ending_of(backup, cell, &self.with_key(key))
    }

    /// The same for versions that hold one key: it is there for as long as the last of them.
    pub(super) fn ending_of(&self, backup: &Backup, cell: Coverage, versions: &[&KeyVersion]) -> Coverage {
        let own = versions
            .iter()
            .find(|version| Some(&version.version) == cell.version.as_ref());
        let warning = own.and_then(|version| unavailable(version));
        let lasting = versions
            .iter()
            .map(|version| (self.end(version), version))
            .max_by_key(|(end, _)| end.clone());
        let Some((end, last)) = lasting else {
            return Coverage { warning, ..cell };
        };
        let name = &last.version;
        let expires_at = moment(backup).zip(self.kept_for).map(|(at, kept_for)| at + kept_for);
        match end {
            End::Never => Coverage { warning, ..cell },
            End::At(at, _) if expires_at.is_some_and(|expires_at| expires_at <= at) => Coverage { warning, ..cell },
            End::AnyTime(why) => Coverage {
                warning: Some(format!("version {name} may go at any time: {why}")),
                ..cell
            },
            End::NextWrite(why) => Coverage {
                warning: Some(format!("version {name} goes with the next write: {why}")),
                ..cell
            },
            End::At(at, why) => Coverage {
                at: Some(at),
                ..outlived(cell, &format!("version {name} goes at {} ({why})", day(at)), expires_at)
            },
        }
    }

    fn end(&self, version: &KeyVersion) -> End {
        let own = match &version.keep {
            Keep::Kept | Keep::Unknown => End::Never,
            Keep::Writes { left: 0 | 1, why } => End::NextWrite(why.clone()),
            Keep::Writes { .. } => End::Never,
            Keep::AtRisk { why } => End::AnyTime(why.clone()),
            Keep::Until { at, why } if *at > self.now => End::At(*at, why.clone()),
            Keep::Until { why, .. } => End::AnyTime(why.clone()),
        };
        let gone_at = self.keys.secret.as_ref().and_then(|secret| secret.gone_at);
        match gone_at {
            Some(at) if at > self.now => own.min(End::At(at, "the whole secret is about to be removed".into())),
            Some(_) => End::AnyTime("the whole secret is being removed".into()),
            None => own,
        }
    }
}

/// The version goes before the backup, if it is known when that goes.
fn outlived(cell: Coverage, goes: &str, expires_at: Option<Timestamp>) -> Coverage {
    match expires_at {
        Some(expires_at) => Coverage {
            status: CoverageStatus::Missing,
            warning: Some(format!("{goes}, before this backup expires at {}", day(expires_at))),
            ..cell
        },
        None => Coverage {
            warning: Some(format!("{goes}; when this backup expires isn’t known")),
            ..cell
        },
    }
}

/// What has to be done first to have the value at all.
fn unavailable(version: &KeyVersion) -> Option<String> {
    let name = &version.version;
    if version.state == State::Disabled.word() {
        return Some(format!("version {name} is disabled: enable it before a restore"));
    }
    (version.state == State::Deleted.word())
        .then(|| format!("version {name} is deleted: bring it back before a restore"))
}

fn day(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}
