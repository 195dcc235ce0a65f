use proptest::prelude::*;

use super::*;

fn found(status: u16, body: &str) -> ManagerError {
    refused("azure".into(), "version 1", status, body.as_bytes())
}

#[test]
fn a_disabled_version_is_no_lack_of_rights() {
    let disabled = r#"{"error": {"code": "Forbidden", "message": "No.", "innererror": {"code": "SecretDisabled"}}}"#;
    let absent = ManagerError::Absent(
        "azure".into(),
        "version 1 to hand out (Forbidden/SecretDisabled: No.)".into(),
    );
    assert_eq!(found(403, disabled), absent);
    let denied = ManagerError::Denied("azure".into(), "Forbidden/AccessDenied: No.".into());
    assert_eq!(found(403, &disabled.replace("SecretDisabled", "AccessDenied")), denied);
    assert_eq!(found(403, &disabled.replace("innererror", "innerError")), absent);
}

#[test]
fn only_azure_itself_says_that_something_is_absent() {
    let absent = r#"{"error": {"code": "SecretNotFound", "message": "None."}}"#;
    assert!(matches!(found(404, absent), ManagerError::Absent(..)));
    for page in ["", "<html>", "{}", r#"{"error": "SecretNotFound"}"#] {
        assert!(matches!(found(404, page), ManagerError::Odd(..)), "{page}");
    }
}

proptest! {
    #[test]
    fn whatever_is_said_is_a_finding_of_one_short_line(status in 300_u16..=599, body in prop::collection::vec(any::<u8>(), 0..2000)) {
        let error = refused("azure".into(), "version 1", status, &body);
        prop_assert!(error.to_string().chars().count() < 500);
        prop_assert!(!error.to_string().chars().any(char::is_control));
    }
}
