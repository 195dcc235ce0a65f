//! The finding about a drill's copy that nobody deleted.

use super::*;
use crate::drill::Leftover;

fn left(hours: i64) -> Leftover {
    Leftover {
        region: "eu-central-1".into(),
        name: "muster-drill-1".into(),
        resource_id: "db-1".into(),
        drill: "1".into(),
        status: "available".into(),
        created_at: Some(now() - TimeDelta::hours(hours)),
    }
}

#[test]
fn a_copy_is_told_once_it_is_a_day_old() {
    let mut world = World::healthy();
    assert!(matches!(world.says("drill-leftover"), Err(Silence::Unset(_))));
    world.leftovers = Some(Fact::Known {
        value: vec![left(23)],
        at: now(),
    });
    assert_eq!(world.finds("drill-leftover"), None);
    world.leftovers = Some(Fact::Known {
        value: vec![left(24), left(23), left(30)],
        at: now(),
    });
    let found = world.says("drill-leftover").expect("told").expect("found");
    assert_eq!((found.severity, found.evidence.len()), (Severity::Warning, 2));
    assert!(found.title.contains("and another one"), "{}", found.title);
    assert!(
        found.recovery().contains("identifier muster-drill-1 "),
        "{}",
        found.recovery()
    );
}

#[test]
fn what_aws_does_not_tell_is_no_leftover_and_not_none() {
    let mut world = World::healthy();
    world.leftovers = Some(Fact::unknown("AWS can’t be reached"));
    assert!(matches!(world.says("drill-leftover"), Err(Silence::Unknown(_))));
}
