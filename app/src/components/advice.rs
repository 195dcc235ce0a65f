//! Steps that a person takes, with the commands for where Ampora runs.

use domain::finding::Step;
use leptos::prelude::*;

use super::copy::CopyButton;
use super::quoted::visible;

/// The numbered steps, with their commands unfolded.
#[component]
pub fn Advice(steps: Vec<Step>) -> impl IntoView {
    let rows: Vec<_> = steps.iter().map(row).collect();
    view! { <ol class="steps">{rows}</ol> }
}

fn row(step: &Step) -> AnyView {
    let commands = [
        ("In Kubernetes", &step.kubernetes),
        ("As a service", &step.binary),
        ("Command", &step.anywhere),
    ];
    let commands: Vec<_> = commands
        .into_iter()
        .filter_map(|(place, command)| {
            let command = command.clone()?;
            let what = format!("command, {}", place.to_lowercase());
            Some(view! {
                <details open=true>
                    <summary>{place}</summary>
                    <pre class="command" title="One click selects all of it"><bdi>{visible(&command)}</bdi></pre>
                    <CopyButton text=command what />
                </details>
            })
        })
        .collect();
    view! { <li>{visible(&step.text)}{commands}</li> }.into_any()
}
