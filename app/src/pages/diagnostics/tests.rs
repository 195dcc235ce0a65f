use chrono::{DateTime, TimeDelta};
use domain::finding::{Cure, Evidence, Found, Record, Rival, State, Step};
use domain::rules::{Hysteresis, Rule, Silence};
use recovery::findings::FindingView;

use super::finding::Finding;
use super::*;

fn now() -> Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

fn links() -> Links {
    Links {
        deployment: "demo".into(),
        is_default: true,
    }
}

fn found() -> Found {
    Found {
        severity: Severity::Error,
        title: "The key Ampora runs with opens 0 of 18 envelopes".into(),
        cause: "Another key.".into(),
        steps: vec![Step::run("Stop Ampora.", "kubectl scale", "systemctl stop ampora")],
        evidence: vec![Evidence {
            fact: "envelopes".into(),
            value: "<b>18".into(),
            observed_at: Some(now()),
            source: "database".into(),
        }],
        rivals: vec![Rival {
            cause: "damage".into(),
            ruled_out: "they parse".into(),
        }],
        refutes: "An envelope that opens.".into(),
        cure: Some(Cure::RetrieveKey { version: "3".into() }),
    }
}

fn record() -> Record {
    Record::new("wrong-master-key", found(), Hysteresis::AT_ONCE, now()).0
}

fn page(findings: Vec<Listed>, says: domain::rules::Judgement) -> String {
    let rule = Rule::of("wrong-master-key").expect("a rule");
    let page = Diagnostics {
        findings,
        symptoms: vec![Symptom { rule, says }],
        asked: Some(rule),
        progress: Vec::new(),
        may: true,
        links: links(),
        now: now(),
    };
    view! { <Content page /> }.to_html()
}

#[test]
fn the_list_says_how_much_is_open_and_what_cannot_be_told() {
    let listed = |record| Listed {
        deployment: "demo".into(),
        record,
    };
    let html = page(vec![listed(record())], Ok(Some(found())));
    assert!(html.contains("1 error open."), "{html}");
    assert!(html.contains("/diagnostics/wrong-master-key?deployment=demo"), "{html}");
    let unknown = Record {
        state: State::Unknown,
        unknown: Some("refused".into()),
        ..record()
    };
    let html = page(vec![listed(unknown)], Err(Silence::Unknown("refused".into())));
    assert!(
        html.contains("data-status=\"unknown\"") && html.contains("refused"),
        "{html}"
    );
    let html = page(Vec::new(), Ok(None));
    assert!(
        html.contains("No finding is open") && html.contains("ruled out"),
        "{html}"
    );
}

#[test]
fn what_is_there_stands_above_what_cannot_be_told_and_what_is_ruled_out() {
    let symptom = |code, says| Symptom {
        rule: Rule::of(code).expect("a rule"),
        says,
    };
    let symptoms = vec![
        symptom("ca-lost", Ok(None)),
        symptom("audit-rewound", Err(Silence::Unknown("refused".into()))),
        symptom("wrong-master-key", Ok(Some(found()))),
        symptom(
            "recovery-stopped-early",
            Err(Silence::Agreed("request 12 was agreed to end there".into())),
        ),
        symptom(
            "drill-never-run",
            Ok(Some(Found {
                severity: Severity::Warning,
                ..found()
            })),
        ),
    ];
    let asked = Asked {
        rule: None,
        progress: Vec::new(),
        may: true,
    };
    let html = view! { <Symptoms symptoms asked links=links() now=now() /> }.to_html();
    let (_, table) = html.split_once("<tbody>").expect("a table");
    let places: Vec<_> = ["wrong-master-key", "audit-rewound", "ca-lost"]
        .map(|code| table.find(code))
        .into();
    assert!(places.is_sorted() && places.iter().all(Option::is_some), "{table}");
    let row = |code: &str| table.split("<tr").find(|row| row.contains(code)).expect("a row");
    assert!(
        row("drill-never-run").contains("warning"),
        "a warning isn't called broken"
    );
    assert!(!row("drill-never-run").contains("broken"), "{table}");
    let agreed = row("recovery-stopped-early");
    assert!(
        agreed.contains("agreed to: request 12") && !agreed.contains("broken"),
        "{agreed}"
    );
}

#[test]
fn what_people_agreed_to_is_said_with_its_request_and_what_a_restore_left_leads_to_its_report() {
    let code = "recovery-stopped-early";
    let seen = FindingView {
        deployment: "demo".into(),
        rule: Rule::of(code).expect("a rule"),
        now: now(),
        record: None,
        says: Err(Silence::Agreed(
            "the restore of request 12 was agreed to end there".into(),
        )),
        events: Vec::new(),
        runs: Vec::new(),
        measured: None,
    };
    let html = view! { <Finding seen=seen.clone() links=links() may=true /> }.to_html();
    assert!(
        html.contains("People agreed to it") && html.contains("request 12"),
        "{html}"
    );
    let left = FindingView {
        rule: Rule::of("restore-lost-events").expect("a rule"),
        says: Ok(Some(Found {
            cure: Some(Cure::Settle { request: 12 }),
            ..found()
        })),
        ..seen
    };
    let html = view! { <Finding seen=left links=links() may=true /> }.to_html();
    assert!(html.contains("href=\"/requests/12#gap\""), "{html}");
}

#[test]
fn a_finding_shows_steps_evidence_rivals_and_the_request_that_cures_it() {
    let seen = FindingView {
        deployment: "demo".into(),
        rule: Rule::of("wrong-master-key").expect("a rule"),
        now: now(),
        record: Some(record()),
        says: Ok(Some(found())),
        events: Vec::new(),
        runs: Vec::new(),
        measured: None,
    };
    let html = view! { <Finding seen=seen.clone() links=links() may=true /> }.to_html();
    for part in [
        "kubectl scale",
        "systemctl stop ampora",
        "&lt;b&gt;18",
        "they parse",
        "An envelope that opens.",
        "kind=retrieve%2Dkey",
        "action=\"/diagnostics/wrong-master-key/acknowledge\"",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    let viewer = view! { <Finding seen links=links() may=false /> }.to_html();
    assert!(!viewer.contains("acknowledge\""));
}

#[test]
fn a_check_shows_what_is_read_and_what_could_not_be() {
    let rule = Rule::of("wrong-master-key").expect("a rule");
    let step = |what: &str, done, failure: Option<&str>| CheckStep {
        what: what.into(),
        looked_at: Some(now()),
        failure: failure.map(str::to_owned),
        done,
    };
    let page = Diagnostics {
        findings: Vec::new(),
        symptoms: vec![Symptom {
            rule,
            says: Ok(Some(found())),
        }],
        asked: Some(rule),
        progress: vec![
            step("keys master key", false, None),
            step("vitals database", true, Some("refused")),
        ],
        may: true,
        links: links(),
        now: now(),
    };
    let html = view! { <Content page=page.clone() /> }.to_html();
    for part in [
        "1 of 2 are still being read",
        "being read",
        "refused",
        "they parse",
        "/diagnostics/check",
        "method=\"post\"",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    let viewer = view! { <Content page=Diagnostics { may: false, ..page } /> }.to_html();
    assert!(
        !viewer.contains("/diagnostics/check") && viewer.contains("Show what is known"),
        "{viewer}"
    );
}
