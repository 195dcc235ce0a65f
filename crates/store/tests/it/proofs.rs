use std::collections::BTreeMap;

use chrono::Duration;
use domain::backup::DumpContents;
use domain::ids::{Big, Sha256};
use domain::key::Fingerprint;
use domain::time::Timestamp;
use store::{DumpReading, ListedDump};

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
    let later = at + Duration::hours(1);
    store.opening_record("demo", &key, later).await.unwrap();
    let openings = store.openings("demo").await.unwrap();
    let own = openings.iter().find(|opening| opening.fingerprint == key).unwrap();
    assert_eq!((own.first_at, own.last_at), (at, later));
    assert!(store.openings("other").await.unwrap().is_empty());
}

fn reading(content: u8, read_at: Timestamp) -> DumpReading {
    DumpReading {
        contents: Ok(DumpContents {
            sha256: Sha256([content; 32]),
            rows: BTreeMap::from([("public.tenants".into(), Big(u64::MAX))]),
            encoding: "UTF8".into(),
            collate: "C".into(),
            ctype: "C".into(),
            provider: Some(domain::locale::LocaleProvider::Libc),
            begun: None,
            server_version: "15.20".into(),
            tool_version: "15.20".into(),
            database: "ampora".into(),
            settings: vec![],
            migration_head: Some("20260301000000_Later".into()),
        }),
        openings: vec![(Fingerprint::Keyed("c41e5f06".repeat(4)), 12), (Fingerprint::Weak, 0)],
        sampled: 12,
        unparsed: 1,
        read_at,
    }
}

fn listed(size: u64, modified: Timestamp, version: Option<&str>) -> ListedDump<'_> {
    ListedDump {
        deployment: "demo",
        source: "dumps",
        label: "a.dump",
        size: Big(size),
        modified,
        version,
    }
}

#[tokio::test]
async fn a_reading_holds_for_the_dump_as_it_was() {
    let store = store().await;
    let at = now(&store).await;
    // Files know nanoseconds, PostgreSQL doesn't.
    let modified = at + Duration::nanoseconds(789);
    let first = reading(1, at);
    let dump = listed(10, modified, Some("e-tag"));
    store.dump_reading_put(dump, &first).await.unwrap();
    let others = [
        listed(11, modified, Some("e-tag")),
        listed(10, modified + Duration::seconds(1), Some("e-tag")),
        listed(10, modified, Some("another")),
        listed(10, modified, None),
    ];
    let kept = store.dump_readings("demo", "dumps").await.unwrap();
    let kept = &kept["a.dump"];
    assert_eq!(store.dump_reading(dump).await.unwrap(), Some(first.clone()));
    assert!(kept.holds_for(&dump) && kept.reading == first);
    for other in others {
        assert_eq!(store.dump_reading(other).await.unwrap(), None, "{other:?}");
        assert!(!kept.holds_for(&other), "{other:?}");
    }
    let elsewhere = ListedDump {
        source: "other",
        ..dump
    };
    assert_eq!(store.dump_reading(elsewhere).await.unwrap(), None);
    assert!(store.dump_readings("demo", "other").await.unwrap().is_empty());

    let folder = listed(10, modified, None);
    store.dump_reading_put(folder, &first).await.unwrap();
    assert_eq!(store.dump_reading(folder).await.unwrap(), Some(first));
    assert_eq!(
        store.dump_reading(dump).await.unwrap(),
        None,
        "a reading replaces the older one"
    );
}

#[tokio::test]
async fn every_content_of_a_name_is_remembered_for_ever() {
    let store = store().await;
    let at = now(&store).await;
    let broken = DumpReading {
        contents: Err("cut short".into()),
        ..reading(0, at - Duration::hours(1))
    };
    for (size, reading) in [
        (11, broken),
        (10, reading(1, at)),
        (10, reading(1, at + Duration::minutes(1))),
        (12, reading(2, at + Duration::hours(1))),
    ] {
        store.dump_reading_put(listed(size, at, None), &reading).await.unwrap();
    }
    let b = ListedDump {
        label: "b.dump",
        ..listed(1, at, None)
    };
    store.dump_reading_put(b, &reading(3, at)).await.unwrap();
    let all = store.dump_checksums("demo", "dumps", "a.dump").await.unwrap();
    assert_eq!(all, [(Sha256([1; 32]), at), (Sha256([2; 32]), at + Duration::hours(1))]);
    let first: Vec<_> = store
        .dumps_first_seen("demo", "dumps")
        .await
        .unwrap()
        .into_iter()
        .collect();
    let expected = [
        ("a.dump".to_owned(), (Sha256([1; 32]), at)),
        ("b.dump".to_owned(), (Sha256([3; 32]), at)),
    ];
    assert_eq!(first, expected);
    assert!(store.dumps_first_seen("demo", "other").await.unwrap().is_empty());
}
