//! What of a gap report people settle one by one: each thing that was revived, and behind them the audit events that are lost.

use std::collections::BTreeSet;

use super::GapReport;
use crate::plan::{Range, Resurrection, Revived};
use crate::time::Timestamp;

impl GapReport {
    /// How many lines there are to be settled.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.revived.len() + usize::from(self.loses_events())
    }

    /// The line about lost audit events, if any may be lost.
    #[must_use]
    pub fn loss_line(&self) -> Option<usize> {
        self.loses_events().then_some(self.revived.len())
    }

    /// Whether audit events are lost, or may be.
    fn loses_events(&self) -> bool {
        let events = self.lost.as_ref().and_then(|lost| lost.audit_events);
        events.is_none_or(|events| events.min > 0 || events.max != Some(0))
    }

    /// One line for a person: how many audit events are lost.
    #[must_use]
    pub fn loss_sentence(&self) -> String {
        match self.lost.as_ref().and_then(|lost| lost.audit_events) {
            Some(Range { min, max: Some(max) }) if min == max => format!("{min} audit events are lost"),
            Some(Range { min, max: Some(max) }) => format!("{min} to {max} audit events are lost"),
            Some(Range { min, max: None }) => {
                format!("at least {min} audit events are lost, and whatever was written after the last look")
            }
            None => "how many audit events are lost isn’t known".into(),
        }
    }
}

/// What is to be done about lost audit events.
pub const LOSS_REMEDY: &str = "note where auditors look that they are missing, and gather what other records have of that time: Git, the identity provider, the proxy’s log";

/// The report of a restore that took production’s place, and which of its lines are settled.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Aftermath {
    /// Number of its request.
    pub request: i64,
    /// When Ampora had its restored database.
    pub ended_at: Timestamp,
    pub report: GapReport,
    pub settled: BTreeSet<usize>,
}

impl Aftermath {
    /// What was revived and is neither done nor waived.
    pub fn open(&self) -> impl Iterator<Item = &Resurrection> {
        let lines = self.report.revived.iter().enumerate();
        lines
            .filter(|(line, _)| !self.settled.contains(line))
            .map(|(_, one)| one)
    }

    /// Those of them that are revoked certificates.
    pub fn certificates(&self) -> impl Iterator<Item = &Resurrection> {
        self.open().filter(|one| one.kind == Revived::RevokedCertificate)
    }

    /// Those of them that aren’t.
    pub fn others(&self) -> impl Iterator<Item = &Resurrection> {
        self.open().filter(|one| one.kind != Revived::RevokedCertificate)
    }

    /// Whether audit events are lost that nobody has answered for.
    #[must_use]
    pub fn loss_is_open(&self) -> bool {
        self.report
            .loss_line()
            .is_some_and(|line| !self.settled.contains(&line))
    }
}
