use domain::drift::{Movement, Verdict};
use domain::finding::NotJudged;
use domain::inventory::CoverageStatus;
use domain::observation::Observation;
use leptos::prelude::*;
use recovery::overview::View;

use super::*;
use crate::pages::overview::proofs::{document, holds, main, nothing_is_ok, text};
use crate::pages::overview::samples;

mod exposed;

/// One that fits the proof.
fn history(view: &View) -> KeyHistory {
    match view.keys.known(view.now).fresh() {
        Some(keys) if keys.verdict == Verdict::InSync => samples::in_step(),
        _ => samples::parted(),
    }
}

fn page(view: View, cannot_request: Option<&str>) -> String {
    let page = KeysOf {
        history: history(&view),
        others: Vec::new(),
        told: samples::told(&view),
        not_judged: Vec::new(),
        exposures: Vec::new(),
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
    assert!(main.contains("2 missing or at risk"), "{main}");
    assert!(main.contains("They parted before"), "{main}");
    assert!(
        main.contains("value=\"key-catch-up\"") && main.contains(">Request catch-up<"),
        "the cure is one request away"
    );
    assert_eq!(main.matches(">Request key<").count(), 2, "one a version");
}

#[test]
fn a_manager_in_step_needs_nothing() {
    let html = page(samples::good(), None);
    holds("keys-in-sync", &html);
    assert!(text(&main(&html)).contains("The secret manager is in step."));
    assert!(!main(&html).contains("Scale Ampora to 0"));
    assert!(text(&main(&html)).contains("They were never seen apart"));
}

#[test]
fn who_may_not_ask_reads_why_beside_the_button() {
    let html = page(
        samples::fresh(),
        Some("To request a restore or a key takes the role operator."),
    );
    holds("keys-viewer", &html);
    assert!(!main(&html).contains("action=\"/requests/new\"") && !main(&html).contains("action=\"/keys/prove\""));
    assert!(main(&html).contains("takes the role operator") && !main(&html).contains("value=\"key-catch-up\""));
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

/// The page at an address of its own.
fn page_at(view: View, parameters: &[(&'static str, &str)]) -> String {
    let plain = samples::links().to("/keys");
    let address = parameters
        .iter()
        .fold(plain, |address, (name, value)| address.with(name, *value));
    let page = KeysOf {
        history: history(&view),
        others: Vec::new(),
        told: samples::told(&view),
        not_judged: Vec::new(),
        exposures: Vec::new(),
        view,
        links: samples::links(),
        address,
        cannot_request: None,
    };
    document(Place::Keys, move || view! { <KeysContent page /> }.into_any())
}

fn proven(keys: Keys) -> View {
    let mut view = samples::fresh();
    let backups = samples::coverage(&view.inventory.backups);
    view.keys = Observation::never("master key", 6 * 3_600).updated(Ok(keys.clone()), samples::ago(125));
    view.proven = Some(Keys {
        coverage: backups,
        ..keys
    });
    view
}

#[test]
fn what_needs_a_missing_key_comes_first_and_the_rest_is_one_link_away() {
    let html = main(&page_at(samples::fresh(), &[]));
    assert!(
        html.contains(">missing<") && !html.contains(">unknown</span></span></td>"),
        "{html}"
    );
    let all = main(&page_at(samples::fresh(), &[("cover", "all")]));
    assert!(all.contains("9 full, 1 incr"), "{all}");
    let good = main(&page_at(samples::good(), &[]));
    assert!(
        good.contains("All, 13") && good.contains("9 full, 1 incr"),
        "nothing is missing: {good}"
    );
    let nothing = main(&page_at(samples::good(), &[("cover", "at-risk")]));
    assert!(nothing.contains("No such backup"), "{nothing}");
}

#[test]
fn ten_thousand_backups_fit_the_matrix() {
    let mut view = samples::huge();
    let html = page_at(view.clone(), &[("cover", "all")]);
    holds("keys-huge", &html);
    assert!(html.len() < 110_000, "{} bytes", html.len());
    assert!(
        main(&html).contains("9583 unknown"),
        "one row for all that wasn’t tried"
    );

    // Neighbours that differ can't share a row: then the rows come in pages.
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
    let html = page_at(view.clone(), &[("cover", "all")]);
    holds("keys-huge-mixed", &html);
    assert!(html.len() < 150_000, "{} bytes", html.len());
    assert!(main(&html).contains("aria-current=\"page\">1<"), "{html}");
    let last = main(&page_at(view, &[("cover", "all"), ("page", "9999")]));
    assert!(
        last.contains("aria-current=\"page\"") && !last.contains(">Next<"),
        "{last}"
    );
}

#[test]
fn a_manager_in_trouble_is_told_with_dates_and_reasons() {
    let mut view = proven(samples::troubled());
    if let Some(keys) = &mut view.proven {
        keys.coverage = samples::coverage_of_troubled(&view.inventory.backups);
    }
    let html = page_at(view, &[("cover", "all"), ("history", "1y")]);
    holds("keys-troubled", &html);
    let text = text(&main(&html));
    for says in [
        "destroyed",
        "disabled",
        "403 permission denied",
        "goes with the next write: max_versions is 3",
        "until 15 Oct 01:14:26 UTC",
        "the whole secret goes 12 Oct 01:14:26 UTC",
        "whoever may write may delete it",
        "on, schedule 30 days",
        "the limit of the mount couldn’t be read",
        "AWSCURRENT",
        "vault-north",
        "no answer within 10 s",
        "not compared",
        "in the last year",
        "About to go, and needed",
        "3 backups, kept for longer than the version",
        "version goes 15 Oct 01:14:26 UTC",
        "7, expected",
    ] {
        assert!(text.contains(says), "{says}: {text}");
    }
}

#[test]
fn half_a_rotation_says_how_far_it_came_and_what_is_spoilt() {
    let html = page_at(proven(samples::half_rotated()), &[]);
    holds("keys-half-rotated", &html);
    let text = text(&main(&html));
    for says in [
        "Several keys are live.",
        "44.1 %, the newest",
        "stuck",
        "1 value is spoilt",
        "git_config_sources.credential 17",
        "1 used twice, of 214",
        "nonce-reuse",
        "envelope-damage",
        "4 findings",
        "Finish the rotation in Ampora",
    ] {
        assert!(text.contains(says), "{says}: {text}");
    }
}

#[test]
fn a_rotation_that_moves_is_left_alone() {
    let mut keys = samples::half_rotated();
    keys.status = domain::status::Status::Ok;
    keys.envelopes.movement = Some(Movement::Moving);
    let html = page_at(proven(keys), &[]);
    holds("keys-moving", &html);
    let main = main(&html);
    let text = text(&main[..main.find("id=\"findings\"").expect("the findings come later")]);
    assert!(
        text.contains("A rotation is under way.") && text.contains("Let the rotation finish"),
        "{text}"
    );
    assert!(!text.contains("Scale Ampora to 0"), "{text}");
}

#[test]
fn what_was_told_by_a_proof_that_expired_is_not_told_as_good() {
    let mut view = proven(samples::troubled());
    view.keys = Observation::never("master key", 30).updated(Ok(samples::troubled()), samples::ago(2 * samples::DAY));
    let html = page_at(view, &[]);
    holds("keys-troubled-past", &html);
    nothing_is_ok("keys-troubled-past", &main(&html));
}

#[test]
fn a_history_that_ended_says_since_when_nobody_looks() {
    let page = KeysOf {
        view: samples::unknown(),
        history: samples::silent(),
        told: Vec::new(),
        not_judged: Vec::new(),
        exposures: Vec::new(),
        others: Vec::new(),
        links: samples::links(),
        address: samples::links().to("/keys"),
        cannot_request: None,
    };
    let html = document(Place::Keys, move || view! { <KeysContent page /> }.into_any());
    holds("keys-silent", &html);
    assert!(
        main(&html).contains("url(#hatch)") && text(&main(&html)).contains("nobody looked"),
        "{html}"
    );
}

#[test]
fn the_other_deployments_are_one_link_away() {
    let mut other = samples::unknown();
    other.name = "ampora-west".into();
    let page = KeysOf {
        view: samples::fresh(),
        history: samples::parted(),
        told: samples::told(&samples::fresh()),
        not_judged: vec![not_judged(
            "key-shared",
            "the keys of ampora-west aren’t known: expired",
        )],
        exposures: Vec::new(),
        others: vec![other.gist(), samples::fresh().gist()],
        links: samples::links(),
        address: samples::links().to("/keys"),
        cannot_request: None,
    };
    let html = document(Place::Keys, move || view! { <KeysContent page /> }.into_any());
    holds("keys-elsewhere", &html);
    let main = main(&html);
    assert!(main.contains("href=\"/keys?deployment=ampora%2Dwest\""), "{main}");
    assert!(main.contains("2 deployments") && main.contains("expired"), "{main}");
    let text = text(&main);
    assert!(
        text.contains("key-shared the keys of ampora-west aren’t known"),
        "{text}"
    );
}

fn not_judged(code: &str, reason: &str) -> NotJudged {
    NotJudged {
        deployment: "ampora-prod".into(),
        code: code.into(),
        reason: reason.into(),
    }
}

#[test]
fn hostile_names_stay_text() {
    holds("keys-hostile", &page(samples::hostile(), None));
}
