//! Years of drills: what is asked of them goes through indexes, and each stands on one page of the history.

use std::collections::BTreeSet;

use domain::drill::{Choice, Drill, Trigger, Verdict};
use domain::ids::DrillId;
use sqlx::{Connection as _, PgConnection};
use store::Store;
use store::drills::{DrillFilter, StoredDrill, drill_insert};

use crate::{Fresh, sample};

const MANY: &str = include_str!("many_drills.sql");

/// A store with ten thousand drills, which asks by a single connection.
async fn with_many(fresh: &Fresh) -> Store {
    let store = Store::connect(fresh.options.clone(), 1).await.unwrap();
    store.migrate().await.unwrap();
    let (id, at) = (DrillId(sample::uuid()), sample::now(&store).await);
    let asked = (Trigger::Schedule, sample::person("schedule"), "schedule".to_owned());
    let mut tx = store.begin().await.unwrap();
    drill_insert(&mut tx, &Drill::queued(id, "demo", Choice::Random, asked, at))
        .await
        .unwrap();
    sqlx::raw_sql(MANY).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    store
}

#[tokio::test]
async fn of_ten_thousand_drills_few_are_read_for_a_page() {
    let fresh = Fresh::empty().await;
    let store = with_many(&fresh).await;
    let before = scans(&fresh, &store).await;
    assert_eq!(store.drill_sources().await.unwrap(), ["source-0", "source-1"]);
    let all = store.drills_rehearsals().await.unwrap();
    let own = store.drill_rehearsals("demo").await.unwrap();
    assert_eq!(all["demo"], own);
    assert_eq!(own.failed.unwrap().verdict, Some(Verdict::Failed));
    assert_eq!(store.drills_measured("demo", 120).await.unwrap().len(), 120);
    assert_eq!(store.drills_open().await.unwrap().len(), 1);
    let failed = DrillFilter {
        verdict: Some(Verdict::Failed),
        ..DrillFilter::default()
    };
    for filter in [DrillFilter::default(), failed] {
        assert_eq!(store.drills(&filter, None, 51).await.unwrap().len(), 51);
    }
    assert_eq!(scans(&fresh, &store).await, before, "nothing reads the whole table");
}

#[tokio::test]
async fn each_drill_of_ten_thousand_stands_on_one_page() {
    let fresh = Fresh::empty().await;
    let store = with_many(&fresh).await;
    let (mut seen, mut before) = (BTreeSet::new(), None);
    loop {
        let page = store.drills(&DrillFilter::default(), before, 500).await.unwrap();
        assert!(page.iter().all(|stored| seen.insert(stored.drill.id)), "none twice");
        before = page.last().map(StoredDrill::place);
        if page.is_empty() {
            break;
        }
    }
    assert_eq!(seen.len(), 10_000);
}

#[tokio::test]
async fn what_drills_have_proven_is_told_once_for_each_backup() {
    let fresh = Fresh::empty().await;
    let store = with_many(&fresh).await;
    let proofs = store.drills_proofs("demo").await.unwrap();
    let backups: BTreeSet<_> = proofs.iter().map(|(backup, ..)| backup).collect();
    assert_eq!((proofs.len(), backups.len()), (9_999, 9_999));
    assert!(proofs.iter().all(|(_, fingerprint, _)| fingerprint.is_some()));
}

/// Scans of the whole table so far. What a connection did is counted when it says so.
async fn scans(fresh: &Fresh, store: &Store) -> i64 {
    let mut tx = store.begin().await.unwrap();
    sqlx::query("select pg_stat_force_next_flush()")
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut other = PgConnection::connect_with(&fresh.superuser).await.unwrap();
    sqlx::query_scalar("select seq_scan from pg_stat_user_tables where relname = 'drills'")
        .fetch_one(&mut other)
        .await
        .unwrap()
}
