use std::time::Duration as Span;

use chrono::Duration;
use domain::history::Seen;
use domain::time::Timestamp;

use crate::sample::now;
use crate::{Fresh, store};

fn facts(values: &[(&str, &str)]) -> Vec<(String, String)> {
    values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn run(value: &str, since: Timestamp, until: Timestamp) -> Seen {
    Seen {
        value: value.into(),
        since,
        until,
    }
}

#[tokio::test]
async fn a_fact_that_keeps_its_value_is_one_run() {
    let store = store().await;
    let at = now(&store).await;
    let minute = |minutes| at + Duration::minutes(minutes);
    for (minutes, head) in [(0, "one"), (1, "one"), (2, "two"), (3, "two"), (4, "one")] {
        let seen = facts(&[("head", head), ("image", "a")]);
        store
            .facts_seen("demo", &seen, minute(minutes), Duration::minutes(5))
            .await
            .unwrap();
    }
    let heads = store.fact_runs("demo", "head", at).await.unwrap();
    let expected = [
        run("one", at, minute(1)),
        run("two", minute(2), minute(3)),
        run("one", minute(4), minute(4)),
    ];
    assert_eq!(heads, expected);
    let latest = store.facts_now("demo").await.unwrap();
    let expected = [
        ("head".to_owned(), run("one", minute(4), minute(4))),
        ("image".to_owned(), run("a", at, minute(4))),
    ];
    assert_eq!(latest, expected);
    assert_eq!(store.facts_now("other").await.unwrap(), []);
    assert_eq!(store.fact_runs("demo", "head", minute(3)).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_pause_in_looking_ends_a_run_and_late_looks_change_nothing() {
    let store = store().await;
    let at = now(&store).await;
    let pause = Duration::minutes(5);
    let same = facts(&[("head", "one")]);
    let later = at + Duration::minutes(6);
    for when in [at, later, at + Duration::minutes(1)] {
        store.facts_seen("demo", &same, when, pause).await.unwrap();
    }
    let other = facts(&[("head", "two")]);
    store
        .facts_seen("demo", &other, at + Duration::minutes(2), pause)
        .await
        .unwrap();
    let runs = store.fact_runs("demo", "head", at).await.unwrap();
    assert_eq!(runs, [run("one", at, at), run("one", later, later)]);
}

#[tokio::test]
async fn old_runs_are_forgotten_but_never_the_last_of_a_fact() {
    let fresh = Fresh::new().await;
    let store = &fresh.store;
    let at = now(store).await;
    let pause = Duration::minutes(5);
    for (days, head) in [(-500, "one"), (-450, "two"), (-10, "three")] {
        let when = at + Duration::days(days);
        store
            .facts_seen("demo", &facts(&[("head", head)]), when, pause)
            .await
            .unwrap();
    }
    store
        .facts_seen("gone", &facts(&[("head", "one")]), at - Duration::days(900), pause)
        .await
        .unwrap();
    assert_eq!(store.facts_prune(Span::from_secs(400 * 86_400)).await.unwrap(), 2);
    assert_eq!(
        store
            .fact_runs("demo", "head", Timestamp::UNIX_EPOCH)
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(store.facts_now("gone").await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_summary_replaces_the_one_before() {
    let store = store().await;
    let at = now(&store).await;
    let later = at + Duration::seconds(1);
    store.summary_put("demo", &"broken", at).await.unwrap();
    store.summary_put("demo", &"ok", later).await.unwrap();
    store.summary_put("acme", &7_u32, at).await.unwrap();
    let lines = store.summaries::<String>().await.unwrap();
    assert_eq!(lines, [("demo".to_owned(), "ok".to_owned(), later)]);
    assert_eq!(store.summary("demo").await.unwrap(), Some(("ok".to_owned(), later)));
    assert_eq!(store.known_since("demo").await.unwrap(), Some(at));
    assert_eq!(store.summary::<u32>("none").await.unwrap(), None);
}
