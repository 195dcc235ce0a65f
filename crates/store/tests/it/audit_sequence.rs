use domain::audit::{Tree, leaf_hash};
use futures::TryStreamExt;
use store::{Store, StoreError};

use crate::sample::{append, entry, now};
use crate::{Fresh, store};

async fn appended(store: &Store, count: usize) {
    for _ in 0..count {
        append(store, &entry(now(store).await)).await;
    }
}

/// Reads the whole log and checks indexes, hashes and roots by hand.
async fn assert_whole(store: &Store, size: i64) {
    let lines: Vec<_> = store.audit_export(i64::MAX).try_collect().await.unwrap();
    let mut tree = Tree::default();
    for (index, line) in (0..).zip(&lines) {
        assert_eq!(line.index, index);
        tree.append(leaf_hash(&line.leaf));
        assert_eq!(line.root, tree.root());
    }
    assert_eq!(i64::try_from(lines.len()).unwrap(), size);
    assert_eq!(store.audit_tree().await.unwrap(), tree);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_appends_and_sequencers_leave_no_hole() {
    let store = store().await;
    let writers = (0..6).map(|writer| {
        let store = store.clone();
        tokio::spawn(async move {
            for n in 0..25 {
                let mut tx = store.begin().await.unwrap();
                store::audit::append(&mut tx, &entry(now(&store).await), rand::random())
                    .await
                    .unwrap();
                // Some are rolled back: they leave holes in the identity column.
                if (n + writer) % 5 == 0 {
                    tx.rollback().await.unwrap();
                } else {
                    tx.commit().await.unwrap();
                }
            }
        })
    });
    let sequencers = (0..2).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut tree = Tree::default();
            for _ in 0..20 {
                store.audit_sequence(&mut tree).await.unwrap();
            }
        })
    });
    let all: Vec<_> = writers.chain(sequencers).collect();
    for task in all {
        task.await.unwrap();
    }
    store
        .audit_sequence(&mut store.audit_tree().await.unwrap())
        .await
        .unwrap();
    assert_whole(&store, 6 * 20).await;
}

#[tokio::test]
async fn an_entry_that_commits_late_is_numbered_late() {
    let store = store().await;
    let late = entry(now(&store).await);
    let mut tx = store.begin().await.unwrap();
    store::audit::append(&mut tx, &late, [0; 16]).await.unwrap();
    appended(&store, 2).await;
    let mut tree = Tree::default();
    assert_eq!(store.audit_sequence(&mut tree).await.unwrap(), 2);
    tx.commit().await.unwrap();
    assert_eq!(store.audit_sequence(&mut tree).await.unwrap(), 1);
    assert_eq!(store.audit_entry_at(2).await.unwrap().unwrap().entry, late);
    assert_whole(&store, 3).await;
}

#[tokio::test]
async fn more_than_a_batch_is_numbered_at_once() {
    let store = store().await;
    let mut tx = store.begin().await.unwrap();
    for _ in 0..1001 {
        store::audit::append(&mut tx, &entry(now(&store).await), [0; 16])
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(store.audit_sequence(&mut Tree::default()).await.unwrap(), 1001);
    assert_whole(&store, 1001).await;
}

#[tokio::test]
async fn a_process_goes_on_where_another_one_was() {
    let store = store().await;
    let (mut ours, mut theirs) = (Tree::default(), Tree::default());
    appended(&store, 1).await;
    assert_eq!(store.audit_sequence(&mut ours).await.unwrap(), 1);
    appended(&store, 2).await;
    assert_eq!(store.audit_sequence(&mut theirs).await.unwrap(), 2);
    appended(&store, 1).await;
    assert_eq!(store.audit_sequence(&mut ours).await.unwrap(), 1);
    assert_whole(&store, 4).await;
}

#[tokio::test]
async fn a_log_that_went_back_in_time_or_was_changed_is_not_continued() {
    let fresh = Fresh::new().await;
    let store = &fresh.store;
    let mut tree = Tree::default();
    appended(store, 3).await;
    store.audit_sequence(&mut tree).await.unwrap();

    let mut from_elsewhere = Tree::default();
    (0..3).for_each(|n| from_elsewhere.append(leaf_hash(&[n])));
    let error = store.audit_sequence(&mut from_elsewhere).await.unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::Inconsistent {
                table: "audit_sequence",
                ..
            }
        ),
        "{error}"
    );

    fresh
        .tamper("alter table audit_sequence disable trigger all; delete from audit_sequence where index = 2")
        .await;
    let error = store.audit_sequence(&mut tree).await.unwrap_err();
    assert!(error.to_string().contains("ends before it"), "{error}");

    fresh.tamper("delete from audit_sequence where index = 0").await;
    let error = store.audit_tree().await.unwrap_err();
    assert!(error.to_string().contains("the entry is missing"), "{error}");
}
