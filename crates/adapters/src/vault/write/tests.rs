use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::*;

fn whole(text: &[u8]) -> Value {
    Value::Whole(Zeroizing::new(text.to_vec()))
}

fn fields(pairs: &[(&str, &str)]) -> Value {
    let pairs = pairs.iter();
    Value::Fields(
        pairs
            .map(|(name, text)| ((*name).to_owned(), Zeroizing::new(text.as_bytes().to_vec())))
            .collect(),
    )
}

fn sent(fields: &Fields<'_>) -> Json {
    serde_json::from_slice(&fields.body(4)).unwrap()
}

#[test]
fn a_value_becomes_an_object() {
    let with = |data: Json| json!({ "options": { "cas": 4 }, "data": data });
    let object = whole(br#"{"key":"a","count":9007199254740993,"list":[1,"b"]}"#);
    assert_eq!(
        sent(&Fields::of(&object).unwrap()),
        with(json!({ "key": "a", "count": 9_007_199_254_740_993_u64, "list": [1, "b"] }))
    );
    let text = whole(b"c2VjcmV0");
    assert_eq!(sent(&Fields::of(&text).unwrap()), with(json!({ "value": "c2VjcmV0" })));
    let several = fields(&[("a", "line\n\"quoted\" \u{1}"), ("b", "3")]);
    assert_eq!(
        sent(&Fields::of(&several).unwrap()),
        with(json!({ "a": "line\n\"quoted\" \u{1}", "b": "3" }))
    );
}

#[test]
fn bytes_that_are_no_text_are_refused_without_being_quoted() {
    let raw = Value::Fields(BTreeMap::from([("key".into(), Zeroizing::new(vec![0xFF; 32]))]));
    assert!(Fields::of(&raw).unwrap_err().starts_with("field \"key\" is no text"));
    assert!(
        Fields::of(&whole(&[0xFF; 32]))
            .unwrap_err()
            .starts_with("the value is no text")
    );
}

#[test]
fn unchanged_fields_get_their_type_back() {
    let stored = r#"{"key":"old","count":3,"flag":true,"text":"3","list":[1, 2]}"#;
    let old: BTreeMap<String, &RawValue> = serde_json::from_str(stored).unwrap();
    let value = fields(&[
        ("key", "new"),
        ("count", "3"),
        ("flag", "false"),
        ("text", "3"),
        ("list", "[1, 2]"),
    ]);
    let new = Fields::of(&value).unwrap();
    assert!(new.are_ambiguous());
    let data = json!({ "key": "new", "count": 3, "flag": "false", "text": "3", "list": [1, 2] });
    assert_eq!(sent(&new.typed_as(&old))["data"], data);
    let plain = fields(&[("key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")]);
    assert!(!Fields::of(&plain).unwrap().are_ambiguous());
}

#[test]
fn a_body_is_reserved_whole_and_shows_nothing() {
    let value = fields(&[("key", &"hunter2\u{1}".repeat(1000))]);
    let fields = Fields::of(&value).unwrap();
    let body = fields.body(1);
    assert_eq!(body.capacity(), body.len());
    assert!(!format!("{fields:?}").contains("hunter2"));
}
