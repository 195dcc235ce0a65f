//! What the stand-in reads from the copy: the authority with its sealed key, and published configurations.

use adapters::opamp::messages::{AgentConfigFile, AgentConfigMap, AgentRemoteConfig};
use anyhow::{Context as _, bail};
use domain::ids::Sha256;
use domain::key::MasterKey;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

use crate::authority::{self, Sealed};

/// Signing keys that leaves are believed by.
const TRUSTED: &str = r#"SELECT "State", "CertificatePem", "WrappedPrivateKey" FROM "ca_signing_keys" WHERE "State" IN ('Active', 'Trusted')"#;
/// The newest published content, and the one before.
const PUBLISHED: &str = r#"SELECT "Version"::text, "Content" FROM "configuration_versions" WHERE "PublishedUtc" IS NOT NULL
    ORDER BY "PublishedUtc" DESC, "Version" DESC LIMIT 2"#;

/// A copy as the stand-in has it.
#[derive(Clone, Debug)]
pub struct Copy {
    /// Certificates of the authority, DER.
    pub trusted: Vec<Vec<u8>>,
    /// What agents have.
    pub current: AgentRemoteConfig,
    /// What is rolled out to them.
    pub next: AgentRemoteConfig,
}

impl Copy {
    /// Reads it, and opens the key of the active authority.
    ///
    /// # Errors
    /// If a row is missing, or the master key doesn't open the authority's.
    pub async fn read(options: &PgConnectOptions, key: &MasterKey) -> anyhow::Result<Self> {
        let mut conn = options.connect().await.context("the copy can't be connected to")?;
        let rows: Vec<(String, String, Vec<u8>)> = sqlx::query_as(TRUSTED).fetch_all(&mut conn).await?;
        let sealed = rows.into_iter().map(|(state, certificate, private_key)| Sealed {
            is_active: state == "Active",
            certificate,
            private_key,
        });
        let trusted = authority::open(sealed.collect(), key)?;
        let (current, next) = configurations(&mut conn).await?;
        conn.close().await?;
        Ok(Self { trusted, current, next })
    }
}

async fn configurations(conn: &mut PgConnection) -> anyhow::Result<(AgentRemoteConfig, AgentRemoteConfig)> {
    let rows: Vec<(String, String)> = sqlx::query_as(PUBLISHED).fetch_all(conn).await?;
    let offers: Vec<_> = rows.iter().map(|(version, content)| offer(version, content)).collect();
    match offers.as_slice() {
        [next, current] => Ok((current.clone(), next.clone())),
        [only] => Ok((offer("before", ""), only.clone())),
        _ => bail!("no configuration is published in the copy"),
    }
}

/// Versions of equal content are told apart, as rollouts of them are.
fn offer(version: &str, content: &str) -> AgentRemoteConfig {
    let file = AgentConfigFile {
        body: content.as_bytes().to_vec(),
        content_type: "text/yaml".into(),
    };
    AgentRemoteConfig {
        config: Some(AgentConfigMap {
            config_map: [("collector.yaml".to_owned(), file)].into(),
        }),
        config_hash: Sha256::of(&[version.as_bytes(), b"\n", content.as_bytes()]).0.to_vec(),
    }
}
