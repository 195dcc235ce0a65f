//! The gap report: what a restore lost and revived, and how what came back compares with the last that was known of production. Written
//! once the restored database answers, and kept with the run.

mod isolation;
mod lines;

use serde::{Deserialize, Serialize};

use crate::plan::{DataLoss, Resurrection};
use crate::time::{Timestamp, rfc3339};
use crate::vitals::{Sign, Vitals};

pub use isolation::{Isolation, Sight};
pub use lines::{Aftermath, LOSS_REMEDY};

/// What was left behind, and what was found.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GapReport {
    pub schema: String,
    pub deployment: String,
    /// When production was looked at for the last time before it was replaced.
    pub measured_at: Timestamp,
    pub lost: Option<DataLoss>,
    /// To be done or waived, line by line, before Ampora meets its agents.
    pub revived: Vec<Resurrection>,
    /// The last reading of what was replaced.
    #[serde(default)]
    pub before: Option<Vitals>,
    /// Empty until the restored database was looked through.
    #[serde(default)]
    pub comparisons: Vec<Comparison>,
}

/// One thing in the restored database beside the last that was known of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Comparison {
    pub what: String,
    pub known: String,
    pub found: String,
    pub outcome: Outcome,
    /// What it means, and what to do.
    pub detail: String,
}

/// How it compares.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As it was.
    Same,
    /// Earlier, as any restore to an earlier moment is.
    Rewound,
    /// Not as it has to be: somebody has to act.
    Broken,
    Unknown,
}

impl GapReport {
    #[must_use]
    pub fn new(deployment: &str, measured_at: Timestamp, lost: Option<DataLoss>, revived: Vec<Resurrection>) -> Self {
        Self {
            schema: "muster.gap/1".into(),
            deployment: deployment.into(),
            measured_at,
            lost,
            revived,
            before: None,
            comparisons: Vec::new(),
        }
    }

    /// With what the restored database says of itself, or why it doesn't.
    #[must_use]
    pub fn compared(mut self, known: Option<&Vitals>, found: Result<&Vitals, &str>) -> Self {
        self.comparisons = compared(known, found);
        self
    }

    /// What somebody has to act on.
    pub fn broken(&self) -> impl Iterator<Item = &Comparison> {
        self.comparisons.iter().filter(|one| one.outcome == Outcome::Broken)
    }
}

fn compared(known: Option<&Vitals>, found: Result<&Vitals, &str>) -> Vec<Comparison> {
    let found = match found {
        Ok(found) => found,
        Err(why) => {
            return vec![Comparison {
                what: "the restored database".into(),
                known: "not compared".into(),
                found: "not read".into(),
                outcome: Outcome::Unknown,
                detail: format!("{why}: look through it before Ampora is started"),
            }];
        }
    };
    vec![
        tenants(known, found),
        migration_head(known, found),
        authorities(known, found),
        high_water(known, found),
        row_security(known, found),
    ]
}

fn comparison(what: &str, known: Option<String>, found: Option<String>, outcome: Outcome, detail: &str) -> Comparison {
    let outcome = if known.is_none() || found.is_none() {
        match outcome {
            Outcome::Broken => Outcome::Broken,
            _ => Outcome::Unknown,
        }
    } else {
        outcome
    };
    Comparison {
        what: what.into(),
        known: known.unwrap_or_else(|| "not known".into()),
        found: found.unwrap_or_else(|| "not known".into()),
        outcome,
        detail: detail.into(),
    }
}

fn text<T: ToString>(sign: &Sign<T>) -> Option<String> {
    sign.known().ok().map(ToString::to_string)
}

fn tenants(known: Option<&Vitals>, found: &Vitals) -> Comparison {
    let was = known.and_then(|known| text(&known.signs.tenants));
    let is = text(&found.signs.tenants);
    let (outcome, detail) = match found.signs.tenants.known() {
        Ok(count) if count.rows.0 == 0 => (
            Outcome::Broken,
            "the target is too early, or rows are hidden: Ampora must not be started on it",
        ),
        _ if was == is => (Outcome::Same, ""),
        _ => (
            Outcome::Rewound,
            "tenants were made or removed after the moment that was restored",
        ),
    };
    comparison("tenants", was, is, outcome, detail)
}

