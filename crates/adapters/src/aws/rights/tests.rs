use proptest::prelude::*;

use super::*;

const SIMULATION: &[u8] = include_bytes!("simulation.xml");

#[test]
fn the_simulation_s_words_are_rights() {
    let decisions = decisions(SIMULATION).unwrap();
    let depends = Right::Unknown("it depends on aws:MultiFactorAuthPresent".into());
    for (action, expected) in [
        ("s3:PutObject", Right::Allowed),
        ("s3:DeleteObject", Right::Denied),
        ("s3:deleteobjectversion", depends),
        (
            "s3:DeleteBucket",
            Right::Unknown("the simulation doesn’t mention it".into()),
        ),
    ] {
        assert_eq!(right(&decisions, action), expected);
    }
}

#[test]
fn a_page_of_something_else_decides_nothing() {
    assert!(decisions(b"<html><title>500 Internal Server Error</title></html>").is_err());
    assert!(decisions(b"").is_err());
}

#[test]
fn policies_are_asked_of_whom_they_belong_to() {
    let principal = |arn: &str| Caller::Principal(arn.into());
    for (arn, expected) in [
        ("arn:aws:iam::1:root", Caller::Root),
        (
            "arn:aws:iam::1:user/ops/muster",
            principal("arn:aws:iam::1:user/ops/muster"),
        ),
        (
            "arn:aws-cn:sts::1:assumed-role/muster/i-0abc",
            principal("arn:aws-cn:iam::1:role/muster"),
        ),
    ] {
        assert_eq!(Caller::of(arn), expected);
    }
    for arn in [
        "",
        "moto",
        "arn:aws:sts::1:federated-user/eve",
        "arn:aws:sts::1:user/moto",
    ] {
        assert!(matches!(Caller::of(arn), Caller::Unclear(_)), "{arn}");
    }
}

#[test]
fn one_way_to_destroy_is_enough_and_one_doubt_too() {
    let rights = |rights: &[Right]| {
        let actions = rights.iter().map(|right| ("a".to_owned(), right.clone())).collect();
        let identity = Ok("arn".into());
        Rights { identity, actions }.destroy()
    };
    let doubt = Right::Unknown("why".into());
    assert_eq!(rights(&[Right::Denied, Right::Denied]), Right::Denied);
    assert_eq!(rights(&[Right::Denied, doubt.clone()]), Right::Unknown("a: why".into()));
    assert_eq!(rights(&[doubt, Right::Denied, Right::Allowed]), Right::Allowed);
}

#[test]
fn nobody_asked_is_no_denial() {
    let rights = Rights {
        identity: Ok("arn".into()),
        actions: Vec::new(),
    };
    assert!(matches!(rights.destroy(), Right::Unknown(_)));
}

#[test]
fn each_asset_is_asked_about_by_its_own_name() {
    let bucket = Asset::Bucket {
        name: "dumps".into(),
        prefix: "ampora/".into(),
    };
    let resources = |asset: &Asset| {
        asset
            .questions("aws")
            .into_iter()
            .map(|(_, resource)| resource)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        resources(&bucket),
        ["arn:aws:s3:::dumps/ampora/*", "arn:aws:s3:::dumps"]
    );
    let instance = Asset::Database {
        arn: "arn:aws:rds:eu-west-1:1:db:ampora".into(),
    };
    assert_eq!(
        resources(&instance),
        [
            "arn:aws:rds:eu-west-1:1:snapshot:*",
            "arn:aws:rds:eu-west-1:1:auto-backup:*",
            "arn:aws:rds:eu-west-1:1:db:ampora"
        ]
    );
    let cluster = Asset::Database {
        arn: "arn:aws:rds:eu-west-1:1:cluster:ampora".into(),
    };
    assert!(
        cluster
            .questions("aws")
            .iter()
            .all(|(actions, _)| actions.iter().all(|action| action.contains("Cluster")))
    );
}

#[test]
fn a_policy_that_only_denies_allows_nothing() {
    let deny = br#"{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:Delete*"}}"#;
    let both = br#"{"Statement": [{"Effect": "Deny"}, {"Effect": "Allow", "Action": "s3:GetObject"}]}"#;
    assert!(!allows(deny));
    assert!(allows(both) && allows(b"{}") && allows(b"no JSON"));
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), arn in "[a-z:/]{0,40}") {
        let _ = decisions(&bytes);
        let _ = allows(&bytes);
        let _ = Caller::of(&arn);
        let _ = Asset::Database { arn }.questions("aws");
    }
}
