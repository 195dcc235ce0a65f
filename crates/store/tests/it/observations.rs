use chrono::Duration;
use domain::observation::{Known, Observation};
use store::{Store, Subject};

use crate::sample::now;
use crate::{Fresh, store};

pub const MAIN: Subject<'static> = Subject {
    deployment: "demo",
    kind: "backups",
    source: "main",
};

#[tokio::test]
async fn a_failure_stands_beside_the_last_good_value() {
    let store = store().await;
    let at = now(&store).await;
    assert_eq!(store.observation::<String>(MAIN).await.unwrap(), None);

    let value = "with \u{0} and 'quotes'".to_owned();
    store.observation_put(MAIN, 60, Ok(&value), at).await.unwrap();
    let seen: Observation<String> = store.observation(MAIN).await.unwrap().unwrap();
    assert_eq!(
        (seen.interval_s, &seen.last_good, &seen.failure),
        (60, &Some((value.clone(), at)), &None)
    );

    let later = at + Duration::minutes(1);
    store
        .observation_put::<String>(MAIN, 60, Err("refused \u{0}"), later)
        .await
        .unwrap();
    let seen: Observation<String> = store.observation(MAIN).await.unwrap().unwrap();
    assert_eq!(seen.last_good, Some((value, at)));
    assert_eq!(seen.failure, Some((later, "refused \u{FFFD}".into())));

    store.observation_put(MAIN, 60, Ok(&"again"), later).await.unwrap();
    let seen: Observation<String> = store.observation(MAIN).await.unwrap().unwrap();
    assert_eq!((seen.last_good, seen.failure), (Some(("again".into(), later)), None));
}

#[tokio::test]
async fn everything_of_a_deployment_is_read_at_once() {
    let store = store().await;
    let at = now(&store).await;
    let subject = |deployment, source| Subject {
        deployment,
        kind: "backups",
        source,
    };
    store
        .observation_put::<u32>(subject("demo", "b"), 60, Err("refused"), at)
        .await
        .unwrap();
    store
        .observation_put(subject("demo", "a"), 60, Ok(&7_u32), at)
        .await
        .unwrap();
    store
        .observation_put(subject("other", "c"), 60, Ok(&7_u32), at)
        .await
        .unwrap();
    let all = store.observed("demo").await.unwrap();
    let a: Observation<u32> = all.get("backups", "a").unwrap();
    let b: Observation<u32> = all.get("backups", "b").unwrap();
    assert_eq!((a.last_good, b.last_good), (Some((7, at)), None));
    assert!(all.get::<u32>("backups", "c").is_none());
}

/// Where on disk the row lies, and how large the stored list is.
async fn bulk_written(store: &Store) -> (Vec<u8>, i32) {
    sqlx::query_as("select bulk_sha256, pg_column_size(bulk) from observations where source = 'main'")
        .fetch_one(store.pool())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_large_part_is_kept_until_it_changes() {
    let store = store().await;
    let at = now(&store).await;
    let many = vec!["backup"; 1000];
    store
        .observation_put_split(MAIN, 60, Ok((&1_u32, &many)), at)
        .await
        .unwrap();
    let first = bulk_written(&store).await;
    let later = at + Duration::minutes(1);
    store
        .observation_put_split(MAIN, 60, Ok((&2_u32, &many)), later)
        .await
        .unwrap();
    assert_eq!(bulk_written(&store).await, first);
    store
        .observation_put_split::<u32, Vec<String>>(MAIN, 60, Err("refused"), later)
        .await
        .unwrap();
    let all = store.observed("demo").await.unwrap();
    let seen: Observation<(u32, Vec<String>)> = all.get_split("backups", "main").unwrap();
    let (value, read_at) = seen.last_good.unwrap();
    assert_eq!((value.0, value.1.len(), read_at), (2, 1000, later));
    assert_eq!(seen.failure, Some((later, "refused".into())));
    store
        .observation_put_split(MAIN, 60, Ok((&3_u32, &["one"])), later)
        .await
        .unwrap();
    assert_ne!(bulk_written(&store).await.0, first.0);
}

#[tokio::test]
async fn a_value_of_another_version_is_unknown_and_says_so() {
    let fresh = Fresh::new().await;
    let at = now(&fresh.store).await;
    fresh.store.observation_put(MAIN, 60, Ok(&"text"), at).await.unwrap();
    let seen: Observation<u32> = fresh.store.observation(MAIN).await.unwrap().unwrap();
    assert!(matches!(seen.known(at), Known::Unknown { reason, last: None } if reason.contains("another version")));
}
