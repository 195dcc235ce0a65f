//! Answers that no version has given yet.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;

/// Something that no version has printed in this place.
fn odd() -> impl Strategy<Value = Option<Value>> {
    let odd = vec![
        None,
        Some(Value::Null),
        Some(json!(true)),
        Some(json!(-1)),
        Some(json!(1.5)),
        Some(json!(1e300)),
        Some(json!(u64::MAX)),
        Some(json!("\u{202e}text")),
        Some(json!([[]])),
        Some(json!({"x": []})),
    ];
    select(odd)
}

/// All places of a value, as pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(key, value)| places(value, &format!("{at}/{key}"), found)),
        Value::Array(list) => {
            let indexed = list.iter().enumerate();
            indexed.for_each(|(index, value)| places(value, &format!("{at}/{index}"), found));
        }
        _ => {}
    }
    found.push(at.to_owned());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn one_odd_backup_takes_no_other_with_it(which in 0usize..2, place: Index, odd in odd()) {
        let mut answer = two_repos();
        let before = labels(&read(&answer));
        let backup = &mut answer[0]["backup"][which];
        let mut all = Vec::new();
        places(backup, "", &mut all);
        let place = place.get::<String>(&all);
        match (odd, place.rsplit_once('/')) {
            (Some(odd), _) => *backup.pointer_mut(place).expect("it is there") = odd,
            (None, Some((parent, key))) => {
                if let Some(fields) = backup.pointer_mut(parent).and_then(Value::as_object_mut) {
                    fields.remove(key);
                }
            }
            (None, None) => *backup = json!({}),
        }
        let info = read(&answer);
        for label in before.iter().enumerate().filter(|(index, _)| *index != which).map(|(_, label)| label) {
            prop_assert!(labels(&info).contains(label), "{} is lost", label);
        }
        let lost = labels(&info).len() < before.len();
        prop_assert!(!lost || info.judge().0 == Status::Unknown, "{:?}", info.judge());
        prop_assert_eq!(info.not_understood().is_empty(), info.judge().0 == Status::Ok);
    }

    #[test]
    fn any_change_is_read_or_told(place: Index, odd in odd()) {
        let mut answer = two_repos();
        let mut all = Vec::new();
        places(&answer, "", &mut all);
        *answer.pointer_mut(place.get::<String>(&all)).expect("it is there") = odd.unwrap_or_default();
        if let Ok(info) = Info::parse(answer.to_string().as_bytes(), "demo") {
            let (_, detail) = info.judge();
            prop_assert!(!detail.is_empty() && info.backups("x").len() <= 3);
        }
    }

    #[test]
    fn no_answer_makes_the_parser_panic(answer: Vec<u8>, cut in 0usize..1400) {
        let _ = Info::parse(&answer, "demo");
        let recorded = fixture!("info-ok-v2.45.json");
        let _ = Info::parse(&recorded[..cut.min(recorded.len())], "demo");
    }

    #[test]
    fn one_changed_byte_never_panics(at in 0usize..1300, byte: u8) {
        let mut answer = fixture!("info-ok-v2.45.json").to_vec();
        if let Some(place) = answer.get_mut(at) {
            *place = byte;
        }
        if let Ok(info) = Info::parse(&answer, "demo") {
            let _ = (info.judge(), info.backups("x"));
        }
    }
}
