//! What a new demo holds.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use adapters::ampora::{AmporaDb, Column, Schema};
use demo::Demo;
use serde_json::Value;
use sqlx::{Connection as _, PgConnection};

use crate::support::{
    config, connect, deployment, envelopes, key, key_in_use, opened, processes_of, socket_dir, start, text,
};

/// One demo for all of this, since making one takes seconds.
#[tokio::test(flavor = "multi_thread")]
async fn a_demo_is_real_and_leaves_nothing_running() {
    let dir = tempfile::tempdir().unwrap();
    let demo = start(dir.path()).await.unwrap();

    let deployment = deployment(&demo);
    let mut reader = connect(&deployment["database"]["url_file"]).await;
    the_manager_is_one_rotation_behind(&deployment, &mut reader).await;
    the_content_is_there(&mut reader).await;
    muster_finds_its_way_without_being_told_names(&deployment).await;
    policies_hide_rows_from_a_plain_role(&mut reader).await;
    time_goes_on(&mut reader).await;
    reader.close().await.unwrap();
    backups_are_sound(&deployment);
    dumps_read_through_and_restore(&deployment, dir.path()).await;
    the_provider_answers(&demo).await;
    secrets_are_for_their_owner_only(dir.path());
    the_server_log_holds_no_password(dir.path());

    let socket_dir = socket_dir(&demo);
    assert!(!processes_of(dir.path()).is_empty());
    demo.stop().await.unwrap();
    assert_eq!(processes_of(dir.path()), Vec::<String>::new());
    assert!(!socket_dir.exists());
}

async fn the_manager_is_one_rotation_behind(deployment: &toml::Table, reader: &mut PgConnection) {
    let keys = Path::new(text(&deployment["master_key"]["dir"]));
    assert_eq!(fs::read_to_string(keys.join("current")).unwrap().trim(), "2");
    assert!(!keys.join("3.key").exists());
    let values = envelopes(reader).await;
    assert_eq!(values.len(), 18);
    for version in ["1.key", "2.key"] {
        assert_eq!(opened(&values, &key(keys.join(version))), 0);
    }
    let in_use = key_in_use(text(&deployment["master_key"]["in_use"]["env_file"]));
    assert_eq!(opened(&values, &in_use), values.len());
}

async fn the_content_is_there(reader: &mut PgConnection) {
    let counts: (i64, i64, i64, i64, i64) = sqlx::query_as(
        r#"SELECT (SELECT count(*) FROM "tenants"), (SELECT count(*) FROM "agents" WHERE "EffectiveConfig" IS NOT NULL),
                  (SELECT count(*) FROM "configurations"), (SELECT count(*) FROM "audit_events"),
                  (SELECT count(*) FROM "agent_certificates" WHERE "RevokedUtc" IS NOT NULL)"#,
    )
    .fetch_one(&mut *reader)
    .await
    .unwrap();
    assert!(counts.3 > 3000, "{} audit events", counts.3);
    assert_eq!((counts.0, counts.1, counts.2, counts.4), (3, 60, 25, 2));
    let settings: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_db_role_setting")
        .fetch_one(reader)
        .await
        .unwrap();
    assert_eq!(settings, 2);
}

/// The tables are called as Muster's reader of Ampora expects by default; only a heartbeat has to be pointed out.
async fn muster_finds_its_way_without_being_told_names(deployment: &toml::Table) {
    let url = fs::read_to_string(text(&deployment["database"]["url_file"])).unwrap();
    let beat = &deployment["schema"]["heartbeat"];
    let schema = Schema {
        heartbeat: Some(Column::new(text(&beat["table"]), text(&beat["at"]))),
        ..Schema::default()
    };
    let vitals = AmporaDb::new(url.parse().unwrap(), schema).vitals().await.unwrap();
    assert!(vitals.heartbeat.is_some() && vitals.newest_audit_event.is_some() && vitals.authority_since.is_some());
    assert_eq!(vitals.archive.mode, "on");
}

/// Seen as a role that may select everything and lacks `BYPASSRLS`: with no tenant set, and with one.
async fn policies_hide_rows_from_a_plain_role(reader: &mut PgConnection) {
    let all = r#"SELECT count(*) FROM "agents""#;
    let by_tenant = r#"SELECT "TenantId"::text, count(*) FROM "agents" GROUP BY 1 ORDER BY 2 LIMIT 1"#;
    let (tenant, own): (String, i64) = sqlx::query_as(by_tenant).fetch_one(&mut *reader).await.unwrap();
    sqlx::raw_sql("SET ROLE pg_read_all_data")
        .execute(&mut *reader)
        .await
        .unwrap();
    assert_eq!(
        sqlx::query_scalar::<_, i64>(all).fetch_one(&mut *reader).await.unwrap(),
        0
    );
    let choose = sqlx::query("SELECT set_config('ampora.tenant_id', $1, false)").bind(tenant);
    choose.execute(&mut *reader).await.unwrap();
    assert_eq!(
        sqlx::query_scalar::<_, i64>(all).fetch_one(&mut *reader).await.unwrap(),
        own
    );
    sqlx::raw_sql("RESET ROLE; SET row_security = off")
        .execute(&mut *reader)
        .await
        .unwrap();
    assert_eq!(
        sqlx::query_scalar::<_, i64>(all).fetch_one(&mut *reader).await.unwrap(),
        60
    );
}

