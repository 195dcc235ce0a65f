use proptest::prelude::*;

use super::*;

fn found(code: Code, message: &str) -> ManagerError {
    let status = Status::default().set_code(code).set_message(message);
    sorted("gcp".into(), "version 1", &Error::service(status))
}

#[test]
fn each_code_has_its_finding() {
    let words = |code: Code| format!("{}: no", code.name());
    for code in [Code::PermissionDenied, Code::Unauthenticated] {
        assert_eq!(found(code, "no"), ManagerError::Denied("gcp".into(), words(code)));
    }
    let absent = |what: &str| ManagerError::Absent("gcp".into(), what.into());
    assert_eq!(found(Code::NotFound, "no"), absent("version 1 (NOT_FOUND: no)"));
    assert_eq!(
        found(Code::FailedPrecondition, "no"),
        absent("version 1 to hand out (FAILED_PRECONDITION: no)")
    );
    for code in [
        Code::Unavailable,
        Code::Internal,
        Code::ResourceExhausted,
        Code::DeadlineExceeded,
    ] {
        assert_eq!(found(code, "no"), ManagerError::Unreachable("gcp".into(), words(code)));
    }
    for code in [Code::InvalidArgument, Code::Unknown, Code::Ok, Code::DataLoss] {
        assert_eq!(found(code, "no"), ManagerError::Odd("gcp".into(), words(code)));
    }
}

#[test]
fn who_isnt_known_is_told_from_what_isnt_reached() {
    let because = |transient| CredentialsError::from_msg(transient, "no account on this machine");
    let error = |transient| sorted("gcp".into(), "version 1", &Error::authentication(because(transient)));
    assert!(matches!(error(true), ManagerError::Unreachable(_, why) if why.contains("no account on this machine")));
    assert!(matches!(error(false), ManagerError::Denied(_, why) if why.contains("no account on this machine")));
}

proptest! {
    #[test]
    fn whatever_is_said_is_a_finding_of_one_short_line(status in 300_u16..=599, code in 0_i32..=20, message in "(.|\n){0,900}") {
        let said = [found(Code::from(code), &message), strange("gcp".into(), status, &message)];
        for error in said {
            prop_assert!(error.to_string().chars().count() < 500);
            prop_assert!(!error.to_string().chars().any(char::is_control));
        }
    }
}
