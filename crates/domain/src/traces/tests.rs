use chrono::DateTime;
use proptest::prelude::*;

use super::*;
use crate::ids::Big;
use crate::vitals::Why;

fn at(hours: i64) -> Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::days(10_000) + TimeDelta::hours(hours)
}

fn identities(ids: &[u8]) -> Sign<Vec<Identity>> {
    let identity = |id: &u8| Identity {
        id: id.to_string(),
        name: id.to_string(),
        ended: None,
        until: Some(at(1000)),
    };
    Sign::Known(ids.iter().map(identity).collect())
}

fn look(hour: i64, events: &[u64], revoked: &[u8], tokens: &[u8]) -> Look {
    let hours = events.iter().enumerate().map(|(index, events)| Hour {
        hour: at(i64::try_from(index).expect("few")),
        events: Big(*events),
    });
    Look {
        at: at(hour),
        tenants: Sign::Known(2),
        hours: Sign::Known(hours.collect()),
        oldest_event: Sign::Known(Some(at(-500))),
        revoked: identities(revoked),
        tokens: identities(tokens),
        peers: identities(&[]),
        access_tokens: Sign::default(),
        without_config: Sign::Known(0),
    }
}

#[test]
fn a_rewind_shows_after_the_database_has_gone_on() {
    let traces = Traces::default().after(&look(3, &[5, 5, 5], &[1, 2], &[7]));
    assert!(!traces.compares());
    let traces = traces.after(&look(4, &[5, 5, 5, 2], &[1, 2], &[]));
    assert!(traces.compares());
    assert_eq!(traces.lost_hours, Sign::Known(Vec::new()));
    let rewound = traces.after(&look(5, &[5, 3, 0, 0, 9], &[1], &[7]));
    let lost = rewound.lost_hours.known().expect("read");
    assert_eq!(
        lost.iter().map(|hour| (hour.had, hour.has)).collect::<Vec<_>>(),
        [(5, 3), (5, 0), (2, 0)]
    );
    let ids = |sign: &Sign<Vec<Identity>>| {
        sign.known()
            .expect("read")
            .iter()
            .map(|one| one.id.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (ids(&rewound.unrevoked), ids(&rewound.revived_tokens)),
        (vec!["2".to_owned()], vec!["7".to_owned()])
    );
    let healed = rewound.after(&look(6, &[5, 5, 5, 2, 9], &[1, 2], &[]));
    assert_eq!(healed.lost_hours, Sign::Known(Vec::new()));
    assert!(ids(&healed.unrevoked).is_empty() && ids(&healed.revived_tokens).is_empty());
}

#[test]
fn what_cannot_be_read_is_unknown_and_forgets_nothing() {
    let traces = Traces::default().after(&look(3, &[5], &[1], &[]));
    let blind = Look {
        hours: Sign::unknown(Why::Hidden, "hidden"),
        revoked: Sign::unknown(Why::Hidden, "hidden"),
        ..look(4, &[], &[], &[])
    };
    let traces = traces.after(&blind);
    assert_eq!(traces.lost_hours.why(), Some(Why::Hidden));
    let empty = Look {
        tenants: Sign::Known(0),
        ..look(5, &[0], &[], &[])
    };
    let traces = traces.after(&empty);
    assert!(traces.unrevoked.known().is_err(), "an empty database says nothing");
    let traces = traces.after(&look(6, &[5], &[], &[]));
    assert_eq!(traces.unrevoked.known().expect("read").len(), 1);
}

proptest! {
    #[test]
    fn a_log_that_only_grows_loses_nothing(steps in proptest::collection::vec((0u64..50, 0u64..50), 1..20)) {
        let (mut traces, mut totals) = (Traces::default(), [0u64; 2]);
        for (hour, (first, second)) in steps.into_iter().enumerate() {
            totals = [totals[0] + first, totals[1] + second];
            traces = traces.after(&look(i64::try_from(hour).expect("few") + 1, &totals, &[], &[]));
            prop_assert_eq!(&traces.lost_hours, &Sign::Known(Vec::new()));
        }
    }

    #[test]
    fn what_was_written_reads_back(events in proptest::collection::vec(0u64..9, 0..5), ids: Vec<u8>) {
        let traces = Traces::default().after(&look(2, &events, &ids, &ids)).after(&look(3, &events, &[], &[]));
        let text = serde_json::to_string(&traces).expect("writes");
        prop_assert_eq!(serde_json::from_str::<Traces>(&text).expect("reads"), traces);
    }
}
