use adapters::aws::{Asset, Right};

use super::*;

fn bucket() -> Asset {
    Asset::Bucket {
        name: "dumps".into(),
        prefix: String::new(),
    }
}

/// moto can't simulate policies and fails with a page of HTML, so that everything is in doubt.
#[tokio::test]
async fn rights_that_can_t_be_asked_about_are_unknown() {
    let moto = Moto::start_strict(PREPARATION);
    let keys = user(&moto, "muster", &allowing(&["iam:*", "s3:*"])).await;
    let rights = reached(moto.endpoint(), keys).deletion_rights(&bucket()).await;
    assert_eq!(rights.identity.as_deref(), Ok("arn:aws:iam::123456789012:user/muster"));
    assert!(
        rights
            .actions
            .iter()
            .any(|(action, _)| action == "s3:DeleteObjectVersion")
    );
    assert!(
        rights
            .actions
            .iter()
            .all(|(_, right)| matches!(right, Right::Unknown(_))),
        "{rights:?}"
    );
    let Right::Unknown(reason) = rights.destroy() else {
        panic!("{rights:?}")
    };
    assert!(reason.contains("status 500"), "{reason}");
}

#[tokio::test]
async fn who_may_not_ask_isn_t_called_harmless() {
    let moto = Moto::start_strict(PREPARATION);
    let keys = user(&moto, "muster", &allowing(&["rds:*"])).await;
    let instance = Asset::Database {
        arn: "arn:aws:rds:us-east-1:123456789012:db:ampora".into(),
    };
    let rights = reached(moto.endpoint(), keys).deletion_rights(&instance).await;
    assert!(matches!(rights.destroy(), Right::Unknown(reason) if reason.contains("iam:SimulatePrincipalPolicy")));
}
