//! `muster keys` from a configuration as people write it: a Vault, a copy in AWS, and a database whose envelopes are laid out otherwise.

use adapters::aws::{AccessKeys, AwsSecret, AwsSettings};
use adapters::key_files::KeyFiles;
use adapters::manager::{SecretManager, Written};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::envelope;
use domain::ids::Sha256;
use domain::key::{Encoding, MasterKey};
use serde_json::{Value, json};
use sqlx::Executor as _;
use testkit::bao::{Bao, ROOT};
use testkit::kubernetes::KubernetesApi;
use testkit::moto::Moto;
use testkit::postgres::Database;
use zeroize::Zeroizing;

use crate::place::{Place, code, error, run};

const SECRET: &str = "acme/master-key";
const REGION: &str = "eu-west-1";

fn key(number: u8) -> MasterKey {
    MasterKey::new(Zeroizing::new(Sha256::of(&[b"a key of Vault", &[number]]).0))
}

fn written(key: &MasterKey) -> String {
    STANDARD.encode(key.expose())
}

/// An envelope as this site has it: nonce, ciphertext, tag, and no id of the key; in base64.
fn sealed(key: &MasterKey, id: u8) -> String {
    let usual = envelope::seal(key, [id; envelope::NONCE], b"what the key protects");
    let (header, ciphertext) = usual.split_at(1 + 8 + envelope::NONCE + envelope::TAG);
    let (nonce, tag) = header[1 + 8..].split_at(envelope::NONCE);
    STANDARD.encode([nonce, ciphertext, tag].concat())
}

async fn wrap(live: &Database, rows: std::ops::Range<u8>, key: &MasterKey) {
    let mut conn = live.connect().await;
    for id in rows {
        let put = sqlx::query(
            r#"INSERT INTO vault."Issuers" VALUES ($1, $2) ON CONFLICT ("Number") DO UPDATE SET "Sealed" = excluded."Sealed""#,
        );
        let put = put.bind(i32::from(id)).bind(sealed(key, id));
        put.execute(&mut conn).await.expect("a row");
    }
}

async fn live(key: &MasterKey) -> Database {
    let live = testkit::postgres::database().await;
    let schema = r#"CREATE SCHEMA vault; CREATE TABLE vault."Issuers" ("Number" int PRIMARY KEY, "Sealed" text)"#;
    live.connect().await.execute(schema).await.expect("a table");
    wrap(&live, 0..20, key).await;
    live
}

fn config(live: &Database, master_key: &str) -> Place {
    Place::new(&format!(
        r#"
[[deployment]]
name = "acme"
[deployment.database]
url = "{url}"
[deployment.schema]
wrapped = [{{ table = "vault.Issuers", column = "Sealed" }}]
[deployment.envelope]
encoding = "base64"
fields = ["nonce:12", "ciphertext", "tag:16"]
[deployment.master_key]
{master_key}
"#,
        url = live.url,
    ))
}

/// Exit code and what is said of the one deployment. That no key is ever part of it is checked each time.
async fn keys(place: &Place) -> (i32, Value) {
    let config = place.config();
    let run = move || run(&["keys", "--json", "--config", &config]);
    let output = tokio::task::spawn_blocking(run).await.expect("it ran");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), error(&output));
    for number in 0..10 {
        let bytes = key(number).expose().to_vec();
        let spelled = [
            STANDARD.encode(&bytes),
            bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        ];
        assert!(spelled.iter().all(|text| !said.contains(text)), "a key in {said}");
    }
    let document: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {said}"));
    (code(&output), document["deployments"][0].clone())
}

fn vault(bao: &Bao, path: &str, login: &str) -> String {
    format!(
        "manager = \"vault\"\naddress = \"{}\"\nmount = \"kv\"\npath = \"{path}\"\nfield = \"key\"\n{login}\n",
        bao.address()
    )
}

