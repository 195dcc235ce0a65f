use chrono::Duration;
use domain::ids::Sha256;
use domain::time::Timestamp;
use store::SignInAttempt;

use crate::sample::now;
use crate::store;

fn attempt(state: u8, at: Timestamp) -> SignInAttempt {
    SignInAttempt {
        state_hash: Sha256([state; 32]),
        browser_hash: Sha256([9; 32]),
        nonce: "nonce".into(),
        pkce_verifier: "verifier".into(),
        return_to: "/requests/7".into(),
        at,
    }
}

#[tokio::test]
async fn a_sign_in_is_taken_once_however_many_answers_come() {
    let store = store().await;
    let asked = attempt(1, now(&store).await);
    store.sign_in_begin(&asked).await.unwrap();
    let answers = (0..4).map(|_| store.sign_in_take(&asked.state_hash));
    let answers: Result<Vec<_>, _> = futures::future::join_all(answers).await.into_iter().collect();
    assert_eq!(answers.unwrap().into_iter().flatten().collect::<Vec<_>>(), [asked]);
}

#[tokio::test]
async fn a_sign_in_is_good_for_ten_minutes() {
    let store = store().await;
    let at = now(&store).await;
    let (late, early) = (
        attempt(1, at - Duration::seconds(601)),
        attempt(2, at - Duration::seconds(590)),
    );
    store.sign_in_begin(&early).await.unwrap();
    store.sign_in_begin(&late).await.unwrap();
    assert_eq!(store.sign_in_take(&late.state_hash).await.unwrap(), None);
    assert_eq!(store.sign_in_take(&early.state_hash).await.unwrap(), Some(early));
}

#[tokio::test]
async fn sign_ins_without_an_answer_are_forgotten_by_the_next() {
    let store = store().await;
    let at = now(&store).await;
    store.sign_in_begin(&attempt(1, at - Duration::hours(1))).await.unwrap();
    store.sign_in_begin(&attempt(2, at)).await.unwrap();
    let kept: i64 = sqlx::query_scalar("select count(*) from sign_ins")
        .fetch_one(store.pool())
        .await
        .unwrap();
    assert_eq!(kept, 1);
}