async fn time_goes_on(reader: &mut PgConnection) {
    let newest =
        r#"SELECT max("Timestamp")::text || (SELECT max("BeatUtc") FROM "heartbeats")::text FROM "audit_events""#;
    let before: String = sqlx::query_scalar(newest).fetch_one(&mut *reader).await.unwrap();
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now: String = sqlx::query_scalar(newest).fetch_one(&mut *reader).await.unwrap();
        if now != before {
            return;
        }
    }
    panic!("nothing was written for ten seconds");
}

fn backups_are_sound(deployment: &toml::Table) {
    let source = &deployment["source"][0];
    let mut words = source["command"].as_array().unwrap().iter().map(text);
    let output = Command::new(words.next().unwrap())
        .args(words)
        .args(["--stanza=demo", "info", "--output=json"])
        .output();
    let stanzas: Value = serde_json::from_slice(&succeeded(output).stdout).unwrap();
    assert_eq!(stanzas[0]["status"]["code"], 0);
    let backups = stanzas[0]["backup"].as_array().unwrap();
    let kinds: Vec<_> = backups.iter().map(|backup| backup["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["full", "incr"]);
    assert!(backups.iter().all(|backup| backup["error"] == false));
}

/// Each dump opens with another key, and restores as the documentation says, by the role meant for it.
async fn dumps_read_through_and_restore(deployment: &toml::Table, dir: &Path) {
    let folder = text(&deployment["source"][1]["location"])
        .strip_prefix("file://")
        .unwrap();
    let mut dumps: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    dumps.sort();
    assert_eq!(dumps.len(), 2);
    let mut admin = connect(&deployment["restore"]["admin_url_file"]).await;
    for (dump, version) in dumps.iter().zip(["1.key", "2.key"]) {
        succeeded(Command::new("pg_restore").args(["-f", "/dev/null"]).arg(dump).output());
        sqlx::raw_sql("CREATE DATABASE restored OWNER ampora TEMPLATE template0")
            .execute(&mut admin)
            .await
            .unwrap();
        let url = fs::read_to_string(dir.join("secrets/restore-url"))
            .unwrap()
            .replace("/postgres", "/restored");
        let output = Command::new("pg_restore")
            .args([
                "--exit-on-error",
                "--no-owner",
                "--role=ampora",
                "--jobs=2",
                "--dbname",
                &url,
            ])
            .arg(dump)
            .output();
        succeeded(output);
        let mut restored = PgConnection::connect(&url).await.unwrap();
        let values = envelopes(&mut restored).await;
        assert_eq!(opened(&values, &key(dir.join("keys").join(version))), 18);
        restored.close().await.unwrap();
        sqlx::raw_sql("DROP DATABASE restored")
            .execute(&mut admin)
            .await
            .unwrap();
    }
}

async fn the_provider_answers(demo: &Demo) {
    let http = reqwest::Client::builder().build().unwrap();
    let url = format!("{}/.well-known/openid-configuration", demo.issuer());
    let metadata: Value = http.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(metadata["issuer"], demo.issuer());
    assert_eq!(text(&config(demo)["oidc"]["issuer"]), demo.issuer());
    let names: Vec<_> = demo.accounts().iter().map(|account| account.name).collect();
    assert_eq!(names, ["operator-a", "operator-b", "auditor", "viewer"]);
}

fn secrets_are_for_their_owner_only(dir: &Path) {
    let named = ["muster.toml", "ampora.env"].map(|name| dir.join(name));
    let listed = ["secrets", "keys"]
        .iter()
        .flat_map(|name| fs::read_dir(dir.join(name)).unwrap());
    for file in named.into_iter().chain(listed.map(|entry| entry.unwrap().path())) {
        let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{} has mode {mode:o}", file.display());
    }
    for closed in ["secrets", "keys", "dumps", "pgbackrest", "ampora/data"] {
        let mode = fs::metadata(dir.join(closed)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o700, "{closed} has mode {mode:o}");
    }
}

fn the_server_log_holds_no_password(dir: &Path) {
    let log = fs::read_to_string(dir.join("ampora/server.log")).unwrap();
    for name in ["ampora", "muster-reader", "muster-restore"] {
        assert!(
            !log.contains(&fs::read_to_string(dir.join("secrets").join(name)).unwrap()),
            "the password of {name}"
        );
    }
}

fn succeeded(output: std::io::Result<Output>) -> Output {
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}
