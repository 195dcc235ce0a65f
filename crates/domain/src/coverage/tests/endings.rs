use super::CoverageStatus::{Expected, Missing, Proven};
use super::*;
use crate::custody::Secret;

fn kept(keep: Keep) -> World {
    let mut world = world(vec![backup("full", Kind::Full, 50)]);
    world.keys.versions[2].keep = keep;
    world
}

fn until(days: i64) -> Keep {
    Keep::Until {
        at: NOW + TimeDelta::days(days),
        why: "delete_version_after".into(),
    }
}

/// Status, warning and date of the only cell.
fn only(world: &World) -> (CoverageStatus, Option<String>, Option<Timestamp>) {
    let [cell] = world.cells().try_into().expect("one cell");
    (cell.status, cell.warning, cell.at)
}

#[test]
fn a_version_that_goes_before_the_backup_expires_is_missing_with_the_date() {
    let mut world = kept(until(7));
    world.kept_for = Some(TimeDelta::days(60));
    let (status, warning, at) = only(&world);
    assert_eq!((status, at), (Missing, Some(NOW + TimeDelta::days(7))));
    assert!(warning.expect("warns").contains("before this backup expires"));
    assert_eq!(world.cells()[0].today(), Expected, "until then it is there");
    world.kept_for = Some(TimeDelta::days(57));
    assert_eq!(only(&world), (Expected, None, None), "the backup goes first");
    world.kept_for = None;
    let (status, warning, at) = only(&world);
    assert_eq!((status, at), (Expected, Some(NOW + TimeDelta::days(7))));
    assert!(warning.expect("warns").contains("isn’t known"));
}

#[test]
fn without_a_date_the_warning_says_what_it_waits_for() {
    let why = || "max_versions 10".to_owned();
    let warned = |keep| only(&kept(keep)).1.unwrap_or_default();
    assert!(warned(Keep::Writes { left: 1, why: why() }).contains("with the next write: max_versions 10"));
    assert!(warned(Keep::AtRisk { why: why() }).contains("at any time"));
    assert!(warned(until(-1)).contains("at any time"));
    for lasting in [Keep::Kept, Keep::Unknown, Keep::Writes { left: 2, why: why() }] {
        assert_eq!(only(&kept(lasting.clone())), (Expected, None, None), "{lasting:?}");
    }
}

#[test]
fn only_versions_that_a_backup_needs_are_worth_a_warning() {
    let mut world = kept(Keep::Kept);
    world.keys.versions[0].keep = until(1);
    assert_eq!(only(&world), (Expected, None, None));
}

#[test]
fn a_key_lasts_as_long_as_the_last_version_that_holds_it() {
    let mut world = kept(until(7));
    let mut again = version("4", 10);
    again.fingerprint = Some(key("3"));
    world.keys.versions.push(again);
    assert!(world.cells().iter().all(|cell| cell.warning.is_none()));
    world.keys.versions[3].keep = until(30);
    let at: Vec<_> = world.cells().iter().map(|cell| cell.at).collect();
    assert_eq!(at, [Some(NOW + TimeDelta::days(30)); 2]);
}

#[test]
fn a_secret_that_is_about_to_be_removed_takes_every_version_with_it() {
    let mut world = kept(Keep::Kept);
    world.keys.secret = Some(Secret {
        gone_at: Some(NOW + TimeDelta::days(3)),
        ..Secret::default()
    });
    assert_eq!(only(&world).2, Some(NOW + TimeDelta::days(3)));
    world.keys.versions[2].keep = until(1);
    assert_eq!(only(&world).2, Some(NOW + TimeDelta::days(1)), "whichever comes first");
}

#[test]
fn a_proof_stays_one_while_its_version_is_there() {
    let mut world = kept(until(7));
    world.kept_for = Some(TimeDelta::days(60));
    (world.openings, world.parsed) = (vec![(key("3"), 5)], 5);
    let cells = world.cells();
    let cell = cells
        .iter()
        .find(|cell| cell.version.as_deref() == Some("3"))
        .expect("its cell");
    assert_eq!((cell.status, cell.today()), (Missing, Proven));
    assert_eq!(cell.proven_at, Some(days_ago(1)));
}

#[test]
fn a_disabled_version_has_to_be_enabled_first() {
    let mut world = world(vec![backup("full", Kind::Full, 250)]);
    world.keys.versions[0].state = State::Disabled.word().into();
    assert!(only(&world).1.expect("warns").contains("enable it"));
    world.keys.versions[0].state = State::Deleted.word().into();
    assert!(only(&world).1.expect("warns").contains("bring it back"));
}
