//! The links that lead from a finding to a form: it is filled in with the cure.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use adapters::dumps::{DumpFolder, DumpPlace, Scratch};
use adapters::process::RunAs;
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use domain::finding::{Cure, Found, Record, Severity, Step};
use domain::role::Actor;
use domain::rules::{Hysteresis, Looks};
use recovery::collect::{self, Progress};
use recovery::settings::{Dumps, Source};

use crate::browser::Browser;
use crate::site::Site;

const DUMP: &str = "before & after.dump";

fn curable(cure: Cure) -> Found {
    Found {
        severity: Severity::Error,
        title: "something is lost".into(),
        cause: "It was taken away.".into(),
        steps: vec![Step::anywhere(
            "Count what is left.",
            "psql --dbname=ampora -c 'SELECT 1'",
        )],
        evidence: Vec::new(),
        rivals: Vec::new(),
        refutes: "It being there.".into(),
        cure: Some(cure),
    }
}

/// The link of this button, as a browser follows it.
fn link(page: &str, button: &str) -> String {
    let page = page.replace("<!>", "");
    let links = page
        .split("<a ")
        .filter(|link| link.contains(&format!(">{button}</a>")));
    let link = links.last().unwrap_or_else(|| panic!("{button}: {page}"));
    let href = link.split("href=\"").nth(1).and_then(|rest| rest.split('"').next());
    href.expect("an address").replace("&amp;", "&")
}

/// Whether the form has this value in this field: typed, hidden or chosen.
fn has(page: &str, name: &str, value: &str) -> bool {
    let tags = page.split('<');
    let mut chosen = tags
        .clone()
        .filter(|tag| tag.starts_with("option") && tag.contains("selected"));
    let of_field = |tag: &&str| tag.starts_with("input") && tag.contains(&format!("name=\"{name}\""));
    tags.clone()
        .filter(of_field)
        .any(|tag| tag.contains(&format!("value=\"{value}\"")))
        || chosen.any(|tag| tag.contains(&format!("value=\"{value}\"")))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_cure_leads_to_a_form_that_is_filled_in() {
    let (site, _folder) = with_a_dump().await;
    let operator = Browser::signed_in(&site, "ada", "operator").await;
    let at = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
    let cures = [
        (
            Cure::RetrieveKey { version: "1".into() },
            "Request key",
            vec![("kind", "retrieve-key"), ("version", "1")],
        ),
        (Cure::KeyCatchUp, "Request catch-up", vec![("kind", "key-catch-up")]),
        (
            Cure::RestoreDump {
                source: "dumps".into(),
                backup: DUMP.into(),
            },
            "Request restore",
            vec![("kind", "restore-dump"), ("dump", "dumps/before &amp; after.dump")],
        ),
        (
            Cure::RestoreTo {
                at,
                source: Some("main".into()),
            },
            "Request restore",
            vec![
                ("kind", "restore-pitr"),
                ("source", "main"),
                ("at", "2024-10-04T00:00:00.000Z"),
            ],
        ),
        (
            Cure::RestoreRds {
                at,
                source: "managed".into(),
            },
            "Request restore",
            vec![
                ("kind", "restore-rds"),
                ("source", "managed"),
                ("at", "2024-10-04T00:00:00.000Z"),
            ],
        ),
    ];
    for (cure, button, fields) in cures {
        let record = Record::new("ca-lost", curable(cure.clone()), Hysteresis::AT_ONCE, Utc::now()).0;
        keep(&site, &record).await;
        let page = operator.get("/diagnostics/ca-lost?deployment=demo").await.text;
        assert!(page.contains("data-copy=\"psql --dbname=ampora"), "{page}");
        let form = operator.get(&link(&page, button)).await;
        assert_eq!(form.status, StatusCode::OK, "{cure:?}");
        for (name, value) in [fields, vec![("deployment", "demo")]].concat() {
            assert!(
                has(&form.text, name, value),
                "{cure:?}: {name}={value} in {}",
                form.text
            );
        }
    }
    let window = Cure::RestoreTo { at, source: None };
    let record = Record::new("ca-lost", curable(window), Hysteresis::AT_ONCE, Utc::now()).0;
    keep(&site, &record).await;
    let page = operator.get("/diagnostics/ca-lost?deployment=demo").await.text;
    let ways = operator.get(&link(&page, "Ways back to this moment")).await;
    assert_eq!(ways.status, StatusCode::OK);
    assert!(ways.text.contains("2024-10-04 00:00:00"), "{}", ways.text);
}

/// A console with a folder of dumps in which there is one, read to its end.
async fn with_a_dump() -> (Site, tempfile::TempDir) {
    let folder = tempfile::Builder::new()
        .prefix("muster-dumps-")
        .tempdir_in("/tmp")
        .expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).expect("our own folder");
    let live = testkit::postgres::database().await;
    let run_as = RunAs::unprivileged().expect("a user for tools");
    let pg_dump = live.binaries.tool("pg_dump").run_as(run_as.clone());
    let to = format!("--file={}", folder.path().join(DUMP).display());
    let dumped = pg_dump
        .invoke(["-Fc", &to, &format!("--dbname={}", live.url)])
        .output()
        .await;
    dumped.expect("dumps");
    let dumps = Dumps {
        place: DumpPlace::Folder(DumpFolder {
            name: "dumps".into(),
            dir: folder.path().to_owned(),
        }),
        zone: Some(chrono_tz::UTC),
        pg_restore: live.binaries.tool("pg_restore").run_as(run_as.clone()),
        scratch: Scratch {
            root: folder.path().join("scratch"),
            reader: run_as,
        },
        progress: Progress::default(),
    };
    let site = Site::configured(|_, settings| settings.deployments[0].sources = vec![Source::Dumps(dumps)]).await;
    let deployment = &site.services.settings.deployments[0];
    for _ in 0..2 {
        let looked = collect::again(&site.services, deployment, &[Looks::Backups], &Actor::job("test")).await;
        looked.expect("is kept");
    }
    (site, folder)
}

async fn keep(site: &Site, record: &Record) {
    let mut tx = site.services.store.begin().await.expect("begins");
    let kept = store::findings::put(&mut tx, "demo", record, None, Utc::now()).await;
    kept.expect("keeps");
    tx.commit().await.expect("commits");
}
