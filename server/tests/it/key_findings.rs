//! What is wrong with keys, from outside: real files, a real database, a real Vault, and the binary with nothing but its configuration.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::envelope;
use domain::ids::Sha256;
use domain::key::MasterKey;
use serde_json::{Value, json};
use sqlx::Executor as _;
use testkit::bao::{Bao, ROOT};
use testkit::postgres::Database;
use zeroize::Zeroizing;

use crate::place::{Place, code, error, run};

fn key(number: u8) -> MasterKey {
    MasterKey::new(Zeroizing::new(Sha256::of(&[b"a key in a file", &[number]]).0))
}

/// A key that people make up.
fn passphrase() -> MasterKey {
    MasterKey::new(Zeroizing::new(*b"correct horse battery staple 123"))
}

fn written(key: &MasterKey) -> String {
    STANDARD.encode(key.expose())
}

async fn live(key: &MasterKey) -> Database {
    let live = testkit::postgres::database().await;
    let mut conn = live.connect().await;
    conn.execute("CREATE TABLE secrets (id int PRIMARY KEY, value bytea)")
        .await
        .expect("a table");
    for id in 0..20_u8 {
        let sealed = envelope::seal(key, [id; envelope::NONCE], b"what the key protects");
        let put = sqlx::query("INSERT INTO secrets VALUES ($1, $2)");
        put.bind(i32::from(id))
            .bind(sealed)
            .execute(&mut conn)
            .await
            .expect("a row");
    }
    live
}

/// A folder of keys: the text of each version, the last one current.
fn manager(folder: &Path, versions: &[String]) -> PathBuf {
    fs::create_dir_all(folder).expect("our own folder");
    for (version, text) in (1..).zip(versions) {
        private(&folder.join(format!("{version}.key")), text);
    }
    fs::write(folder.join("current"), versions.len().to_string()).expect("writes");
    folder.to_owned()
}

fn private(path: &Path, text: &str) {
    fs::write(path, text).expect("our own folder");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("our own file");
}

fn deployment(name: &str, live: &Database, master_key: &str) -> String {
    format!(
        r#"
[[deployment]]
name = "{name}"
[deployment.database]
url = "{url}"
[deployment.schema]
wrapped = [{{ table = "secrets", column = "value" }}]
[deployment.master_key]
{master_key}
"#,
        url = live.url,
    )
}

fn in_files(folder: &Path) -> String {
    format!("manager = \"file\"\ndir = \"{}\"\n", folder.display())
}

/// Exit code and the one document that the command prints.
async fn said(place: &Place, arguments: &[&'static str]) -> (i32, Value) {
    let (config, arguments) = (place.config(), arguments.to_vec());
    let run = move || run(&[&arguments[..], &["--json", "--config", &config]].concat());
    let output = tokio::task::spawn_blocking(run).await.expect("it ran");
    let document = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {}", error(&output)));
    (code(&output), document)
}

/// The findings of a deployment in `muster keys`, as `(code, severity)`.
fn codes(keys: &Value, deployment: usize) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let found = keys["deployments"][deployment]["findings"]
        .as_array()
        .expect("a list")
        .iter();
    found.map(|one| (text(&one["code"]), text(&one["severity"]))).collect()
}

