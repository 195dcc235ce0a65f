//! What is wrong with the keys, one by one, each with what to do. Versions that are about to go have a table of their own.

use domain::finding::Severity;
use domain::inventory::Keys;
use domain::key_findings::{KeyFinding, findings};
use domain::time::Timestamp;
use leptos::prelude::*;
use recovery::overview::Gist;

use super::Proof;
use crate::components::{Seen, Sheet, StatusWord, Word, visible};
use crate::pages::overview::count;

/// Told by the table of what is about to go.
const ELSEWHERE: [&str; 2] = ["version-expiring", "version-at-risk"];

/// Left out where the proof can't be believed: the head of the page says that nothing is known.
#[component]
pub fn Findings(proof: Proof, others: Vec<Gist>) -> impl IntoView {
    proof.past.is_none().then(|| {
        let compared = compared(&others, proof.now);
        let found = findings(&proof.keys, &compared);
        let told = found
            .iter()
            .filter(|finding| !ELSEWHERE.contains(&finding.code.as_str()));
        let rows: Vec<_> = told.map(row).collect();
        let note = count(rows.len(), "finding", "findings");
        let seen = view! { <Seen at=Some(proof.at) now=proof.now source="master key, database" /> }.into_any();
        let body = if rows.is_empty() {
            view! { <p class="note">"Nothing was found beside what is said above."</p> }.into_any()
        } else {
            view! { <ul class="findings">{rows}</ul> }.into_any()
        };
        let not_compared = not_compared(others.len() - compared.len());
        view! {
            <Sheet id="findings" title="Findings" note seen>
                {body}
                {not_compared}
            </Sheet>
        }
    })
}

/// The keys of the deployments whose proofs may be believed.
fn compared(others: &[Gist], now: Timestamp) -> Vec<&Keys> {
    others.iter().filter_map(|gist| gist.keys.known(now).fresh()).collect()
}

/// A shared key is found only among keys that are known.
fn not_compared(unknown: usize) -> Option<AnyView> {
    let says = format!(
        "{} not compared with this one’s keys: no proof of theirs can be believed now.",
        count(unknown, "deployment was", "deployments were")
    );
    (unknown > 0).then(|| view! { <p class="note"><StatusWord word=Word::Unknown />" "{says}</p> }.into_any())
}

fn row(finding: &KeyFinding) -> AnyView {
    let word = match finding.severity {
        Severity::Error => Word::Broken,
        Severity::Warning => Word::Warning,
        Severity::Info => Word::Info,
    };
    let says = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    let (title, detail, recovery) = (
        visible(&finding.title),
        visible(&finding.detail),
        visible(&finding.recovery),
    );
    let code = finding.code.clone();
    view! {
        <li data-tone=word.tone()>
            <p><StatusWord word text=says />" "<b><bdi>{title}</bdi></b>" "<code class="label">{code}</code></p>
            <p class="sub"><bdi>{detail}</bdi></p>
            <details><summary>"What to do"</summary><p class="note"><bdi>{recovery}</bdi></p></details>
        </li>
    }
    .into_any()
}
