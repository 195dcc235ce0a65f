use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;

use super::*;
use crate::finding::Step;

fn at(minutes: i64) -> Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
}

fn found(severity: Severity) -> Found {
    Found {
        severity,
        title: "it is so".into(),
        cause: String::new(),
        steps: vec![Step::told("wait")],
        evidence: Vec::new(),
        rivals: Vec::new(),
        refutes: String::new(),
        cure: None,
    }
}

fn opened() -> Record {
    Record::new("code", found(Severity::Warning), Hysteresis::AT_ONCE, at(0)).0
}

fn unread() -> Heard {
    Err(Silence::Unknown("refused".into()))
}

#[test]
fn what_cannot_be_read_keeps_it_open_as_unknown_and_evidence_resolves_it() {
    let (record, change) = opened().after(unread(), Hysteresis::AT_ONCE, at(1));
    assert_eq!((record.state, change), (State::Unknown, Change::Quiet));
    assert_eq!(record.unknown.as_deref(), Some("refused"));
    let (record, change) = record.after(Ok(None), Hysteresis::AT_ONCE, at(2));
    assert_eq!((record.state, change), (State::Resolved, Change::Resolved));
    let (record, change) = record.after(Ok(Some(found(Severity::Warning))), Hysteresis::AT_ONCE, at(3));
    assert_eq!(
        (record.state, change, record.reopened),
        (State::Open, Change::Reopened, 1)
    );
}

#[test]
fn what_takes_two_looks_neither_opens_nor_resolves_by_one() {
    let (record, change) = Record::new("code", found(Severity::Error), Hysteresis::TWICE, at(0));
    assert_eq!((record.state, change), (State::Suspected, Change::Quiet));
    let (gone, change) = record.clone().after(Ok(None), Hysteresis::TWICE, at(1));
    assert_eq!(
        (gone.state, change),
        (State::Resolved, Change::Quiet),
        "nobody was told"
    );
    let (record, change) = record.after(Ok(Some(found(Severity::Error))), Hysteresis::TWICE, at(1));
    assert_eq!((record.state, change), (State::Open, Change::Opened));
    let (record, change) = record.after(Ok(None), Hysteresis::TWICE, at(2));
    assert_eq!((record.state, change), (State::Open, Change::Quiet));
    let (record, _) = record.after(Ok(Some(found(Severity::Error))), Hysteresis::TWICE, at(3));
    let (record, _) = record.after(Ok(None), Hysteresis::TWICE, at(4));
    let (record, change) = record.after(Ok(None), Hysteresis::TWICE, at(5));
    assert_eq!((record.state, change), (State::Resolved, Change::Resolved));
}

#[test]
fn an_acknowledgement_ends_with_its_time_and_when_it_gets_worse() {
    let acknowledged = Record {
        acknowledged: Some(Acknowledged {
            by: "a".into(),
            reason: "known".into(),
            at: at(0),
            until: at(10),
        }),
        ..opened()
    };
    let again =
        |record: Record, severity, minute| record.after(Ok(Some(found(severity))), Hysteresis::AT_ONCE, at(minute));
    assert!(
        again(acknowledged.clone(), Severity::Warning, 9)
            .0
            .acknowledged
            .is_some()
    );
    assert!(
        again(acknowledged.clone(), Severity::Warning, 10)
            .0
            .acknowledged
            .is_none()
    );
    let (worse, change) = again(acknowledged, Severity::Error, 1);
    assert!(worse.acknowledged.is_none() && change == Change::Worse);
}

proptest! {
    #[test]
    fn only_a_look_that_finds_nothing_resolves(looks in proptest::collection::vec(0..3u8, 0..40), twice: bool) {
        let hysteresis = if twice { Hysteresis::TWICE } else { Hysteresis::AT_ONCE };
        let (mut record, _) = Record::new("code", found(Severity::Error), hysteresis, at(0));
        for (minute, look) in looks.into_iter().enumerate() {
            let heard = match look {
                0 => Ok(None),
                1 => Ok(Some(found(Severity::Error))),
                _ => unread(),
            };
            let before = record.state;
            let (after, change) = record.after(heard, hysteresis, at(i64::try_from(minute).expect("few")));
            prop_assert!(change != Change::Resolved || look == 0);
            prop_assert!(after.state != State::Resolved || before == State::Resolved || look == 0);
            prop_assert_eq!(after.state == State::Resolved, after.resolved_at.is_some());
            record = after;
        }
    }
}
