use proptest::prelude::*;

use super::*;

const SNAPSHOTS: &[u8] = include_bytes!("../samples/snapshots.xml");
const CLUSTERS: &[u8] = include_bytes!("../samples/clusters.xml");
const AUTOMATED: &[u8] = include_bytes!("../samples/automated-backups.xml");

fn at(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

#[test]
fn snapshots_are_as_old_as_what_is_in_them() {
    let page = snapshots(SNAPSHOTS, "").unwrap();
    assert_eq!((page.entries.len(), page.spoilt, page.marker), (2, 0, None));
    let copied = &page.entries[1];
    assert_eq!(copied.identifier, "rds:my-mysqlexampledb-2021-04-19-10-08");
    assert_eq!(
        copied.taken_at,
        at("2021-04-27T08:16:05.356Z"),
        "not the time of the copy"
    );
    assert_eq!(copied.of.as_deref(), Some("my-mysqlexampledb"));
    assert_eq!(
        (copied.percent, copied.encrypted, copied.resource_id.as_deref()),
        (Some(100), None, None)
    );
}

#[test]
fn a_cluster_isn_t_taken_for_one_of_its_members() {
    let page = databases(CLUSTERS, "").unwrap();
    let [plain, several] = &page.entries[..] else {
        panic!("{page:?}")
    };
    assert_eq!(
        (plain.status.as_deref(), plain.retention_days),
        (Some("available"), Some(1))
    );
    assert_eq!(several.identifier, "my-multi-az-cluster");
    assert_eq!(
        several.resource_id.as_deref(),
        Some("cluster-TSW4QJNKY3P2DNDRR523BDGEIU")
    );
    assert_eq!(
        (several.multi_az, several.encrypted, several.cluster.as_deref()),
        (Some(true), Some(true), None)
    );
    assert_eq!(several.latest_restorable, None);
}

#[test]
fn automated_backups_tell_their_span_and_their_copies() {
    let page = automated_backups(AUTOMATED, "").unwrap();
    let backup = &page.entries[0];
    assert_eq!(backup.earliest, at("2020-10-26T01:09:07Z"));
    assert_eq!(backup.latest, at("2020-10-31T19:09:53Z"));
    assert_eq!(backup.region.as_deref(), Some("us-west-2"));
    assert_eq!(
        backup.replicas,
        ["arn:aws:rds:us-east-1:123456789012:auto-backup:ab-L2IJCEXJP7XQ7HOJ4SIEXAMPLE"]
    );
}

#[test]
fn what_isn_t_understood_of_an_entry_is_not_told_and_the_rest_stays() {
    let answer = "<R><Result><DBSnapshots>
        <DBSnapshot><Status>available</Status></DBSnapshot>
        <member><Added><Deep/></Added><DBSnapshotIdentifier>s</DBSnapshotIdentifier><SnapshotCreateTime>soon</SnapshotCreateTime>
        <PercentProgress>400</PercentProgress><FullSnapshotSizeInBytes>9007199254740993</FullSnapshotSizeInBytes><Encrypted>maybe</Encrypted>
        <KmsKeyId/></member></DBSnapshots><Marker> next </Marker></Result></R>";
    let page = snapshots(answer.as_bytes(), "").unwrap();
    assert_eq!((page.spoilt, page.marker.as_deref()), (1, Some("next")));
    let expected = Snapshot {
        identifier: "s".into(),
        size_bytes: Some(9_007_199_254_740_993),
        ..Snapshot::default()
    };
    assert_eq!(page.entries, [expected]);
}

#[test]
fn an_answer_without_the_list_is_no_empty_list() {
    let page = b"<html><head><title>Sign in</title></head><body>Welcome to the hotel</body></html>";
    assert!(snapshots(page, "rds:DescribeDBSnapshots").is_err());
    assert!(databases(SNAPSHOTS, "").is_err());
    assert!(automated_backups(b"", "").is_err());
    assert_eq!(snapshots(b"<R><DBSnapshots/></R>", "").unwrap().entries, []);
}

#[test]
fn ten_thousand_snapshots_are_read() {
    let one =
        "<DBSnapshot><DBSnapshotIdentifier>s\u{fffd}</DBSnapshotIdentifier><Status>available</Status></DBSnapshot>";
    let answer = format!("<R><DBSnapshots>{}</DBSnapshots></R>", one.repeat(10_000));
    assert_eq!(snapshots(answer.as_bytes(), "").unwrap().entries.len(), 10_000);
}

proptest! {
    #[test]
    fn spoilt_answers_are_read_or_refused(
        cut in 0..SNAPSHOTS.len(),
        place in 0..SNAPSHOTS.len(),
        noise in prop::collection::vec(any::<u8>(), 0..20),
    ) {
        for sample in [SNAPSHOTS, CLUSTERS, AUTOMATED] {
            let mut spoilt = sample.to_vec();
            let place = place.min(spoilt.len());
            spoilt.splice(place..(place + noise.len()).min(sample.len()), noise.iter().copied());
            for answer in [&sample[..cut.min(sample.len())], &spoilt] {
                let _ = databases(answer, "");
                let _ = automated_backups(answer, "");
                let _ = snapshots(answer, "");
            }
        }
    }
}
