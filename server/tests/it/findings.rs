//! A finding's life over HTTP: opened, acknowledged, changed, resolved and reopened by what a real database shows, with its history on its
//! page.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use domain::rules::Rule;

use crate::browser::Browser;
use crate::symptoms::Ward;

const PATIENCE: Duration = Duration::from_secs(60);
const CODE: &str = "effective-config-missing";
const LOSE: &str = r#"UPDATE "agents" SET "EffectiveConfig" = NULL, "LastSeenUtc" = now() WHERE "Name" IN ('agent-2')"#;
const LOSE_MORE: &str =
    r#"UPDATE "agents" SET "EffectiveConfig" = NULL, "LastSeenUtc" = now() WHERE "Name" IN ('agent-2', 'agent-3')"#;
const REPORT: &str = r#"UPDATE "agents" SET "EffectiveConfig" = '{}' WHERE "EffectiveConfig" IS NULL"#;

fn written(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

impl Ward {
    fn page(&self, code: &str) -> String {
        format!("/diagnostics/{code}?deployment={}", self.deployment)
    }

    /// What happened to the finding, oldest first, as its page has it.
    async fn history(&self, browser: &Browser<'_>, code: &str) -> Vec<String> {
        let page = browser.get(&self.page(code)).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        let text = page.text.replace("<!>", "");
        let over_time = text.split("id=\"history\"").nth(1).expect("its history");
        let list = over_time
            .split("<ul>")
            .nth(1)
            .and_then(|rest| rest.split("</ul>").next());
        let entries = list.unwrap_or_default().split("<b>").skip(1);
        let mut changes: Vec<_> = entries
            .filter_map(|entry| entry.split("</b>").next().map(str::to_owned))
            .collect();
        changes.reverse();
        changes
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_turn_of_a_findings_life_stands_on_its_page() {
    let ward = Ward::new().await;
    let operator = ward.operator().await;
    ward.ampora.run(LOSE).await;
    ward.is_found(&operator, CODE, "").await;
    assert_eq!(ward.history(&operator, CODE).await, ["opened"]);
    ward.ampora.run(LOSE_MORE).await;
    ward.is_found(&operator, CODE, "").await;
    assert_eq!(ward.history(&operator, CODE).await, ["opened", "changed"]);
    ward.ampora.run(REPORT).await;
    ward.is_ruled_out(&operator, CODE).await;
    ward.ampora.run(LOSE).await;
    ward.is_found(&operator, CODE, "").await;
    assert_eq!(
        ward.history(&operator, CODE).await,
        ["opened", "changed", "resolved", "reopened"]
    );
    let seen = operator.get(&ward.page(CODE)).await.text;
    assert!(seen.contains("found") && seen.contains("clear"), "how it stood: {seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledgement_takes_a_role_a_reason_and_a_time_and_is_written_down() {
    let ward = Ward::new().await;
    let operator = ward.operator().await;
    ward.ampora.run(LOSE).await;
    ward.is_found(&operator, CODE, "").await;
    let path = format!("/diagnostics/{CODE}/acknowledge");
    let name = ward.deployment.clone();
    let later = written(Utc::now() + TimeDelta::hours(8));
    let fields = |reason: &'static str, until: &str| {
        let fields = [
            ("deployment", name.clone()),
            ("reason", reason.to_owned()),
            ("until", until.to_owned()),
        ];
        fields.to_vec()
    };
    let post = async |browser: &Browser<'_>, path: &str, fields: Vec<(&str, String)>| {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post(path, &fields).await
    };
    for role in ["viewer", "auditor", "approver"] {
        let person = Browser::signed_in(&ward.site, role, role).await;
        let refused = post(&person, &path, fields("I say so", &later)).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{role}");
        let audited = ward.site.audited().await;
        assert!(
            audited.contains(&("finding.acknowledge".into(), "refused".into(), role.into())),
            "{audited:?}"
        );
        let page = person.get(&ward.page(CODE)).await;
        assert!(!page.text.contains("/acknowledge\""), "no form for them");
    }
    let (past, far) = (
        written(Utc::now() - TimeDelta::hours(1)),
        written(Utc::now() + TimeDelta::days(91)),
    );
    for (reason, until) in [
        (" ", later.as_str()),
        ("r", "tomorrow"),
        ("r", ""),
        ("r", &past),
        ("r", &far),
    ] {
        let answer = post(&operator, &path, fields(reason, until)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{reason:?} {until:?}");
    }
    let closed = post(&operator, "/diagnostics/ca-lost/acknowledge", fields("r", &later)).await;
    assert_eq!(closed.status, StatusCode::NOT_FOUND, "it isn’t open");

    let done = post(&operator, &path, fields("the agent is <b>rebuilt</b>", &later)).await;
    assert_eq!(
        (done.status, done.onward().as_str()),
        (StatusCode::SEE_OTHER, "/diagnostics")
    );
    let audited = ward.site.audited().await;
    assert!(
        audited.contains(&("finding.acknowledge".into(), "ok".into(), "ada".into())),
        "{audited:?}"
    );
    let list = operator.get("/diagnostics").await.text.replace("<!>", "");
    assert!(
        list.contains("acknowledged by ada") && list.contains("&lt;b&gt;rebuilt"),
        "{list}"
    );
    assert!(list.contains("1 warning open."), "it goes on counting: {list}");
    assert_eq!(ward.history(&operator, CODE).await, ["opened", "acknowledged"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledgement_that_ended_is_none() {
    let ward = Ward::new().await;
    let operator = ward.operator().await;
    ward.ampora.run(LOSE).await;
    ward.is_found(&operator, CODE, "").await;
    let until = written(Utc::now() + TimeDelta::seconds(3));
    let fields = [
        ("deployment", ward.deployment.as_str()),
        ("reason", "for a moment"),
        ("until", &until),
    ];
    let done = operator
        .post(&format!("/diagnostics/{CODE}/acknowledge"), &fields)
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let acknowledged = async || {
        let list = operator.get("/diagnostics").await.text;
        let own = operator.get(&ward.page(CODE)).await.text;
        assert!(list.contains(CODE), "it stays open: {list}");
        list.contains("for a moment") || own.contains("for a moment")
    };
    let began = Instant::now();
    while acknowledged().await {
        assert!(began.elapsed() < PATIENCE, "it never ends");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[test]
fn each_rule_states_its_hysteresis_on_its_page_of_the_documentation() {
    let text = include_str!("../../../docs/failure-modes.md");
    for rule in Rule::ALL {
        let section = text
            .split(&format!("\n## {}\n", rule.code))
            .nth(1)
            .expect("its section");
        let section = section.split("\n## ").next().expect("it ends");
        assert!(section.contains(&rule.hysteresis.words()), "{}", rule.code);
    }
}
