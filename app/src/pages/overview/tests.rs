use leptos::prelude::*;
use recovery::overview::{ComesBack, View};

use super::proofs::{document, holds, main, nothing_is_ok, text, waiting};
use super::*;

fn page(view: View, waiting: Vec<Waiting>) -> String {
    let page = Overview {
        view,
        links: samples::links(),
        waiting,
        quorum: 2,
        others: Vec::new(),
        emergency: None,
        undelivered: Vec::new(),
    };
    document(Place::Overview, move || view! { <OverviewContent page /> }.into_any())
}

#[test]
fn a_fresh_deployment_says_what_comes_back_and_what_waits() {
    let html = page(samples::fresh(), vec![waiting()]);
    holds("overview-fresh", &html);
    let main = main(&html);
    assert!(main.contains("would come back"), "{main}");
    assert!(main.contains("2\u{a0}min\u{a0}11\u{a0}s"), "the loss is a figure");
    assert!(main.contains("no restore was done yet"), "no duration is guessed");
    assert!(
        main.contains("the key in use is not in the secret manager"),
        "the drift ends the sentence"
    );
    assert!(main.contains("Waits for you") && main.contains("Bring the key in use into the secret manager"));
    assert!(main.contains("Ampora itself needs 16"), "the version is named");
    assert!(main.contains("16 rules: 2 broken"), "every rule is counted");
}

#[test]
fn what_waits_for_the_reader_comes_before_what_is_broken_and_that_before_what_is_unknown() {
    let mut view = samples::fresh();
    view.inventory.sources[1].status = domain::status::Status::Unknown;
    let calls = calls::calls(&view, &[waiting()], &[], &samples::links());
    let words: Vec<_> = calls.iter().map(|call| call.word).collect();
    assert_eq!(words, [Word::WaitsForYou, Word::Broken, Word::Unknown]);
}

#[test]
fn where_nothing_is_known_nothing_is_called_ok_and_the_last_value_stays() {
    let html = page(samples::unknown(), Vec::new());
    holds("overview-unknown", &html);
    let main = main(&html);
    nothing_is_ok("overview-unknown", &main);
    assert!(text(&main).contains("what would come back is not known"), "{main}");
    assert!(main.contains("Last known: up to"), "the last window is still told");
    assert!(main.contains("connection refused"), "with the reason");
    assert!(main.contains("expired: read 2 d ago"), "the proof of the key ran out");
}

#[test]
fn with_nothing_configured_the_page_says_what_its_absence_makes_unknown() {
    let html = page(samples::empty(), Vec::new());
    holds("overview-empty", &html);
    let main = main(&html);
    nothing_is_ok("overview-empty", &main);
    assert!(main.contains("No source of backups is configured"), "{main}");
    assert!(main.contains("not set up"));
}

#[test]
fn a_thing_that_was_read_is_not_called_unknown() {
    use domain::inventory::ArtifactKind;
    use domain::status::Status;
    let mut view = samples::good();
    view.not_set_up.retain(|kind| *kind != ArtifactKind::BackupKey);
    let key = view
        .inventory
        .artifacts
        .iter_mut()
        .find(|artifact| artifact.kind == ArtifactKind::BackupKey);
    let key = key.expect("it is listed");
    (key.status, key.observed_at) = (Status::Ok, None);
    let html = main(&page(view, Vec::new()));
    let tile = html.split("id=\"tile-backup-key\"").nth(1).expect("its tile");
    let tile = text(tile.split("</article>").next().unwrap_or_default());
    assert!(
        tile.contains("good") && !tile.contains("not known") && !tile.contains("not read yet"),
        "{tile}"
    );
}

#[test]
fn ten_thousand_backups_make_no_larger_page() {
    let html = page(samples::huge(), Vec::new());
    holds("overview-huge", &html);
    assert!(html.len() < 600_000, "{} bytes", html.len());
}

#[test]
fn hostile_names_stay_text() {
    holds("overview-hostile", &page(samples::hostile(), vec![waiting()]));
}

#[test]
fn a_single_backup_and_nothing_at_all_have_sentences_of_their_own() {
    let mut view = samples::good();
    view.comes_back = ComesBack::Copy {
        source: "dumps".into(),
        label: "ampora-20261006T0130.dump".into(),
        as_of: Some(samples::ago(7_668)),
    };
    let html = page(view.clone(), Vec::new());
    holds("overview-copy", &html);
    assert!(main(&html).contains("everything since would be lost"));
    assert!(
        main(&html).contains("about 4 min 11 s"),
        "restores of dumps were measured"
    );

    view.comes_back = ComesBack::Nothing;
    let html = page(view, Vec::new());
    holds("overview-nothing", &html);
    assert!(text(&main(&html)).contains("nothing would come back"));
}

#[test]
fn a_site_with_several_deployments_answers_for_each() {
    let mut other = samples::unknown();
    other.name = "ampora-test".into();
    let page = Overview {
        view: samples::good(),
        links: samples::links(),
        waiting: Vec::new(),
        quorum: 2,
        others: vec![other.gist()],
        emergency: None,
        undelivered: Vec::new(),
    };
    let html = document(Place::Overview, move || view! { <OverviewContent page /> }.into_any());
    holds("overview-several", &html);
    assert!(main(&html).contains("href=\"/?deployment=ampora%2Dtest\""));
}
