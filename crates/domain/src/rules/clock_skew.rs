//! Two clocks differ: points in time, lives of tokens and lists, and fresh logins are judged wrongly by one of them.

use super::facts::Facts;
use super::{Hysteresis, Judgement, Looks, Rule, Silence};
use crate::finding::{Found, Rival, Severity, Step};
use crate::time::span;

pub(super) const RULE: Rule = Rule {
    code: "clock-skew",
    title: "The clocks of Muster and the database differ",
    symptom: "Times don’t fit together: events from the future, logins that are refused",
    looks: &[Looks::Database],
    hysteresis: Hysteresis::TWICE,
    judge,
};

/// Seconds by which clocks may differ; reading takes a moment too.
const BEARABLE: i64 = 5;
/// From here on logins for decisions are refused and tokens end too soon.
const GRAVE: i64 = 60;

fn judge(facts: &Facts<'_>) -> Judgement {
    let vitals = facts.vitals()?;
    let told = vitals.value.signs.ended_at;
    let theirs =
        told.ok_or_else(|| Silence::Unknown("the database didn’t tell the time at the end of the reading".into()))?;
    let ahead = (theirs - vitals.at).num_seconds();
    if ahead.abs() <= BEARABLE {
        return Ok(None);
    }
    let (by, direction) = (span(ahead.abs()), if ahead > 0 { "ahead of" } else { "behind" });
    let time = |at: crate::time::Timestamp| at.format("%Y-%m-%d %H:%M:%S%.3f UTC").to_string();
    Ok(Some(Found {
        severity: if ahead.abs() > GRAVE { Severity::Error } else { Severity::Warning },
        title: format!("The database’s clock is {by} {direction} Muster’s"),
        cause: "One of the two isn’t kept in step. A point in time to restore to means another moment on each of them, and every age that \
                Muster tells is off by as much."
            .into(),
        steps: vec![
            Step::anywhere("On both machines: see who is right.", "timedatectl timesync-status || chronyc tracking"),
            Step::anywhere("Start the time service where it doesn’t run.", "systemctl enable --now chrony || systemctl enable --now systemd-timesyncd"),
        ],
        evidence: vec![
            vitals.evidence("the database’s clock", time(theirs)),
            vitals.evidence("Muster’s clock, then", time(vitals.at)),
        ],
        rivals: vec![Rival {
            cause: "the reading took long".into(),
            ruled_out: "the database was asked for the time as the last of all questions".into(),
        }],
        refutes: "Both clocks within 5 s of each other.".into(),
        cure: None,
    }))
}
