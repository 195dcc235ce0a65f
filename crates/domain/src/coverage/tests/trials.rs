use super::CoverageStatus::{Missing, Proven, Refuted, Unknown};
use super::*;

fn dump(openings: &[(&str, u32)], parsed: u32) -> World {
    World {
        openings: openings.iter().map(|(name, opened)| (key(name), *opened)).collect(),
        parsed,
        ..world(vec![backup("dump", Kind::Dump, 50)])
    }
}

#[test]
fn what_opened_is_proven_and_what_did_not_is_refuted() {
    let tried = dump(&[("2", 10)], 10);
    assert_eq!(tried.statuses(), [of("1", Refuted), of("2", Proven), of("3", Refuted)]);
    let proven = &tried.cells()[1];
    assert_eq!(proven.proven_at, Some(days_ago(1)));
    assert_eq!(proven.detail, "10 of 10 envelopes opened");
}

#[test]
fn an_envelope_that_nothing_opens_is_missing_a_key_but_for_damage() {
    let part = dump(&[("2", 9)], 10);
    assert_eq!(
        part.statuses(),
        [of("1", Refuted), of("2", Refuted), of("3", Refuted), none(Missing)]
    );
    let damaged = dump(&[("2", 999)], 1000);
    assert_eq!(damaged.statuses()[1], of("2", Proven));
    assert!(damaged.cells()[1].detail.contains("999 of 1000"));
    let few = dump(&[("2", 1)], 3);
    assert_eq!(few.statuses()[3], none(Missing), "two of three are no accident");
    assert_eq!(dump(&[], 10).statuses()[3], none(Missing));
}

#[test]
fn a_dump_of_a_half_rotated_database_takes_two_keys() {
    let both = dump(&[("2", 4), ("3", 6)], 10);
    assert_eq!(both.statuses(), [of("1", Refuted), of("2", Proven), of("3", Proven)]);
    assert!(both.cells()[1].detail.contains("takes 2 keys"));
    let mut one_gone = both;
    one_gone.keys.versions.remove(1);
    assert_eq!(one_gone.statuses(), [of("1", Refuted), of("3", Proven), none(Missing)]);
}

#[test]
fn a_key_under_two_names_is_counted_once() {
    let twice = dump(&[("2", 10), ("2", 10)], 10);
    assert_eq!(twice.statuses()[1], of("2", Proven));
    assert!(twice.cells()[1].detail.starts_with("10 of 10"));
}

#[test]
fn only_ampora_had_the_key_that_opened_it() {
    let outside = dump(&[("9", 10)], 10);
    let cells = outside.cells();
    assert_eq!(outside.statuses()[3], none(Missing));
    assert_eq!(cells[3].proven_at, Some(days_ago(1)), "which key it needs is proven");
}

#[test]
fn what_was_not_at_hand_was_not_refuted() {
    let mut later = dump(&[], 10);
    later.keys.versions.push(version("4", 0));
    assert_eq!(later.statuses()[3], none(Unknown), "it came after the dump was read");
    let mut denied_one = dump(&[], 10);
    denied_one.keys.versions[1] = denied("2", 200);
    assert_eq!(
        denied_one.statuses(),
        [of("1", Refuted), of("3", Refuted), none(Unknown)]
    );
}

#[test]
fn a_dump_without_envelopes_is_as_if_it_was_not_tried() {
    assert_eq!(dump(&[], 0).statuses(), [of("3", CoverageStatus::Expected)]);
}
