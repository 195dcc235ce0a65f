//! A version of the key that something still needs is about to be removed by a rule of the secret manager.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::facts::Facts;
use super::keys::overlooked;
use super::place::Place;
use super::steps::few;
use super::{Hysteresis, Judgement, Looks, Rule, Silence};
use crate::custody::{Keep, State};
use crate::finding::{Cure, Found, Rival, Severity, Step};
use crate::inventory::{Coverage, CoverageStatus, KeyVersion, Keys};
use crate::time::Timestamp;

pub(super) const RULE: Rule = Rule {
    code: "key-version-pruned",
    title: "A key version that is needed is about to be pruned",
    symptom: "Old backups will not open any more",
    looks: &[Looks::Keys, Looks::Backups],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

/// An end nearer than this is an error.
const NEAR: TimeDelta = TimeDelta::days(7);

/// A version that goes, with what needs it.
struct Going<'a> {
    version: &'a KeyVersion,
    live: u32,
    /// Backups that are warned about it.
    backups: BTreeSet<&'a str>,
    /// When it goes, where that has a date.
    at: Option<Timestamp>,
    /// One of them is kept for longer.
    outlived: bool,
}

fn judge(facts: &Facts<'_>) -> Judgement {
    let keys = facts.keys()?;
    let gone_at = keys.value.secret.as_ref().and_then(|secret| secret.gone_at);
    let ends =
        |version: &&KeyVersion| (version.keep.ends() || gone_at.is_some()) && version.state != State::Destroyed.word();
    let ending: Vec<_> = keys.value.versions.iter().filter(ends).collect();
    let needed: Vec<_> = ending
        .iter()
        .map(|version| Going::of(keys.value, version))
        .filter(Going::is_needed)
        .collect();
    let Some(first) = needed.first() else {
        let untried = ending.iter().find(|version| version.opens.is_none());
        let untried = untried.map(|version| {
            let KeyVersion { version, detail, .. } = version;
            format!("whether anything needs version {version} wasn’t tried: {detail}")
        });
        let silent = untried.or_else(|| overlooked(keys.value));
        return silent.map_or(Ok(None), |why| Err(Silence::Unknown(why)));
    };
    let soonest = needed.iter().filter_map(|going| going.at).min();
    let near = soonest.is_some_and(|at| at - facts.now <= NEAR);
    let severe = near || needed.iter().any(|going| going.outlived || going.may_go_live());
    let names: Vec<_> = needed.iter().map(|going| going.version.version.as_str()).collect();
    let when = soonest.map_or_else(|| "about to go".into(), |at| format!("goes {}", day(at)));
    Ok(Some(Found {
        severity: if severe { Severity::Error } else { Severity::Warning },
        title: format!("Version {} of the master key is needed and {when}", few(names.iter().copied())),
        cause: "The secret manager removes versions by a rule of its own. What was encrypted under one that is gone can never be read again, \
                backups included."
            .into(),
        steps: steps(&facts.place),
        evidence: needed
            .iter()
            .flat_map(|going| {
                let KeyVersion { version, manager, keep, .. } = going.version;
                [
                    keys.evidence(format!("version {version} of {manager}"), describe(keep, gone_at)),
                    keys.evidence(format!("version {version} is needed by"), going.need()),
                ]
            })
            .collect(),
        rivals: vec![Rival {
            cause: "nothing needs the version any more".into(),
            ruled_out: "live envelopes or kept backups do, as listed".into(),
        }],
        refutes: "The version kept without an end, or nothing left that it opens.".into(),
        cure: Some(Cure::RetrieveKey {
            version: first.version.version.clone(),
        }),
    }))
}

fn steps(place: &Place) -> Vec<Step> {
    let keep_more = place.keep_more.as_ref();
    let steps = [
        Some(Step::told(
            "Don’t write a new version into the secret before this is done: in some managers the next write removes the oldest.",
        )),
        keep_more.map(|command| Step::anywhere("Raise the number of versions that are kept.", command)),
        Some(Step::told(
            "AWS: put a staging label of its own on the version (update-secret-version-stage), so that it isn’t deprecated. Google: cancel \
             its scheduled destruction or the secret’s expiry.",
        )),
        Some(Step::told("Else request the key and keep it where nothing removes it.")),
    ];
    steps.into_iter().flatten().collect()
}

impl<'a> Going<'a> {
    fn of(keys: &'a Keys, version: &'a KeyVersion) -> Self {
        let own = |cell: &&Coverage| cell.version.as_ref() == Some(&version.version) && cell.warning.is_some();
        let cells: Vec<_> = keys.coverage.iter().filter(own).collect();
        let dated = cells.iter().filter_map(|cell| cell.at);
        let own_end = match &version.keep {
            Keep::Until { at, .. } => Some(*at),
            _ => keys.secret.as_ref().and_then(|secret| secret.gone_at),
        };
        Self {
            version,
            live: version.opens.unwrap_or(0),
            backups: cells.iter().map(|cell| cell.backup.as_str()).collect(),
            at: dated.chain(own_end).min(),
            outlived: cells
                .iter()
                .any(|cell| cell.status == CoverageStatus::Missing && cell.today() != CoverageStatus::Missing),
        }
    }

    fn is_needed(&self) -> bool {
        self.live > 0 || !self.backups.is_empty()
    }

    /// It opens what is live, and nothing but the manager's leisure keeps it.
    fn may_go_live(&self) -> bool {
        self.live > 0 && matches!(self.version.keep, Keep::AtRisk { .. })
    }

    /// `5 live envelopes and 2 backups (a, b)`.
    fn need(&self) -> String {
        let live = (self.live > 0).then(|| format!("{} live envelopes", self.live));
        let number = self.backups.len();
        let word = if number == 1 { "backup" } else { "backups" };
        let backups = (number > 0).then(|| format!("{number} {word} ({})", few(self.backups.iter().copied())));
        let parts: Vec<_> = [live, backups].into_iter().flatten().collect();
        parts.join(" and ")
    }
}

fn day(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

fn describe(keep: &Keep, gone_at: Option<Timestamp>) -> String {
    match keep {
        Keep::Until { at, why } => format!("goes at {}: {why}", day(*at)),
        Keep::Writes { left: 0 | 1, why } => format!("goes with the next write: {why}"),
        Keep::Writes { left, why } => format!("goes with {left} more writes: {why}"),
        Keep::AtRisk { why } => format!("may go at any time: {why}"),
        Keep::Kept | Keep::Unknown => gone_at.map_or_else(
            || "no end is known".into(),
            |at| format!("goes at {}: the whole secret is about to be removed", day(at)),
        ),
    }
}
