//! Layouts as somebody else's Ampora may have them.

use aes_gcm::aead::{AeadInOut as _, KeyInit as _};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use zeroize::Zeroizing;

use super::*;
use crate::ids::Sha256;
use crate::key::MasterKey;

const PLACE: Place<'_> = Place {
    table: "Fleet.Secrets",
    column: "Blob",
    id: "7f3c",
    tenant: "acme",
};

fn key() -> MasterKey {
    MasterKey::new(Zeroizing::new(Sha256::of(&[b"somebody's"]).0))
}

fn layout(encoding: Encoding, fields: &[&str], aad: Option<&str>) -> Result<Layout, LayoutError> {
    let fields: Vec<_> = fields.iter().map(ToString::to_string).collect();
    Layout::new(encoding, &fields, aad)
}

/// The parts of an envelope, sealed apart from any layout.
struct Sealed {
    nonce: [u8; NONCE],
    tag: Vec<u8>,
    text: Vec<u8>,
}

fn sealed(aad: &str) -> Sealed {
    let (nonce, mut text) = ([9; NONCE], b"PRIVATE KEY of somebody".to_vec());
    let cipher = Aes256Gcm::new(key().expose().into());
    let tag = cipher.encrypt_inout_detached(&Nonce::from(nonce), aad.as_bytes(), text.as_mut_slice().into());
    Sealed {
        nonce,
        tag: tag.unwrap().to_vec(),
        text,
    }
}

fn opens(layout: &Layout, stored: &[u8]) -> bool {
    let (mut scratch, mut aad) = (Vec::new(), Vec::new());
    layout.associated_data(&PLACE, &mut aad);
    layout
        .parse(stored, &mut scratch)
        .is_some_and(|envelope| envelope.open(&key(), &aad).is_some())
}

