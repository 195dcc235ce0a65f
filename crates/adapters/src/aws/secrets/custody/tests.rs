use aws_sdk_secretsmanager::operation::describe_secret::builders::DescribeSecretOutputBuilder;
use aws_sdk_secretsmanager::types::RotationRulesType;
use domain::custody::Protection;

use super::*;

fn at(day: i64) -> DateTime {
    DateTime::from_secs(1_796_000_000 + day * 86_400)
}

fn entry(name: &str, day: Option<i64>, labels: &[&str]) -> SecretVersionsListEntry {
    let entry = SecretVersionsListEntry::builder().version_id(name);
    let entry = entry.set_created_date(day.map(at));
    entry
        .set_version_stages(Some(labels.iter().map(|label| (*label).to_owned()).collect()))
        .build()
}

fn answers(described: DescribeSecretOutputBuilder, versions: Vec<SecretVersionsListEntry>) -> Answers {
    Answers {
        region: "eu-west-1".into(),
        described: described.build(),
        versions: Ok(versions),
        policy: Ok(None),
        key: None,
    }
}

fn described() -> DescribeSecretOutputBuilder {
    DescribeSecretOutput::builder()
}

fn names(secret: &Secret) -> Vec<&str> {
    secret.versions.iter().map(|version| version.name.as_str()).collect()
}

#[test]
fn versions_stand_in_the_order_of_their_making_and_are_kept_by_labels() {
    let versions = vec![
        entry("now", Some(3), &["AWSCURRENT"]),
        entry("next", Some(4), &["AWSPENDING"]),
        entry("gone", Some(1), &[]),
        entry("before", Some(2), &["AWSPREVIOUS"]),
        entry("held", Some(0), &["audit-2026"]),
    ];
    let secret = answers(described(), versions).secret();
    assert_eq!(names(&secret), ["held", "gone", "before", "now", "next"]);
    let keeps: Vec<_> = secret.versions.iter().map(|version| &version.keep).collect();
    assert!(
        matches!(
            keeps[..],
            [
                Keep::Kept,
                Keep::AtRisk { .. },
                Keep::Writes { left: 1, .. },
                Keep::Writes { left: 2, .. },
                Keep::Kept
            ]
        ),
        "{keeps:?}"
    );
    assert_eq!(secret.current().unwrap().name, "now");
    assert_eq!(secret.versions[2].labels, ["AWSPREVIOUS"]);
    assert_eq!(secret.rotation, Rotation::Off);
    assert!(matches!(secret.protection, Protection::Unprotected { .. }));
}

#[test]
fn a_version_that_was_rolled_back_to_is_current_though_older() {
    let versions = vec![
        entry("new", Some(2), &["AWSPREVIOUS"]),
        entry("old", Some(1), &["AWSCURRENT"]),
    ];
    let secret = answers(described(), versions).secret();
    assert_eq!((names(&secret), secret.versions[0].current), (vec!["old", "new"], true));
}

#[test]
fn versions_that_may_not_be_listed_are_known_by_their_labels() {
    let labels = |labels: &[&str]| labels.iter().map(|label| (*label).to_owned()).collect::<Vec<_>>();
    let told = described()
        .version_ids_to_stages("a", labels(&["AWSPENDING"]))
        .version_ids_to_stages("b", labels(&["AWSCURRENT"]))
        .version_ids_to_stages("c", labels(&["AWSPREVIOUS"]));
    let refused = Err(AwsError::Settings("why".into()));
    let secret = Answers {
        versions: refused,
        ..answers(told, Vec::new())
    }
    .secret();
    assert_eq!(names(&secret), ["c", "b", "a"]);
    assert!(
        secret.remarks[0].contains("only versions that a label holds"),
        "{:?}",
        secret.remarks
    );
}

#[test]
fn a_deletion_that_is_scheduled_condemns_every_version() {
    let versions = vec![entry("now", Some(1), &["AWSCURRENT"]), entry("gone", None, &[])];
    let secret = answers(described().deleted_date(at(9)), versions).secret();
    let gone_at = moment(&at(9));
    assert_eq!(secret.gone_at, gone_at);
    for version in &secret.versions {
        assert_eq!(version.life, Life::Deleted);
        assert!(matches!(&version.keep, Keep::Until { at, .. } if Some(*at) == gone_at));
    }
    assert!(secret.remarks[0].contains("restore-secret"), "{:?}", secret.remarks);
}

#[test]
fn rotation_is_told_in_aws_s_words() {
    let rules = RotationRulesType::builder().automatically_after_days(30);
    let told = described()
        .rotation_enabled(true)
        .last_rotated_date(at(1))
        .next_rotation_date(at(31));
    let on = |every: &str| Rotation::On {
        every: Some(every.into()),
        last: moment(&at(1)),
        next: moment(&at(31)),
    };
    let rotation = |described: DescribeSecretOutputBuilder| answers(described, Vec::new()).secret().rotation;
    assert_eq!(
        rotation(told.clone().rotation_rules(rules.clone().build())),
        on("30 days")
    );
    let scheduled = rules.schedule_expression("rate(10 days)").build();
    assert_eq!(rotation(told.rotation_rules(scheduled)), on("rate(10 days)"));
    assert_eq!(rotation(described().rotation_enabled(false)), Rotation::Off);
    // Of a copy AWS tells nothing.
    assert_eq!(rotation(described().primary_region("us-east-1")), Rotation::Unknown);
    assert_eq!(rotation(described().primary_region("eu-west-1")), Rotation::Off);
}

#[test]
fn copies_are_in_step_only_if_aws_says_so() {
    let copy = |status: Option<&str>| {
        let status = status.map(StatusType::from);
        ReplicationStatusType::builder()
            .region("us-east-1")
            .set_status(status)
            .status_message("said")
            .build()
    };
    let words = [Some("InSync"), Some("Failed"), Some("InProgress"), Some("Later"), None];
    let told = words
        .into_iter()
        .fold(described(), |told, word| told.replication_status(copy(word)));
    let copies = answers(told, Vec::new()).secret().copies;
    let in_step: Vec<_> = copies.iter().map(|copy| copy.in_step).collect();
    assert_eq!(in_step, [Some(true), Some(false), Some(false), None, None]);
    assert_eq!((&*copies[1].place, &*copies[1].detail), ("us-east-1", "Failed: said"));
}

#[test]
fn dates_beyond_the_calendar_are_none() {
    let secret = answers(described(), vec![entry("a", Some(i64::MAX / 100_000), &[])]).secret();
    assert_eq!(secret.versions[0].created_at, None);
}