fn migration_head(known: Option<&Vitals>, found: &Vitals) -> Comparison {
    let was = known.and_then(|known| known.migration_head.clone());
    let (outcome, detail) = match &found.migration_head {
        None => (
            Outcome::Broken,
            "no migration was ever applied to it: it isn’t Ampora’s database",
        ),
        head if *head == was => (Outcome::Same, "the image that ran fits it"),
        _ => (
            Outcome::Broken,
            "it is of another version than the one that ran: start the image of that time, by its digest, with AMPORA_AUTO_MIGRATE=0",
        ),
    };
    comparison("migration head", was, found.migration_head.clone(), outcome, detail)
}

fn authorities(known: Option<&Vitals>, found: &Vitals) -> Comparison {
    let list = |vitals: &Vitals| {
        let authorities = vitals.signs.authorities.known().ok()?;
        let mut prints: Vec<_> = authorities
            .iter()
            .map(|authority| authority.fingerprint.clone())
            .collect();
        prints.sort();
        Some(prints)
    };
    let (was, is) = (known.and_then(list), list(found));
    let missing = was
        .iter()
        .flatten()
        .any(|print| !is.iter().flatten().any(|found| found == print));
    let (outcome, detail) = match &is {
        Some(is) if is.is_empty() => (
            Outcome::Broken,
            "no authority came back: Ampora would make a new one, and no agent would be let in. Don’t start it",
        ),
        Some(_) if missing => (
            Outcome::Broken,
            "an authority that was made later is missing: agents with certificates of it don’t come back until they are enrolled again",
        ),
        _ => (Outcome::Same, "agents come back with the certificates they have"),
    };
    let shown = |prints: Option<Vec<String>>| {
        let short = |print: &String| print.chars().take(16).collect::<String>();
        prints.map(|prints| match prints.len() {
            0 => "none".to_owned(),
            _ => prints.iter().map(short).collect::<Vec<_>>().join(", "),
        })
    };
    comparison("authorities", shown(was), shown(is), outcome, detail)
}

fn high_water(known: Option<&Vitals>, found: &Vitals) -> Comparison {
    let was = known.and_then(|known| known.newest_audit_event);
    let is = found.newest_audit_event;
    let (outcome, detail) = match (was, is) {
        (Some(was), Some(is)) if is < was => (Outcome::Rewound, "audit events between the two are lost"),
        (_, None) => (Outcome::Broken, "the audit log came back empty, or can’t be read"),
        _ => (Outcome::Same, ""),
    };
    comparison("newest audit event", was.map(rfc3339), is.map(rfc3339), outcome, detail)
}

fn row_security(known: Option<&Vitals>, found: &Vitals) -> Comparison {
    let shown = |vitals: &Vitals| {
        let security = vitals.signs.row_security.known().ok()?;
        let policies: String = security.policies.chars().take(16).collect();
        Some(format!(
            "{} tables, {} forced, policies {policies}",
            security.tables, security.forced
        ))
    };
    let same =
        known.is_some_and(|known| known.signs.row_security.known().ok() == found.signs.row_security.known().ok());
    let (outcome, detail) = if same {
        (Outcome::Same, "tenants are kept apart as before")
    } else {
        (
            Outcome::Broken,
            "row-level security isn’t as it was: compare pg_policies and the flags of the tables before Ampora is started",
        )
    };
    let (was, is) = (known.and_then(shown), shown(found));
    let outcome = if was.is_none() || is.is_none() {
        Outcome::Unknown
    } else {
        outcome
    };
    comparison("row-level security", was, is, outcome, detail)
}

#[cfg(test)]
mod tests;
