use super::*;
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
    let envelope = Layout::default().parse(&sealed).expect("its own layout");
    assert_eq!(envelope.key_id, Some(key(1).key_id()));
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
        let opened = Layout::default()
            .parse(&spoilt)
            .and_then(|envelope| envelope.open(&key(1), b""));
        assert!(opened.is_none(), "byte {at}");
    }
}

#[test]
fn bytes_of_another_kind_are_unparsed() {
    let layout = Layout::default();
    assert!(layout.parse(b"").is_none());
    assert!(layout.parse(&[1; 36]).is_none(), "shorter than its header");
    assert!(layout.parse(&[2; 60]).is_none(), "another scheme");
    assert!(layout.parse(&[1; 37]).is_some(), "an empty plaintext is legal");
}

#[test]
fn a_layout_in_another_order_and_encoding_opens_the_same_bytes() {
    let layout = Layout::new(Encoding::Base64, &fields(&["nonce:12", "ciphertext", "tag:16"]), None).expect("a layout");
    let sealed = seal(&key(1), [7; NONCE], b"secret");
    let (nonce, tag, ciphertext) = (&sealed[9..21], &sealed[21..37], &sealed[37..]);
    let stored = STANDARD.encode([nonce, ciphertext, tag].concat());
    let envelope = layout.parse(stored.as_bytes()).expect("parses");
    assert_eq!(envelope.key_id, None);
    assert!(envelope.open(&key(1), b"").is_some());
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
        table: "ca_signing_keys",
        column: "PrivateKey",
        id: "7",
        tenant: "",
    };
    assert_eq!(layout.associated_data(&place), b"ca_signing_keys/PrivateKey/7");
}

proptest! {
    #[test]
    fn no_bytes_make_the_parser_panic(stored: Vec<u8>, list in proptest::collection::vec("[a-z_]{0,10}(:[0-9]{0,3})?", 0..6)) {
        let _ = Layout::default().parse(&stored);
        if let Ok(layout) = Layout::new(Encoding::Hex, &list, None) {
            let _ = layout.parse(&stored);
        }
    }

    #[test]
    fn whatever_is_sealed_comes_back(plaintext: Vec<u8>, nonce: [u8; NONCE], seed: u8) {
        let envelope = Layout::default().parse(&seal(&key(seed), nonce, &plaintext)).expect("its own layout");
        let opened = envelope.open(&key(seed), b"").expect("opens");
        prop_assert_eq!(opened.as_slice(), plaintext.as_slice());
    }
}
