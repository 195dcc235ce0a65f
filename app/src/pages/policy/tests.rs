use domain::policy::Rule;
use leptos_router::params::ParamsMap;

use super::*;
use crate::pages::overview::samples::{self, HOSTILE, ago};

fn whole(lines: &[PolicyLine], verdict: &str) -> String {
    let (lines, now) = (lines.to_vec(), ago(0));
    let address = Address::new("/backups", ParamsMap::new())
        .with("range", "7d")
        .with("verdict", verdict);
    let html = Owner::new().with(|| view! { <Policy lines now address /> }.to_html());
    html.replace("<!>", "")
}

fn rows(html: &str) -> usize {
    html.matches("<th scope=\"row\"").count()
}

#[test]
fn every_rule_has_a_row_with_what_it_asks_and_the_worst_come_first() {
    let html = whole(&samples::policy(), "");
    assert_eq!(rows(&html), Rule::ALL.len());
    for rule in Rule::ALL {
        assert!(html.contains(rule.asks()), "{rule}");
    }
    let place = |title: &str| html.find(&format!("<th scope=\"row\">{title}")).expect(title);
    assert!(place("Key in escrow") < place("WAL archiving"), "broken, then unknown");
    assert!(place("WAL archiving") < place("RPO"), "unknown, then unset");
    assert!(place("RPO") < place("Full backup, age"), "unset, then ok");
    assert!(
        html.contains("set rpo in [deployment.policy]"),
        "what is unset says how to set it"
    );
    assert!(html.contains("since <time"), "a verdict has its beginning");
}

#[test]
fn each_verdict_has_a_word_and_a_mark_of_its_own() {
    let html = whole(&samples::policy(), "");
    for (word, mark) in [
        ("ok", "#mark-ok"),
        ("broken", "#mark-broken"),
        ("unknown", "#mark-unknown"),
        ("unset", "#mark-unset"),
        ("off", "#mark-off"),
    ] {
        let said = format!("<use href=\"{mark}\"></use></svg><span>{word}</span>");
        assert!(html.contains(&said), "{word}: {html}");
    }
}

#[test]
fn the_address_chooses_a_verdict_and_keeps_the_rest_of_itself() {
    let html = whole(&samples::policy(), "broken");
    assert_eq!(rows(&html), 2);
    assert!(
        html.contains("href=\"/backups?range=7d&amp;verdict=unknown#policy\""),
        "{html}"
    );
    let kept: Vec<_> = samples::policy()
        .into_iter()
        .filter(|line| line.verdict != Standing::Off)
        .collect();
    assert!(whole(&kept, "off").contains("No rule is off"));
    assert_eq!(
        rows(&whole(&kept, "<b>")),
        kept.len(),
        "a word that is none chooses nothing"
    );
}

#[test]
fn a_rule_of_a_later_version_and_hostile_words_are_shown_as_they_are() {
    let strange = PolicyLine {
        rule: "moon-phase".into(),
        detail: HOSTILE.into(),
        actual: Some(HOSTILE.into()),
        ..samples::policy()[0].clone()
    };
    let html = whole(&[strange], "");
    assert!(html.contains("moon-phase") && html.contains("U+202E"), "{html}");
    assert!(!html.contains("<script>"), "{html}");
}

#[test]
fn the_overview_shows_what_is_not_kept_and_names_the_rest() {
    let (lines, now, links) = (samples::policy(), ago(0), samples::links());
    let html = Owner::new()
        .with(|| view! { <NotKept lines now links /> }.to_html())
        .replace("<!>", "");
    let loud = |line: &PolicyLine| matches!(line.verdict, Standing::Broken | Standing::Unknown);
    assert_eq!(rows(&html), samples::policy().iter().filter(|line| loud(line)).count());
    assert!(html.contains("<b>Kept</b>: Full backup, age"), "{html}");
    assert!(html.contains("<b>Nobody declared</b>: ") && html.contains("href=\"/backups#policy\""));
}
