//! Whoever waits for the database may be gone before it answers: a page that was closed, a worker that was ended, a time limit. What others
//! do with the same connection afterwards has to be as if nobody had.

use std::time::Duration;

use futures::FutureExt as _;
use sqlx::Row as _;
use store::Store;

use crate::Fresh;

/// Begins a unit of work and is gone while the server answers. `false`: it was faster.
async fn begins_and_is_gone(store: &Store) -> bool {
    let mut begin = Box::pin(store.begin());
    // The first look sends what tests the connection, the second one BEGIN.
    if begin.as_mut().now_or_never().is_some() {
        return false;
    }
    tokio::time::sleep(Duration::from_millis(5)).await;
    begin.as_mut().now_or_never().is_none()
}

#[tokio::test]
async fn a_begin_that_nobody_waits_for_leaves_no_transaction_behind() {
    let fresh = Fresh::new().await;
    let store = Store::connect(fresh.options.clone(), 1).await.unwrap();
    let mut gone = 0;
    for _ in 0..1000 {
        gone += u8::from(begins_and_is_gone(&store).await);
        let alone = sqlx::raw_sql("select transaction_timestamp() = statement_timestamp()").fetch_one(store.pool());
        let alone: bool = alone.await.unwrap().get(0);
        assert!(alone, "a transaction is open that nobody began");
        if gone == 5 {
            return;
        }
    }
    panic!("the server was always faster");
}
