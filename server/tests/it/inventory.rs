//! `muster inventory` over real systems, from a configuration as people write it.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use adapters::aws::{AccessKeys, Aws, AwsSettings, Call, Service};
use adapters::postgres::Binaries;
use adapters::process::RunAs;
use chrono::{TimeDelta, Utc};
use serde_json::Value;
use testkit::certificates::Authority;
use testkit::moto::{self, Moto};
use testkit::registry::{Login, Registry};
use testkit::tls::TlsEndpoint;

/// Recorded from wal-g's documentation; see docs/sources.md.
const WALG: [(&str, &str); 3] = [
    (
        "backup-list",
        include_str!("../../../crates/adapters/tests/fixtures/walg/backup-list.json"),
    ),
    (
        "wal-show",
        include_str!("../../../crates/adapters/tests/fixtures/walg/wal-show.json"),
    ),
    (
        "wal-verify",
        include_str!("../../../crates/adapters/tests/fixtures/walg/wal-verify.json"),
    ),
];

use crate::place::{Place, code, error, run};

fn inventory(place: &Place) -> (i32, Value) {
    let output = run(&["inventory", "--json", "--config", &place.config()]);
    let document = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {}", error(&output)));
    (code(&output), document)
}

fn one<'a>(document: &'a Value, list: &str, key: &str, name: &str) -> &'a Value {
    let all = document["deployments"][0][list].as_array().expect("a list");
    let found = all.iter().find(|entry| entry[key] == name);
    found.unwrap_or_else(|| panic!("{list} has no {name}: {all:#?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_differs_and_ends_soon_and_an_image_that_is_gone_are_said() {
    let now = Utc::now();
    let root = Authority::root("Test root", (now - TimeDelta::days(9), now + TimeDelta::days(900)));
    let life = |days| (now - TimeDelta::days(1), now + TimeDelta::days(days));
    let (served, saved) = (
        root.issue(&["localhost"], life(5)),
        root.issue(&["localhost"], life(60)),
    );
    let endpoint = TlsEndpoint::start(&served, &[]).await;
    let registry = Registry::start(Login::Open).await;
    let (kept, lost) = (
        registry.push("ampora/web", "1.4.2").await,
        registry.push("ampora/web", "1.4.1").await,
    );
    registry.delete_manifest("ampora/web", &lost.digest).await;
    let place = Place::new(&format!(
        r#"
[[deployment]]
name = "acme"
[deployment.tls]
endpoint = "localhost:{port}"
bundle = "saved.pem"
roots = "roots.pem"
[deployment.images]
reference = "{registry}/ampora/web:1.4.2"
digest = "{kept}"
versions = [{{ digest = "{lost}", note = "wrote the March backups" }}]
[deployment.policy]
tls_expiry = "21d"
off = ["rto"]
"#,
        port = endpoint.address.port(),
        registry = registry.address(),
        kept = kept.digest,
        lost = lost.digest,
    ));
    let write = |name: &str, text: String| fs::write(place.folder.path().join(name), text).expect("our own folder");
    write("saved.pem", format!("{}{}", saved.pem(), saved.key_pem()));
    write("roots.pem", root.pem());
    let bundle = place.folder.path().join("saved.pem");
    fs::set_permissions(bundle, fs::Permissions::from_mode(0o600)).expect("our own file");

    let (code, document) = inventory(&place);
    assert_eq!(code, 1, "something is broken");
    let tls = one(&document, "artifacts", "kind", "tls");
    assert_eq!(tls["status"], "broken", "{tls}");
    let image = one(&document, "artifacts", "kind", "image");
    assert_eq!(image["status"], "broken", "{image}");
    assert!(image["detail"].as_str().expect("text").contains("March"), "{image}");
    let verdict = |rule| one(&document, "policy", "rule", rule)["verdict"].clone();
    assert_eq!(verdict("tls-expiry"), "broken");
    assert_eq!(verdict("image-pullable"), "broken");
    assert_eq!(verdict("rto"), "off");
    assert_eq!(verdict("rpo"), "unset");
    assert_eq!(
        document["deployments"][0]["policy"].as_array().expect("a list").len(),
        16
    );
    let why = &document["deployments"][0]["not_backed_up"];
    assert!(why.as_array().is_some_and(|list| list.len() == 3), "{why}");
}

/// A program that answers as wal-g did when it was recorded.
fn recorded_walg(folder: &Path) {
    let mut script = "#!/bin/sh\ncase \"$1\" in\n".to_owned();
    for (command, answer) in WALG {
        fs::write(folder.join(command), answer).expect("our own folder");
        script.push_str(&format!("{command}) cat {}/{command} ;;\n", folder.display()));
    }
    script.push_str("esac\n");
    let path = folder.join("wal-g");
    fs::write(&path, script).expect("our own folder");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("our own file");
}

/// Two dumps of an hour ago; the second arrived a byte short.
async fn dumps(folder: &Path) {
    let database = testkit::postgres::database().await;
    let mut conn = database.connect().await;
    let filled = "create table tenants as select generate_series(1, 1000) as id, repeat('x', 100) as name";
    sqlx::raw_sql(filled).execute(&mut conn).await.expect("fills");
    fs::create_dir(folder).expect("our own folder");
    fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).expect("our own folder");
    let whole = folder.join("whole.dump");
    let pg_dump = Binaries::find(None).expect("PostgreSQL").tool("pg_dump");
    let pg_dump = pg_dump.run_as(RunAs::unprivileged().expect("an account"));
    let file = format!("--file={}", whole.display());
    let call = pg_dump.invoke(["--format=custom", &file, &format!("--dbname={}", database.url)]);
    call.output().await.expect("dumps");
    let bytes = fs::read(&whole).expect("readable");
    fs::write(folder.join("short.dump"), &bytes[..bytes.len() - 1]).expect("our own folder");
    for name in ["whole.dump", "short.dump"] {
        let file = File::options()
            .append(true)
            .open(folder.join(name))
            .expect("our own file");
        let hour_ago = SystemTime::now() - Duration::from_secs(3600);
        file.set_modified(hour_ago).expect("our own file");
    }
}

