use adapters::aws::{Lock, Mode, Protection, Versioning};

use super::*;

const VERSIONED: &str = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";

fn locked(mode: &str, days: u32) -> String {
    format!(
        "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>{mode}</Mode>\
         <Days>{days}</Days></DefaultRetention></Rule></ObjectLockConfiguration>"
    )
}

async fn put(aws: &Aws, bucket: &str, subresource: &str, body: &str) {
    let call = Call::bucket("Put", bucket, subresource).putting(body);
    aws.call(&call).await.unwrap();
}

#[tokio::test]
async fn a_bucket_s_protection_is_read() {
    let moto = Moto::start();
    let aws = anybody(&moto);
    for bucket in ["plain", "versioned", "suspended", "compliance", "governance"] {
        moto.create_bucket(bucket).await;
        if bucket != "plain" {
            put(&aws, bucket, "versioning", VERSIONED).await;
        }
    }
    put(
        &aws,
        "suspended",
        "versioning",
        &VERSIONED.replace("Enabled", "Suspended"),
    )
    .await;
    put(&aws, "compliance", "object-lock", &locked("COMPLIANCE", 30)).await;
    put(&aws, "governance", "object-lock", &locked("GOVERNANCE", 7)).await;
    for (bucket, expected) in [
        ("plain", Protection::Open),
        ("versioned", Protection::Versioned { mfa_delete: false }),
        ("suspended", Protection::Open),
        (
            "compliance",
            Protection::Locked {
                mode: Mode::Compliance,
                days: 30,
            },
        ),
        (
            "governance",
            Protection::Locked {
                mode: Mode::Governance,
                days: 7,
            },
        ),
    ] {
        let found = aws.immutability(bucket).await;
        assert_eq!(found.protection(), expected, "{bucket}: {found:?}");
        assert_eq!(found.region.as_deref(), Ok("us-east-1"));
    }
}

#[tokio::test]
async fn what_is_denied_is_unknown_part_by_part() {
    let moto = Moto::start_strict(PREPARATION + 2);
    moto.create_bucket("dumps").await;
    put(&anybody(&moto), "dumps", "versioning", VERSIONED).await;
    let keys = user(&moto, "muster", &allowing(&["s3:GetBucketVersioning"])).await;
    let found = reached(moto.endpoint(), keys).immutability("dumps").await;
    assert_eq!(found.versioning, Ok(Versioning::Enabled { mfa_delete: false }));
    assert!(
        found
            .lock
            .as_ref()
            .unwrap_err()
            .contains("doesn’t allow s3:GetBucketObjectLockConfiguration"),
        "{found:?}"
    );
    assert!(
        matches!(found.protection(), Protection::Unknown(_)),
        "a lock that can’t be read may be there"
    );
}

#[tokio::test]
async fn a_bucket_that_is_missing_is_unknown_with_the_reason() {
    let moto = Moto::start();
    let found = anybody(&moto).immutability("nowhere").await;
    let reason = found.protection().sentence();
    assert!(reason.contains("NoSuchBucket"), "{reason}");
}

#[tokio::test]
async fn a_lock_without_a_default_holds_nothing_by_itself() {
    let moto = Moto::start();
    let aws = anybody(&moto);
    moto.create_bucket("dumps").await;
    put(&aws, "dumps", "versioning", VERSIONED).await;
    let enabled = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>";
    put(&aws, "dumps", "object-lock", enabled).await;
    let found = aws.immutability("dumps").await;
    assert_eq!(found.lock, Ok(Some(Lock { retention: None })));
    assert_eq!(found.protection(), Protection::LockedByWriter);
}
