//! `muster diagnose` as text.

use domain::finding::{Evidence, Finding, Report, State, by_reason};
use domain::time::{Timestamp, ago};

use super::emergency;
use super::table::aligned;

/// All findings, the worst first, then what could not be judged.
#[must_use]
pub fn text(report: &Report, now: Timestamp) -> String {
    let mut blocks: Vec<_> = report.findings.iter().map(|finding| one(finding, now)).collect();
    if blocks.is_empty() {
        blocks.push("No known cause fits what is observed.\n".into());
    }
    if !report.unknown.is_empty() {
        let rows: Vec<_> = by_reason(&report.unknown)
            .into_iter()
            .map(|(first, codes)| {
                [
                    "unknown".into(),
                    first.deployment.clone(),
                    codes.join(", "),
                    first.reason.clone(),
                ]
            })
            .collect();
        blocks.push(format!("Not judged\n{}", aligned(&rows)));
    }
    let emergencies = report
        .emergencies
        .iter()
        .map(|emergency| emergency::text(emergency, now));
    blocks.extend(emergencies);
    blocks.join("\n")
}

fn one(finding: &Finding, now: Timestamp) -> String {
    let state = match finding.state {
        State::Unknown => ", may not be believed now",
        _ => "",
    };
    let mut text = format!(
        "{} {} {}: {}{state}\n{}\n",
        finding.severity.word(),
        finding.deployment,
        finding.code,
        finding.title,
        finding.cause
    );
    let evidence: Vec<_> = finding.evidence.iter().map(|one| row(one, now)).collect();
    text.push_str(&format!("Evidence\n{}", aligned(&evidence)));
    for rival in &finding.rivals {
        text.push_str(&format!("Not: {} ({})\n", rival.cause, rival.ruled_out));
    }
    text.push_str(&format!("Recovery\n{}\n", finding.recovery));
    text
}

fn row(evidence: &Evidence, now: Timestamp) -> [String; 4] {
    [
        evidence.fact.clone(),
        evidence.value.clone(),
        evidence
            .observed_at
            .map_or_else(|| "never read".into(), |at| ago(at, now)),
        evidence.source.clone(),
    ]
}
