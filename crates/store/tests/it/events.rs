use std::time::Duration;

use store::Store;
use store::events::{Event, Events, Subscription, notify};

use crate::observations::MAIN;
use crate::sample::{append, entry, now, queued};
use crate::{Fresh, store};

/// Waits until `wanted` comes by.
async fn until(subscription: &mut Subscription, wanted: &Event) {
    let arrival = async { while subscription.next().await.as_ref() != Some(wanted) {} };
    tokio::time::timeout(Duration::from_secs(20), arrival)
        .await
        .unwrap_or_else(|_| panic!("{wanted:?} didn’t come"));
}

async fn announce(store: &Store, topic: &str) {
    let mut tx = store.begin().await.unwrap();
    notify(&mut tx, topic).await.unwrap();
    tx.commit().await.unwrap();
}

fn changed(topic: impl Into<String>) -> Event {
    Event::Changed(topic.into())
}

#[tokio::test]
async fn what_was_committed_is_announced_and_nothing_else() {
    let store = store().await;
    let events = Events::listen(&store);
    let (mut one, mut two) = (events.subscribe(), events.subscribe());
    until(&mut one, &Event::Refresh).await;
    until(&mut two, &Event::Refresh).await;

    let mut tx = store.begin().await.unwrap();
    notify(&mut tx, "never").await.unwrap();
    tx.rollback().await.unwrap();
    announce(&store, "request:7").await;
    for subscription in [&mut one, &mut two] {
        assert_eq!(subscription.next().await, Some(changed("request:7")));
    }
}

#[tokio::test]
async fn each_aggregate_announces_its_topic() {
    let store = store().await;
    let events = Events::listen(&store);
    let mut subscription = events.subscribe();
    until(&mut subscription, &Event::Refresh).await;
    let run = queued(&store, "demo").await;
    for event in [changed("request:1"), Event::Work, changed(format!("run:{run}"))] {
        assert_eq!(subscription.next().await, Some(event));
    }
    store
        .observation_put(MAIN, 60, Ok(&1), now(&store).await)
        .await
        .unwrap();
    until(&mut subscription, &changed("observation:demo")).await;
    append(&store, &entry(now(&store).await)).await;
    until(&mut subscription, &changed("audit")).await;
}

#[tokio::test]
async fn a_lost_connection_is_made_anew_and_everything_is_refreshed() {
    let fresh = Fresh::new().await;
    let events = Events::listen(&fresh.store);
    let mut subscription = events.subscribe();
    until(&mut subscription, &Event::Refresh).await;
    fresh
        .tamper(
            "select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid()",
        )
        .await;
    until(&mut subscription, &Event::Refresh).await;
    announce(&fresh.store, "after").await;
    until(&mut subscription, &changed("after")).await;
}

#[tokio::test]
async fn who_falls_behind_is_told_to_refresh() {
    let store = store().await;
    let events = Events::listen(&store);
    let (mut slow, mut fast) = (events.subscribe(), events.subscribe());
    until(&mut fast, &Event::Refresh).await;
    until(&mut slow, &Event::Refresh).await;
    let mut tx = store.begin().await.unwrap();
    for n in 0..300 {
        notify(&mut tx, &n.to_string()).await.unwrap();
    }
    tx.commit().await.unwrap();
    // By now all have arrived, and more than are kept for anybody.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(slow.next().await, Some(Event::Refresh));
    until(&mut slow, &changed("299")).await;
}
