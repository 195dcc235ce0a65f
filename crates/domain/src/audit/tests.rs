use super::*;
use chrono::DateTime;
use proptest::prelude::*;
use uuid::Uuid;

fn entry(n: u32) -> Entry {
    Entry {
        id: EntryId(Uuid::from_u128(n.into())),
        at: DateTime::from_timestamp(1_790_000_000 + i64::from(n), 0).expect("in range"),
        who: Who {
            person: Person {
                issuer: "https://idp.example".into(),
                subject: "a".into(),
            },
            name: "A".into(),
            roles: vec![Role::Operator],
            address: None,
        },
        action: "request.create".into(),
        phase: Phase::Fact,
        outcome: Some(Outcome::Ok),
        intent: None,
        deployment: Some("demo".into()),
        request: None,
        object: format!("request {n}"),
        detail: BTreeMap::from([("digest".into(), "9f3a".into())]),
    }
}

/// The naive definition of RFC 6962, to hold the incremental tree against.
fn naive_root(leaves: &[Sha256]) -> Sha256 {
    match leaves {
        [] => Sha256::of(&[]),
        [one] => *one,
        many => {
            let split = many.len().next_power_of_two() / 2;
            let (left, right) = many.split_at(split);
            Sha256::of(&[&[1], &naive_root(left).0, &naive_root(right).0])
        }
    }
}

fn export(count: u32) -> Vec<String> {
    let mut tree = Tree::default();
    let entries: Vec<_> = (0..count)
        .map(|n| {
            let leaf = entry(n).leaf([7; 16]);
            tree.append(leaf_hash(&leaf));
            ExportedEntry::new(n, &leaf, leaf_hash(&leaf), tree.root())
        })
        .collect();
    let header = Export {
        schema: Export::SCHEMA.into(),
        size: count,
        root: tree.root(),
    };
    let mut lines = vec![serde_json::to_string(&header).expect("json")];
    lines.extend(entries.iter().map(|e| serde_json::to_string(e).expect("json")));
    lines
}

fn verify(lines: &[String]) -> Result<Verified, Mismatch> {
    Export::verify(lines.iter().map(String::as_str))
}

#[test]
fn an_untouched_log_verifies() {
    for count in [0, 1, 2, 3, 8, 13] {
        assert_eq!(verify(&export(count)).expect("verifies").size, count);
    }
}

#[test]
fn the_root_is_the_one_of_rfc_6962() {
    // Test vectors of the certificate-transparency project: roots over the first leaves of its reference tree.
    let inputs: [&[u8]; 3] = [b"", &[0x00], &[0x10]];
    let mut tree = Tree::default();
    let expected = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    ];
    for (input, root) in inputs.into_iter().zip(expected) {
        tree.append(leaf_hash(input));
        assert_eq!(tree.root().to_string(), root);
    }
}

#[test]
fn each_kind_of_tampering_is_found() {
    let mut swapped = export(5);
    swapped.swap(2, 3);
    assert!(matches!(
        verify(&swapped),
        Err(Mismatch::Index { expected: 1, found: 2 })
    ));

    let mut removed = export(5);
    removed.remove(3);
    assert!(matches!(verify(&removed), Err(Mismatch::Index { .. })));

    let mut cut = export(5);
    cut.pop();
    assert_eq!(verify(&cut), Err(Mismatch::Size { expected: 5, found: 4 }));

    let mut changed = export(5);
    let other = entry(99).leaf([7; 16]);
    let mut spoilt: ExportedEntry = serde_json::from_str(&changed[2]).expect("json");
    spoilt.leaf = ExportedEntry::new(1, &other, leaf_hash(&other), spoilt.root).leaf;
    changed[2] = serde_json::to_string(&spoilt).expect("json");
    assert_eq!(verify(&changed), Err(Mismatch::Leaf(1)));

    // Even with a fitting leaf hash: the tree gives it away.
    spoilt.leaf_hash = leaf_hash(&other);
    changed[2] = serde_json::to_string(&spoilt).expect("json");
    assert_eq!(verify(&changed), Err(Mismatch::Root(1)));
}

#[test]
fn entries_swapped_together_with_their_indexes_are_found() {
    let mut lines = export(5);
    let mut second: ExportedEntry = serde_json::from_str(&lines[2]).expect("json");
    let mut third: ExportedEntry = serde_json::from_str(&lines[3]).expect("json");
    std::mem::swap(&mut second.leaf, &mut third.leaf);
    std::mem::swap(&mut second.leaf_hash, &mut third.leaf_hash);
    lines[2] = serde_json::to_string(&second).expect("json");
    lines[3] = serde_json::to_string(&third).expect("json");
    assert_eq!(verify(&lines), Err(Mismatch::Root(1)));
}

#[test]
fn the_leaf_is_canonical_and_reads_back() {
    let leaf = entry(1).leaf([0xAB; 16]);
    insta::assert_snapshot!(String::from_utf8(leaf.clone()).expect("JSON is UTF-8"));
    assert_eq!(Entry::from_leaf(&leaf).expect("reads"), entry(1));
}

proptest! {
    #[test]
    fn growing_equals_building_at_once(leaves in proptest::collection::vec(any::<[u8; 4]>(), 0..40)) {
        let mut tree = Tree::default();
        let hashes: Vec<_> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
        for hash in &hashes {
            tree.append(*hash);
        }
        prop_assert_eq!(tree.root(), naive_root(&hashes));
    }

    #[test]
    fn no_file_makes_the_verifier_panic(text in ".{0,200}") {
        let _ = Export::verify(text.lines());
    }
}
