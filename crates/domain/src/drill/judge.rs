//! From phases and checks to the verdict. Only `passed` renews trust in a backup; what a broken sandbox hid is neither good nor bad.

use serde::{Deserialize, Serialize};

use super::{Check, CheckStatus, Drill, Phase, check};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Passed,
    Failed,
    EnvironmentBroken,
}

impl Verdict {
    pub const ALL: [Self; 3] = [Self::Passed, Self::Failed, Self::EnvironmentBroken];

    /// As in documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::EnvironmentBroken => "environment_broken",
        }
    }

    /// For people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::EnvironmentBroken => "environment broken",
        }
    }
}

/// Where the fault lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// What was to be restored, or the key to it.
    Backup,
    /// The sandbox: its tools, its room, its settings.
    Environment,
}

/// Why a drill didn't go on, or didn't pass.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Failure {
    pub blame: Blame,
    /// Stable, for programs: `wal-gap`, `missing-extension`, `check:key`.
    pub code: String,
    pub words: String,
    /// What to do; always there when the environment is to blame.
    pub remedy: Option<String>,
}

impl Failure {
    pub fn of_backup(code: &str, words: impl Into<String>) -> Self {
        Self {
            blame: Blame::Backup,
            code: code.into(),
            words: words.into(),
            remedy: None,
        }
    }

    pub fn of_environment(code: &str, words: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            blame: Blame::Environment,
            code: code.into(),
            words: words.into(),
            remedy: Some(remedy.into()),
        }
    }
}

/// The verdict with its reason. A phase that broke speaks first: nothing behind it was looked at.
#[must_use]
pub fn judge(drill: &Drill) -> (Verdict, Option<Failure>) {
    let broken = drill.phases.iter().find_map(|phase: &Phase| phase.failure.clone());
    let found = broken.or_else(|| of_checks(&drill.checks));
    let verdict = match found.as_ref().map(|failure| failure.blame) {
        None => Verdict::Passed,
        Some(Blame::Backup) => Verdict::Failed,
        Some(Blame::Environment) => Verdict::EnvironmentBroken,
    };
    (verdict, found)
}

fn of_checks(checks: &[Check]) -> Option<Failure> {
    let broken = |explained: bool| {
        checks
            .iter()
            .find(move |check| check.status == CheckStatus::Broken && check.remedy.is_some() == explained)
    };
    if let Some(check) = broken(false) {
        let code = format!("check:{}", check.name);
        return Some(Failure::of_backup(&code, format!("{}: {}", check.name, check.detail)));
    }
    if let Some(check) = broken(true) {
        return Some(blocked(check));
    }
    let order = [
        check::names::RECOVERY,
        check::names::SERVER,
        check::names::TABLES,
        check::names::KEY,
        check::names::AUTHORITY,
        check::names::ROWS,
    ];
    order
        .iter()
        .find_map(|name| match checks.iter().find(|check| check.name == *name) {
            Some(check) if check.status == CheckStatus::NotRun => Some(blocked(check)),
            Some(_) => None,
            None => Some(Failure::of_environment(
                &format!("not-run:{name}"),
                format!("{name}: it was not looked at"),
                "start the drill again",
            )),
        })
}

fn blocked(check: &Check) -> Failure {
    let remedy = check.remedy.clone();
    Failure::of_environment(
        &format!("not-run:{}", check.name),
        format!("{}: {}", check.name, check.detail),
        remedy.unwrap_or_else(|| "make it possible to look at this, then start the drill again".into()),
    )
}

#[cfg(test)]
mod tests;
