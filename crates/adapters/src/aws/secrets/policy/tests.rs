use proptest::prelude::*;
use serde_json::json;

use super::*;

fn judged(policy: &Value) -> Protection {
    protection(Ok(Some(policy.to_string())))
}

fn deny(principal: &Value, action: &Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Principal": principal, "Action": action, "Resource": "*" } })
}

#[test]
fn a_denial_to_everybody_protects() {
    for (principal, action) in [
        (json!("*"), json!("secretsmanager:DeleteSecret")),
        (
            json!({ "AWS": "*" }),
            json!(["secretsmanager:GetSecretValue", "secretsmanager:Delete*"]),
        ),
        (json!({ "AWS": ["*"] }), json!("SecretsManager:d?leteSecret")),
        (json!("*"), json!("*")),
    ] {
        let policy = deny(&principal, &action);
        assert!(matches!(judged(&policy), Protection::Protected { .. }), "{policy}");
    }
}

#[test]
fn a_denial_in_some_cases_is_unknown() {
    let mut conditional = deny(&json!("*"), &json!("secretsmanager:*"));
    conditional["Statement"]["Condition"] = json!({ "StringNotEquals": { "aws:PrincipalTag/role": "owner" } });
    let mut others = deny(&json!("*"), &Value::Null);
    others["Statement"]["NotAction"] = json!("secretsmanager:GetSecretValue");
    for policy in [
        conditional,
        others,
        deny(
            &json!({ "AWS": "arn:aws:iam::123456789012:user/eve" }),
            &json!("secretsmanager:*"),
        ),
    ] {
        assert!(matches!(judged(&policy), Protection::Unknown { .. }), "{policy}");
    }
}

#[test]
fn a_policy_that_leaves_deletion_alone_protects_nothing() {
    let allow =
        json!({ "Statement": [{ "Effect": "Allow", "Principal": "*", "Action": "secretsmanager:DeleteSecret" }] });
    let other = deny(
        &json!("*"),
        &json!(["secretsmanager:DeleteSecrets", "secretsmanager:PutSecretValue"]),
    );
    for policy in [allow, other, json!({}), json!({ "Statement": [7, null] })] {
        assert!(matches!(judged(&policy), Protection::Unprotected { .. }), "{policy}");
    }
    assert!(matches!(protection(Ok(None)), Protection::Unprotected { .. }));
}

#[test]
fn a_policy_that_can_t_be_read_is_unknown() {
    let refused = AwsError::Settings("why".into());
    assert!(matches!(protection(Err(refused)), Protection::Unknown { why } if why.contains("why")));
    assert!(matches!(
        protection(Ok(Some("no JSON".into()))),
        Protection::Unknown { .. }
    ));
}

proptest! {
    #[test]
    fn no_policy_makes_it_panic(text in "\\PC{0,80}", pattern in "[*?a-zA-Z:]{0,30}", one: u8) {
        let _ = protection(Ok(Some(text.clone())));
        let _ = judged(&json!({ "Statement": [{ "Effect": "Deny", "Action": [text, one], "Principal": { "AWS": one } }] }));
        let _ = matches(&pattern, DELETION);
    }

    #[test]
    fn a_pattern_of_stars_fits_what_it_was_made_of(cuts in prop::collection::vec(0..DELETION.len(), 0..4)) {
        let mut pattern = DELETION.to_owned();
        for cut in cuts {
            pattern.insert(cut, '*');
        }
        prop_assert!(matches(&pattern, DELETION));
        pattern.push('x');
        prop_assert!(!matches(&pattern, DELETION));
    }
}
