use std::time::Duration as Span;

use chrono::Duration;
use domain::approval::{Decision, State};
use domain::ids::Sha256;
use serde_json::json;
use store::{Store, StoreError};

use crate::sample::{challenge, decided, pending, requested};
use crate::{Fresh, store};

#[tokio::test]
async fn a_challenge_reads_back_by_id_and_by_state() {
    let store = store().await;
    let request = requested(&store, "demo").await;
    let asked = challenge(&request, Decision::Approve, "b");
    let login = pending(&asked);
    let mut tx = store.begin().await.unwrap();
    store::challenges::insert(&mut tx, &asked, &login).await.unwrap();
    tx.commit().await.unwrap();

    let found = store.challenge_by_state(&login.state_hash).await.unwrap();
    assert_eq!(found, Some((asked.clone(), login.clone(), None)));
    let found = store.challenge(asked.id).await.unwrap().unwrap();
    assert_eq!(found.challenge.nonce(), asked.nonce());
    assert_eq!((found.challenge, found.login, found.raw_id_token), (asked, login, None));
    assert_eq!(store.challenge_by_state(&Sha256([0; 32])).await.unwrap(), None);
}

#[tokio::test]
async fn a_challenge_is_used_once_however_many_try() {
    let store = store().await;
    let request = requested(&store, "demo").await;
    let asked = challenge(&request, Decision::Approve, "b");
    let mut tx = store.begin().await.unwrap();
    store::challenges::insert(&mut tx, &asked, &pending(&asked))
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let uses = (0..5).map(|_| async {
        let mut tx = store.begin().await.unwrap();
        let used = store::challenges::use_once(&mut tx, asked.id, request.created_at)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        used
    });
    let used = futures::future::join_all(uses).await;
    assert_eq!(used.into_iter().filter(|used| *used).count(), 1);
    assert_eq!(
        store.challenge(asked.id).await.unwrap().unwrap().used_at,
        Some(request.created_at)
    );
}

#[tokio::test]
async fn the_token_of_a_reveal_is_kept_until_it_is_spent_once() {
    let store = store().await;
    let request = requested(&store, "demo").await;
    let (asked, at) = (challenge(&request, Decision::Reveal, "a"), request.created_at);
    let mut tx = store.begin().await.unwrap();
    store::challenges::insert(&mut tx, &asked, &pending(&asked))
        .await
        .unwrap();
    let early = store::challenges::fulfil(&mut tx, asked.id, "token", at)
        .await
        .unwrap_err();
    assert!(matches!(early, StoreError::RowsAffected { .. }), "{early}");
    assert!(store::challenges::use_once(&mut tx, asked.id, at).await.unwrap());
    store::challenges::fulfil(&mut tx, asked.id, "token", at).await.unwrap();
    store::challenges::fulfil(&mut tx, asked.id, "another", at)
        .await
        .unwrap_err();
    tx.commit().await.unwrap();
    assert_eq!(
        store
            .challenge(asked.id)
            .await
            .unwrap()
            .unwrap()
            .raw_id_token
            .as_deref(),
        Some("token")
    );

    let spends = (0..4).map(|_| async {
        let mut tx = store.begin().await.unwrap();
        let token = store::challenges::spend(&mut tx, asked.id, at).await.unwrap();
        tx.commit().await.unwrap();
        token
    });
    let spent: Vec<_> = futures::future::join_all(spends).await.into_iter().flatten().collect();
    assert_eq!(spent, ["token"]);
    assert_eq!(store.challenge(asked.id).await.unwrap().unwrap().raw_id_token, None);
    let kept: Vec<u8> = sqlx::query_scalar("select token_sha256 from challenges")
        .fetch_one(store.pool())
        .await
        .unwrap();
    assert_eq!(kept, Sha256::of(&[b"token"]).0);
}

