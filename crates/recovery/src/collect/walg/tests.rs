use adapters::process::Tool;

use super::*;

const ANSWERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../adapters/tests/fixtures/walg");

/// What recorded answers are judged to be, after `edit` (a script for sed) has changed them.
async fn reading(edit: &str) -> SourceReading {
    let script = format!("sed -e '{edit}' {ANSWERS}/$1.json");
    let command = ["sh", "-c", &script, "wal-g"].map(str::to_owned);
    let walg = WalG {
        name: "walg-main".into(),
        tool: Tool::from_command(&command).expect("a command"),
    };
    judge(walg.read().await.expect("read"), &[])
}

#[tokio::test]
async fn lost_segments_cut_the_window_and_make_the_source_broken() {
    let reading = reading("").await;
    assert_eq!((reading.status, reading.backups.len()), (Status::Broken, 4));
    let reach: Vec<_> = reading.windows.iter().map(|window| window.timelines.clone()).collect();
    // Timeline 1 was left in its last segment, whose end can still be had.
    assert_eq!(reach, [vec![1], vec![1], vec![1, 2]]);
    let gap = &reading.gaps[0];
    assert_eq!(
        (gap.first_missing.as_str(), gap.last_missing.as_str()),
        ("00000001000000000000000B", "00000001000000000000000C")
    );
    assert_eq!(gap.to, reading.backups[2].stopped_at, "the next usable backup");
    assert!(
        reading.detail.contains("WAL is missing: 00000001000000000000000B to"),
        "{}",
        reading.detail
    );
}

#[tokio::test]
async fn segments_that_may_still_arrive_cut_the_window_and_are_no_gap() {
    let reading = reading("s/MISSING_LOST/MISSING_UPLOADING/; s/FAILURE/WARNING/").await;
    assert_eq!(
        (reading.status, reading.gaps.len(), reading.windows.len()),
        (Status::Ok, 0, 3)
    );
    assert!(reading.detail.contains("no gap yet"), "{}", reading.detail);
}

#[tokio::test]
async fn the_gap_behind_permanent_backups_is_listed_and_meant() {
    // The backups before the gap are permanent, and the database can't be asked.
    let reading = reading(
        "s/\"is_permanent\":false/\"is_permanent\":true/; s/\"is_permanent\":false/\"is_permanent\":true/; s/^{.*//",
    )
    .await;
    assert_eq!(
        (reading.status, reading.gaps.len()),
        (Status::Ok, 1),
        "{}",
        reading.detail
    );
}

#[tokio::test]
async fn many_reasons_are_counted() {
    let strange = r#"s/^\[{"id"/[{"id":4},{"id":5},{"id":6},{"id":7},{"id"/"#;
    let reading = reading(&format!("{strange}; s/MISSING_LOST/FOUND/")).await;
    assert!(reading.detail.ends_with("; 2 more reasons"), "{}", reading.detail);
}

#[tokio::test]
async fn the_wal_is_compared_with_the_live_server_as_far_as_it_is_listed() {
    let reading = reading("").await;
    let [archive] = reading.archives.as_slice() else {
        panic!("{:?}", reading.archives)
    };
    let timelines: Vec<_> = archive.timelines.iter().map(|one| one.timeline).collect();
    assert_eq!((timelines.as_slice(), archive.doubled.len()), ([1, 2].as_slice(), 0));
    assert_eq!(archive.timelines[1].parent.map(|(parent, _)| parent), Some(1));
    assert_eq!(reading.systems.len(), 1, "{:?}", reading.systems);
}

#[tokio::test]
async fn of_a_storage_with_two_clusters_only_that_is_known() {
    // The first backup of another cluster than the others.
    let reading = reading("s/\"system_identifier\":[0-9]*/\"system_identifier\":7/").await;
    assert!(reading.archives.is_empty());
    assert_eq!(reading.systems.len(), 2, "{:?}", reading.systems);
}
