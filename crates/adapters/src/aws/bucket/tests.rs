use proptest::prelude::*;

use super::*;

fn set_up(versioning: Result<Versioning, String>, lock: Result<Option<Lock>, String>) -> Protection {
    let region = Ok("eu-west-1".into());
    Immutability {
        region,
        versioning,
        lock,
    }
    .protection()
}

fn held(mode: Mode) -> Result<Option<Lock>, String> {
    Ok(Some(Lock {
        retention: Some((mode, 30)),
    }))
}

#[test]
fn protection_is_what_can_be_shown() {
    let on = || Ok(Versioning::Enabled { mfa_delete: false });
    let days = 30;
    for (found, expected) in [
        (
            set_up(on(), held(Mode::Compliance)),
            Protection::Locked {
                mode: Mode::Compliance,
                days,
            },
        ),
        (
            set_up(Err("denied".into()), held(Mode::Governance)),
            Protection::Locked {
                mode: Mode::Governance,
                days,
            },
        ),
        (
            set_up(on(), Ok(Some(Lock { retention: None }))),
            Protection::LockedByWriter,
        ),
        (set_up(on(), Ok(None)), Protection::Versioned { mfa_delete: false }),
        (set_up(Ok(Versioning::Suspended), Ok(None)), Protection::Open),
        (set_up(Ok(Versioning::Never), Ok(None)), Protection::Open),
        (set_up(on(), Err("denied".into())), Protection::Unknown("denied".into())),
        (
            set_up(Err("denied".into()), Ok(None)),
            Protection::Unknown("denied".into()),
        ),
    ] {
        assert_eq!(found, expected);
    }
    assert!(
        set_up(on(), held(Mode::Governance))
            .sentence()
            .contains("who may bypass")
    );
}

#[test]
fn two_regions_have_older_names() {
    for (text, region) in [("", "us-east-1"), ("EU", "eu-west-1"), ("eu-central-1", "eu-central-1")] {
        let answer = format!("<LocationConstraint>{text}</LocationConstraint>");
        assert_eq!(location(answer.as_bytes()), Ok(region.into()));
    }
}

#[test]
fn versioning_is_read_with_its_second_factor() {
    let answer =
        |inner: &str| versioning(format!("<VersioningConfiguration>{inner}</VersioningConfiguration>").as_bytes());
    assert_eq!(answer(""), Ok(Versioning::Never));
    assert_eq!(answer("<Status>Suspended</Status>"), Ok(Versioning::Suspended));
    let with = answer("<MfaDelete>Enabled</MfaDelete><New/><Status>Enabled</Status>");
    assert_eq!(with, Ok(Versioning::Enabled { mfa_delete: true }));
    assert!(answer("<Status>Perhaps</Status>").is_err());
    assert!(
        versioning(b"<html><body/></html>").is_err(),
        "a page says nothing of versions"
    );
}

#[test]
fn a_lock_is_read_in_days_or_years() {
    let answer = |inner: &str| {
        let enabled = "<ObjectLockEnabled>Enabled</ObjectLockEnabled>";
        lock(format!("<ObjectLockConfiguration>{inner}{enabled}</ObjectLockConfiguration>").as_bytes())
    };
    let rule = |inner: &str| answer(&format!("<Rule><DefaultRetention>{inner}</DefaultRetention></Rule>"));
    let held = |mode, days| {
        Ok(Some(Lock {
            retention: Some((mode, days)),
        }))
    };
    assert_eq!(answer(""), Ok(Some(Lock { retention: None })));
    assert_eq!(
        rule("<Years>0</Years><Days>30</Days><Mode>COMPLIANCE</Mode>"),
        held(Mode::Compliance, 30)
    );
    assert_eq!(
        rule("<Mode>GOVERNANCE</Mode><Years>2</Years>"),
        held(Mode::Governance, 730)
    );
    assert_eq!(
        rule("<Mode>NEW</Mode><Days>1</Days>"),
        held(Mode::Other("NEW".into()), 1)
    );
    for spoilt in [
        "",
        "<Mode>COMPLIANCE</Mode>",
        "<Days>30</Days>",
        "<Mode>COMPLIANCE</Mode><Years>4294967295</Years>",
    ] {
        assert!(rule(spoilt).is_err(), "{spoilt}");
    }
    assert_eq!(lock(b"<ObjectLockConfiguration/>"), Ok(None));
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = (location(&bytes), versioning(&bytes), lock(&bytes));
    }
}
