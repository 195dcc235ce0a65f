//! The page of a rule: its section of the documentation, which is part of the program, since at night nothing else may be reachable.

use domain::rules::Rule;
use leptos::prelude::*;
use recovery::Error;

use crate::components::{PageHead, Place, Sheet};
use crate::pages::{Opened, Visit, open};

/// The documentation of all rules. Its headings are their codes.
const TEXT: &str = include_str!("../../../../docs/failure-modes.md");

/// Where the page of a rule is.
pub fn address(code: &str) -> String {
    format!("/diagnostics/rules/{code}")
}

/// `/diagnostics/rules/{code}`
#[component]
pub fn RulePage() -> impl IntoView {
    open(Place::Diagnostics, async |visit: Visit| {
        let code = visit.params.get_str("code").unwrap_or_default();
        let rule = Rule::of(code).ok_or_else(|| Error::NotFound(format!("rule {code}")))?;
        Ok(Opened::new(rule.title, view! { <Section rule /> }.into_any()))
    })
}

/// The section of one rule.
#[component]
pub fn Section(rule: Rule) -> impl IntoView {
    let looks: Vec<_> = rule.looks.iter().map(|look| look.word()).collect();
    let crumb = ("Diagnostics", "/diagnostics", rule.code.to_owned());
    let lede = format!("Looks at {}; {}.", looks.join(", "), rule.hysteresis.words());
    let paragraphs: Vec<_> = section(rule.code)
        .split("\n\n")
        .map(|paragraph| view! { <p>{inline(paragraph)}</p> })
        .collect();
    view! {
        <PageHead title=rule.title.into_any() crumb lede=lede.into_any() />
        <Sheet id="rule" title="What it means">{paragraphs}</Sheet>
    }
}

/// What stands below a rule's heading.
fn section(code: &str) -> &'static str {
    let heading = format!("\n## {code}\n");
    let below = TEXT.split_once(&heading).map_or("", |(_, below)| below);
    below.split("\n## ").next().unwrap_or_default().trim()
}

/// The marks that the documentation uses within a paragraph: `code`, *emphasis*, **strong**.
fn inline(text: &str) -> Vec<AnyView> {
    let mut views = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(['`', '*']) {
        let (plain, marked) = rest.split_at(start);
        let mark = ["`", "**", "*"]
            .into_iter()
            .find(|mark| marked.starts_with(mark))
            .unwrap_or("*");
        let Some((inner, after)) = marked[mark.len()..].split_once(mark) else {
            break;
        };
        views.push(plain.to_owned().into_any());
        let inner = inner.to_owned();
        views.push(match mark {
            "`" => view! { <code>{inner}</code> }.into_any(),
            "**" => view! { <b>{inner}</b> }.into_any(),
            _ => view! { <i>{inner}</i> }.into_any(),
        });
        rest = after;
    }
    views.push(rest.to_owned().into_any());
    views
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_page_with_its_symptom_and_its_recovery() {
        for rule in Rule::ALL {
            let html = view! { <Section rule /> }.to_html();
            assert!(html.contains("Recovery."), "{}: {html}", rule.code);
            assert!(section(rule.code).contains(rule.symptom), "{}", rule.code);
            assert!(
                !html.contains("**") && !html.contains("matrix"),
                "{}: {html}",
                rule.code
            );
        }
    }

    #[test]
    fn what_is_no_mark_stays_as_it_is() {
        let html = view! { <p>{inline("a `b` *c* **d** 2 * 3")}</p> }.to_html();
        for part in ["<code>b", "<i>c", "<b>d", "2 * 3"] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }
}
