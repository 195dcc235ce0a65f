use std::collections::BTreeMap;
use std::time::Duration as Span;

use chrono::Duration;
use domain::ids::{Big, SystemIdentifier};
use domain::time::Timestamp;
use domain::vitals::{ArchiveState, Vitals};
use domain::wal::Lsn;

use crate::sample::now;
use crate::{Fresh, store};

fn vitals(read_at: Timestamp, lsn: u64) -> Vitals {
    Vitals {
        read_at,
        system_identifier: SystemIdentifier(Big(7_412_093_318_650_022_000)),
        server_version: "15.20".into(),
        database: "ampora".into(),
        database_size: Big(1),
        lsn: Lsn(lsn),
        timeline: 1,
        rows: BTreeMap::from([("public.tenants".into(), Big(3))]),
        migration_head: None,
        newest_audit_event: None,
        oldest_audit_event: None,
        heartbeat: Some(read_at - Duration::seconds(1)),
        authority_since: None,
        archive: ArchiveState {
            mode: "on".into(),
            last_archived: None,
            last_archived_at: None,
            last_failed_at: None,
        },
        signs: domain::vitals::Signs::default(),
    }
}

#[tokio::test]
async fn the_newest_reading_is_the_latest() {
    let store = store().await;
    let at = now(&store).await;
    assert_eq!(store.vitals_latest("demo").await.unwrap(), None);
    let (older, newer) = (vitals(at, 5), vitals(at + Duration::seconds(1), 6));
    for reading in [&newer, &older, &newer] {
        store.vitals_append("demo", reading).await.unwrap();
    }
    assert_eq!(store.vitals_latest("demo").await.unwrap(), Some(newer));
    assert_eq!(store.vitals_latest("other").await.unwrap(), None);
}

#[tokio::test]
async fn known_commits_come_in_order_from_readings_that_saw_one() {
    let store = store().await;
    let at = now(&store).await;
    let silent = Vitals {
        heartbeat: None,
        authority_since: None,
        ..vitals(at + Duration::seconds(2), 3)
    };
    for reading in [
        vitals(at + Duration::seconds(3), 4),
        vitals(at, 1),
        silent,
        vitals(at - Duration::hours(1), 0),
    ] {
        store.vitals_append("demo", &reading).await.unwrap();
    }
    let commits = store.commits_known("demo", at).await.unwrap();
    assert_eq!(
        commits,
        [(Lsn(1), at - Duration::seconds(1)), (Lsn(4), at + Duration::seconds(2))]
    );
}

#[tokio::test]
async fn a_long_history_is_thinned_but_not_cut() {
    let fresh = Fresh::new().await;
    fresh
        .tamper(
            "insert into vitals (deployment, read_at, lsn, newest_commit, reading)
             select 'demo', '2026-01-01'::timestamptz + n * interval '1 min', n, '2026-01-01'::timestamptz + n * interval '1 min', '{}'
             from generate_series(1, 20000) as n",
        )
        .await;
    let commits = fresh.store.commits_known("demo", Timestamp::UNIX_EPOCH).await.unwrap();
    assert!((3000..=4500).contains(&commits.len()), "{}", commits.len());
    assert!(commits.is_sorted());
    assert!(commits[0].0 < Lsn(20), "the oldest part is there");
    let newest: Vec<_> = commits.iter().rev().take(2000).map(|(lsn, _)| lsn.0).collect();
    assert!(newest.iter().copied().eq((18_001..=20_000).rev()));
}

#[tokio::test]
async fn samples_are_spread_over_the_time_and_end_with_the_newest() {
    let store = store().await;
    let at = now(&store).await;
    for minute in 0..50 {
        let reading = vitals(at - Duration::minutes(minute), 1);
        store.vitals_append("demo", &reading).await.unwrap();
    }
    let minutes = async |since: i64, most: i64| {
        let since = at - Duration::minutes(since);
        let sampled = store.vitals_sampled("demo", since, most).await.unwrap();
        sampled
            .iter()
            .map(|reading| (at - reading.read_at).num_minutes())
            .collect::<Vec<_>>()
    };
    assert_eq!(minutes(3, 10).await, [3, 2, 1, 0]);
    assert_eq!(minutes(100, 10).await, [45, 40, 35, 30, 25, 20, 15, 10, 5, 0]);
    assert!(store.vitals_sampled("other", at, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn old_readings_are_forgotten_but_never_the_newest() {
    let store = store().await;
    let at = now(&store).await;
    for (deployment, age) in [("demo", 0), ("demo", 40), ("demo", 50), ("silent", 50), ("silent", 60)] {
        store
            .vitals_append(deployment, &vitals(at - Duration::days(age), 1))
            .await
            .unwrap();
    }
    assert_eq!(store.vitals_prune(Span::from_secs(30 * 86_400)).await.unwrap(), 3);
    assert_eq!(
        store.vitals_latest("silent").await.unwrap().unwrap().read_at,
        at - Duration::days(50)
    );
}

#[tokio::test]
async fn old_readings_are_thinned_to_the_last_of_each_hour() {
    use chrono::DurationRound as _;
    let store = store().await;
    let today = now(&store).await.duration_trunc(Duration::hours(1)).unwrap();
    let long_ago = today - Duration::days(30);
    let minutes = [0, 10, 59, 60, 70];
    for start in [long_ago, today - Duration::hours(5)] {
        for minute in minutes {
            store
                .vitals_append("demo", &vitals(start + Duration::minutes(minute), 1))
                .await
                .unwrap();
        }
    }
    assert_eq!(store.vitals_thin(Span::from_secs(14 * 86_400)).await.unwrap(), 3);
    let kept = store.commits_known("demo", Timestamp::UNIX_EPOCH).await.unwrap();
    let old: Vec<_> = kept
        .iter()
        .filter(|(_, at)| *at < long_ago + Duration::days(1))
        .collect();
    assert_eq!((old.len(), kept.len()), (2, 7));
}