fn error_of(code: &str) -> (String, String) {
    (code.into(), "error".into())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_short_made_up_or_shared_is_a_finding() {
    let (east, west) = (live(&passphrase()).await, live(&key(2)).await);
    let folder = tempfile::tempdir().expect("a folder");
    let short = STANDARD.encode([7_u8; 16]);
    let of_east = manager(
        &folder.path().join("east"),
        &[short, written(&key(2)), written(&passphrase())],
    );
    let of_west = manager(&folder.path().join("west"), &[written(&key(2))]);
    let place = Place::new(&format!(
        "{}{}",
        deployment("east", &east, &in_files(&of_east)),
        deployment("west", &west, &in_files(&of_west))
    ));
    let (exit, keys) = said(&place, &["keys"]).await;
    assert_eq!(exit, 1, "{keys:#}");
    let warned = ("key-shared".to_owned(), "warning".to_owned());
    assert_eq!(
        codes(&keys, 0),
        [error_of("key-length"), error_of("key-weak"), warned.clone()],
        "{keys:#}"
    );
    assert_eq!(codes(&keys, 1), [warned], "it is an old one in the east");
    let guessed = &keys["deployments"][0]["versions"][2];
    assert_eq!(
        (&guessed["fingerprint"], &guessed["opens"]),
        (&json!("weak"), &json!(20)),
        "{guessed:#}"
    );

    let (exit, diagnosed) = said(&place, &["diagnose"]).await;
    assert_eq!(exit, 1);
    for own in keys["deployments"][0]["findings"].as_array().expect("a list") {
        let told = diagnosed["findings"].as_array().expect("a list").iter();
        let mut told = told.filter(|one| one["code"] == own["code"] && one["deployment"] == "east");
        let told = told
            .next()
            .unwrap_or_else(|| panic!("{} in {diagnosed:#}", own["code"]));
        for field in ["title", "severity", "recovery"] {
            assert_eq!(told[field], own[field], "the same words");
        }
    }

    let (_, alone) = said(&place, &["keys", "--deployment", "west"]).await;
    assert_eq!(codes(&alone, 0), []);
    let silent = alone["deployments"][0]["not_judged"].as_array().expect("a list");
    assert!(
        silent.iter().any(|one| one["code"] == "key-shared"),
        "nobody looked at the east: {alone:#}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ampora_is_to_start_with_is_looked_at_too() {
    let live = live(&key(2)).await;
    let folder = tempfile::tempdir().expect("a folder");
    let dir = manager(&folder.path().join("keys"), &[written(&key(1)), written(&key(2))]);
    let env = folder.path().join("ampora.env");
    let master_key = format!("{}in_use = {{ env_file = \"{}\" }}\n", in_files(&dir), env.display());
    let place = Place::new(&deployment("acme", &live, &master_key));
    let both = format!(
        "KeyProtection__MasterKey={}\nKeyProtection__PreviousMasterKey={}\n",
        written(&key(2)),
        written(&key(1))
    );
    private(&env, &both);
    let (exit, keys) = said(&place, &["keys"]).await;
    assert_eq!(
        codes(&keys, 0),
        [("previous-master-key-set".into(), "warning".into())],
        "{keys:#}"
    );
    assert_eq!(
        (exit, &keys["deployments"][0]["verdict"]),
        (0, &json!("in_sync")),
        "a warning breaks nothing"
    );

    private(
        &env,
        &format!("KeyProtection__MasterKey={}\n", STANDARD.encode([9_u8; 31])),
    );
    let (exit, keys) = said(&place, &["keys"]).await;
    assert_eq!((exit, codes(&keys, 0)), (1, vec![error_of("key-length")]), "{keys:#}");

    private(&env, &format!("KeyProtection__MasterKey={}\n", written(&key(1))));
    let (exit, keys) = said(&place, &["keys"]).await;
    assert_eq!(
        (exit, codes(&keys, 0)),
        (1, vec![error_of("wrong-master-key")]),
        "{keys:#}"
    );
    let recovery = keys["deployments"][0]["findings"][0]["recovery"].to_string();
    assert!(recovery.starts_with("\"1. Scale Ampora to 0"), "{recovery}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_goes_is_warned_of_with_its_date() {
    let bao = Bao::start().await;
    bao.enable_kv("kv").await;
    bao.post("kv/metadata/acme", json!({ "delete_version_after": "720h" }))
        .await;
    bao.put("kv", "acme", json!({ "key": written(&key(1)) })).await;
    let live = live(&key(1)).await;
    let master_key = format!(
        "manager = \"vault\"\naddress = \"{}\"\nmount = \"kv\"\npath = \"acme\"\nfield = \"key\"\ntoken = \"{ROOT}\"\n",
        bao.address()
    );
    let place = Place::new(&deployment("acme", &live, &master_key));
    let (exit, keys) = said(&place, &["keys"]).await;
    assert_eq!(
        codes(&keys, 0),
        [("key-version-pruned".into(), "warning".into())],
        "{keys:#}"
    );
    assert_eq!(exit, 0, "30 days are left");
    let at = keys["deployments"][0]["versions"][0]["keep"]["at"]
        .as_str()
        .expect("a date");
    let title = keys["deployments"][0]["findings"][0]["title"].as_str().expect("text");
    assert!(title.contains(&at[..10]), "{title} names {at}");
    assert!(
        !keys["deployments"][0]["findings"][0]["recovery"]
            .to_string()
            .contains("Scale Ampora")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn backups_are_covered_by_what_is_quickly_told_and_the_rest_says_why_not() {
    let live = live(&key(1)).await;
    let folder = tempfile::tempdir().expect("a folder");
    let dir = manager(&folder.path().join("keys"), &[written(&key(1))]);
    let dumps = folder.path().join("dumps");
    fs::create_dir(&dumps).expect("our own folder");
    let dumped = Command::new("pg_dump")
        .args(["--format=custom", "--file"])
        .arg(dumps.join("nightly.dump"))
        .arg(&live.url)
        .status();
    assert!(dumped.expect("pg_dump is there").success());
    let sources = format!(
        "[[deployment.source]]\nkind = \"dumps\"\nname = \"nightly\"\nlocation = \"file://{}\"\ntimezone = \"UTC\"\n\
         [[deployment.source]]\nkind = \"pgbackrest\"\nname = \"main\"\nstanza = \"none\"\ncommand = [\"{}/not-there\"]\n",
        dumps.display(),
        folder.path().display()
    );
    let place = Place::new(&format!("{}{sources}", deployment("acme", &live, &in_files(&dir))));
    let (_, keys) = said(&place, &["keys"]).await;
    let acme = &keys["deployments"][0];
    assert_eq!(acme["coverage"].as_array().map(Vec::len), Some(1), "{keys:#}");
    let cell = &acme["coverage"][0];
    assert_eq!(
        (&cell["backup"], &cell["status"]),
        (&json!("nightly.dump"), &json!("unknown")),
        "{cell:#}"
    );
    assert!(
        cell["detail"]
            .to_string()
            .contains("files don’t tell when a key came into use"),
        "{cell:#}"
    );
    assert_eq!(acme["uncovered"][0]["source"], "main", "{keys:#}");
    let silent = acme["not_judged"].as_array().expect("a list");
    assert!(silent.iter().any(|one| one["code"] == "version-missing"), "{silent:#?}");

    let bao = Bao::start().await;
    bao.enable_kv("kv").await;
    bao.put("kv", "acme", json!({ "key": written(&key(1)) })).await;
    // A header names whole seconds, so the dump has to begin in a later one than the version.
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    let dated = format!(
        "manager = \"vault\"\naddress = \"{}\"\nmount = \"kv\"\npath = \"acme\"\nfield = \"key\"\ntoken = \"{ROOT}\"\n",
        bao.address()
    );
    let dumped = Command::new("pg_dump")
        .args(["--format=custom", "--file"])
        .arg(dumps.join("later.dump"))
        .arg(&live.url)
        .status();
    assert!(dumped.expect("pg_dump is there").success());
    let place = Place::new(&format!("{}{sources}", deployment("acme", &live, &dated)));
    let (_, keys) = said(&place, &["keys"]).await;
    let cells = keys["deployments"][0]["coverage"].as_array().expect("a list");
    let later = cells
        .iter()
        .find(|cell| cell["backup"] == "later.dump")
        .expect("is listed");
    assert_eq!(
        (&later["status"], &later["version"]),
        (&json!("expected"), &json!("1")),
        "{cells:#?}"
    );
}
