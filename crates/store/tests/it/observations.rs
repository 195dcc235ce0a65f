use chrono::Duration;
use domain::observation::{Known, Observation};

use crate::sample::now;
use crate::{Fresh, store};

#[tokio::test]
async fn a_failure_stands_beside_the_last_good_value() {
    let store = store().await;
    let at = now(&store).await;
    assert_eq!(
        store.observation::<String>("demo", "backups", "main").await.unwrap(),
        None
    );

    let value = "with \u{0} and 'quotes'".to_owned();
    store
        .observation_put("demo", "backups", "main", 60, Ok(&value), at)
        .await
        .unwrap();
    let seen: Observation<String> = store.observation("demo", "backups", "main").await.unwrap().unwrap();
    assert_eq!(
        (seen.interval_s, &seen.last_good, &seen.failure),
        (60, &Some((value.clone(), at)), &None)
    );

    let later = at + Duration::minutes(1);
    store
        .observation_put::<String>("demo", "backups", "main", 60, Err("refused \u{0}"), later)
        .await
        .unwrap();
    let seen: Observation<String> = store.observation("demo", "backups", "main").await.unwrap().unwrap();
    assert_eq!(seen.last_good, Some((value, at)));
    assert_eq!(seen.failure, Some((later, "refused \u{FFFD}".into())));

    store
        .observation_put("demo", "backups", "main", 60, Ok(&"again"), later)
        .await
        .unwrap();
    let seen: Observation<String> = store.observation("demo", "backups", "main").await.unwrap().unwrap();
    assert_eq!((seen.last_good, seen.failure), (Some(("again".into(), later)), None));
}

#[tokio::test]
async fn something_that_only_ever_failed_has_no_value() {
    let store = store().await;
    let at = now(&store).await;
    store
        .observation_put::<u32>("demo", "backups", "b", 60, Err("refused"), at)
        .await
        .unwrap();
    store
        .observation_put("demo", "backups", "a", 60, Ok(&7_u32), at)
        .await
        .unwrap();
    store
        .observation_put("other", "backups", "c", 60, Ok(&7_u32), at)
        .await
        .unwrap();
    let all = store.observations::<u32>("demo", "backups").await.unwrap();
    assert_eq!(all.iter().map(|seen| &*seen.source).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(all[1].last_good, None);
}

#[tokio::test]
async fn a_value_of_another_version_is_unknown_and_says_so() {
    let fresh = Fresh::new().await;
    let at = now(&fresh.store).await;
    fresh
        .store
        .observation_put("demo", "backups", "main", 60, Ok(&"text"), at)
        .await
        .unwrap();
    let seen: Observation<u32> = fresh
        .store
        .observation("demo", "backups", "main")
        .await
        .unwrap()
        .unwrap();
    assert!(matches!(seen.known(at), Known::Unknown { reason, last: None } if reason.contains("another version")));
}
