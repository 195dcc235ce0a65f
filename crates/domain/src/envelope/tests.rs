use super::*;
use crate::ids::Sha256;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use proptest::prelude::*;

fn key(seed: u8) -> MasterKey {
    MasterKey::new(Zeroizing::new(Sha256::of(&[&[seed]]).0))
}

fn fields(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

#[test]
fn the_right_key_opens_and_another_does_not() {
    let sealed = seal(&key(1), [7; NONCE], b"PRIVATE KEY");
    let mut scratch = Vec::new();
    let envelope = Layout::default().parse(&sealed, &mut scratch).expect("its own layout");
    assert_eq!(envelope.key_id(), Some(key(1).key_id()));
    assert_eq!(envelope.open(&key(1), b"").expect("opens").as_slice(), b"PRIVATE KEY");
    assert!(envelope.open(&key(2), b"").is_none());
    assert!(
        envelope.open(&key(1), b"row 7").is_none(),
        "associated data are part of the proof"
    );
}

#[test]
fn one_flipped_bit_anywhere_is_noticed() {
    let sealed = seal(&key(1), [7; NONCE], b"secret");
    for at in 9..sealed.len() {
        let mut spoilt = sealed.clone();
        spoilt[at] ^= 1;
        let mut scratch = Vec::new();
        let envelope = Layout::default().parse(&spoilt, &mut scratch);
        let opened = envelope.and_then(|envelope| envelope.open(&key(1), b""));
        assert!(opened.is_none(), "byte {at}");
    }
}

#[test]
fn bytes_of_another_kind_are_unparsed() {
    let parses = |stored: &[u8]| Layout::default().parse(stored, &mut Vec::new()).is_some();
    assert!(!parses(b""));
    assert!(!parses(&[1; 36]), "shorter than its header");
    assert!(!parses(&[2; 60]), "another scheme");
    assert!(parses(&[1; 37]), "an empty plaintext is legal");
}

/// The parts of an envelope in the order nonce, ciphertext, tag.
fn reordered(sealed: &[u8]) -> Vec<u8> {
    [&sealed[9..21], &sealed[37..], &sealed[21..37]].concat()
}

#[test]
fn a_layout_in_another_order_and_encoding_opens_the_same_bytes() {
    let layout = Layout::new(
        Encoding::Base64,
        &fields(&["nonce:12", "ciphertext", "tag:16", "key_id:0"]),
        None,
    );
    let layout = layout.expect("a layout");
    let bytes = reordered(&seal(&key(1), [7; NONCE], b"secret"));
    for stored in [
        STANDARD.encode(&bytes),
        format!(" {}\n", STANDARD.encode(&bytes)),
        STANDARD_NO_PAD.encode(&bytes),
        URL_SAFE.encode(&bytes),
    ] {
        let mut scratch = Vec::new();
        let envelope = layout.parse(stored.as_bytes(), &mut scratch).expect("parses");
        assert_eq!(envelope.key_id(), None);
        assert!(envelope.open(&key(1), b"").is_some(), "{stored}");
    }
}

#[test]
fn one_buffer_serves_envelopes_of_any_length() {
    let (opener, mut plain) = (Opener::new(&key(1)), Plain::default());
    for length in [40, 4000, 0, 7, 100_000] {
        let (secret, mut scratch) = (vec![b'x'; length], Vec::new());
        let sealed = seal(&key(1), [7; NONCE], &secret);
        let envelope = Layout::default().parse(&sealed, &mut scratch).expect("its own layout");
        assert_eq!(opener.open(&envelope, b"", &mut plain), Some(secret.as_slice()));
        assert!(!Opener::new(&key(2)).opens(&envelope, b"", &mut plain));
    }
}

#[test]
fn bytes_of_another_layout_look_like_it() {
    let ids = [key(1).id_bytes()];
    let sealed = seal(&key(1), [7; NONCE], b"a secret of some length");
    let shifted = Layout::new(
        Encoding::Bytea,
        &fields(&["key_id:8", "nonce:12", "tag:16", "ciphertext"]),
        None,
    );
    let shifted = shifted.expect("a layout");
    let base64 = Layout::new(Encoding::Base64, &fields(&["nonce:12", "tag:16", "ciphertext"]), None).expect("a layout");
    assert!(!Layout::default().misfits(&sealed, &ids), "its own layout");
    assert!(
        !Layout::default().misfits(&seal(&key(2), [7; NONCE], b"secret"), &ids),
        "another key"
    );
    assert!(shifted.misfits(&sealed, &ids), "the id stands one byte further");
    assert!(
        shifted.misfits(STANDARD.encode(&sealed).as_bytes(), &ids),
        "text for bytes"
    );
    assert!(base64.misfits(hex::encode(&sealed).as_bytes(), &[]), "hex for base64");
    assert!(!base64.misfits(STANDARD.encode(reordered(&sealed)).as_bytes(), &ids));
}

#[test]
fn unsafe_or_senseless_layouts_are_refused() {
    let refused = |list: &[&str]| Layout::new(Encoding::Bytea, &fields(list), None).expect_err("refused");
    assert_eq!(refused(&["nonce:12", "tag:8", "ciphertext"]), LayoutError::Tag(8));
    assert_eq!(refused(&["nonce:16", "tag:16", "ciphertext"]), LayoutError::Nonce(16));
    assert_eq!(refused(&["nonce:12", "tag:16"]), LayoutError::Missing("ciphertext"));
    assert_eq!(
        refused(&["nonce:12", "nonce:12", "tag:16", "ciphertext"]),
        LayoutError::Twice("nonce")
    );
    assert_eq!(
        refused(&["scheme:0", "nonce:12", "tag:16", "ciphertext"]),
        LayoutError::Field("scheme:0".into())
    );
    assert_eq!(
        refused(&["salt:4", "nonce:12", "tag:16", "ciphertext"]),
        LayoutError::Field("salt:4".into())
    );
    let template = Layout::new(
        Encoding::Bytea,
        &fields(&["nonce:12", "tag:16", "ciphertext"]),
        Some("{row}"),
    );
    assert_eq!(template, Err(LayoutError::Template("row".into())));
}

#[test]
fn associated_data_come_from_the_template() {
    let layout = Layout::new(
        Encoding::Bytea,
        &fields(&["nonce:12", "tag:16", "ciphertext"]),
        Some("{table}/{column}/{id}"),
    )
    .expect("a layout");
    let place = Place {
        table: "fleet.ca_signing_keys",
        column: "PrivateKey",
        id: "{table}",
        tenant: "",
    };
    let mut written = b"of the envelope before".to_vec();
    layout.associated_data(&place, &mut written);
    assert_eq!(
        written, b"ca_signing_keys/PrivateKey/{table}",
        "what is filled in stays as it is"
    );
    Layout::default().associated_data(&place, &mut written);
    assert!(written.is_empty());
}

proptest! {
    #[test]
    fn no_bytes_make_the_parser_panic(stored: Vec<u8>, list in proptest::collection::vec("[a-z_]{0,10}(:[0-9]{0,3})?", 0..6)) {
        let _ = Layout::default().parse(&stored, &mut Vec::new());
        for encoding in [Encoding::Bytea, Encoding::Base64, Encoding::Hex] {
            if let Ok(layout) = Layout::new(encoding, &list, None) {
                let _ = layout.parse(&stored, &mut Vec::new());
                let _ = layout.misfits(&stored, &[[0; 8]]);
            }
        }
    }

    #[test]
    fn whatever_is_sealed_comes_back(plaintext: Vec<u8>, nonce: [u8; NONCE], seed: u8) {
        let sealed = seal(&key(seed), nonce, &plaintext);
        let mut scratch = Vec::new();
        let envelope = Layout::default().parse(&sealed, &mut scratch).expect("its own layout");
        let opened = envelope.open(&key(seed), b"").expect("opens");
        prop_assert_eq!(opened.as_slice(), plaintext.as_slice());
    }
}
