//! What holds for every history, whatever was written down.

use proptest::prelude::*;

use super::super::*;
use super::{STANDS, hour, key};
use crate::history::Seen;

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(key('a')),
        Just(key('b')),
        Just("weak".to_owned()),
        Just("none".to_owned()),
        Just(format!("mixed: {} none", key('a'))),
        Just("unknown: no answer".to_owned()),
        ".{0,12}",
    ]
}

/// Runs in no order, some overlapping.
fn runs() -> impl Strategy<Value = Vec<Seen>> {
    let run = (value(), 0_i64..300, 0_i64..40).prop_map(|(value, since, lasts)| Seen {
        value,
        since: hour(since),
        until: hour(since + lasts),
    });
    prop::collection::vec(run, 0..12)
}

proptest! {
    #[test]
    fn spans_have_no_holes_and_end_now(runs in runs(), now in 0_i64..400) {
        let spans = spans(&runs, STANDS, hour(now));
        prop_assert!(spans.windows(2).all(|pair| pair[0].until == pair[1].from && pair[0].held != pair[1].held));
        prop_assert!(spans.iter().all(|span| span.looked <= span.until));
        prop_assert!(spans.last().is_none_or(|last| last.until == hour(now)));
        let first = runs.iter().map(|run| run.since).filter(|since| *since <= hour(now)).min();
        prop_assert_eq!(spans.first().map(|first| first.from), first);
    }

    #[test]
    fn partings_follow_each_other(manager in runs(), in_use in runs(), envelopes in runs()) {
        let [manager, in_use, envelopes] = [manager, in_use, envelopes].map(|runs| spans(&runs, STANDS, hour(400)));
        let found = partings(&manager, &in_use, &envelopes);
        for pair in found.windows(2) {
            prop_assert!(matches!(pair[0].ended, Ended::Joined(at) if at > pair[0].at && at < pair[1].at), "{pair:?}");
        }
        for apart in &found {
            prop_assert!(!apart.words(hour(400)).is_empty());
        }
    }

    #[test]
    fn what_was_kept_reads_back(value in ".{0,40}", strangers: bool) {
        for held in [
            Held::Unknown(value),
            Held::Nobodys,
            Held::Key(Fingerprint::Weak),
            Held::Several { keys: [key('a'), key('b')].map(Fingerprint::from).into(), strangers },
        ] {
            prop_assert_eq!(Held::read(&held.to_string()), held);
        }
    }

    #[test]
    fn anything_else_is_unknown(text in "[^a-f0-9]{0,9}[g-z]?.{0,40}") {
        let known = is_fingerprint(&text) || text == NOBODYS;
        prop_assert_eq!(matches!(Held::read(&text), Held::Unknown(_)), !known);
    }
}