fn as_root() -> String {
    format!("token = \"{ROOT}\"")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vault_and_its_copy_in_aws_are_proven_on_another_layout() {
    let (bao, moto) = (Bao::start().await, Moto::start());
    bao.enable_kv("kv").await;
    for number in 1..=3 {
        bao.put("kv", "acme", json!({ "key": written(&key(number)), "owner": "nobody" }))
            .await;
    }
    let copy = AwsSecret::new(
        SECRET,
        AwsSettings {
            region: Some(REGION.into()),
            endpoint: Some(moto.endpoint()),
            keys: Some(AccessKeys {
                access_key_id: "AKIATEST".into(),
                secret_access_key: "test".to_owned().into(),
                session_token: None,
            }),
            patience: std::time::Duration::from_secs(30),
        },
    );
    let copy = copy.expect("an account");
    let whole = Written {
        field: None,
        encoding: Encoding::Base64,
    };
    let value = |number| whole.value(&key(number), None).expect("a key is written");
    let first = copy.create(&value(2)).await.expect("a secret");
    let live = live(&key(3)).await;
    let replica = format!(
        "replicas = [{{ name = \"ireland\", manager = \"aws\", secret_id = \"{SECRET}\", region = \"{REGION}\", endpoint_url = \"{}\", \
         access_key_id = \"AKIATEST\", secret_access_key = \"test\" }}]",
        moto.endpoint()
    );
    let place = config(
        &live,
        &(vault(&bao, "acme", &as_root()).replace("field = \"key\"\n", "") + &replica),
    );

    // Two fields and none named: nobody guesses which of them is the key.
    let (exit, unread) = keys(&place).await;
    assert_eq!((exit, &unread["verdict"]), (2, &json!("unknown")), "{unread:#}");
    assert!(
        unread["versions"][2]["detail"]
            .to_string()
            .contains("several fields (key, owner)"),
        "{unread:#}"
    );

    for number in 1..=3 {
        bao.put("kv", "acme", json!({ "key": written(&key(number)) })).await;
    }
    let (exit, behind) = keys(&place).await;
    assert_eq!(behind["verdict"], "in_sync", "{behind:#}");
    assert_eq!(behind["replicas"][0]["status"], "broken", "{behind:#}");
    assert!(
        behind["replicas"][0]["detail"].to_string().contains("version 5"),
        "{behind:#}"
    );
    assert_eq!(exit, 1, "a copy that is behind is a finding: {behind:#}");

    copy.append(&value(3), &first).await.expect("a version");
    let (exit, same) = keys(&place).await;
    assert_eq!((exit, &same["replicas"][0]["status"]), (0, &json!("ok")), "{same:#}");
    let current = &same["versions"][5];
    assert_eq!(
        (&current["version"], &current["state"]),
        (&json!("6"), &json!("current")),
        "{current:#}"
    );
    assert_eq!(
        (&current["opens"], &current["of"]),
        (&json!(20), &json!(20)),
        "{current:#}"
    );

    bao.put("kv", "acme", json!({ "key": written(&key(4)) })).await;
    let (exit, ahead) = keys(&place).await;
    assert_eq!((exit, &ahead["verdict"]), (1, &json!("manager_ahead")), "{ahead:#}");
    wrap(&live, 0..20, &key(5)).await;
    let (exit, foreign) = keys(&place).await;
    // Nothing opens and there are no ids: key and layout can't be told apart by somebody who remembers nothing. The copy
    // that doesn’t hold the current key is broken all the same.
    assert_eq!((exit, &foreign["verdict"]), (1, &json!("unknown")), "{foreign:#}");
    bao.put("kv", "acme", json!({ "key": written(&key(5)) })).await;
    wrap(&live, 0..10, &key(4)).await;
    let (exit, mixed) = keys(&place).await;
    assert_eq!((exit, &mixed["verdict"]), (1, &json!("mixed")), "{mixed:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn denied_absent_and_out_of_reach_are_three_things_and_none_is_fine() {
    let bao = Bao::start().await;
    bao.enable_kv("kv").await;
    bao.put("kv", "acme", json!({ "key": written(&key(1)) })).await;
    bao.policy("lists", r#"path "kv/metadata/*" { capabilities = ["read", "list"] }"#)
        .await;
    bao.policy("nothing", r#"path "other/*" { capabilities = ["read"] }"#)
        .await;
    let live = live(&key(1)).await;
    let login = |token: &str| format!("token = \"{token}\"");
    let (lists, nothing) = (bao.token("lists").await, bao.token("nothing").await);

    let said = async |place: Place| {
        let (exit, document) = keys(&place).await;
        assert_eq!((exit, &document["verdict"]), (2, &json!("unknown")), "{document:#}");
        document
    };
    let listed = said(config(&live, &vault(&bao, "acme", &login(&lists)))).await;
    assert_eq!(listed["versions"][0]["state"], "denied", "{listed:#}");
    let denied = said(config(&live, &vault(&bao, "acme", &login(&nothing)))).await;
    assert!(denied["detail"].to_string().contains("refuses"), "{denied:#}");
    let absent = said(config(&live, &vault(&bao, "nowhere", &as_root()))).await;
    assert!(absent["detail"].to_string().contains("has no"), "{absent:#}");
    let address = bao.address();
    let away = config(&live, &vault(&bao, "acme", &as_root()));
    drop(bao);
    let away = said(away).await;
    let why = away["detail"].to_string();
    assert!(
        why.contains("can’t be reached") && why.contains(address.host_str().unwrap()),
        "{away:#}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_that_pods_were_started_with_shows_that_the_manager_is_behind() {
    let (api, folder) = (KubernetesApi::start().await, tempfile::tempdir().expect("a folder"));
    let secret = |name: &str, fields: &[(&str, &MasterKey)]| {
        let data = fields
            .iter()
            .map(|(field, key)| ((*field).to_owned(), json!(STANDARD.encode(written(key)))));
        let data: serde_json::Map<_, _> = data.collect();
        json!({
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "data": data,
            "metadata": { "name": name, "namespace": "ampora", "creationTimestamp": "2026-02-01T00:00:00Z" },
        })
    };
    api.put(secret("escrow", &[("master", &key(1))]));
    let in_use = [
        ("KeyProtection__MasterKey", &key(2)),
        ("KeyProtection__PreviousMasterKey", &key(1)),
    ];
    api.put(secret("ampora-secrets", &in_use));
    let live = live(&key(2)).await;
    let manager = "manager = \"kubernetes\"\nsecret = \"escrow\"\nfield = \"master\"\n\
                   in_use = { kubernetes = { secret = \"ampora-secrets\" } }\n";
    let cluster = format!(
        "[deployment.kubernetes]\nkubeconfig = \"{}\"\n",
        api.kubeconfig(folder.path()).display()
    );
    let place = config(&live, &format!("{manager}{cluster}"));
    let (exit, behind) = keys(&place).await;
    assert_eq!((exit, &behind["verdict"]), (1, &json!("manager_behind")), "{behind:#}");
    assert_eq!(behind["in_use"]["previous_set"], true, "{behind:#}");
    // No pod is to be seen there, so what runs may hold another key: it is tried, and not called theirs.
    assert_eq!(behind["in_use"]["fingerprint"], Value::Null, "{behind:#}");
    assert_ne!(behind["in_use"]["detail"], "", "{behind:#}");

    api.put(secret("escrow", &[("master", &key(2))]));
    let (exit, in_sync) = keys(&place).await;
    assert_eq!((exit, &in_sync["verdict"]), (0, &json!("in_sync")), "{in_sync:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_stay_unread_where_only_metadata_is_allowed() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = KeyFiles {
        dir: folder.path().join("keys"),
    };
    let value = Written::default().value(&key(1), None).expect("a key is written");
    files.create(&value).await.expect("a folder of keys");
    let live = live(&key(1)).await;
    let folder = format!(
        "manager = \"file\"\ndir = \"{}\"\nproof = \"metadata\"",
        files.dir.display()
    );
    let (exit, document) = keys(&config(&live, &folder)).await;
    assert_eq!((exit, &document["verdict"]), (2, &json!("unknown")), "{document:#}");
    let version = &document["versions"][0];
    assert_eq!(
        (&version["fingerprint"], &version["state"]),
        (&Value::Null, &json!("current")),
        "{version:#}"
    );
}
