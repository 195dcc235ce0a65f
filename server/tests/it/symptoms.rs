//! The symptom finder over HTTP: what somebody sees is looked for in a real Ampora now, with the fault there and without it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use adapters::ampora::{Column, Schema};
use adapters::key_files::EnvFile;
use axum::http::StatusCode;
use domain::key;
use recovery::settings::{Database, InUse, Settings};
use sqlx::AssertSqlSafe;
use testkit::ampora::Ampora;

use crate::browser::{Answer, Browser};
use crate::site::{ORIGIN, Site, master_key};

const PATIENCE: Duration = Duration::from_secs(60);

/// A console over a small Ampora, and somebody who may have it looked at.
pub struct Ward {
    pub site: Site,
    pub ampora: Ampora,
    /// Looks are taken one at a time for each deployment, so that each test has one of its own.
    pub deployment: String,
}

impl Ward {
    pub async fn new() -> Self {
        let ampora = Ampora::new(&master_key(2)).await;
        let deployment = ampora.database.name.clone();
        let site = Site::configured(|folder, settings| configure(folder, settings, &ampora)).await;
        Self {
            site,
            ampora,
            deployment,
        }
    }

    pub async fn operator(&self) -> Browser<'_> {
        Browser::signed_in(&self.site, "ada", "operator").await
    }

    pub fn run_with(&self, version: u8) {
        set_key(self.site.folder.path(), version);
    }

    /// Asks for a look at this symptom, as the form does.
    async fn ask(&self, browser: &Browser<'_>, symptom: &str) -> Answer {
        let fields = [("deployment", self.deployment.as_str()), ("symptom", symptom)];
        browser.post("/diagnostics/check", &fields).await
    }

    /// Has it looked for now, waits until everything was read, and answers with what the page says of it.
    pub async fn says(&self, browser: &Browser<'_>, symptom: &str) -> String {
        let asked = self.ask(browser, symptom).await;
        assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
        let onward = asked.onward();
        assert!(
            onward.starts_with("/diagnostics?") && onward.ends_with("#symptoms"),
            "{onward}"
        );
        let page = onward.trim_end_matches("#symptoms").to_owned();
        let began = Instant::now();
        loop {
            let seen = browser.get(&page).await;
            assert_eq!(seen.status, StatusCode::OK, "{}", seen.text);
            let text = seen.text.replace("<!>", "");
            if !text.contains("still being read") && self.looks_ended().await {
                return answer(&text);
            }
            assert!(began.elapsed() < PATIENCE, "{text}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Whether no look is under way: what was read can be on the page a moment before the look's end is written down.
    async fn looks_ended(&self) -> bool {
        let audited = self.site.audited().await;
        let looks = |outcomes: &[&str]| {
            let like_it = |(action, outcome, _): &&(String, String, String)| {
                action == "finding.check" && outcomes.contains(&outcome.as_str())
            };
            audited.iter().filter(like_it).count()
        };
        looks(&["-"]) == looks(&["ok", "failed"])
    }

    pub async fn is_ruled_out(&self, browser: &Browser<'_>, symptom: &str) {
        let says = self.says(browser, symptom).await;
        assert!(says.contains("ruled out"), "{symptom}: {says}");
    }

    pub async fn is_found(&self, browser: &Browser<'_>, symptom: &str, words: &str) {
        let says = self.says(browser, symptom).await;
        let is_marked = ["broken", "warning"]
            .iter()
            .any(|word| says.contains(&format!("<span>{word}</span>")));
        assert!(is_marked && says.contains(words), "{symptom}: {says}");
    }
}

/// What stands between the form and the table of all symptoms.
fn answer(page: &str) -> String {
    let finder = page.split("id=\"symptoms\"").nth(1).expect("the finder");
    let below = finder.split("</form>").nth(1).expect("an answer");
    below.split("Symptom</th>").next().unwrap_or_default().to_owned()
}

fn configure(folder: &Path, settings: &mut Settings, ampora: &Ampora) {
    let deployment = &mut settings.deployments[0];
    deployment.name.clone_from(&ampora.database.name);
    deployment.database = Some(Database {
        options: ampora.database.options.clone(),
        replica: None,
        schema: Schema {
            heartbeat: Some(Column::new("heartbeats", "BeatUtc")),
            wrapped: vec![
                Column::new("ca_signing_keys", "WrappedPrivateKey"),
                Column::new("federation_peers", "WrappedOutboundSecret"),
            ],
            ..Schema::default()
        },
    });
    set_key(folder, 2);
    let key = deployment.master_key.as_mut().expect("is configured");
    key.in_use = Some(InUse::EnvFile(EnvFile {
        path: folder.join("ampora.env"),
    }));
}

/// Ampora's environment with this version of the key.
fn set_key(folder: &Path, version: u8) {
    let setting = key::to_setting(&master_key(version));
    let env = folder.join("ampora.env");
    fs::write(&env, format!("KeyProtection__MasterKey={}\n", setting.as_str())).expect("our own folder");
    fs::set_permissions(&env, fs::Permissions::from_mode(0o600)).expect("our own file");
}

#[tokio::test(flavor = "multi_thread")]
async fn garbled_fields_are_found_while_the_key_is_wrong() {
    let ward = Ward::new().await;
    let operator = ward.operator().await;
    ward.is_ruled_out(&operator, "wrong-master-key").await;
    ward.run_with(1);
    ward.is_found(&operator, "wrong-master-key", "opens 0 of").await;
    ward.run_with(2);
    ward.is_ruled_out(&operator, "wrong-master-key").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_that_cannot_connect_are_found_while_the_authority_is_lost() {
    let ward = Ward::new().await;
    let operator = ward.operator().await;
    ward.is_ruled_out(&operator, "ca-lost").await;
    ward.ampora.lose_authority(&master_key(2)).await;
    ward.is_found(&operator, "ca-lost", "").await;
    ward.ampora.return_authority().await;
    ward.is_ruled_out(&operator, "ca-lost").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_hours_of_the_audit_log_are_found_until_they_are_back() {
    const LOSE: &str = r#"CREATE TABLE kept AS SELECT * FROM "audit_events" WHERE "Timestamp" > now() - interval '3 hours';
                          DELETE FROM "audit_events" WHERE "Id" IN (SELECT "Id" FROM kept)"#;
    let ward = Ward::new().await;
    let operator = ward.operator().await;
    // From the second look on there is something to compare with.
    ward.says(&operator, "audit-rewound").await;
    ward.is_ruled_out(&operator, "audit-rewound").await;
    ward.ampora.run(LOSE).await;
    ward.is_found(&operator, "audit-rewound", "").await;
    ward.ampora
        .run(r#"INSERT INTO "audit_events" SELECT * FROM kept"#)
        .await;
    ward.is_ruled_out(&operator, "audit-rewound").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_effective_configuration_is_found_until_the_agent_reports() {
    let ward = Ward::new().await;
    let operator = ward.operator().await;
    ward.is_ruled_out(&operator, "effective-config-missing").await;
    ward.ampora
        .run(r#"UPDATE "agents" SET "EffectiveConfig" = NULL, "LastSeenUtc" = now() WHERE "Name" = 'agent-2'"#)
        .await;
    ward.is_found(&operator, "effective-config-missing", "").await;
    ward.ampora
        .run(r#"UPDATE "agents" SET "EffectiveConfig" = '{}' WHERE "Name" = 'agent-2'"#)
        .await;
    ward.is_ruled_out(&operator, "effective-config-missing").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_faults_both_are_found_and_neither_for_the_other() {
    let ward = Ward::new().await;
    let operator = ward.operator().await;
    ward.run_with(1);
    ward.ampora
        .run(r#"UPDATE "agents" SET "EffectiveConfig" = NULL, "LastSeenUtc" = now() WHERE "Name" = 'agent-2'"#)
        .await;
    ward.is_found(&operator, "wrong-master-key", "opens 0 of").await;
    ward.is_found(&operator, "effective-config-missing", "").await;
    ward.is_ruled_out(&operator, "ca-lost").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_gone_rules_out_nothing() {
    let ward = Ward::new().await;
    let operator = ward.operator().await;
    ward.is_ruled_out(&operator, "ca-lost").await;
    let name = &ward.ampora.database.name;
    let mut other = ward.site.own.connect().await;
    for statement in [
        format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"),
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"),
    ] {
        let done = sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut other).await;
        done.expect("the cluster is the tests’ own");
    }
    let says = ward.says(&operator, "ca-lost").await;
    assert!(says.contains("could not be read"), "{says}");
    assert!(!says.contains("ruled out") && !says.contains("broken"), "{says}");
    let audited = ward.site.audited().await;
    let looks = audited.iter().filter(|(action, ..)| action == "finding.check");
    assert_eq!(looks.count(), 4, "an intent and an outcome for each look: {audited:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_run_things_has_it_read_and_each_try_is_written_down() {
    let ward = Ward::new().await;
    for role in ["viewer", "auditor", "approver"] {
        let person = Browser::signed_in(&ward.site, role, role).await;
        let refused = ward.ask(&person, "ca-lost").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{role}");
        let audited = ward.site.audited().await;
        assert!(
            audited.contains(&("finding.check".into(), "refused".into(), role.into())),
            "{role}: {audited:?}"
        );
        // What is known is open to them, by a form that asks for nothing.
        let page = person.get("/diagnostics?symptom=ca-lost").await;
        assert!(
            page.text.contains("Show what is known") && !page.text.contains("action=\"/diagnostics/check\""),
            "{role}"
        );
    }
    let kept = ward
        .site
        .services
        .store
        .observed(&ward.deployment)
        .await
        .expect("reads");
    let seen: Option<domain::observation::Observation<serde_json::Value>> = kept.get("vitals", "database");
    assert!(seen.is_none(), "nothing was read for them: {seen:?}");

    let operator = ward.operator().await;
    ward.is_ruled_out(&operator, "ca-lost").await;
    let audited = ward.site.audited().await;
    let own: Vec<_> = audited
        .iter()
        .filter(|(action, _, who)| action == "finding.check" && who == "ada")
        .map(|(_, outcome, _)| outcome.as_str())
        .collect();
    assert_eq!(own, ["-", "ok"], "{audited:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_from_elsewhere_or_about_nothing_reads_nothing() {
    let ward = Ward::new().await;
    let operator = ward.operator().await;
    let name = ward.deployment.as_str();
    let right = [("deployment", name), ("symptom", "ca-lost")];
    let elsewhere: [&[(&str, &str)]; 4] = [
        &[],
        &[("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")],
        &[("origin", "null")],
        &[("origin", ORIGIN), ("sec-fetch-site", "cross-site")],
    ];
    for headers in elsewhere {
        let answer = operator.post_from("/diagnostics/check", &right, headers).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
    }
    let hostile = "</title><script>alert(1)</script>";
    let long = "x".repeat(60_000);
    for (deployment, symptom) in [
        (name, "no-such-rule"),
        (name, hostile),
        (name, ""),
        (name, "'; DROP TABLE findings; --"),
        (name, long.as_str()),
        ("nowhere", "ca-lost"),
        (hostile, "ca-lost"),
        ("../../etc/passwd", "ca-lost"),
    ] {
        let fields = [("deployment", deployment), ("symptom", symptom)];
        let answer = operator.post("/diagnostics/check", &fields).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{deployment:.20} {symptom:.20}");
        assert!(!answer.text.contains("<script>alert"), "{}", answer.text);
    }
    for fields in [&[("deployment", name)][..], &[("symptom", "ca-lost")], &[]] {
        let answer = operator.post("/diagnostics/check", fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
    }
    // An address that somebody made up shows what is known, and asks for nothing.
    for query in [
        format!("deployment={name}&symptom=ca-lost&asked=yesterday"),
        format!("deployment={name}&symptom=%3Cscript%3Ealert(1)%3C/script%3E&asked=2026-01-01T00:00:00Z"),
        format!("deployment={name}&symptom=ca-lost&asked=9999-12-31T23:59:59Z"),
    ] {
        let page = operator.get(&format!("/diagnostics?{query}")).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        assert!(!page.text.contains("<script>alert"), "{query}");
    }
    let audited = ward.site.audited().await;
    assert!(
        audited.iter().all(|(action, ..)| action != "finding.check"),
        "nothing was read: {audited:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_without_credentials_looks_at_nothing() {
    let site = Site::of_pages().await;
    let operator = Browser::signed_in(&site, "ada", "operator").await;
    let asked = operator
        .post("/diagnostics/check", &[("deployment", "demo"), ("symptom", "ca-lost")])
        .await;
    assert_eq!(asked.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(asked.text.contains("shows pages only"), "{}", asked.text);
}
