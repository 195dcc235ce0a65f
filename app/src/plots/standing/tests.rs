use chrono::{DateTime, TimeDelta};

use super::*;

fn now() -> Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

fn run(value: &str, from: i64, to: i64) -> Seen {
    Seen {
        value: value.into(),
        since: now() - TimeDelta::hours(from),
        until: now() - TimeDelta::hours(to),
    }
}

fn plot() -> Standing {
    let sample = |hours: i64, number| (now() - TimeDelta::hours(hours), number);
    Standing {
        id: "standing".into(),
        from: now() - TimeDelta::days(2),
        now: now(),
        measured: Some(("users", vec![sample(40, 5), sample(20, 5), sample(10, 0), sample(0, 0)])),
        runs: vec![run("clear", 48, 12), run("found", 12, 4), run("unknown", 4, 0)],
    }
}

#[test]
fn the_moment_it_broke_is_marked_and_told() {
    for width in Width::ALL {
        let svg = standing(&plot(), width);
        assert!(svg.contains(">broke 3 Oct 12:00<") || svg.contains("broke "), "{svg}");
        assert!(svg.contains("var(--broken)") && svg.contains("url(#hatch)"), "{svg}");
        assert!(svg.contains("users: 5 at first, 0 at last, between 0 and 5."), "{svg}");
    }
}

#[test]
fn a_rule_without_a_number_and_without_a_past_is_drawn_too() {
    let empty = Standing {
        measured: None,
        runs: Vec::new(),
        ..plot()
    };
    let svg = standing(&empty, Width::Slim);
    assert!(svg.contains("never judged") && svg.contains("didn’t break"), "{svg}");
    let huge = Standing {
        measured: Some(("users", vec![(now(), u64::MAX), (now(), 0)])),
        ..plot()
    };
    assert!(standing(&huge, Width::Wide).contains("<path") || !standing(&huge, Width::Wide).is_empty());
}

#[test]
fn the_same_data_give_the_same_drawing() {
    assert_eq!(standing(&plot(), Width::Wide), standing(&plot(), Width::Wide));
}
