use super::*;
use proptest::prelude::*;

fn restore() -> RestoreDump {
    RestoreDump {
        deployment: "demo".into(),
        source: "dumps".into(),
        backup: "ampora.dump".into(),
        dump_sha256: Sha256([1; 32]),
        dump_bytes: Big(9_007_199_254_740_993),
        target: Target {
            server: "db1:5432".into(),
            system_identifier: SystemIdentifier(Big(7_412_093_318_650_022_000)),
            server_version: "15.20".into(),
            database: "ampora_restored".parse().expect("a plain name"),
            owner: "ampora".into(),
            encoding: "UTF8".into(),
            collate: "C".into(),
            ctype: "C".into(),
            provider: LocaleProvider::Libc,
        },
        rows: BTreeMap::from([("public.tenants".into(), Big(3))]),
        settings: vec![],
        key_fingerprint: Some(Fingerprint::Keyed("c41e5f06".repeat(4))),
        tool_version: "15.20".into(),
        jobs: 2,
        steps: vec![Step::new("verify-dump", "Reads the dump again.")],
    }
}

#[test]
fn the_digest_is_of_the_canonical_pinned_part() {
    let pinned = Pinned::from(restore());
    insta::assert_snapshot!(String::from_utf8(canonical::json(&pinned)).expect("JSON is UTF-8"));
    let again: Pinned = serde_json::from_slice(&canonical::json(&pinned)).expect("reads back");
    assert_eq!(again.digest(), pinned.digest());
}

#[test]
fn numbers_above_two_to_the_53rd_keep_their_digest_apart() {
    let pinned = |bytes| {
        Pinned::from(RestoreDump {
            dump_bytes: Big(bytes),
            ..restore()
        })
    };
    assert_ne!(
        pinned(9_007_199_254_740_993).digest(),
        pinned(9_007_199_254_740_992).digest()
    );
}

#[test]
fn what_moved_is_named_with_both_values() {
    let was = Pinned::from(restore());
    let mut changed = restore();
    changed.target.server_version = "15.21".into();
    changed.rows.insert("public.agents".into(), Big(60));
    let moved = was.moved(&Pinned::from(changed));
    let sentences: Vec<_> = moved.iter().map(Moved::sentence).collect();
    assert_eq!(
        sentences,
        [
            "rows.public.agents was null and is 60",
            "target.server_version was 15.20 and is 15.21"
        ]
    );
    assert!(was.moved(&was).is_empty());
}

#[test]
fn only_plain_names_become_databases() {
    for good in ["a", "ampora_restored", "_x9", &"a".repeat(63)] {
        assert!(good.parse::<DatabaseName>().is_ok(), "{good}");
    }
    for bad in [
        "",
        "9a",
        "Ampora",
        "a b",
        "\"; drop database",
        "a'b",
        "pg_x",
        "postgres",
        "template1",
        "ä",
        "a\0",
        &"a".repeat(64),
    ] {
        assert!(bad.parse::<DatabaseName>().is_err(), "{bad:?}");
    }
}

fn retrieval(delivery: Delivery) -> Pinned {
    Pinned::RetrieveKey(RetrieveKey {
        deployment: "demo".into(),
        manager: "file /keys".into(),
        version: "2".into(),
        fingerprint: Fingerprint::Keyed("c41e5f06".repeat(4)),
        delivery,
        steps: vec![],
    })
}

#[test]
fn a_plan_keeps_its_digest_however_the_key_leaves() {
    let placed = Placed {
        destination: "new-cluster".into(),
        manager: "file /new/keys".into(),
        identity: "file /new/keys".into(),
        name: "keys".parse().expect("a plain name"),
        field: None,
        encoding: crate::key::Encoding::Base64,
    };
    let deliveries = [
        (Delivery::ShownOnce, r#"{"to":"shown-once"}"#, true),
        (
            Delivery::Sealed {
                recipient: "age1a".into(),
            },
            r#"{"recipient":"age1a","to":"sealed"}"#,
            true,
        ),
        (
            Delivery::Split {
                recipients: ["age1a".into(), "age1b".into()],
            },
            r#"{"recipients":["age1a","age1b"],"to":"split"}"#,
            true,
        ),
        (
            Delivery::Placed(placed),
            r#"{"destination":"new-cluster","encoding":"base64","field":null,"identity":"file /new/keys","manager":"file /new/keys","name":"keys","to":"placed"}"#,
            false,
        ),
    ];
    for (delivery, json, handed_over) in deliveries {
        assert_eq!(String::from_utf8(canonical::json(&delivery)).expect("UTF-8"), json);
        let pinned = retrieval(delivery);
        let again: Pinned = serde_json::from_slice(&canonical::json(&pinned)).expect("reads back");
        assert_eq!((again.digest(), again.is_handed_over()), (pinned.digest(), handed_over));
    }
}

#[test]
fn only_plain_names_become_places() {
    for good in ["a", "dr-2026-10", "Z9", &"a".repeat(60)] {
        assert!(good.parse::<PlaceName>().is_ok(), "{good}");
    }
    for bad in [
        "",
        "-a",
        "a-",
        "..",
        "../live",
        "a/b",
        "a b",
        "a_b",
        "{name}",
        "ä",
        "a\0",
        "a\n",
        &"a".repeat(61),
    ] {
        assert!(bad.parse::<PlaceName>().is_err(), "{bad:?}");
        let stored = serde_json::from_value::<PlaceName>(bad.into());
        assert!(stored.is_err(), "{bad:?} stands in a row");
    }
}

proptest! {
    #[test]
    fn any_change_of_a_pinned_fact_changes_the_digest(database in "[a-z][a-z0-9_]{0,20}", jobs in 1u32..64) {
        let mut changed = restore();
        changed.target.database = database.parse().expect("plain");
        changed.jobs = jobs;
        let same = changed == restore();
        prop_assert_eq!(Pinned::from(changed).digest() == Pinned::from(restore()).digest(), same);
    }
}
