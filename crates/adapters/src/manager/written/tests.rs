use std::collections::BTreeMap;

use domain::key::{Encoding, MasterKey};
use proptest::prelude::*;
use zeroize::Zeroizing;

use super::{Value, Written, WrittenError};

fn whole(text: &str) -> Value {
    Value::Whole(Zeroizing::new(text.as_bytes().to_vec()))
}

fn fields(pairs: &[(&str, &str)]) -> Value {
    let pair = |(name, text): &(&str, &str)| ((*name).to_owned(), Zeroizing::new(text.as_bytes().to_vec()));
    Value::Fields(pairs.iter().map(pair).collect::<BTreeMap<_, _>>())
}

fn written(field: Option<&str>) -> Written {
    Written {
        field: field.map(Into::into),
        encoding: Encoding::Base64,
    }
}

fn key() -> MasterKey {
    MasterKey::new(Zeroizing::new(std::array::from_fn(|i| (i * 37 + 11) as u8)))
}

#[test]
fn a_missing_field_is_named_with_those_that_are_there() {
    let error = written(Some("key"))
        .key(&whole(r#"{"user":"a","password":"b"}"#))
        .unwrap_err();
    assert_eq!(error.to_string(), "there is no field \"key\"; there are password, user");
    let error = written(Some("key")).key(&fields(&[])).unwrap_err();
    assert_eq!(error.to_string(), "there is no field \"key\"; there are none");
}

#[test]
fn the_only_field_needs_no_name_and_one_of_several_does() {
    let text = String::from_utf8(super::encode(&key(), Encoding::Base64).to_vec()).unwrap();
    assert!(written(None).key(&fields(&[("value", &text)])).unwrap().key == key());
    let error = written(None).key(&fields(&[("a", &text), ("b", "x")])).unwrap_err();
    assert_eq!(error, WrittenError::Several(vec!["a".into(), "b".into()]));
}

#[test]
fn what_is_no_object_or_no_text_is_said_without_showing_it() {
    for (value, says) in [
        ("s3cr3t", "`field` is set, and the value is no JSON object"),
        (r#"{"key":17}"#, "field \"key\" is no text"),
        (r#"["key"]"#, "`field` is set, and the value is no JSON object"),
    ] {
        assert_eq!(written(Some("key")).key(&whole(value)).unwrap_err().to_string(), says);
    }
}

#[test]
fn a_new_key_leaves_the_other_fields_as_they_are() {
    let old = whole(r#"{"note":"keep me","key":"old"}"#);
    let new = written(Some("key")).value(&key(), Some(&old)).unwrap();
    assert!(written(Some("key")).key(&new).unwrap().key == key());
    let Value::Whole(text) = &new else {
        panic!("a JSON object is one value")
    };
    assert!(String::from_utf8_lossy(text).contains(r#""note":"keep me""#));

    let new = written(Some("key"))
        .value(&key(), Some(&fields(&[("key", "old"), ("note", "keep me")])))
        .unwrap();
    let Value::Fields(fields) = new else {
        panic!("fields stay fields")
    };
    assert_eq!(fields["note"].as_slice(), b"keep me");
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        bytes in any::<[u8; 32]>(),
        encoding in prop::sample::select(vec![Encoding::Base64, Encoding::Base64url, Encoding::Hex, Encoding::Raw]),
        named in any::<bool>(),
    ) {
        let key = MasterKey::new(Zeroizing::new(bytes));
        // Bytes that are no text can't stand in a JSON string.
        let field = (named && encoding != Encoding::Raw).then(|| "key".to_owned());
        let written = Written { field, encoding };
        let value = written.value(&key, None).unwrap();
        prop_assert!(written.key(&value).unwrap().key == key);
    }

    #[test]
    fn no_stored_value_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), named in any::<bool>()) {
        let written = Written { field: named.then(|| "key".to_owned()), encoding: Encoding::Base64 };
        let _ = written.key(&Value::Whole(Zeroizing::new(bytes)));
    }
}
