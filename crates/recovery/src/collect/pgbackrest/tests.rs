use std::collections::BTreeMap;

use chrono::{DateTime, Duration};
use domain::wal::{Lsn, Segment};
use domain::window::{Anchor, Archive};

use super::*;

const SIZE: u64 = 16 * 1024 * 1024;

fn at(minute: i64) -> Timestamp {
    DateTime::UNIX_EPOCH + Duration::minutes(minute)
}

fn segment(number: u64) -> Segment {
    Segment { timeline: 1, number }
}

fn archive(repo: u32, numbers: &[u64]) -> (Archive, Vec<Anchor>) {
    let archive = Archive {
        source: "main".into(),
        repo,
        system: None,
        segment_size: SIZE,
        segments: numbers.iter().map(|number| (segment(*number), None)).collect(),
        branches: BTreeMap::new(),
    };
    let anchor = Anchor {
        stopped_at: at(1),
        first: segment(2),
        last: segment(2),
        stop_lsn: None,
    };
    (archive, vec![anchor])
}

fn repo(key: u32) -> RepoState {
    RepoState {
        key,
        cipher: Some("none".into()),
        status: Status::Ok,
        code: Some(0),
        message: "ok".into(),
    }
}

fn repositories(archives: Vec<(Archive, Vec<Anchor>)>) -> Repositories {
    Repositories {
        status: Status::Ok,
        detail: "ok".into(),
        repos: vec![repo(1), repo(2)],
        progress: None,
        backups: Vec::new(),
        archives,
        unread: Vec::new(),
        not_understood: Vec::new(),
        doubled: Vec::new(),
    }
}

fn commit(segment: u64, minute: i64) -> Commit {
    Commit {
        system: None,
        timeline: Some(1),
        lsn: Lsn(segment * SIZE + 9),
        at: at(minute),
    }
}

#[test]
fn a_gap_breaks_the_source_and_names_its_repository() {
    let whole = judge(repositories(vec![archive(1, &[2, 3]), archive(2, &[2, 3])]), &[]);
    assert_eq!((whole.status, whole.detail.as_str()), (Status::Ok, "ok"));
    let torn = judge(repositories(vec![archive(1, &[2, 3]), archive(2, &[2, 4])]), &[]);
    assert_eq!(torn.status, Status::Broken);
    assert_eq!(torn.detail, "WAL is missing in main repo2: 000000010000000000000003");
    assert_eq!((torn.windows.len(), torn.gaps.len()), (2, 1));
}

#[test]
fn each_repository_has_a_lag_of_its_own() {
    let mut old = archive(2, &[2, 3]);
    old.0.segments.clear();
    let commits = [commit(2, 2), commit(3, 3)];
    let reading = judge(repositories(vec![archive(1, &[2, 3]), archive(2, &[2]), old]), &commits);
    let lags: Vec<_> = reading
        .repos
        .into_iter()
        .map(|repo| (repo.key, repo.oldest_unarchived))
        .collect();
    assert_eq!(lags, [(1, Ok(None)), (2, Ok(Some(at(3))))]);
    let reading = judge(repositories(vec![archive(1, &[2, 3])]), &commits);
    assert_eq!(
        reading.repos[1].oldest_unarchived,
        Err("its WAL archive was not read".into())
    );
}

#[test]
fn what_was_not_read_makes_the_source_unknown() {
    let mut half = repositories(vec![archive(1, &[2])]);
    half.unread = (1..=5).map(|n| format!("reason {n}")).collect();
    let reading = judge(half, &[]);
    assert_eq!(reading.status, Status::Unknown);
    assert_eq!(reading.detail, "reason 1; reason 2; reason 3; and 2 more");
}
