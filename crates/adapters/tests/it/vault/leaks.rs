//! That nothing secret is said, whatever happens: in `Debug`, in errors, in what is traced.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::*;

const KEY: &str = "aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMiEhISE=";

/// Keeps every word that this thread traces.
#[derive(Clone, Default)]
struct Ear(Arc<Mutex<String>>);

impl Ear {
    fn heard(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

impl Visit for Ear {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0.lock().unwrap(), "{field}={value:?}").unwrap();
    }
}

impl Subscriber for Ear {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Does everything that can be done, well and badly, and returns what was said about it.
async fn all_that_is_said(bao: &Bao, vault: &Vault, secret_id: &str) -> String {
    let value = fields(&[("key", KEY)]);
    let mut said = format!("{vault:?} {value:?} {}\n", vault.identity());
    let mut hear = |what: &dyn Debug| writeln!(said, "{what:?}").unwrap();
    hear(&vault.create(&value).await);
    hear(&vault.create(&value).await);
    hear(&vault.read("1").await);
    hear(&vault.describe().await);
    hear(&vault.append(&value, "1").await);
    hear(&vault.append(&value, "1").await);
    hear(&vault.read("9").await.map_err(|error| error.to_string()));
    let raw = KEY.as_bytes().iter().copied().chain([0xFF]).collect();
    hear(&vault.create(&Value::Whole(Zeroizing::new(raw))).await);
    bao.revoke_approle_tokens().await;
    bao.post(
        "auth/approle/role/muster/secret-id/destroy",
        json!({ "secret_id": secret_id }),
    )
    .await;
    hear(&vault.read("1").await.map_err(|error| error.to_string()));
    bao.seal().await;
    hear(&vault.append(&value, "1").await.map_err(|error| error.to_string()));
    said
}

#[tokio::test]
async fn neither_token_nor_secret_id_nor_value_is_ever_said() {
    let bao = server().await;
    bao.policy(
        "writer",
        r#"path "kv/*" { capabilities = ["create", "read", "update"] }"#,
    )
    .await;
    let role_id = bao.approle("muster", json!({ "token_policies": "writer" })).await;
    let secret_id = bao.secret_id("muster", 0).await;
    let auth = VaultAuth::AppRole {
        mount: "approle".into(),
        role_id,
        secret_id: secret_id.as_str().into(),
    };
    let settings = settings(bao.address(), PATH, auth);
    let vault = Vault::new(&settings).unwrap();

    let ear = Ear::default();
    let listening = tracing::subscriber::set_default(ear.clone());
    tracing::trace!(what = "the ear hears");
    let said = all_that_is_said(&bao, &vault, &secret_id).await;
    drop(listening);
    let heard = ear.heard();
    assert!(heard.contains("the ear hears"));
    assert!(
        said.contains("it is sealed") && said.contains("invalid role or secret ID"),
        "{said}"
    );
    let everything = format!("{settings:?}\n{said}\n{heard}");
    for (what, secret) in [
        ("value", KEY),
        ("value in hex", &hex::encode(KEY)),
        ("secret_id", &secret_id),
    ] {
        let near = everything.find(secret).map(|at| &everything[at.saturating_sub(60)..at]);
        assert_eq!(near, None, "{what} stands behind this");
    }
    // OpenBao's tokens: `s.` and 24 characters.
    let words = everything.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    let tokens: Vec<_> = words.filter(|word| word.starts_with("s.") && word.len() > 20).collect();
    assert_eq!(tokens, [""; 0]);
}
