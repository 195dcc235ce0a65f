//! Drills in words: verdicts, phases, checks.

use domain::drill::{Check, CheckStatus, Drill, PhaseName, Verdict, names};
use domain::ids::DrillId;
use recovery::drills::{DrillState, StoredDrill};
use uuid::Uuid;

use crate::components::Word;
use crate::pages::Visit;

/// The word of a verdict, and how people say it.
pub const fn verdict(verdict: Verdict) -> (Word, &'static str) {
    match verdict {
        Verdict::Passed => (Word::Ok, "passed"),
        Verdict::Failed => (Word::Failed, "failed"),
        Verdict::EnvironmentBroken => (Word::EnvironmentBroken, "environment broken"),
    }
}

/// How a drill stands: its verdict once it has one.
pub fn standing(stored: &StoredDrill) -> (Word, &'static str) {
    match (stored.state, stored.drill.verdict) {
        (DrillState::Queued, _) => (Word::Waiting, "waits"),
        (DrillState::Running, _) if stored.cancel_wanted => (Word::Running, "is being stopped"),
        (DrillState::Running, _) => (Word::Running, "running"),
        (DrillState::Cancelled, _) => (Word::Cancelled, "cancelled"),
        (DrillState::Finished, Some(found)) => verdict(found),
        (DrillState::Finished, None) => (Word::Unknown, "no verdict"),
    }
}

pub const fn phase(name: PhaseName) -> &'static str {
    match name {
        PhaseName::Choose => "Choose the backup",
        PhaseName::Prepare => "Prepare",
        PhaseName::Fetch => "Fetch the backup",
        PhaseName::Wal => "Fetch the WAL",
        PhaseName::Start => "Start and recover",
        PhaseName::Restore => "Read the dump in",
        PhaseName::Create => "Ask for an instance",
        PhaseName::Available => "Wait for the instance",
        PhaseName::Connect => "Connect to the copy",
        PhaseName::Check => "Look at the copy",
        PhaseName::TearDown => "Tear down",
    }
}

/// What a check is called; one of the site's own has the name that the site gave it.
pub fn check(name: &str) -> String {
    let called = match name {
        names::RECOVERY => "WAL replayed to its end",
        names::SERVER => "Server starts",
        names::TABLES => "Every table can be read",
        names::ROWS => "Row counts",
        names::KEY => "Key opens the secrets",
        names::AUTHORITY => "Authority fits its key",
        names::AUDIT => "Audit log lines up",
        names::CONFIGURATIONS => "Configurations intact",
        names::REVOCATIONS => "Revocations",
        names::MIGRATIONS => "Migration fits the image",
        names::IMAGE => "Image can be had",
        names::TLS => "TLS can be had",
        names::PARITY => "Two copies agree",
        names::AGENTS => "A server starts, an agent connects",
        names::ROLLOUT => "A rollout is acknowledged",
        own => own.strip_prefix(names::SITE).unwrap_or(own),
    };
    called.to_owned()
}

pub const fn status(status: CheckStatus) -> Word {
    match status {
        CheckStatus::Ok => Word::Ok,
        CheckStatus::Broken => Word::Broken,
        CheckStatus::NotRun => Word::NotRun,
    }
}

/// `10 ok, 1 broken, 4 not run`.
pub fn counts(checks: &[Check]) -> String {
    let all = [
        (CheckStatus::Ok, "ok"),
        (CheckStatus::Broken, "broken"),
        (CheckStatus::NotRun, "not run"),
    ];
    let said = all.into_iter().filter_map(|(status, words)| {
        let count = checks.iter().filter(|check| check.status == status).count();
        (count > 0).then(|| format!("{count} {words}"))
    });
    said.collect::<Vec<_>>().join(", ")
}

/// What was not tested, as people read it.
pub fn untested(drill: &Drill) -> Option<String> {
    let names: Vec<_> = drill.untested().into_iter().map(check).collect();
    (!names.is_empty()).then(|| names.join("; "))
}

/// The drill that a part of the address names.
pub fn id(text: Option<&str>) -> Option<DrillId> {
    text?.trim().parse::<Uuid>().ok().map(DrillId)
}

/// The page of a drill.
pub fn href(drill: DrillId) -> String {
    format!("/drills/{drill}")
}

/// Why this reader can't start or stop drills; `None` if they can.
pub fn cannot_drill(visit: &Visit) -> Option<String> {
    let roles = visit.services.settings.approvals.roles;
    let forbidden = visit.actor.may(domain::role::Action::Drill, roles).err()?;
    Some(format!(
        "To {} takes the role {}.",
        forbidden.action.words(),
        forbidden.needs
    ))
}
