use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::finding::{Found, Record, Step};
use crate::rules::Hysteresis;

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
