//! Agents report, and their effective configuration is missing: the state row is older than the last push. Heals with the next heartbeat.

use chrono::TimeDelta;

use super::facts::{Facts, sign};
use super::{Hysteresis, Judgement, Looks, Rule, Silence};
use crate::finding::{Found, Rival, Severity, Step};
use crate::time::span;
use crate::vitals::HEARTBEAT_WINDOW_S;

pub(super) const RULE: Rule = Rule {
    code: "effective-config-missing",
    title: "Agents without their effective configuration",
    symptom: "An agent reconnects, but its effective configuration is missing",
    looks: &[Looks::Database, Looks::Traces],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    if facts.is_empty_database() {
        return Err(Silence::Explained("empty-database"));
    }
    let vitals = facts.vitals()?;
    let effective = sign(&vitals.value.signs.effective)?;
    let heard = effective.missing_and_heard.0;
    if heard == 0 {
        return Ok(None);
    }
    let since = facts
        .traces
        .known()
        .ok()
        .and_then(|traces| *traces.without_config_since.known().ok()?);
    let waited = since.map(|since| facts.now - since);
    let window = TimeDelta::seconds(HEARTBEAT_WINDOW_S.into());
    let overdue = waited.is_some_and(|waited| waited > window);
    let published = vitals.value.signs.published.known().ok().and_then(Option::as_ref);
    let mut evidence = vec![
        vitals.evidence("agents without an effective configuration", effective.missing.0),
        vitals.evidence(
            format!("of those, heard of within {}", span(HEARTBEAT_WINDOW_S.into())),
            heard,
        ),
    ];
    if let Some(published) = published {
        evidence.push(vitals.evidence(
            "newest published version",
            format!(
                "{} at {}",
                published.version,
                published.at.format("%Y-%m-%d %H:%M:%S UTC")
            ),
        ));
    }
    if let Some(since) = since {
        evidence.push(vitals.evidence("missing since", since.format("%Y-%m-%d %H:%M:%S UTC")));
    }
    let left = waited.map_or(window, |waited| (window - waited).max(TimeDelta::zero()));
    let cause = if overdue {
        format!(
            "It should have healed with the next heartbeat and didn’t within {}: the agents report, and what they report isn’t stored.",
            span(window.num_seconds())
        )
    } else {
        format!(
            "Their state row is older than the last push, as after a restore. The next heartbeat brings it back: {} left.",
            span(left.num_seconds())
        )
    };
    Ok(Some(Found {
        severity: if overdue { Severity::Error } else { Severity::Warning },
        title: format!("{heard} agents report without an effective configuration"),
        cause,
        steps: steps(facts, overdue),
        evidence,
        rivals: vec![Rival {
            cause: "the agents are gone".into(),
            ruled_out: format!("they were heard of within {}", span(HEARTBEAT_WINDOW_S.into())),
        }],
        refutes: "An effective configuration in the rows of these agents.".into(),
        cure: None,
    }))
}

fn steps(facts: &Facts<'_>, overdue: bool) -> Vec<Step> {
    if !overdue {
        return vec![Step::told("Wait for the next heartbeat; nothing else is needed.")];
    }
    let place = &facts.place;
    vec![
        Step::run(
            "Look for what Ampora says when they report.",
            format!(
                "kubectl -n {} logs deploy/{} --since=10m | grep -i -E 'effective|report'",
                place.namespace, place.workload
            ),
            "journalctl -u ampora --since -10min | grep -i -E 'effective|report'",
        ),
        Step::run(
            "Restart Ampora one instance at a time: its agents reconnect and report in full.",
            format!(
                "kubectl -n {} rollout restart deploy/{}",
                place.namespace, place.workload
            ),
            "systemctl restart ampora",
        ),
        Step::told(
            "If it stays: check that the agents advertise ReportsEffectiveConfig (OpAmp:AllowedCapabilityFlags), and push their configuration again.",
        ),
    ]
}
