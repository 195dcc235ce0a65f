//! Diagnostics: what is wrong by cause and not by symptom, one finding with its evidence, and the way from what somebody sees to its cause.

mod finding;
mod rows;
mod rule;
mod symptoms;

use domain::finding::Severity;
use domain::role::Action;
use domain::rules::Rule;
use domain::time::Timestamp;
use leptos::prelude::*;
use recovery::findings::{self, CheckStep, Listed, Symptom};

pub use finding::FindingPage;
pub(in crate::pages) use rows::{address, word};
pub use rule::RulePage;

use super::overview::{Links, count};
use super::{Opened, Visit, open};
use crate::components::{Blank, PageHead, Place, Sheet};
use rows::Rows;
use symptoms::{Asked, Symptoms};

/// `/diagnostics`
#[component]
pub fn DiagnosticsPage() -> impl IntoView {
    open(Place::Diagnostics, async |visit: Visit| {
        let asked = visit.address.get("symptom").and_then(Rule::of);
        let since = visit.address.get("asked").and_then(|at| at.parse::<Timestamp>().ok());
        let progress = match asked.zip(since) {
            Some((rule, since)) => {
                findings::progress(&visit.services, &visit.actor, visit.deployment(), rule, since).await?
            }
            None => Vec::new(),
        };
        let roles = visit.services.settings.approvals.roles;
        let page = Diagnostics {
            findings: findings::list(&visit.services, &visit.actor, None, false).await?,
            symptoms: findings::symptoms(&visit.services, &visit.actor, visit.deployment()).await?,
            asked,
            progress,
            may: visit.actor.may(Action::Run, roles).is_ok() && visit.services.works,
            links: visit.links.clone(),
            now: visit.now,
        };
        Ok(Opened::new("Diagnostics", view! { <Content page /> }.into_any()))
    })
}

/// Everything the page shows.
#[derive(Clone, Debug)]
pub struct Diagnostics {
    /// Of all deployments, the worst first.
    pub findings: Vec<Listed>,
    /// Of the deployment that the page is about.
    pub symptoms: Vec<Symptom>,
    /// The rule whose symptom somebody picked.
    pub asked: Option<Rule>,
    /// What is read for it now.
    pub progress: Vec<CheckStep>,
    /// Whether whoever looks may have it read now.
    pub may: bool,
    pub links: Links,
    pub now: Timestamp,
}

/// The content of the page.
#[component]
pub fn Content(page: Diagnostics) -> impl IntoView {
    let Diagnostics {
        findings,
        symptoms,
        asked,
        progress,
        may,
        links,
        now,
    } = page;
    let title = sentence(&findings).into_any();
    let unknown = symptoms
        .iter()
        .filter(|one| findings::word(&one.says) == "unknown")
        .count();
    let lede = format!(
        "{} are judged twice a minute; of {}, {unknown} can’t be told now.",
        count(symptoms.len(), "rule", "rules"),
        links.deployment
    );
    let table = if findings.is_empty() {
        view! {
            <Blank title="No finding is open">
                "No known cause fits what was read. Rules whose facts can’t be read are listed below; they are neither good nor bad."
            </Blank>
        }
        .into_any()
    } else {
        view! { <Rows findings now /> }.into_any()
    };
    view! {
        <PageHead title says=true lede=lede.into_any() />
        <Sheet id="findings" title="Findings" note="by severity, of every deployment">{table}</Sheet>
        <Symptoms symptoms asked=Asked { rule: asked, progress, may } links now />
    }
}

/// `2 errors and 1 warning are open.`
fn sentence(findings: &[Listed]) -> String {
    let of = |severity| {
        findings
            .iter()
            .filter(|one| one.record.found.severity == severity)
            .count()
    };
    let counts = [
        (of(Severity::Error), "error", "errors"),
        (of(Severity::Warning), "warning", "warnings"),
        (of(Severity::Info), "note", "notes"),
    ];
    let said: Vec<_> = counts
        .into_iter()
        .filter(|(number, ..)| *number > 0)
        .map(|(number, one, many)| count(number, one, many))
        .collect();
    match said.as_slice() {
        [] => "No finding is open.".into(),
        _ => format!("{} open.", said.join(", ")),
    }
}

#[cfg(test)]
mod tests;