#[test]
fn parts_stand_in_any_order_and_every_one_that_may_be_missing_is_missing_somewhere() {
    type Case<'a> = (&'a [&'a str], &'a [&'a [u8]]);
    let Sealed { nonce, tag, text } = sealed("");
    let (scheme, id) = ([1_u8].as_slice(), key().id_bytes());
    let (nonce, tag, text, id) = (nonce.as_slice(), tag.as_slice(), text.as_slice(), id.as_slice());
    let cases: [Case<'_>; 8] = [
        (&["nonce:12", "ciphertext", "tag:16"], &[nonce, text, tag]),
        (&["tag:16", "nonce:12", "ciphertext:0"], &[tag, nonce, text]),
        (&["ciphertext", "tag:16", "nonce:12", "key_id:0"], &[text, tag, nonce]),
        (
            &["nonce:12", "ciphertext", "tag:16", "key_id:8", "scheme:1"],
            &[nonce, text, tag, id, scheme],
        ),
        (
            &["scheme:4", "tag:16", "key_id:8", "ciphertext", "nonce:12"],
            &[&[0, 0, 0, 1], tag, id, text, nonce],
        ),
        (
            &["scheme:4", "nonce:12", "tag:16", "ciphertext"],
            &[&[1, 0, 0, 0], nonce, tag, text],
        ),
        (
            &["scheme:2=7631", "nonce:12", "tag:16", "ciphertext"],
            &[b"v1", nonce, tag, text],
        ),
        (
            &["key_id: 16", " nonce:12", "tag:16", "ciphertext "],
            &[&[0; 16], nonce, tag, text],
        ),
    ];
    for (fields, parts) in cases {
        let bytes = parts.concat();
        for (encoding, stored) in [
            (Encoding::Bytea, bytes.clone()),
            (Encoding::Base64, STANDARD.encode(&bytes).into_bytes()),
            (Encoding::Hex, hex::encode(&bytes).into_bytes()),
        ] {
            let layout = layout(encoding, fields, None).unwrap();
            assert!(opens(&layout, &stored), "{fields:?} {encoding:?}");
            assert!(!layout.misfits(&stored, &[key().id_bytes()]), "{fields:?} {encoding:?}");
        }
    }
}

#[test]
fn text_is_read_however_it_was_written() {
    let Sealed { nonce, tag, text } = sealed("");
    let bytes = [nonce.as_slice(), &tag, &text, &text].concat();
    let parsed = |encoding, stored: &str| {
        let layout = layout(encoding, &["nonce:12", "tag:16", "ciphertext"], None).unwrap();
        let mut scratch = Vec::new();
        let envelope = layout.parse(stored.as_bytes(), &mut scratch);
        envelope.is_some_and(|envelope| envelope.ciphertext == [text.as_slice(), &text].concat())
    };
    let lines = |text: &str, width: usize, end: &str| {
        let lines: Vec<_> = text
            .as_bytes()
            .chunks(width)
            .map(|line| std::str::from_utf8(line).unwrap())
            .collect();
        lines.join(end)
    };
    let base64 = STANDARD.encode(&bytes);
    for stored in [
        base64.clone(),
        lines(&base64, 76, "\n"),
        lines(&base64, 64, "\r\n"),
        format!("\t{base64}\n"),
        STANDARD_NO_PAD.encode(&bytes),
        URL_SAFE_NO_PAD.encode(&bytes),
    ] {
        assert!(parsed(Encoding::Base64, &stored), "{stored}");
    }
    let hex = hex::encode(&bytes);
    for stored in [
        hex.clone(),
        hex.to_uppercase(),
        format!("\\x{hex}"),
        format!("0x{hex}"),
        format!(" {hex} "),
        lines(&hex, 64, "\n"),
    ] {
        assert!(parsed(Encoding::Hex, &stored), "{stored}");
    }
    for (encoding, stored) in [
        (Encoding::Hex, format!("{hex}0")),
        (Encoding::Hex, format!("\\x\\x{hex}")),
        (Encoding::Hex, format!("{hex}zz")),
        (Encoding::Base64, format!("{base64}!")),
        (Encoding::Base64, format!("\"{base64}\"")),
    ] {
        assert!(!parsed(encoding, &stored), "{stored}");
    }
}

#[test]
fn associated_data_are_taken_from_any_template() {
    for (template, written) in [
        ("{table}", "Secrets"),
        ("{tenant}:{table}:{column}:{id}", "acme:Secrets:Blob:7f3c"),
        ("ampora/v1/{id}", "ampora/v1/7f3c"),
        ("{id}{id}", "7f3c7f3c"),
        ("constant", "constant"),
        ("", ""),
        ("none", ""),
    ] {
        let layout = layout(Encoding::Bytea, &["nonce:12", "tag:16", "ciphertext"], Some(template)).unwrap();
        let Sealed { nonce, tag, text } = sealed(written);
        assert!(opens(&layout, &[nonce.as_slice(), &tag, &text].concat()), "{template}");
    }
}

#[test]
fn a_scheme_that_says_something_else_is_none_of_its_layout() {
    for (field, scheme) in [
        ("scheme:1", &[2_u8][..]),
        ("scheme:2", &[1, 1]),
        ("scheme:3", &[0, 1, 0]),
        ("scheme:2=7631", b"v2"),
    ] {
        let layout = layout(Encoding::Bytea, &[field, "nonce:12", "tag:16", "ciphertext"], None).unwrap();
        let stored = [scheme, [7; 40].as_slice()].concat();
        assert_eq!(layout.parse(&stored, &mut Vec::new()), None, "{field}");
    }
    for field in ["scheme:2=76", "scheme:2=zz00", "scheme:1=", "nonce:12=00", "scheme=01"] {
        let refused = layout(Encoding::Bytea, &[field, "nonce:12", "tag:16", "ciphertext"], None);
        assert!(refused.is_err(), "{field}");
    }
}

#[test]
fn a_key_id_that_nobody_fills_in_is_none() {
    let stored = [[1_u8].as_slice(), &[0; 8], &[5; 40]].concat();
    let mut scratch = Vec::new();
    let envelope = Layout::default().parse(&stored, &mut scratch).unwrap();
    assert_eq!(envelope.key_id(), None);
}

#[test]
fn an_id_behind_the_ciphertext_stands_where_the_layout_says() {
    let layout = layout(Encoding::Bytea, &["nonce:12", "ciphertext", "key_id:8", "tag:16"], None).unwrap();
    let id = key().id_bytes();
    let stored = |before: usize| [vec![3; 12 + before].as_slice(), &id, &[4; 16]].concat();
    assert!(
        !layout.misfits(&stored(30), &[id]),
        "an id of any other key would be as good"
    );
    assert!(layout.misfits(&[stored(30), vec![5; 3]].concat(), &[id]));
}

proptest! {
    #[test]
    fn every_order_and_length_comes_back(
        order in Just(["scheme", "key_id", "nonce", "tag", "ciphertext"]).prop_shuffle(),
        (scheme_length, id_length) in (1_usize..=64, 0_usize..=64),
        (scheme, id) in (proptest::collection::vec(any::<u8>(), 64), proptest::collection::vec(1_u8.., 64)),
        encoding in prop_oneof![Just(Encoding::Bytea), Just(Encoding::Base64), Just(Encoding::Hex)],
    ) {
        let Sealed { nonce, tag, text } = sealed("");
        let (mut fields, mut bytes) = (Vec::new(), Vec::new());
        for part in order {
            let (field, value) = match part {
                "scheme" => (format!("scheme:{scheme_length}={}", hex::encode(&scheme[..scheme_length])), &scheme[..scheme_length]),
                "key_id" => (format!("key_id:{id_length}"), &id[..id_length]),
                "nonce" => ("nonce:12".into(), nonce.as_slice()),
                "tag" => ("tag:16".into(), tag.as_slice()),
                _ => ("ciphertext".into(), text.as_slice()),
            };
            fields.push(field);
            bytes.extend_from_slice(value);
        }
        let stored = match encoding {
            Encoding::Bytea => bytes,
            Encoding::Base64 => STANDARD.encode(&bytes).into_bytes(),
            Encoding::Hex => hex::encode(&bytes).into_bytes(),
        };
        let layout = Layout::new(encoding, &fields, None).unwrap();
        prop_assert!(opens(&layout, &stored));
        let mut scratch = Vec::new();
        let found = layout.parse(&stored, &mut scratch).unwrap();
        prop_assert_eq!(found.key_id_bytes(), (id_length > 0).then_some(&id[..id_length]));
    }
}
