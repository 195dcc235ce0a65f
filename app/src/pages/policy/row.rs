//! One rule as a row: what it asks, the verdict and since when, what was declared and what is.

use domain::inventory::PolicyLine;
use domain::policy::{Rule, Standing};
use domain::time::Timestamp;
use leptos::prelude::*;

use crate::components::{Moment, StatusWord, Word, visible};

/// The name of a rule for people; that of the document for one that this version doesn't know.
pub fn name(line: &PolicyLine) -> String {
    rule(line).map_or_else(|| line.rule.clone(), |rule| rule.title().into())
}

fn rule(line: &PolicyLine) -> Option<Rule> {
    line.rule.parse().ok()
}

/// The table of these rules.
#[component]
pub fn Rows(
    lines: Vec<PolicyLine>,
    now: Timestamp,
    /// With what each rule asks, in a sentence.
    #[prop(optional)]
    asks: bool,
) -> impl IntoView {
    let rows: Vec<_> = lines.iter().map(|line| row(line, now, asks)).collect();
    view! {
        <table>
            <thead>
                <tr>
                    <th scope="col">"Rule"</th>
                    <th scope="col">"Verdict"</th>
                    <th scope="col" class="c2">"Declared"</th>
                    <th scope="col" class="c2">"Actual"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

fn row(line: &PolicyLine, now: Timestamp, asks: bool) -> AnyView {
    let word = Word::from(line.verdict);
    let declared = line.declared.clone().unwrap_or_else(|| "not declared".into());
    let asks = rule(line).filter(|_| asks);
    let asks = asks.map(|rule| view! { <span class="sub">{rule.asks()}</span> });
    let detail = view! { <span class="sub ground">{visible(&line.detail)}</span> };
    view! {
        <tr data-status=word.status()>
            <th scope="row">
                {name(line)}
                {asks}
                {detail}
                <span class="sub when-phone">"Declared: "{declared.clone()}". Actual: "{actual(line)}"."</span>
            </th>
            <td><StatusWord word /><span class="sub">{since(line, now)}</span></td>
            <td class="c2">{declared}</td>
            <td class="c2">{actual(line)}</td>
        </tr>
    }
    .into_any()
}

fn since(line: &PolicyLine, now: Timestamp) -> Option<AnyView> {
    match (line.since, line.verdict) {
        (Some(at), _) => Some(view! { "since "<Moment at now /> }.into_any()),
        (None, Standing::Unset | Standing::Off) => None,
        (None, _) => Some("since when is not known".into_any()),
    }
}

fn actual(line: &PolicyLine) -> Vec<AnyView> {
    let without = match line.verdict {
        Standing::Off => "not looked at",
        Standing::Unset => "not measured",
        Standing::Ok | Standing::Broken | Standing::Unknown => "not known",
    };
    visible(line.actual.as_deref().unwrap_or(without))
}
