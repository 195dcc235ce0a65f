use proptest::prelude::*;
use zeroize::Zeroizing;

use super::*;
use crate::drift::{Candidate, ValueName};
use crate::envelope::{Encoding, NONCE, seal};
use crate::ids::Sha256;

fn key(seed: u8) -> MasterKey {
    MasterKey::new(Zeroizing::new(Sha256::of(&[b"proof", &[seed]]).0))
}

fn place(id: &str) -> Place<'_> {
    Place {
        table: "ca_signing_keys",
        column: "PrivateKey",
        id,
        tenant: "",
    }
}

const fn version(order: u32, current: bool) -> Candidate {
    Candidate::Version { order, current }
}

/// Tries keys 1, 2 and 3, of which 2 is current, on these values.
fn tried(values: &[(&str, Vec<u8>)]) -> Tried {
    let keys = [1, 2, 3].map(key);
    let candidates = [version(0, false), version(1, true), version(2, false)];
    let mut trial = Trial::new(&Layout::default(), candidates.into_iter().zip(&keys));
    for (id, stored) in values {
        trial.take(&place(id), Some(stored));
    }
    trial.finish()
}

fn sealed(seed: u8, nonce: u8) -> Vec<u8> {
    seal(&key(seed), [nonce; NONCE], b"PRIVATE KEY")
}

#[test]
fn counts_are_kept_by_column_and_key_id() {
    let mut values = vec![
        ("1", sealed(1, 1)),
        ("2", sealed(2, 2)),
        ("3", sealed(2, 3)),
        ("4", sealed(9, 4)),
    ];
    values.push(("5", b"no envelope".to_vec()));
    let tried = tried(&values);
    assert_eq!([0, 1, 2, 3].map(|index| tried.opened_by(index)), [1, 2, 0, 0]);
    assert_eq!((tried.parsed(), tried.opened, tried.unparsed), (4, 3, 1));
    let stranger = tried.groups.iter().find(|group| group.key_id == Some(key(9).key_id()));
    assert_eq!(stranger.expect("a group of its own").first_unopened[0].id, "4");
    let document = tried.document();
    assert_eq!((document.sampled, document.opened, document.damaged), (5, 3, 1));
    assert_eq!(document.damage[0].value.id, "5");
    assert_eq!(document.key_ids.len(), 3);
}

#[test]
fn key_ids_are_hints_and_never_proof() {
    let mut lies = sealed(3, 1);
    lies[1..9].copy_from_slice(&key(1).id_bytes());
    let tried = tried(&[("1", sealed(1, 2)), ("2", lies), ("3", sealed(1, 3))]);
    assert_eq!([0, 1, 2].map(|index| tried.opened_by(index)), [2, 0, 1]);
    assert_eq!(tried.groups.len(), 1);
}

#[test]
fn one_key_under_two_names_is_one_key() {
    let keys = [key(1), key(2), key(1), key(1)];
    let names = [version(0, false), version(1, false), version(2, true), Candidate::InUse];
    let mut trial = Trial::new(&Layout::default(), names.into_iter().zip(&keys));
    trial.take(&place("1"), Some(&sealed(1, 1)));
    let tried = trial.finish();
    assert_eq!([0, 1, 2, 3].map(|index| tried.opened_by(index)), [1, 0, 1, 1]);
    let opened: Vec<_> = tried.groups.iter().flat_map(|group| &group.opened).collect();
    assert_eq!(opened.len(), 1);
    assert_eq!(opened[0].candidate, 2, "it counts as the current version");
}

#[test]
fn associated_data_are_of_the_row() {
    let fields = ["scheme:1", "key_id:8", "nonce:12", "tag:16", "ciphertext"].map(str::to_owned);
    let layout = Layout::new(Encoding::Bytea, &fields, Some("{table}:{id}")).expect("a layout");
    let keys = [key(1)];
    let mut trial = Trial::new(&layout, [(version(0, true), &keys[0])]);
    trial.take(&place("1"), Some(&sealed(1, 1)));
    let tried = trial.finish();
    assert_eq!((tried.parsed(), tried.opened), (1, 0), "sealed without any");
}

