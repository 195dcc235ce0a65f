use super::*;
use proptest::prelude::*;

fn key(bytes: [u8; 32]) -> MasterKey {
    MasterKey::new(Zeroizing::new(bytes))
}

fn scattered(seed: u8) -> [u8; 32] {
    Sha256::of(&[&[seed]]).0
}

#[test]
fn the_same_key_is_seen_through_every_way_of_writing_it_down() {
    let bytes = scattered(1);
    let tidy = STANDARD.encode(bytes);
    for (stored, encoding, untidy) in [
        (tidy.clone(), Encoding::Base64, false),
        (format!("{tidy}\n"), Encoding::Base64, false),
        (format!(" {tidy}\r\n"), Encoding::Base64, true),
        (format!("\"{tidy}\""), Encoding::Base64, true),
        (STANDARD.encode(&tidy), Encoding::Base64, true),
        (URL_SAFE_NO_PAD.encode(bytes), Encoding::Base64url, false),
        (hex::encode(bytes), Encoding::Hex, false),
    ] {
        let decoded = MasterKey::decode(stored.as_bytes(), encoding).expect("decodes");
        assert!(decoded.key == key(bytes));
        assert_eq!(decoded.untidy, untidy, "{encoding:?}");
    }
}

#[test]
fn a_value_of_another_length_is_refused_by_its_length() {
    let error = MasterKey::decode(STANDARD.encode([7; 31]).as_bytes(), Encoding::Base64).expect_err("too short");
    assert_eq!(error, KeyError::Length(31));
    assert_eq!(
        MasterKey::decode(b"", Encoding::Base64).expect_err("empty"),
        KeyError::Length(0)
    );
}

#[test]
fn keys_that_can_be_guessed_have_no_fingerprint() {
    let mut passphrase = [0; 32];
    passphrase.copy_from_slice(b"correct horse battery staple 123");
    let counting: [u8; 32] = std::array::from_fn(|i| u8::try_from(i).expect("below 32"));
    for weak in [
        [0; 32],
        [0xAB; 32],
        passphrase,
        counting,
        std::array::from_fn(|i| scattered(2)[i % 16]),
    ] {
        assert_eq!(key(weak).fingerprint(), Fingerprint::Weak);
    }
}

#[test]
fn a_fingerprint_is_a_keyed_hash_and_never_the_key_id() {
    let key = key(scattered(3));
    let Fingerprint::Keyed(hex) = key.fingerprint() else {
        panic!("a random key is not weak")
    };
    assert_eq!(hex.len(), 32);
    assert!(!hex.contains(&key.key_id().0));
}

#[test]
fn debug_shows_no_byte() {
    assert_eq!(format!("{:?}", key(scattered(4))), "MasterKey(redacted)");
}

proptest! {
    #[test]
    fn decoding_never_panics(stored: Vec<u8>) {
        for encoding in [Encoding::Base64, Encoding::Base64url, Encoding::Hex, Encoding::Raw] {
            let _ = MasterKey::decode(&stored, encoding);
        }
    }

    #[test]
    fn random_keys_are_not_called_weak(bytes: [u8; 32]) {
        // proptest favours small values, so hash them first: what comes out is as good as drawn.
        let key = key(Sha256::of(&[&bytes]).0);
        prop_assert!(!key.is_weak());
    }

    #[test]
    fn settings_decode_to_the_same_key(seed: u8) {
        let key = key(scattered(seed));
        let decoded = MasterKey::decode(to_setting(&key).as_bytes(), Encoding::Base64).expect("its own form");
        prop_assert!(decoded.key == key && !decoded.untidy);
    }
}

#[test]
fn a_share_alone_is_the_pad_or_looks_like_one() {
    let key = key(scattered(4));
    let [pad, over] = key.split(Zeroizing::new(scattered(5)));
    assert_eq!(*pad.to_text(), STANDARD.encode(scattered(5)));
    assert!(MasterKey::join([&over, &pad]) == key && MasterKey::join([&pad, &over]) == key);
    assert!(MasterKey::join([&pad, &pad]) != key && MasterKey::join([&over, &over]) != key);
    assert_eq!(format!("{pad:?} {over:?}"), "Share(redacted) Share(redacted)");
}

proptest! {
    #[test]
    fn two_shares_make_the_key_whatever_the_pad_is(bytes: [u8; 32], pad: [u8; 32]) {
        let key = key(bytes);
        let shares = key.split(Zeroizing::new(pad));
        let joined: Vec<_> = shares
            .iter()
            .map(|share| STANDARD.decode(share.to_text().as_bytes()).expect("base64"))
            .collect();
        let joined: Vec<_> = joined[0].iter().zip(&joined[1]).map(|(a, b)| a ^ b).collect();
        prop_assert_eq!(&joined[..], &bytes[..]);
        prop_assert!(MasterKey::join([&shares[0], &shares[1]]) == key);
    }
}
