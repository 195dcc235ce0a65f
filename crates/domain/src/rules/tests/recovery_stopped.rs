//! WAL that lies behind the end of a recovery: given up on purpose, or lost without anybody knowing.

use super::world::{SEGMENT, World, now};
use super::*;
use crate::plan::RecoveryStop;
use crate::set_back::{Promotion, SetBack};

const CODE: &str = "recovery-stopped-early";

/// The server's timeline 2 left timeline 1 at this position, and the archive has more of timeline 1.
const SWITCH: Lsn = Lsn(30 * SEGMENT + 9);

fn world() -> World {
    let mut world = World::healthy();
    world.archives[0].timelines[0].end = Lsn(40 * SEGMENT);
    world
}

fn by_time() -> SetBack {
    SetBack {
        request: 12,
        system: SystemIdentifier(Big(7)),
        stop: RecoveryStop::Time {
            time: now(),
            exclusive: false,
        },
        expected_end: Lsn(31 * SEGMENT),
        segment_size: SEGMENT,
        promotion: Promotion {
            timeline: 2,
            parent: 1,
            switch: SWITCH,
        },
    }
}

fn to_the_end(expected_end: Lsn) -> SetBack {
    SetBack {
        stop: RecoveryStop::Latest,
        expected_end,
        ..by_time()
    }
}

/// Why the finding isn't a restore by Muster.
fn not_ours(world: &World) -> String {
    let found = world.says(CODE).expect("told").expect("found");
    let rival = found.rivals.into_iter().find(|rival| rival.cause.starts_with("Muster"));
    rival.expect("is named").ruled_out
}

#[test]
fn a_recovery_that_was_told_where_to_stop_did_not_stop_early() {
    let mut world = world();
    world.vitals.signs.recovery_target = Sign::Known("recovery_target_time = 2026-01-01".into());
    assert_eq!(world.finds(CODE), None);
    world.vitals.signs.recovery_target = Sign::unknown(Why::Denied, "denied");
    assert!(matches!(world.says(CODE), Err(Silence::Unknown(_))));
}

#[test]
fn a_restore_that_ended_where_it_was_agreed_to_end_is_ruled_out_with_its_request() {
    for agreed in [by_time(), to_the_end(Lsn(31 * SEGMENT))] {
        let mut world = world();
        world.set_back = Some(vec![agreed]);
        let Err(Silence::Agreed(how)) = world.says(CODE) else {
            panic!("{:?}", world.says(CODE))
        };
        assert!(how.contains("request 12") && how.contains("timeline 2"), "{how}");
    }
}

#[test]
fn a_restore_that_ended_before_its_target_stopped_early_whoever_led_it() {
    let mut world = world();
    world.set_back = Some(vec![to_the_end(Lsn(35 * SEGMENT))]);
    assert!(
        not_ours(&world).contains("was to reach the end of the archived WAL"),
        "{}",
        not_ours(&world)
    );
}

#[test]
fn a_later_recovery_by_somebody_else_is_not_covered_by_the_restore_before_it() {
    let mut world = world();
    let other_switch = SetBack {
        promotion: Promotion {
            switch: Lsn(29 * SEGMENT),
            ..by_time().promotion
        },
        ..by_time()
    };
    world.set_back = Some(vec![other_switch]);
    assert!(
        not_ours(&world).contains("the restore of request 12 left timeline 1 at"),
        "{}",
        not_ours(&world)
    );
    let older = SetBack {
        promotion: Promotion {
            timeline: 5,
            ..by_time().promotion
        },
        ..by_time()
    };
    let stranger = SetBack {
        system: SystemIdentifier(Big(8)),
        ..by_time()
    };
    world.set_back = Some(vec![older, stranger]);
    assert_eq!(not_ours(&world), "no restore that it carried out made timeline 2");
}

#[test]
fn without_a_memory_of_restores_it_is_found_and_says_what_was_not_ruled_out() {
    let mut world = world();
    world.set_back = None;
    assert!(not_ours(&world).starts_with("not ruled out"), "{}", not_ours(&world));
}