#[test]
fn two_different_envelopes_of_one_nonce_are_told_by_their_places() {
    let again = seal(&key(1), [1; NONCE], b"another secret");
    let of_another_key = seal(&key(2), [1; NONCE], b"another secret");
    let values = [
        ("1", sealed(1, 1)),
        ("2", sealed(1, 2)),
        ("3", again),
        ("4", sealed(1, 1)),
        ("5", of_another_key),
    ];
    let document = tried(&values).document();
    assert_eq!((document.nonces_compared, document.nonces_reused), (5, 1));
    let ids: Vec<_> = document.nonce_reuse[0]
        .values
        .iter()
        .map(|value| value.id.as_str())
        .collect();
    assert_eq!(ids.len(), 2);
    assert!(ids.contains(&"3"), "{ids:?}");
    let copies = tried(&[("1", sealed(1, 1)), ("2", sealed(1, 1))]).document();
    assert_eq!(copies.nonces_reused, 0, "a copied row betrays nothing");
}

#[test]
fn thousands_of_nonces_are_told_apart_whether_drawn_or_counted() {
    let keys = [key(1)];
    for counted in [true, false] {
        let mut trial = Trial::new(&Layout::default(), [(version(0, true), &keys[0])]);
        for number in 0..3000_u16 {
            let mut nonce = [0; NONCE];
            if counted {
                nonce[..2].copy_from_slice(&number.to_be_bytes());
            } else {
                nonce.copy_from_slice(&Sha256::of(&[&number.to_be_bytes()]).0[..NONCE]);
            }
            trial.take(
                &place(&number.to_string()),
                Some(&seal(&keys[0], nonce, &number.to_be_bytes())),
            );
        }
        let document = trial.finish().document();
        assert_eq!((document.nonces_compared, document.nonces_reused), (3000, 0));
    }
}

#[test]
fn what_is_too_large_to_read_is_named_and_counted() {
    let keys = [key(1)];
    let mut trial = Trial::new(&Layout::default(), [(version(0, true), &keys[0])]);
    trial.take(&place("7"), None);
    let document = trial.finish().document();
    assert_eq!((document.sampled, document.unparsed), (1, 1));
    let named = ValueName {
        table: "ca_signing_keys".into(),
        column: "PrivateKey".into(),
        id: "7".into(),
    };
    assert_eq!(document.damage[0].value, named);
    assert!(document.damage[0].what.contains("larger"));
}

#[test]
fn ids_that_are_none_fill_no_memory() {
    let values: Vec<_> = (0..1000_u16)
        .map(|number| {
            let mut stored = sealed(9, 1);
            stored[1..3].copy_from_slice(&number.to_be_bytes());
            ("1", stored)
        })
        .collect();
    let tried = tried(&values);
    assert!(tried.groups.len() <= 65, "{}", tried.groups.len());
    assert_eq!(tried.parsed(), 1000);
}

#[test]
fn rows_of_a_large_column_are_shared_out_by_the_sample() {
    let values: Vec<_> = (0..4).map(|nonce| ("1", sealed(1 + nonce / 3, nonce))).collect();
    let counted = |by_id: &[(u8, u64)]| ColumnRows {
        column: "ca_signing_keys.PrivateKey".into(),
        rows: 4000,
        by_id: by_id.iter().map(|(seed, rows)| (key(*seed).key_id(), *rows)).collect(),
    };
    let rows = |tried: Tried| {
        let of = |seed| {
            let group = tried
                .groups
                .iter()
                .find(|group| group.key_id == Some(key(seed).key_id()));
            group.map(|group| (group.rows, group.counted))
        };
        [of(1), of(2)]
    };
    let estimated = tried(&values).with_rows([counted(&[])]);
    assert_eq!(rows(estimated), [Some((3000, false)), Some((1000, false))]);
    let exact = tried(&values).with_rows([counted(&[(1, 3990), (2, 10)])]);
    assert_eq!(rows(exact), [Some((3990, true)), Some((10, true))]);
    assert_eq!(rows(tried(&values)), [Some((3, true)), Some((1, true))]);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(values in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 0..20)) {
        let values: Vec<_> = values.into_iter().map(|value| ("x", value)).collect();
        let tried = tried(&values);
        prop_assert_eq!(tried.parsed() + tried.unparsed, values.len() as u64);
        prop_assert_eq!(tried.opened, 0);
    }
}
