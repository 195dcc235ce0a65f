//! Histories of keys, made up.

use chrono::TimeDelta;
use domain::history::Seen;
use domain::rotation::{Lane, partings, spans};
use recovery::overview::KeyHistory;

use super::keys::fingerprint;
use super::{DAY, HOUR, ago};

fn run(value: impl Into<String>, since: i64, until: i64) -> Seen {
    Seen {
        value: value.into(),
        since: ago(since),
        until: ago(until),
    }
}

fn history(lanes: [Vec<Seen>; 3]) -> KeyHistory {
    let [manager, in_use, envelopes] = lanes.map(|runs| spans(&runs, TimeDelta::hours(18), ago(0)));
    KeyHistory {
        partings: partings(&manager, &in_use, &envelopes),
        lanes: Lane::ALL.into_iter().zip([manager, in_use, envelopes]).collect(),
        known_since: Some(ago(200 * DAY)),
    }
}

/// A rotation in step and one that the manager missed, with two days in between on which nothing answered.
pub fn parted() -> KeyHistory {
    let [old, previous, new] = ['2', '7', 'c'].map(|digit| fingerprint(digit).to_string());
    let half = format!("mixed: {previous} {new}");
    let live = |before: i64| {
        vec![
            run(&old, 200 * DAY, 75 * DAY + before),
            run(&previous, 75 * DAY, 9 * DAY + 6 * HOUR),
            run(&new, 9 * DAY, 125),
        ]
    };
    let mut envelopes = live(6 * HOUR);
    envelopes[2].since = ago(8 * DAY);
    envelopes.insert(2, run(half, 9 * DAY, 8 * DAY + 6 * HOUR));
    history([
        vec![
            run(&old, 200 * DAY, 75 * DAY + 6 * HOUR),
            run(&previous, 75 * DAY, 42 * DAY + 6 * HOUR),
            run("unknown: vault did not answer", 42 * DAY, 40 * DAY + 300),
            run(&previous, 40 * DAY, 125),
        ],
        live(6 * HOUR),
        envelopes,
    ])
}

/// Two rotations in step.
pub fn in_step() -> KeyHistory {
    let [old, previous, new] = ['2', '7', 'c'].map(|digit| fingerprint(digit).to_string());
    let lane = || {
        vec![
            run(&old, 200 * DAY, 75 * DAY + 6 * HOUR),
            run(&previous, 75 * DAY, 9 * DAY + 6 * HOUR),
            run(&new, 9 * DAY, 125),
        ]
    };
    history([lane(), lane(), lane()])
}

/// Proofs that ended 60 days ago.
pub fn silent() -> KeyHistory {
    let key = fingerprint('2').to_string();
    history([
        vec![run(&key, 200 * DAY, 60 * DAY)],
        Vec::new(),
        vec![run(&key, 200 * DAY, 60 * DAY)],
    ])
}
