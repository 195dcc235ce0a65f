use super::CoverageStatus::{Expected, Missing, Unknown};
use super::*;

fn full(days: i64) -> World {
    world(vec![backup("full", Kind::Full, days)])
}

#[test]
fn what_was_in_use_at_the_moment_is_expected_to_open_it() {
    for (days, name) in [(120, "2"), (95, "2"), (89, "3"), (0, "3")] {
        assert_eq!(full(days).statuses(), [of(name, Expected)], "{days} days ago");
    }
}

#[test]
fn a_dump_is_of_its_beginning_and_a_backup_of_its_end() {
    let mut around = world(vec![backup("dump", Kind::Dump, 90), backup("full", Kind::Full, 90)]);
    assert_eq!(around.statuses(), [of("2", Expected), of("3", Expected)]);
    around.backups[0].started_at = None;
    assert_eq!(
        around.statuses()[0],
        none(Unknown),
        "nobody knows of which moment it is"
    );
}

#[test]
fn half_rotated_it_takes_both_keys() {
    let mut mixed = full(90);
    let keys = [key("2"), key("3")].into();
    mixed.envelopes[1] = span(Held::Several { keys, strangers: false }, 90, 0);
    assert_eq!(mixed.statuses(), [of("2", Expected), of("3", Expected)]);
    mixed.keys.versions.remove(1);
    assert_eq!(mixed.statuses(), [none(Missing), of("3", Expected)]);
    let keys = [].into();
    mixed.envelopes[1].held = Held::Several { keys, strangers: false };
    assert_eq!(mixed.statuses(), [none(Unknown)], "of no key at all");
}

#[test]
fn a_key_that_no_version_holds_is_missing_unless_it_may_be_one_that_cannot_be_read() {
    let mut gone = full(120);
    gone.keys.versions[1] = destroyed("2", 200);
    assert_eq!(gone.statuses(), [none(Missing)]);
    gone.keys.versions[1] = denied("2", 200);
    assert_eq!(gone.statuses(), [none(Unknown)]);
    gone.keys.versions.remove(1);
    let cells = gone.cells();
    assert_eq!(cells[0].status, Missing);
    assert!(cells[0].detail.contains("2222"), "{}", cells[0].detail);
    gone.keys.replicas.push(Replica {
        name: "eu-west-1".into(),
        status: Status::Broken,
        fingerprint: Some(key("2")),
        version: None,
        detail: String::new(),
    });
    let cells = gone.cells();
    assert_eq!((cells[0].status, &cells[0].version), (Expected, &None));
    assert!(cells[0].warning.as_ref().expect("says so").contains("only eu-west-1"));
}

#[test]
fn one_key_under_two_versions_is_expected_of_both() {
    let mut twice = full(50);
    twice.keys.versions.push(KeyVersion {
        fingerprint: Some(key("3")),
        ..version("4", 20)
    });
    assert_eq!(twice.statuses(), [of("3", Expected), of("4", Expected)]);
}

#[test]
fn a_pause_between_looks_is_bridged_by_the_same_key_and_by_nothing_else() {
    let unknown = || Held::Unknown("nobody looked".into());
    let mut paused = full(50);
    paused.envelopes = vec![
        span(Held::Key(key("3")), 90, 60),
        span(unknown(), 60, 40),
        span(Held::Key(key("3")), 40, 0),
    ];
    assert_eq!(paused.statuses(), [of("3", Expected)]);
    paused.envelopes[0] = span(Held::Key(key("2")), 90, 60);
    assert_eq!(paused.statuses(), [of("2", Expected), of("3", Expected)], "one of them");
    assert!(paused.cells()[0].detail.contains("one of"));
    paused.keys.versions.remove(1);
    assert_eq!(
        paused.statuses(),
        [of("3", Expected), none(Unknown)],
        "it may not be the one"
    );
    paused.envelopes.truncate(2);
    assert_eq!(paused.statuses(), [none(Unknown)]);
    paused.in_use = vec![span(Held::Key(key("3")), 90, 0)];
    assert_eq!(paused.statuses(), [of("3", Expected)], "what Ampora ran with");
}

#[test]
fn envelopes_that_nothing_opened_then_may_open_with_what_came_later() {
    let mut stranger = full(50);
    stranger.envelopes = vec![span(Held::Nobodys, 90, 0)];
    assert_eq!(stranger.statuses(), [none(Missing)]);
    stranger.keys.versions.push(version("4", 20));
    assert_eq!(stranger.statuses(), [none(Unknown)]);
}

#[test]
fn before_anybody_looked_times_tell_if_manager_and_ampora_go_together() {
    let mut early = full(250);
    assert_eq!(early.statuses(), [of("1", Expected)]);
    early.keys.versions[0] = destroyed("1", 300);
    assert_eq!(early.statuses(), [of("1", Missing)]);
    early.keys.versions.remove(0);
    assert_eq!(
        early.statuses(),
        [none(Missing)],
        "older than every version that is left"
    );
    early.keys.verdict = Verdict::ManagerBehind;
    assert_eq!(early.statuses(), [none(Unknown)]);
    let mut files = full(250);
    files.dated = false;
    assert_eq!(files.statuses(), [none(Unknown)]);
    let mut pending = full(160);
    pending.keys.versions.push(KeyVersion {
        state: State::Pending.word().into(),
        ..version("4", 170)
    });
    assert_eq!(pending.statuses(), [of("2", Expected)]);
    pending.keys.versions[0].created_at = None;
    assert_eq!(pending.statuses(), [none(Unknown)]);
}

#[test]
fn a_secret_with_one_version_covers_nothing_older_than_its_last_change() {
    let mut only = world(vec![backup("old", Kind::Full, 101), backup("new", Kind::Full, 99)]);
    only.keys.versions.drain(..2);
    only.envelopes.clear();
    assert_eq!(only.statuses(), [none(Missing), of("3", Expected)]);
}