async fn managed_instance(moto: &Moto) {
    let keys = AccessKeys {
        access_key_id: moto::ACCESS_KEY_ID.into(),
        secret_access_key: moto::SECRET_ACCESS_KEY.to_owned().into(),
        session_token: None,
    };
    let aws = Aws::new(AwsSettings {
        region: Some(moto::REGION.into()),
        endpoint: Some(moto.endpoint()),
        keys: Some(keys),
        ..AwsSettings::default()
    });
    let name = ("DBInstanceIdentifier", "ampora");
    let create = [
        name,
        ("DBInstanceClass", "db.t3.small"),
        ("Engine", "postgres"),
        ("AllocatedStorage", "20"),
        ("MasterUsername", "ampora"),
        ("MasterUserPassword", "not-a-secret"),
        ("BackupRetentionPeriod", "7"),
    ];
    let snapshot = [name, ("DBSnapshotIdentifier", "before-upgrade")];
    let calls = [
        Call::query(Service::Rds, "CreateDBInstance", &create),
        Call::query(Service::Rds, "CreateDBSnapshot", &snapshot),
    ];
    let aws = aws.expect("good settings");
    for call in calls {
        aws.call(&call).await.expect("moto takes it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_source_is_listed_with_what_is_wrong_in_it() {
    let moto = Moto::start();
    managed_instance(&moto).await;
    let place = Place::new(&format!(
        r#"
[[deployment]]
name = "acme"
[[deployment.source]]
kind = "walg"
name = "second"
command = ["{folder}/wal-g"]
[[deployment.source]]
kind = "dumps"
name = "nightly"
location = "file://{folder}/dumps"
[[deployment.source]]
kind = "rds"
name = "managed"
instance = "ampora"
region = "{region}"
endpoint_url = "{endpoint}"
access_key_id = "{id}"
secret_access_key = "{secret}"
[[deployment.source]]
kind = "pgbackrest"
name = "elsewhere"
stanza = "main"
command = ["{folder}/not-there"]
"#,
        folder = "@folder@",
        region = moto::REGION,
        endpoint = moto.endpoint(),
        id = moto::ACCESS_KEY_ID,
        secret = moto::SECRET_ACCESS_KEY,
    ));
    let folder = place.folder.path();
    let config = fs::read_to_string(place.config()).expect("our own file");
    fs::write(
        place.config(),
        config.replace("@folder@", &folder.display().to_string()),
    )
    .expect("our own file");
    recorded_walg(folder);
    dumps(&folder.join("dumps")).await;

    let (code, document) = inventory(&place);
    assert_eq!(code, 1, "something is broken");
    let source = |name| one(&document, "sources", "name", name);
    assert_eq!(
        source("second")["status"],
        "broken",
        "segments were lost: {}",
        source("second")
    );
    assert_eq!(source("nightly")["status"], "ok", "{}", source("nightly"));
    assert_eq!(source("managed")["status"], "ok", "{}", source("managed"));
    assert_eq!(source("elsewhere")["status"], "unknown", "{}", source("elsewhere"));
    let backup = |label| one(&document, "backups", "label", label);
    assert_eq!(backup("whole.dump")["status"], "ok", "{}", backup("whole.dump"));
    assert_eq!(backup("short.dump")["status"], "broken", "{}", backup("short.dump"));
    assert_eq!(backup("before-upgrade")["kind"], "snapshot");
    let gaps = document["deployments"][0]["gaps"].as_array().expect("a list");
    assert!(gaps.iter().any(|gap| gap["source"] == "second"), "{gaps:#?}");
    assert_eq!(one(&document, "policy", "rule", "wal-gaps")["verdict"], "broken");
}