#[tokio::test]
async fn old_challenges_are_forgotten() {
    let store = store().await;
    let request = requested(&store, "demo").await;
    let mut tx = store.begin().await.unwrap();
    for age in [0, 2] {
        let mut asked = challenge(&request, Decision::Approve, "b");
        asked.created_at -= Duration::hours(age);
        store::challenges::insert(&mut tx, &asked, &pending(&asked))
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(store.challenges_prune(Span::from_secs(3600)).await.unwrap(), 1);
}

#[tokio::test]
async fn a_decision_keeps_its_token_until_it_is_sealed() {
    let store = store().await;
    let request = requested(&store, "demo").await;
    let decision = decided(challenge(&request, Decision::Approve, "b"));
    let mut tx = store.begin().await.unwrap();
    store::decisions::insert(&mut tx, &decision).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        store.decisions(request.id).await.unwrap(),
        std::slice::from_ref(&decision)
    );

    let mut tx = store.begin().await.unwrap();
    let claims = json!({"sub": "b"});
    store::decisions::seal(&mut tx, decision.challenge.id, &claims)
        .await
        .unwrap();
    let twice = store::decisions::seal(&mut tx, decision.challenge.id, &claims)
        .await
        .unwrap_err();
    assert!(matches!(twice, StoreError::RowsAffected { .. }), "{twice}");
    tx.commit().await.unwrap();
    let sealed = store.decisions(request.id).await.unwrap();
    assert_eq!(sealed[0].raw_id_token, None);
    let row: String = sqlx::query_scalar("select decisions::text from decisions")
        .fetch_one(store.pool())
        .await
        .unwrap();
    assert!(!row.contains("header.payload.signature"), "{row}");
}

#[tokio::test]
async fn a_person_decides_once_on_a_request() {
    let store = store().await;
    let request = requested(&store, "demo").await;
    let mut tx = store.begin().await.unwrap();
    store::decisions::insert(&mut tx, &decided(challenge(&request, Decision::Approve, "b")))
        .await
        .unwrap();
    let error = store::decisions::insert(&mut tx, &decided(challenge(&request, Decision::Reject, "b")))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, StoreError::Conflict(name) if name == "decisions_once_per_person"),
        "{error}"
    );
}

#[tokio::test]
async fn a_decision_without_its_token_is_not_taken() {
    let store = store().await;
    let request = requested(&store, "demo").await;
    let mut decision = decided(challenge(&request, Decision::Approve, "b"));
    decision.raw_id_token = None;
    let mut tx = store.begin().await.unwrap();
    let error = store::decisions::insert(&mut tx, &decision).await.unwrap_err();
    assert!(
        matches!(error, StoreError::Inconsistent { table: "decisions", .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_decision_about_another_plan_or_with_another_token_is_inconsistent() {
    for tampering in [
        "update decisions set digest = sha256('other')",
        "update decisions set raw_id_token = 'forged'",
        "update decisions set roles = '{admin}'",
    ] {
        let fresh = Fresh::new().await;
        let request = requested(&fresh.store, "demo").await;
        let mut tx = fresh.store.begin().await.unwrap();
        store::decisions::insert(&mut tx, &decided(challenge(&request, Decision::Approve, "b")))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        fresh.tamper(tampering).await;
        let error = fresh.store.decisions(request.id).await.unwrap_err();
        assert!(
            matches!(error, StoreError::Inconsistent { table: "decisions", .. }),
            "{tampering}: {error}"
        );
    }
}

/// Decides as the console does: on the locked row, and only while it is pending.
async fn decide(store: &Store, number: i64, decision: Decision, who: &str) -> bool {
    let mut tx = store.begin().await.unwrap();
    let mut request = store::requests::lock(&mut tx, number).await.unwrap().unwrap().request;
    if !matches!(request.state, State::Pending { .. }) {
        return false;
    }
    let decision = decided(challenge(&request, decision, who));
    store::decisions::insert(&mut tx, &decision).await.unwrap();
    request.state = State::Approved {
        approvals: vec![],
        run_by: request.created_at,
    };
    store::requests::save(&mut tx, &request).await.unwrap();
    tx.commit().await.unwrap();
    true
}

#[tokio::test]
async fn of_two_people_who_decide_at_the_same_instant_one_comes_second() {
    let store = store().await;
    for _ in 0..10 {
        let number = requested(&store, "demo").await.number;
        let (b, c) = tokio::join!(
            decide(&store, number, Decision::Approve, "b"),
            decide(&store, number, Decision::Reject, "c")
        );
        assert!(b ^ c, "{b} {c}");
        let request = store.request(number).await.unwrap().unwrap().request;
        assert_eq!(store.decisions(request.id).await.unwrap().len(), 1);
    }
}
