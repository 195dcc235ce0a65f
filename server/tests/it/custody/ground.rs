//! A console whose manager is behind a live database, with a place for keys and a worker, and what its tests do over and over.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use adapters::ampora::{Column, Schema};
use adapters::key_files::{EnvFile, KeyFiles};
use adapters::manager::{ManagerError, SecretManager, Value, Written};
use age::x25519::Identity;
use async_trait::async_trait;
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::custody::Secret;
use domain::envelope;
use domain::key;
use domain::plan::PlaceName;
use recovery::runs;
use recovery::settings::{Database, Destination, InUse, KeyPlace, Settings};
use sqlx::Executor as _;
use store::events::Events;
use testkit::secrets::{self, Search};

use crate::browser::Browser;
use crate::decisions::log_in_again;
use crate::site::{Site, master_key};

/// What people read after a run: none of it may hold a key.
const PAGES: [&str; 8] = [
    "/",
    "/keys",
    "/backups",
    "/requests",
    "/diagnostics",
    "/diagnostics/key-exposed?deployment=demo",
    "/audit",
    "/audit/export",
];

/// A folder of keys that dies with a value in its hands when it is told to.
#[derive(Clone, Debug)]
struct Mortal {
    folder: KeyFiles,
    dies: Arc<AtomicBool>,
}

#[async_trait]
impl SecretManager for Mortal {
    fn kind(&self) -> &'static str {
        self.folder.kind()
    }

    fn name(&self) -> String {
        self.folder.name()
    }

    fn identity(&self) -> String {
        self.folder.identity()
    }

    async fn describe(&self) -> Result<Secret, ManagerError> {
        self.folder.describe().await
    }

    async fn read(&self, version: &str) -> Result<Value, ManagerError> {
        let value = self.folder.read(version).await?;
        assert!(!self.dies.load(Ordering::SeqCst), "died with {value:?} in its hands");
        Ok(value)
    }

    async fn create(&self, value: &Value) -> Result<String, ManagerError> {
        self.folder.create(value).await
    }

    async fn append(&self, value: &Value, expected: &str) -> Result<String, ManagerError> {
        self.folder.append(value, expected).await
    }
}

pub struct Ground {
    pub site: Site,
    dies: Arc<AtomicBool>,
    _live: testkit::postgres::Database,
}

impl Ground {
    /// Versions 1 and 2 in the manager, key 4 in Ampora and over what is live.
    pub async fn new() -> Self {
        secrets::listen();
        let live = testkit::postgres::database().await;
        fill(&live).await;
        let dies = Arc::new(AtomicBool::new(false));
        let site = Site::configured(|folder, settings| configure(folder, settings, &live, &dies)).await;
        let worker = (
            site.services.clone(),
            Arc::new(Events::listen(&site.services.store)),
            site.stop.clone(),
        );
        tokio::spawn(runs::work(worker.0, worker.1, worker.2));
        Self {
            site,
            dies,
            _live: live,
        }
    }

    pub fn folder(&self) -> &Path {
        self.site.folder.path()
    }

    /// From now on each reading of a value is the last.
    pub fn die_next(&self) {
        self.dies.store(true, Ordering::SeqCst);
    }

    /// Who asks, and who agrees.
    pub async fn people(&self) -> (Browser<'_>, Browser<'_>) {
        (
            Browser::signed_in(&self.site, "a", "operator").await,
            Browser::signed_in(&self.site, "b", "approver").await,
        )
    }

    pub async fn prove(&self, browser: &Browser<'_>) {
        let proven = browser.post("/keys/prove", &[("deployment", "demo")]).await;
        assert_eq!(proven.status, StatusCode::SEE_OTHER, "{}", proven.text);
    }

