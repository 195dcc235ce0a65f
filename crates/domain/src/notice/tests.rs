use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::approval::{Request, State};
use crate::drill::{Choice, Drill, Failure, Trigger, Verdict};
use crate::finding::{Found, Record, Step};
use crate::ids::{DrillId, Person, RequestId};
use crate::key::{Encoding, Fingerprint};
use crate::plan::{Advisory, KeyCatchUp, Pinned, Plan};
use crate::rules::Hysteresis;
use crate::run::RunState;

fn at(minutes: i64) -> Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minutes)
}

const fn envelope() -> Envelope<'static> {
    Envelope {
        id: NoticeId(Uuid::from_u128(9)),
        at: DateTime::UNIX_EPOCH,
        console: Some("https://muster.example"),
    }
}

fn found(severity: Severity, title: &str) -> Found {
    Found {
        severity,
        title: title.into(),
        cause: "the cause, in many words".into(),
        steps: vec![Step::told("wait")],
        evidence: Vec::new(),
        rivals: Vec::new(),
        refutes: String::new(),
        cure: None,
    }
}

fn opened(code: &str, severity: Severity) -> (Record, Change) {
    Record::new(code, found(severity, "it is so"), Hysteresis::AT_ONCE, at(0))
}

#[test]
fn a_finding_is_told_with_its_page_and_its_end_as_well() {
    let (record, change) = opened("wrong-master-key", Severity::Error);
    let notice = envelope()
        .findings("eu west", &[(record.clone(), change)])
        .expect("told");
    assert_eq!((notice.event, notice.severity), (Event::FindingOpened, Severity::Error));
    assert_eq!(notice.subject(), "[Muster] eu west: error: opened: it is so");
    let page = "https://muster.example/diagnostics/wrong-master-key?deployment=eu%20west";
    assert_eq!(notice.url.as_deref(), Some(page));
    assert!(notice.mail().contains(page), "{}", notice.mail());
    let over = record.after(Ok(None), Hysteresis::AT_ONCE, at(5));
    let notice = envelope().findings("eu west", &[over]).expect("told");
    assert_eq!(notice.event, Event::FindingResolved);
    assert_eq!(notice.findings[0].resolved_at, Some(at(5)));
}

#[test]
fn what_is_quiet_is_not_told() {
    let (record, _) = opened("crl-stale", Severity::Warning);
    assert_eq!(envelope().findings("prod", &[(record, Change::Quiet)]), None);
    assert_eq!(envelope().findings("prod", &[]), None);
}

#[test]
fn many_findings_of_one_round_are_one_message_with_the_worst_first() {
    let many: Vec<_> = (0..40)
        .map(|n| {
            let severity = if n == 31 { Severity::Error } else { Severity::Warning };
            opened(&format!("rule-{n:02}"), severity)
        })
        .collect();
    let notice = envelope().findings("prod", &many).expect("told");
    assert_eq!(notice.severity, Severity::Error);
    assert_eq!(notice.findings.len(), 40);
    assert_eq!(notice.findings[0].code, "rule-31");
    assert!(notice.text.ends_with("and 20 more"), "{}", notice.text);
    assert!(
        notice.title.starts_with("40 findings changed, the worst opened"),
        "{}",
        notice.title
    );
}

#[test]
fn an_end_beside_a_beginning_is_told_behind_it() {
    let (over, _) = opened("a", Severity::Error)
        .0
        .after(Ok(None), Hysteresis::AT_ONCE, at(1));
    let new = opened("b", Severity::Info);
    let notice = envelope()
        .findings("prod", &[(over, Change::Resolved), new])
        .expect("told");
    assert_eq!((notice.event, notice.severity), (Event::FindingChanged, Severity::Info));
    let order: Vec<_> = notice.findings.iter().map(|one| one.change.as_str()).collect();
    assert_eq!(order, ["opened", "resolved"]);
}

#[test]
fn the_document_reads_back_and_grows_only() {
    let notice = envelope()
        .findings("prod", &[opened("crl-stale", Severity::Warning)])
        .expect("told");
    let json = notice.to_json();
    assert_eq!(serde_json::from_str::<Notice>(&json).expect("reads back"), notice);
    insta::assert_snapshot!(json);
}

#[test]
fn without_an_address_of_the_console_nothing_is_linked() {
    let nowhere = Envelope {
        console: None,
        ..envelope()
    };
    let notice = nowhere
        .findings("prod", &[opened("crl-stale", Severity::Warning)])
        .expect("told");
    assert_eq!((notice.url.clone(), notice.findings[0].url.clone()), (None, None));
    assert!(!notice.mail().contains("http"), "{}", notice.mail());
}

fn drill(failure: Option<Failure>, verdict: Verdict) -> Drill {
    let person = Person {
        issuer: "muster".into(),
        subject: "schedule".into(),
    };
    let asked = (Trigger::Schedule, person, "muster schedule".into());
    Drill {
        verdict: Some(verdict),
        failure,
        ..Drill::queued(DrillId(Uuid::from_u128(4)), "prod", Choice::Latest, asked, at(0))
    }
}

