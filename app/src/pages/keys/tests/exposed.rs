//! Keys that left, and what can't be told of keys now.

use domain::custody::exposure::{Exposure, Left, Rotated};
use domain::finding::State;
use domain::plan::Delivery;
use leptos::prelude::*;
use recovery::findings::Told;

use super::super::*;
use super::not_judged;
use crate::pages::overview::proofs::{document, holds, main, text};
use crate::pages::overview::samples;

fn left(request: i64, how: Left, rotated: Rotated) -> Exposure {
    Exposure {
        request,
        fingerprint: samples::fingerprint('7'),
        at: samples::ago(3 * samples::DAY),
        who: format!("alice{}", samples::HOSTILE),
        how,
        certain: true,
        rotated,
    }
}

#[test]
fn who_has_a_key_and_what_became_of_it_stands_on_the_page() {
    let shown = Left::Retrieved {
        version: "2".into(),
        delivery: Delivery::ShownOnce,
    };
    let caught_up = Left::CaughtUp {
        manager: format!("vault{}", samples::HOSTILE),
    };
    let unknown = Rotated::Unknown {
        why: format!("no proof{}", samples::HOSTILE),
    };
    let mut view = samples::good();
    view.name = "ampora-prod".into();
    let page = KeysOf {
        history: samples::in_step(),
        told: vec![Told {
            state: State::Unknown,
            ..samples::told(&samples::fresh()).remove(0)
        }],
        not_judged: vec![
            not_judged("key-exposed", "not read"),
            not_judged("key-shared", "not read"),
        ],
        exposures: vec![
            left(12, shown.clone(), Rotated::StillInUse),
            left(11, caught_up, unknown),
            left(
                10,
                shown,
                Rotated::Yes {
                    since: samples::ago(60),
                },
            ),
        ],
        view,
        others: Vec::new(),
        links: samples::links(),
        address: samples::links().to("/keys"),
        cannot_request: None,
    };
    let html = document(Place::Keys, move || view! { <KeysContent page /> }.into_any());
    holds("keys-exposed", &html);
    let main = main(&html);
    assert!(
        main.contains("href=\"/requests/12\"") && main.contains("1 not rotated yet") && main.contains(">rotated<"),
        "{main}"
    );
    assert!(
        main.contains("U+202E") && main.contains("href=\"/diagnostics/key-exposed?deployment=ampora%2Dprod\""),
        "{main}"
    );
    let text = text(&main);
    for says in [
        "was seen by alice",
        "was written into vault",
        "not known",
        "can’t be told now",
        "key-exposed key-shared not read",
    ] {
        assert!(text.contains(says), "{says}: {text}");
    }
}
