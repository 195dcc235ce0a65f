//! A Kubernetes Secret as a secret manager.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use adapters::kubernetes::KubernetesSecret;
use adapters::manager::{ManagerError, SecretManager as _, Value as Stored};
use axum::http::header;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::custody::{Keep, Life};
use tracing_subscriber::util::SubscriberInitExt as _;
use zeroize::Zeroizing;

use super::*;

const VALUE: &str = "a-value-nobody-may-see";

fn data(values: &[(&str, &str)]) -> Value {
    values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(STANDARD.encode(value))))
        .collect()
}

fn object(values: &[(&str, &str)]) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "ampora-secrets",
            "namespace": "ampora",
            "labels": { "app": "ampora" },
            "annotations": { "note": "kept" },
            "managedFields": [{
                "manager": "kubectl", "operation": "Update", "time": "2026-02-01T00:00:00Z",
                "fieldsType": "FieldsV1", "fieldsV1": { "f:data": {} },
            }],
        },
        "type": "Opaque",
        "data": data(values),
    })
}

impl Site {
    fn secret(&self, name: &str) -> KubernetesSecret {
        let settings = KubernetesSettings {
            kubeconfig: Some(self.api.kubeconfig(self.folder.path())),
            context: None,
        };
        KubernetesSecret::new(settings, "ampora", name)
    }

    /// What the server answers to anybody who asks so.
    async fn answer(&self, path: &str, accept: &str) -> String {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let asked = client
            .get(format!("{}{path}", self.api.url()))
            .header(header::ACCEPT, accept);
        let answer = asked.bearer_auth(testkit::kubernetes::TOKEN).send().await.unwrap();
        answer.text().await.unwrap()
    }

    fn writes(&self) -> usize {
        self.api
            .requests()
            .iter()
            .filter(|request| request.method != "GET")
            .count()
    }
}

async fn with_secret() -> (Site, KubernetesSecret) {
    let site = Site::new().await;
    site.api.put(object(&[("master", VALUE), ("database", "postgres://")]));
    let secret = site.secret("ampora-secrets");
    (site, secret)
}

fn fields(values: &[(&str, &str)]) -> Stored {
    let field = |(name, value): &(&str, &str)| ((*name).to_owned(), Zeroizing::new(value.as_bytes().to_vec()));
    Stored::Fields(values.iter().map(field).collect())
}

fn text(value: Stored) -> BTreeMap<String, String> {
    let Stored::Fields(fields) = value else {
        panic!("a Secret has fields")
    };
    let text = |bytes: Zeroizing<Vec<u8>>| String::from_utf8(bytes.to_vec()).unwrap();
    fields.into_iter().map(|(name, bytes)| (name, text(bytes))).collect()
}

