use proptest::prelude::*;

use super::*;

fn state(metadata: &Value) -> KeyState {
    let answer = json!({ "KeyMetadata": metadata, "Added": [] });
    key(answer.to_string().as_bytes(), "asked").unwrap().state
}

#[test]
fn a_key_s_state_is_its_word() {
    let pending = json!({ "KeyState": "PendingDeletion", "DeletionDate": 1_796_001_467.745_034 });
    let at = "2026-11-30T01:17:47.745Z".parse().ok();
    for (metadata, expected) in [
        (json!({ "KeyState": "Enabled" }), KeyState::Enabled),
        (json!({ "Enabled": true }), KeyState::Enabled),
        (json!({ "KeyState": "Disabled", "Enabled": false }), KeyState::Disabled),
        (pending, KeyState::PendingDeletion { at }),
        (
            json!({ "KeyState": "PendingDeletion", "DeletionDate": 1e300 }),
            KeyState::PendingDeletion { at: None },
        ),
        (
            json!({ "KeyState": "PendingImport" }),
            KeyState::Other("PendingImport".into()),
        ),
        (json!({}), KeyState::Other("not told".into())),
    ] {
        assert_eq!(state(&metadata), expected, "{metadata}");
    }
}

#[test]
fn a_key_that_goes_is_broken_with_its_date() {
    let going = KeyState::PendingDeletion {
        at: "2026-11-30T01:17:47Z".parse().ok(),
    };
    for (state, status, says) in [
        (KeyState::Enabled, Status::Ok, "enabled"),
        (KeyState::Disabled, Status::Broken, "can’t be restored"),
        (going, Status::Broken, "deleted on 2026-11-30 01:17 UTC"),
        (KeyState::Missing, Status::Broken, "knows no key"),
        (KeyState::Other("Updating".into()), Status::Unknown, "Updating"),
    ] {
        let key = KmsKey {
            arn: "arn:aws:kms:eu-west-1:123456789012:key/a".into(),
            state,
            managed_by_aws: None,
            multi_region: None,
        };
        let (judged, detail) = key.judge();
        assert_eq!(judged, status);
        assert!(detail.contains(says), "{detail}");
    }
}

#[test]
fn a_bare_id_that_isn_t_known_here_may_be_known_elsewhere() {
    let key = KmsKey {
        arn: "11111111-2222-3333-4444-555555555555".into(),
        state: KeyState::Missing,
        managed_by_aws: None,
        multi_region: None,
    };
    assert_eq!(key.judge().0, Status::Unknown);
}

#[test]
fn an_answer_without_a_key_is_no_key() {
    for answer in ["", "[]", "{}", "{\"KeyMetadata\": 1}", "<html>"] {
        assert!(key(answer.as_bytes(), "asked").is_err(), "{answer}");
    }
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(word in "\\PC{0,20}", date: f64, bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = key(json!({ "KeyMetadata": { "KeyState": word, "DeletionDate": date } }).to_string().as_bytes(), "asked");
        let _ = key(&bytes, "asked");
    }
}
