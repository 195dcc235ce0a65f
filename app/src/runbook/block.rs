//! One part of a chapter, alike on the page and in the file.

use domain::runbook::{Block, Fact, Step};
use leptos::prelude::*;

use crate::components::visible;

/// One part.
#[component]
pub fn BlockView(block: Block) -> impl IntoView {
    match block {
        Block::Text(text) => view! { <p>{visible(&text)}</p> }.into_any(),
        Block::Trap(text) => view! { <p class="trap"><b>"Trap. "</b>{visible(&text)}</p> }.into_any(),
        Block::Facts(facts) => {
            let rows: Vec<_> = facts.into_iter().map(fact).collect();
            view! { <dl class="facts">{rows}</dl> }.into_any()
        }
        Block::Table { head, rows } => table(&head, rows),
        Block::Steps(steps) => {
            let steps: Vec<_> = steps.into_iter().map(step).collect();
            view! { <ol class="todo">{steps}</ol> }.into_any()
        }
    }
}

fn fact(fact: Fact) -> impl IntoView {
    let value = match fact.value {
        Ok(value) => view! { <dd>{visible(&value)}</dd> }.into_any(),
        Err(why) => view! { <dd><b class="not-known">"unknown"</b>": "{visible(&why)}</dd> }.into_any(),
    };
    view! { <div><dt>{visible(&fact.name)}</dt>{value}</div> }
}

fn table(head: &[&'static str], rows: Vec<Vec<String>>) -> AnyView {
    let head: Vec<_> = head.iter().map(|name| view! { <th scope="col">{*name}</th> }).collect();
    let row = |cells: Vec<String>| {
        let cells: Vec<_> = cells.iter().map(|cell| view! { <td>{visible(cell)}</td> }).collect();
        view! { <tr>{cells}</tr> }
    };
    let rows: Vec<_> = rows.into_iter().map(row).collect();
    view! {
        <div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>
    }
    .into_any()
}

fn step(step: Step) -> impl IntoView {
    let commands: Vec<_> = step
        .commands
        .iter()
        .map(|command| view! { <pre>{visible(command)}</pre> })
        .collect();
    let detail = (!step.detail.is_empty()).then(|| view! { <p>{visible(&step.detail)}</p> });
    view! {
        <li>
            <b class="what">{visible(&step.title)}</b>
            {detail}
            {commands}
            <span class="done" aria-hidden="true">"done at ______ by ______"</span>
        </li>
    }
}
