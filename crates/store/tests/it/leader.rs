use std::time::Duration;

use store::Leadership;

use crate::{Fresh, store};

#[tokio::test]
async fn one_leads_and_the_next_follows_when_it_steps_down() {
    let store = store().await;
    let mut first = Leadership::try_acquire(&store).await.unwrap().unwrap();
    assert!(Leadership::try_acquire(&store).await.unwrap().is_none());
    assert!(first.still_held().await);
    first.release().await.unwrap();

    let mut second = None;
    for _ in 0..50 {
        second = Leadership::try_acquire(&store).await.unwrap();
        if second.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(second.unwrap().still_held().await);
}

#[tokio::test]
async fn who_lost_the_connection_leads_no_longer() {
    let fresh = Fresh::new().await;
    let mut leadership = Leadership::try_acquire(&fresh.store).await.unwrap().unwrap();
    fresh
        .tamper("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = 2")
        .await;
    assert!(!leadership.still_held().await);
}
