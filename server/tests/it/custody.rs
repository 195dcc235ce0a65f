//! Keys on their ways over HTTP: as two shares, into a new place, from Ampora into the manager. Each from the form over the plan and a second
//! person to what came of it; and afterwards no page, row, log line, panic or argument holds a key in any form.

mod ground;

use axum::http::StatusCode;
use domain::key;
use testkit::secrets;

use crate::browser::Browser;
use crate::decisions::log_in_again;
use crate::site::master_key;
use crate::strangers::assert_guarded;
use ground::{Ground, digest_on, opened, recipients};

#[tokio::test(flavor = "multi_thread")]
async fn two_people_get_a_share_each_in_one_answer() {
    let ground = Ground::new().await;
    let (a, b) = ground.people().await;
    let (one, other) = recipients();
    let (first, second) = (one.to_public().to_string(), other.to_public().to_string());
    let wish = [
        ("kind", "retrieve-key"),
        ("deployment", "demo"),
        ("version", "1"),
        ("to", "split"),
        ("recipient", &*first),
        ("recipient_2", &*second),
    ];
    let page = ground.ask(&a, &wish).await;
    ground.agree(&b, &page).await;
    assert_eq!(
        b.post(&format!("{page}/run"), &[]).await.status,
        StatusCode::CONFLICT,
        "not theirs"
    );

    let begun = a.post(&format!("{page}/run"), &[]).await;
    let reveal = log_in_again(&a, &begun, "a", "operator").await.onward();
    let shown = a.post(&reveal, &[]).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text);
    assert_guarded(&shown.headers, &reveal);
    let block = |id: &str| {
        let begin = format!("<pre id=\"{id}\" class=\"quoted-block\">");
        let rest = shown
            .text
            .split(&begin)
            .nth(1)
            .unwrap_or_else(|| panic!("{id}: {}", shown.text));
        rest.split("</pre>").next().unwrap_or_default().to_owned()
    };
    let shares = [opened(&block("share-1"), &one), opened(&block("share-2"), &other)];
    let joined: Vec<_> = shares[0]
        .iter()
        .zip(&shares[1])
        .map(|(one, other)| one ^ other)
        .collect();
    assert_eq!(joined, master_key(1).expose(), "together they are the key");
    assert_ne!(a.post(&reveal, &[]).await.status, StatusCode::OK, "used up");
    ground
        .search(&shares)
        .nothing_in("the answer that held the shares", shown.text.as_bytes());
    ground.nothing_anywhere(&a, &page, &shares).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_put_where_nothing_was_and_nobody_sees_it() {
    let ground = Ground::new().await;
    let (a, b) = ground.people().await;
    let wish = |name: &'static str| {
        [
            ("kind", "retrieve-key"),
            ("deployment", "demo"),
            ("version", "2"),
            ("to", "placed"),
            ("destination", "near"),
            ("name", name),
        ]
    };
    let page = ground.ask(&a, &wish("standby")).await;
    ground.agree(&b, &page).await;
    ground
        .run(&a, &page, "The key is in its new place, and was read back.")
        .await;
    let put = std::fs::read_to_string(ground.folder().join("standby/1.key")).expect("it is there");
    assert_eq!(put.trim(), key::to_setting(&master_key(2)).as_str());
    let after = a.get(&page).await.text;
    assert!(after.contains("The key since then"), "{after}");
    let taken = a.get(&ground::planned(&wish("standby"))).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY, "something is there now");
    assert!(digest_on(&taken.text).is_none(), "{}", taken.text);
    let keys = a.get("/keys").await.text;
    assert!(
        keys.contains("Keys that left") && keys.contains(&format!("href=\"{page}\"")),
        "{keys}"
    );
    ground.nothing_anywhere(&a, &page, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_that_is_behind_is_caught_up_and_a_rotation_is_proposed() {
    let ground = Ground::new().await;
    let (a, b) = ground.people().await;
    ground.prove(&a).await;
    let before = a.get("/keys").await.text;
    assert!(
        before.contains("key-behind") && before.contains("Request catch-up"),
        "{before}"
    );

    let page = ground
        .ask(&a, &[("kind", "key-catch-up"), ("deployment", "demo")])
        .await;
    ground.agree(&b, &page).await;
    ground.run(&a, &page, "and proven again.").await;
    let written = std::fs::read_to_string(ground.folder().join("keys/3.key")).expect("it is there");
    assert_eq!(written.trim(), key::to_setting(&master_key(4)).as_str());
    let keys = a.get("/keys").await.text;
    assert!(
        !keys.contains("key-behind") && keys.contains("in_sync") && keys.contains("Plan a rotation"),
        "{keys}"
    );
    assert!(
        keys.contains("key-exposed") && keys.contains("not rotated yet"),
        "{keys}"
    );
    let finding = a.get("/diagnostics/key-exposed?deployment=demo").await.text;
    assert!(
        finding.contains("was written into") && finding.contains("Scale Ampora to 0"),
        "{finding}"
    );
    assert!(a.get(&page).await.text.contains("not rotated yet"));
    ground.nothing_anywhere(&a, &page, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_with_a_key_in_hand_tells_nobody_the_key() {
    let ground = Ground::new().await;
    let (a, b) = ground.people().await;
    let wish = [
        ("kind", "retrieve-key"),
        ("deployment", "demo"),
        ("version", "1"),
        ("to", ""),
    ];
    let page = ground.ask(&a, &wish).await;
    ground.agree(&b, &page).await;
    let begun = a.post(&format!("{page}/run"), &[]).await;
    let reveal = log_in_again(&a, &begun, "a", "operator").await.onward();
    ground.die_next();
    let answer = a.post(&reveal, &[]).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{}", answer.text);
    assert!(secrets::heard("died with Value(redacted) in its hands"));
    ground.search(&[]).nothing_in("the answer", answer.text.as_bytes());
    ground.nothing_anywhere(&a, &page, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_these_forms_takes_the_role_the_digest_and_the_site() {
    let ground = Ground::new().await;
    let (a, _) = ground.people().await;
    let (one, other) = recipients();
    let (first, second) = (one.to_public().to_string(), other.to_public().to_string());
    let wishes: [&[(&str, &str)]; 3] = [
        &[
            ("kind", "retrieve-key"),
            ("version", "1"),
            ("to", "split"),
            ("recipient", &first),
            ("recipient_2", &second),
        ],
        &[
            ("kind", "retrieve-key"),
            ("version", "1"),
            ("to", "placed"),
            ("destination", "near"),
            ("name", "new"),
        ],
        &[("kind", "key-catch-up")],
    ];
    let mut strangers = Vec::new();
    for role in ["viewer", "auditor", "approver"] {
        strangers.push(Browser::signed_in(&ground.site, role, role).await);
    }
    for wish in wishes {
        let wish = [wish, &[("deployment", "demo")]].concat();
        let planned = a.get(&ground::planned(&wish)).await;
        let digest = digest_on(&planned.text).unwrap_or_else(|| panic!("{}", planned.text));
        let with = |digest: &'static str| [&wish[..], &[("digest", digest), ("reason", "r")]].concat();
        let real = [&wish[..], &[("digest", &*digest), ("reason", "r")]].concat();
        for stranger in &strangers {
            assert_eq!(
                stranger.get(&ground::planned(&wish)).await.status,
                StatusCode::FORBIDDEN
            );
            assert_eq!(stranger.post("/requests", &real).await.status, StatusCode::FORBIDDEN);
        }
        let evil = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
        assert_eq!(
            a.post_from("/requests", &real, &evil).await.status,
            StatusCode::FORBIDDEN
        );
        let other_plan = with("0000000000000000000000000000000000000000000000000000000000000000");
        let answer = a.post("/requests", &other_plan).await;
        assert!(answer.status.is_client_error(), "another digest: {}", answer.status);
        assert!(
            a.post("/requests", &with("")).await.status.is_client_error(),
            "no digest"
        );
    }
    let listed = a.get("/requests").await.text;
    assert!(!listed.contains("href=\"/requests/1\""), "nothing was put up: {listed}");
}