fn texts(values: &[(&str, &str)]) -> BTreeMap<String, String> {
    values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

async fn version(secret: &KubernetesSecret) -> String {
    secret.describe().await.unwrap().current().unwrap().name.clone()
}

#[tokio::test]
async fn a_secret_is_described_without_its_values() {
    let (site, secret) = with_secret().await;
    let told = secret.describe().await.unwrap();
    assert_eq!(told.versions.len(), 1);
    let only = told.current().unwrap();
    assert_eq!(only.created_at, "2026-02-01T00:00:00Z".parse().ok());
    assert_eq!(only.life, Life::Enabled);
    assert!(matches!(only.keep, Keep::Writes { left: 1, .. }));
    site.assert_only_read();

    // The same request again, to see what it is answered with.
    let requests = site.api.requests();
    assert_eq!(requests.len(), 1);
    let path = &requests[0].path;
    let answer = site.answer(path, &requests[0].accept).await;
    assert!(
        answer.contains("ampora-secrets") && !answer.contains(&STANDARD.encode(VALUE)),
        "{answer}"
    );
    let whole = site.answer(path, "application/json").await;
    assert!(whole.contains(&STANDARD.encode(VALUE)));
}

#[tokio::test]
async fn values_are_read_for_as_long_as_nothing_changed() {
    let (site, secret) = with_secret().await;
    let before = version(&secret).await;
    let read = text(secret.read(&before).await.unwrap());
    assert_eq!(read, texts(&[("database", "postgres://"), ("master", VALUE)]));
    site.api.put(object(&[("master", "changed")]));
    let gone = secret.read(&before).await.unwrap_err();
    assert!(
        matches!(&gone, ManagerError::Absent(_, said) if said.contains("it was changed")),
        "{gone:?}"
    );
    let now = version(&secret).await;
    assert_eq!(text(secret.read(&now).await.unwrap()), texts(&[("master", "changed")]));
}

#[tokio::test]
async fn denied_and_absent_are_told_apart() {
    let (site, secret) = with_secret().await;
    let absent = site.secret("another").describe().await.unwrap_err();
    assert!(
        matches!(&absent, ManagerError::Absent(cluster, what) if cluster.starts_with("the cluster at http") && what == "Secret ampora/another"),
        "{absent:?}"
    );
    site.api.forbid("secrets");
    for denied in [
        secret.describe().await.map(drop),
        secret.read("1").await.map(drop),
        site.secret("another").create(&fields(&[])).await.map(drop),
    ] {
        let denied = denied.unwrap_err();
        assert!(
            matches!(&denied, ManagerError::Denied(_, said) if said.contains("is forbidden")),
            "{denied:?}"
        );
    }
    site.api.stop();
    let down = secret.describe().await.unwrap_err();
    assert!(matches!(down, ManagerError::Unreachable(..)), "{down:?}");
}

#[tokio::test]
async fn a_secret_is_made_where_none_was() {
    let site = Site::new().await;
    let secret = site.secret("recovered");
    let made = secret.create(&fields(&[("master", VALUE)])).await.unwrap();
    assert_eq!(version(&secret).await, made);
    assert_eq!(text(secret.read(&made).await.unwrap()), texts(&[("master", VALUE)]));
    let again = secret.create(&fields(&[("master", "another")])).await;
    assert_eq!(again, Err(ManagerError::Exists(secret.name())));
    assert_eq!(text(secret.read(&made).await.unwrap()), texts(&[("master", VALUE)]));
    let whole = Stored::Whole(Zeroizing::new(b"bare".to_vec()));
    let refused = site.secret("bare").create(&whole).await;
    assert!(matches!(refused, Err(ManagerError::Unsupported(..))), "{refused:?}");
}

#[tokio::test]
async fn a_change_keeps_what_it_isn_t_about() {
    let (_site, secret) = with_secret().await;
    let before = version(&secret).await;
    let after = secret.append(&fields(&[("master", "new")]), &before).await.unwrap();
    assert_ne!(after, before);
    let read = text(secret.read(&after).await.unwrap());
    assert_eq!(read, texts(&[("database", "postgres://"), ("master", "new")]));
    let changed_at = secret.describe().await.unwrap().versions[0].created_at.unwrap();
    assert!(changed_at > "2026-02-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap());
}

#[tokio::test]
async fn labels_and_annotations_survive_a_change() {
    let (site, secret) = with_secret().await;
    let before = version(&secret).await;
    secret.append(&fields(&[("master", "new")]), &before).await.unwrap();
    let path = "/api/v1/namespaces/ampora/secrets/ampora-secrets";
    let live: Value = serde_json::from_str(&site.answer(path, "application/json").await).unwrap();
    assert_eq!(live["metadata"]["labels"], json!({ "app": "ampora" }));
    assert_eq!(live["metadata"]["annotations"], json!({ "note": "kept" }));
    assert_eq!(live["type"], "Opaque");
}

#[tokio::test]
async fn a_secret_that_moved_on_is_left_as_it_is() {
    let (site, secret) = with_secret().await;
    let before = version(&secret).await;
    site.api.put(object(&[("master", "theirs")]));
    let now = version(&secret).await;
    let moved = secret.append(&fields(&[("master", "ours")]), &before).await;
    assert_eq!(moved, Err(ManagerError::Moved(secret.name(), now.clone())));
    assert_eq!(text(secret.read(&now).await.unwrap()), texts(&[("master", "theirs")]));
    assert_eq!(site.writes(), 0);
}

#[tokio::test]
async fn what_can_t_be_changed_is_refused() {
    let (site, secret) = with_secret().await;
    let mut immutable = object(&[("master", VALUE)]);
    immutable["immutable"] = true.into();
    site.api.put(immutable);
    let refused = secret
        .append(&fields(&[("master", "new")]), &version(&secret).await)
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("it is immutable"), "{refused}");

    let mut going = object(&[("master", VALUE)]);
    going["metadata"]["deletionTimestamp"] = "2026-06-01T00:00:00Z".into();
    site.api.put(going);
    let told = secret.describe().await.unwrap();
    assert_eq!(told.gone_at, "2026-06-01T00:00:00Z".parse().ok());
    let refused = secret
        .append(&fields(&[("master", "new")]), &version(&secret).await)
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("it is being deleted"), "{refused}");
    assert_eq!(site.writes(), 0);

    site.api.put(object(&[("master", VALUE)]));
    site.api.forbid_to("update", "secrets");
    let denied = secret
        .append(&fields(&[("master", "new")]), &version(&secret).await)
        .await
        .unwrap_err();
    assert!(
        matches!(&denied, ManagerError::Denied(_, said) if said.contains("cannot update resource \"secrets\"")),
        "{denied:?}"
    );
}

#[tokio::test]
async fn one_secret_has_one_identity() {
    let site = Site::new().await;
    let secret = site.secret("ampora-secrets");
    let server = site.api.url();
    assert_eq!(secret.identity(), format!("kubernetes {server}/ampora/ampora-secrets"));
    let slashed = fs::read_to_string(site.path("kubeconfig"))
        .unwrap()
        .replace(&server, &format!("{server}/"));
    fs::write(site.path("slashed"), slashed).unwrap();
    let settings = |name: &str, context: Option<&str>| KubernetesSettings {
        kubeconfig: Some(site.path(name)),
        context: context.map(str::to_owned),
    };
    let same = KubernetesSecret::new(settings("slashed", Some("test")), "ampora", "ampora-secrets");
    assert_eq!(same.identity(), secret.identity());
    let lost = KubernetesSecret::new(settings("nowhere", None), "ampora", "ampora-secrets");
    assert_ne!(lost.identity(), secret.identity());
    assert!(lost.describe().await.is_err());
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn an_answer_that_can_t_be_read_is_neither_logged_nor_quoted() {
    let (site, secret) = with_secret().await;
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _logging = subscriber.set_default();
    tracing::info!("the log is on");
    let encoded = STANDARD.encode(VALUE);
    let broken = json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "a" }, "data": encoded });
    site.api.say("secrets", StatusCode::OK, &broken.to_string());
    let odd = secret.read("1").await.unwrap_err();
    assert!(matches!(odd, ManagerError::Odd(..)), "{odd:?}");
    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(log.contains("the log is on"));
    for hidden in [VALUE, &encoded] {
        assert!(
            !log.contains(hidden) && !odd.to_string().contains(hidden),
            "{odd}\n{log}"
        );
    }
}
