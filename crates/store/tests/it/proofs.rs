use std::collections::BTreeMap;

use chrono::Duration;
use domain::backup::DumpContents;
use domain::ids::{Big, Sha256};
use domain::key::Fingerprint;
use domain::time::Timestamp;
use store::DumpReading;

use crate::sample::now;
use crate::store;

#[tokio::test]
async fn the_first_time_a_layout_opened_something_counts() {
    let store = store().await;
    let (layout, at) = (Sha256([7; 32]), now(&store).await);
    assert_eq!(store.layout_proven("demo", &layout).await.unwrap(), None);
    store.layout_prove("demo", &layout, at).await.unwrap();
    store
        .layout_prove("demo", &layout, at + Duration::hours(1))
        .await
        .unwrap();
    assert_eq!(store.layout_proven("demo", &layout).await.unwrap(), Some(at));
    assert_eq!(store.layout_proven("other", &layout).await.unwrap(), None);
}

#[tokio::test]
async fn a_key_that_opened_is_remembered_for_its_deployment_and_a_weak_one_never() {
    let store = store().await;
    let at = now(&store).await;
    let key = Fingerprint::Keyed("c41e5f06".repeat(4));
    for fingerprint in [&key, &key, &Fingerprint::Weak] {
        store.opening_record("demo", fingerprint, at).await.unwrap();
    }
    assert!(store.opened_before("demo", &key).await.unwrap());
    assert!(!store.opened_before("other", &key).await.unwrap());
    assert!(!store.opened_before("demo", &Fingerprint::Weak).await.unwrap());
}

fn reading(content: u8, read_at: Timestamp) -> DumpReading {
    DumpReading {
        contents: Ok(DumpContents {
            sha256: Sha256([content; 32]),
            rows: BTreeMap::from([("public.tenants".into(), Big(u64::MAX))]),
            encoding: "UTF8".into(),
            collate: "C".into(),
            ctype: "C".into(),
            begun: None,
            server_version: "15.20".into(),
            tool_version: "15.20".into(),
            database: "ampora".into(),
            settings: vec![],
        }),
        openings: vec![(Fingerprint::Keyed("c41e5f06".repeat(4)), 12), (Fingerprint::Weak, 0)],
        sampled: 12,
        unparsed: 1,
        read_at,
    }
}

#[tokio::test]
async fn a_reading_holds_for_the_file_as_it_was() {
    let store = store().await;
    let at = now(&store).await;
    // Files know nanoseconds, PostgreSQL doesn't.
    let modified = at + Duration::nanoseconds(789);
    let first = reading(1, at);
    store
        .dump_reading_put("demo", "dumps", "a.dump", Big(10), modified, &first)
        .await
        .unwrap();
    let seen = |size, modified| store.dump_reading("demo", "dumps", "a.dump", Big(size), modified);
    assert_eq!(seen(10, modified).await.unwrap(), Some(first));
    assert_eq!(seen(11, modified).await.unwrap(), None);
    assert_eq!(seen(10, modified + Duration::seconds(1)).await.unwrap(), None);
    assert_eq!(
        store
            .dump_reading("demo", "other", "a.dump", Big(10), modified)
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn every_content_a_name_ever_had_is_remembered() {
    let store = store().await;
    let at = now(&store).await;
    let broken = DumpReading {
        contents: Err("cut short".into()),
        ..reading(0, at)
    };
    for (size, reading) in [
        (10, reading(1, at)),
        (10, reading(1, at)),
        (11, broken),
        (12, reading(2, at + Duration::hours(1))),
    ] {
        store
            .dump_reading_put("demo", "dumps", "a.dump", Big(size), at, &reading)
            .await
            .unwrap();
    }
    let seen = store.dump_checksums("demo", "dumps", "a.dump").await.unwrap();
    assert_eq!(
        seen,
        [(Sha256([1; 32]), at), (Sha256([2; 32]), at + Duration::hours(1))]
    );
}
