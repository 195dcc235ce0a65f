use domain::inventory::CoverageStatus;
use domain::observation::Observation;
use leptos::prelude::*;
use recovery::overview::View;

use super::*;
use crate::pages::overview::proofs::{document, holds, main, nothing_is_ok, text};
use crate::pages::overview::samples;

fn page(view: View, cannot_request: Option<&str>) -> String {
    let page = KeysOf {
        history: samples::parted(),
        view,
        links: samples::links(),
        address: samples::links().to("/keys"),
        cannot_request: cannot_request.map(Into::into),
    };
    document(Place::Keys, move || view! { <KeysContent page /> }.into_any())
}

#[test]
fn a_drift_is_told_with_its_counts_and_its_cure() {
    let html = page(samples::fresh(), None);
    holds("keys-behind", &html);
    let main = main(&html);
    assert!(main.contains("it lacks the key in use"), "{main}");
    assert!(
        main.contains("<b>0 of 214</b>") && main.contains("<b>214 of 214</b>"),
        "{main}"
    );
    assert!(
        main.contains("Scale Ampora to 0"),
        "the advice begins with what keeps the way back open"
    );
    assert!(main.contains("At most every"), "the interval of the readings is told");
    assert!(main.contains("2 need a key the manager lacks"), "{main}");
    assert_eq!(main.matches(">Request key<").count(), 2, "one a version");
}

#[test]
fn a_manager_in_step_needs_nothing() {
    let html = page(samples::good(), None);
    holds("keys-in-sync", &html);
    assert!(text(&main(&html)).contains("The secret manager is in step."));
    assert!(!main(&html).contains("Scale Ampora to 0"));
}

#[test]
fn who_may_not_ask_reads_why_beside_the_button() {
    let html = page(
        samples::fresh(),
        Some("To request a restore or a key takes the role operator."),
    );
    holds("keys-viewer", &html);
    assert!(!main(&html).contains("action=\"/requests/new\"") && !main(&html).contains("action=\"/keys/prove\""));
    assert!(main(&html).contains("takes the role operator"));
}

#[test]
fn an_expired_proof_is_shown_as_last_known_and_nothing_as_good() {
    let mut view = samples::unknown();
    view.keys = Observation::never("master key", 30).updated(Ok(samples::in_sync()), samples::ago(2 * samples::DAY));
    let html = page(view, None);
    holds("keys-expired", &html);
    nothing_is_ok("keys-expired", &main(&html));
    assert!(text(&main(&html)).contains("Whether the key opens it is not known."));
    assert!(main(&html).contains("Last known"));
}

#[test]
fn without_a_manager_the_page_says_what_that_means() {
    let html = page(samples::empty(), None);
    holds("keys-empty", &html);
    nothing_is_ok("keys-empty", &main(&html));
    assert!(main(&html).contains("No secret manager is configured"));
}

#[test]
fn ten_thousand_backups_fit_the_matrix() {
    let mut view = samples::huge();
    let html = page(view.clone(), None);
    holds("keys-huge", &html);
    assert!(html.len() < 100_000, "{} bytes", html.len());
    assert!(
        main(&html).contains("9583 were not tried"),
        "one row for all that wasn’t tried"
    );

    // Neighbours that differ can't share a row: then the rows are bounded.
    let cells = view
        .proven
        .iter_mut()
        .flat_map(|keys| &mut keys.coverage)
        .filter(|cell| cell.version.as_deref() == Some("1"));
    for (index, cell) in cells.enumerate() {
        cell.status = if index % 2 == 0 {
            CoverageStatus::Proven
        } else {
            CoverageStatus::Refuted
        };
    }
    let html = page(view, None);
    holds("keys-huge-mixed", &html);
    assert!(html.len() < 150_000, "{} bytes", html.len());
    assert!(main(&html).contains("more, older ones"));
}

#[test]
fn hostile_names_stay_text() {
    holds("keys-hostile", &page(samples::hostile(), None));
}
