//! Findings as rows: what was found, where, since when.

use domain::finding::{Severity, State};
use domain::time::Timestamp;
use leptos::prelude::*;
use recovery::findings::Listed;

use crate::components::{Address, Moment, StatusWord, Word, visible};
use leptos_router::params::ParamsMap;

/// Its address, which names the deployment always: the list is of all of them.
pub fn address(deployment: &str, code: &str) -> String {
    let address = Address::new(format!("/diagnostics/{code}"), ParamsMap::new());
    address.with("deployment", deployment.to_owned()).to_string()
}

/// How a finding is marked. What may not be believed now is unknown, however bad it was.
pub const fn word(state: State, severity: Severity) -> Word {
    match (state, severity) {
        (State::Resolved, _) => Word::Done,
        (State::Unknown, _) => Word::Unknown,
        (_, Severity::Error) => Word::Broken,
        (_, Severity::Warning) => Word::Warning,
        (_, Severity::Info) => Word::Info,
    }
}

/// The table of these findings.
#[component]
pub fn Rows(findings: Vec<Listed>, now: Timestamp) -> impl IntoView {
    let rows: Vec<_> = findings.iter().map(|one| row(one, now)).collect();
    view! {
        <table>
            <thead>
                <tr>
                    <th scope="col">"Finding"</th>
                    <th scope="col">"Severity"</th>
                    <th scope="col">"Deployment"</th>
                    <th scope="col" class="c2">"Since"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

fn row(listed: &Listed, now: Timestamp) -> AnyView {
    let record = &listed.record;
    let word = word(record.state, record.found.severity);
    let unknown = record.unknown.as_ref();
    let unknown = unknown.map(|why| view! { <span class="sub">"can’t be told now: "{visible(why)}</span> });
    let acknowledged = record.acknowledged.as_ref().map(|one| {
        view! { <span class="sub">"acknowledged by "{visible(&one.by)}" until "<Moment at=one.until now />": "{visible(&one.reason)}</span> }
    });
    view! {
        <tr data-status=word.status()>
            <th scope="row">
                <a href=address(&listed.deployment, &record.code)>{visible(&record.found.title)}</a>
                <span class="sub">{record.code.clone()}</span>
                {unknown}
                {acknowledged}
            </th>
            <td><StatusWord word text=record.found.severity.word() /></td>
            <td>{visible(&listed.deployment)}</td>
            <td class="c2"><Moment at=record.opened_at now /></td>
        </tr>
    }
    .into_any()
}
