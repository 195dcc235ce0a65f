//! The rules of the policy: what each asks, how it stands and since when. The Overview shows what isn't kept, the Backups page all of it.

use domain::inventory::PolicyLine;
use domain::policy::Standing;
use domain::time::Timestamp;
use leptos::prelude::*;

mod row;

use super::overview::{Links, count};
use crate::components::{Address, Blank, Sheet};
use row::{Rows, name};

/// The worst first; within one word the order of the rules stands.
const WORST_FIRST: [Standing; 5] = [
    Standing::Broken,
    Standing::Unknown,
    Standing::Unset,
    Standing::Ok,
    Standing::Off,
];

/// The lines of one word after the other.
#[must_use]
pub fn worst_first(lines: &[PolicyLine]) -> Vec<&PolicyLine> {
    let of = |standing| lines.iter().filter(move |line| line.verdict == standing);
    WORST_FIRST.into_iter().flat_map(of).collect()
}

/// `16 rules: 1 broken, 5 unknown, 6 unset, 4 ok`.
fn summary(lines: &[PolicyLine]) -> String {
    let counts = WORST_FIRST.map(|standing| (standing, lines.iter().filter(|line| line.verdict == standing).count()));
    let counts = counts.iter().filter(|(_, number)| *number > 0);
    let counts: Vec<_> = counts
        .map(|(standing, number)| format!("{number} {}", standing.word()))
        .collect();
    format!("{}: {}", count(lines.len(), "rule", "rules"), counts.join(", "))
}

/// What isn't kept, or can't be told, in full; the others by their names.
#[component]
pub fn NotKept(lines: Vec<PolicyLine>, now: Timestamp, links: Links) -> impl IntoView {
    let is_loud = |line: &&PolicyLine| matches!(line.verdict, Standing::Broken | Standing::Unknown);
    let loud: Vec<_> = worst_first(&lines).into_iter().filter(is_loud).cloned().collect();
    let others: Vec<_> = [Standing::Ok, Standing::Unset, Standing::Off]
        .into_iter()
        .filter_map(|standing| named(&lines, standing))
        .collect();
    let all = format!("{}#policy", links.to("/backups"));
    let rows = (!loud.is_empty()).then(|| view! { <Rows lines=loud now /> });
    view! {
        <Sheet id="policy" title="Policy" note=summary(&lines)>
            {rows}
            {others}
            <p><a href=all>"All rules, with what each asks"</a></p>
        </Sheet>
    }
}

/// `Kept: Full backup, age; RPO.`
fn named(lines: &[PolicyLine], standing: Standing) -> Option<AnyView> {
    let names: Vec<_> = lines.iter().filter(|line| line.verdict == standing).map(name).collect();
    let head = match standing {
        Standing::Ok => "Kept",
        Standing::Off => "Switched off",
        _ => "Nobody declared",
    };
    (!names.is_empty()).then(|| view! { <p class="note"><b>{head}</b>": "{names.join("; ")}"."</p> }.into_any())
}

/// Every rule, or those of the word that the address asks for by `verdict`.
#[component]
pub fn Policy(lines: Vec<PolicyLine>, now: Timestamp, address: Address) -> impl IntoView {
    let asked = asked(&address);
    let shown: Vec<_> = worst_first(&lines)
        .into_iter()
        .filter(|line| asked.is_none_or(|asked| asked == line.verdict))
        .cloned()
        .collect();
    let choices = choices(&lines, asked, &address);
    let table = match (asked, shown.is_empty()) {
        (Some(asked), true) => {
            let title = format!("No rule is {}", asked.word());
            view! { <Blank title>"The rules above have other verdicts now."</Blank> }.into_any()
        }
        _ => view! { <Rows lines=shown now asks=true /> }.into_any(),
    };
    view! {
        <Sheet id="policy" title="Policy" note=summary(&lines)>
            <div><nav class="segmented" aria-label="Verdict">{choices}</nav></div>
            {table}
        </Sheet>
    }
}

fn asked(address: &Address) -> Option<Standing> {
    let word = address.get("verdict")?;
    WORST_FIRST.into_iter().find(|standing| standing.word() == word)
}

/// One link a word that some rule has, and the one that is chosen.
fn choices(lines: &[PolicyLine], asked: Option<Standing>, address: &Address) -> Vec<AnyView> {
    let address = address.without("verdict");
    let all = choice(format!("all {}", lines.len()), address.to_string(), asked.is_none());
    let words = WORST_FIRST.into_iter().filter_map(|standing| {
        let number = lines.iter().filter(|line| line.verdict == standing).count();
        let chosen = asked == Some(standing);
        let href = address.with("verdict", standing.word()).to_string();
        (number > 0 || chosen).then(|| choice(format!("{} {number}", standing.word()), href, chosen))
    });
    std::iter::once(all).chain(words).collect()
}

fn choice(text: String, href: String, chosen: bool) -> AnyView {
    view! { <a href=format!("{href}#policy") aria-current=chosen.then_some("true")>{text}</a> }.into_any()
}

#[cfg(test)]
mod tests;