    /// Reads the plan, then puts it up with the digest that stands on it. Answers with the request's page.
    pub async fn ask(&self, browser: &Browser<'_>, wish: &[(&str, &str)]) -> String {
        let plan = browser.get(&planned(wish)).await;
        assert_eq!(plan.status, StatusCode::OK, "{}", plan.text);
        let digest = digest_on(&plan.text).unwrap_or_else(|| panic!("no digest: {}", plan.text));
        let fields = [wish, &[("digest", &*digest), ("reason", "the region is gone")]].concat();
        let asked = browser.post("/requests", &fields).await;
        assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.text);
        let page = asked.onward();
        let seen = browser.get(&page).await.text;
        assert!(seen.contains(&digest[..8]), "the digest stands on the request: {seen}");
        page
    }

    pub async fn agree(&self, browser: &Browser<'_>, page: &str) {
        let begun = browser.post(&format!("{page}/approve"), &[("note", "seen")]).await;
        let decided = log_in_again(browser, &begun, "b", "approver").await;
        assert_eq!(
            (decided.status, &*decided.onward()),
            (StatusCode::SEE_OTHER, page),
            "{}",
            decided.text
        );
    }

    /// Starts the run, and waits until a worker is through with it and the page says so in these words.
    pub async fn run(&self, browser: &Browser<'_>, page: &str, done: &str) {
        let begun = browser.post(&format!("{page}/run"), &[]).await;
        assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text);
        let over = tokio::time::timeout(Duration::from_secs(60), async {
            loop {
                let seen = browser.get(page).await.text;
                if ["succeeded", "failed", "needs a person"]
                    .iter()
                    .any(|word| seen.contains(word))
                {
                    return seen;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        });
        let seen = over.await.expect("the run ends");
        assert!(seen.contains(done), "{seen}");
    }

    /// For the keys of the tests and for `shares`, which nobody may keep either.
    pub fn search(&self, shares: &[Vec<u8>]) -> Search {
        let keys = (1..=9).map(|number| master_key(number).expose().to_vec());
        Search::of(keys.chain(shares.iter().cloned()))
    }

    /// No page, row, log line, panic or argument holds one.
    pub async fn nothing_anywhere(&self, browser: &Browser<'_>, page: &str, shares: &[Vec<u8>]) {
        let search = self.search(shares);
        let own = [page.to_owned(), format!("{page}/plan.json")];
        for path in PAGES.iter().map(ToString::to_string).chain(own) {
            let answer = browser.get(&path).await;
            search.nothing_in(&path, answer.text.as_bytes());
            search.nothing_in(&path, format!("{:?}", answer.headers).as_bytes());
        }
        search.nothing_kept(&self.site.own).await;
    }
}

/// The address of a plan, as the form makes it.
pub fn planned(wish: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(wish)
        .append_pair("step", "plan")
        .finish();
    format!("/requests/new?{query}")
}

/// The digest in the form below a plan.
pub fn digest_on(page: &str) -> Option<String> {
    let field = page.split("<input").find(|field| field.contains("name=\"digest\""))?;
    let value = field.split("value=\"").nth(1)?;
    value.split('"').next().map(str::to_owned)
}

pub fn recipients() -> (Identity, Identity) {
    (Identity::generate(), Identity::generate())
}

/// The bytes of a share, as its recipient opens it.
pub fn opened(armored: &str, identity: &Identity) -> Vec<u8> {
    let armored = age::armor::ArmoredReader::new(armored.as_bytes());
    let sealed = age::Decryptor::new(armored).expect("an age file");
    let mut text = String::new();
    let mut reader = sealed
        .decrypt(std::iter::once(identity as &dyn age::Identity))
        .expect("for them");
    reader.read_to_string(&mut text).expect("text");
    STANDARD.decode(text.trim()).expect("base64")
}

async fn fill(live: &testkit::postgres::Database) {
    let mut conn = live.connect().await;
    conn.execute(r#"CREATE TABLE ca_signing_keys ("Id" int PRIMARY KEY, "WrappedPrivateKey" bytea)"#)
        .await
        .expect("a table");
    for id in 0..5_u8 {
        let sealed = envelope::seal(&master_key(4), [id; envelope::NONCE], b"PRIVATE KEY OF THE CA");
        let put = sqlx::query("INSERT INTO ca_signing_keys VALUES ($1, $2)");
        put.bind(i32::from(id))
            .bind(sealed)
            .execute(&mut conn)
            .await
            .expect("a row");
    }
}

fn configure(folder: &Path, settings: &mut Settings, live: &testkit::postgres::Database, dies: &Arc<AtomicBool>) {
    let deployment = &mut settings.deployments[0];
    deployment.database = Some(Database {
        options: live.options.clone(),
        replica: None,
        schema: Schema {
            wrapped: vec![Column::new("ca_signing_keys", "WrappedPrivateKey")],
            ..Schema::default()
        },
    });
    let env = folder.join("ampora.env");
    let text = format!("KeyProtection__MasterKey={}\n", &*key::to_setting(&master_key(4)));
    fs::write(&env, text).expect("writes");
    fs::set_permissions(&env, fs::Permissions::from_mode(0o600)).expect("our own file");
    let root = folder.to_owned();
    let to = move |name: &PlaceName| KeyPlace {
        manager: Arc::new(KeyFiles {
            dir: root.join(name.as_str()),
        }),
        written: Written::default(),
    };
    deployment.key_destinations = vec![Destination::new("near".into(), "file", to)];
    let master_key = deployment.master_key.as_mut().expect("is configured");
    master_key.in_use = Some(InUse::EnvFile(EnvFile { path: env }));
    master_key.place.manager = Arc::new(Mortal {
        folder: KeyFiles {
            dir: folder.join("keys"),
        },
        dies: dies.clone(),
    });
}