#[test]
fn a_drill_is_told_unless_it_passed_and_what_a_tool_said_stays_in_the_console() {
    assert_eq!(envelope().drill(&drill(None, Verdict::Passed)), None);
    let why = Failure::of_backup("check:key", "row 7 of ca_signing_keys: 0xdeadbeef");
    let failed = envelope().drill(&drill(Some(why), Verdict::Failed)).expect("told");
    assert_eq!((failed.event, failed.severity), (Event::DrillFailed, Severity::Error));
    assert_eq!(failed.title, "drill of the latest: failed at check:key");
    assert!(!failed.to_json().contains("deadbeef"));
    let room = Failure::of_environment("no-room", "the disk is full", "free some");
    let broken = envelope()
        .drill(&drill(Some(room), Verdict::EnvironmentBroken))
        .expect("told");
    assert_eq!(
        (broken.event, broken.severity),
        (Event::DrillEnvironmentBroken, Severity::Warning)
    );
    assert!(broken.text.contains("says nothing about the backup"));
}

fn request(state: State) -> (Request, Plan) {
    let pinned = Pinned::KeyCatchUp(KeyCatchUp {
        deployment: "prod".into(),
        manager: "vault".into(),
        identity: "kv/ampora".into(),
        expected: "3".into(),
        fingerprint: Fingerprint::Keyed("c41e5f06".repeat(4)),
        source: "the environment".into(),
        held_as: None,
        pruned: Vec::new(),
        field: None,
        encoding: Encoding::Base64,
        steps: Vec::new(),
    });
    let request = Request {
        id: RequestId(Uuid::from_u128(7)),
        number: 7,
        deployment: "prod".into(),
        digest: pinned.digest(),
        requester: Person {
            issuer: "https://idp.example".into(),
            subject: "a".into(),
        },
        requester_name: "operator-a\n".into(),
        created_at: at(0),
        state,
    };
    let plan = Plan {
        pinned,
        advisory: Advisory {
            phases: Vec::new(),
            data_loss: None,
            resurrections: Vec::new(),
            durations: Vec::new(),
            warnings: Vec::new(),
        },
        made_at: at(0),
    };
    (request, plan)
}

#[test]
fn who_must_decide_is_told_how_many_are_missing_and_until_when() {
    let expires_at = DateTime::UNIX_EPOCH + TimeDelta::hours(24);
    let (request, plan) = request(State::Pending {
        approvals: Vec::new(),
        expires_at,
    });
    let notice = envelope().request(&request, &plan, 3).expect("told");
    assert_eq!(notice.event, Event::RequestWaiting);
    assert_eq!(
        notice.text,
        "operator-a asks for it. 2 more people must read the plan and agree, until 2 Jan 00:00:00 UTC; silence ends it."
    );
    assert_eq!(notice.url.as_deref(), Some("https://muster.example/requests/7"));
}

#[test]
fn a_run_is_told_where_it_waits_or_ends_and_never_with_the_words_of_a_tool() {
    let (request, plan) = request(State::Withdrawn { at: at(0) });
    let told = |state: RunState| envelope().run(&request, &plan, &state);
    assert_eq!(told(RunState::Running), None);
    let said = || "ERROR: row is (7, secret)".to_owned();
    let cases = [
        (
            RunState::Paused {
                since: at(0),
                seen: said(),
            },
            Event::RunWaiting,
            Severity::Warning,
        ),
        (RunState::Succeeded { at: at(0) }, Event::RunSucceeded, Severity::Info),
        (
            RunState::Failed {
                at: at(0),
                reason: said(),
            },
            Event::RunFailed,
            Severity::Error,
        ),
        (
            RunState::NeedsHuman {
                at: at(0),
                seen: said(),
            },
            Event::RunNeedsHuman,
            Severity::Error,
        ),
        (
            RunState::Refused {
                at: at(0),
                reason: said(),
            },
            Event::RunRefused,
            Severity::Error,
        ),
        (
            RunState::Cancelled { at: at(0) },
            Event::RunCancelled,
            Severity::Warning,
        ),
    ];
    for (state, event, severity) in cases {
        let notice = told(state).expect("told");
        assert_eq!((notice.event, notice.severity), (event, severity));
        assert!(!notice.to_json().contains("secret"), "{}", notice.to_json());
    }
}

proptest! {
    #[test]
    fn no_text_from_outside_breaks_a_subject_into_two_lines(title in any::<String>(), deployment in any::<String>()) {
        let (record, change) = Record::new("code", found(Severity::Error, &title), Hysteresis::AT_ONCE, at(0));
        let notice = envelope().findings(&deployment, &[(record, change)]).expect("told");
        let subject = notice.subject();
        prop_assert!(!subject.chars().any(is_hidden), "{subject:?}");
        prop_assert!(notice.text.lines().count() <= 1);
        prop_assert!(subject.chars().count() <= 2 * LONGEST_TITLE + 40);
    }
}
