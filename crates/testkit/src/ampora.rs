//! A small, healthy Ampora in a throw-away database, of the same tables as the demo's: agents with real certificates of a real authority,
//! values wrapped under a key, tokens, a peer, an audit log. Tests bring it into the faults they are about.

use chrono::{TimeDelta, Utc};
use domain::envelope::{self, NONCE};
use domain::ids::Sha256;
use domain::key::MasterKey;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::certificates::Authority;
use crate::postgres::Database;

/// Agents in it.
pub const AGENTS: u8 = 6;
/// Agents whose certificate was revoked; they have no other.
pub const REVOKED: [u8; 2] = [1, 4];

/// The database with the authority that signed its agents' certificates.
pub struct Ampora {
    pub database: Database,
    pub authority: Authority,
}

impl Ampora {
    /// Fills a fresh database, with everything wrapped under `key`.
    ///
    /// # Panics
    /// If PostgreSQL refuses it.
    pub async fn new(key: &MasterKey) -> Self {
        Self::in_database(crate::postgres::database().await, key).await
    }

    /// Fills an empty database of any cluster.
    ///
    /// # Panics
    /// If PostgreSQL refuses it.
    pub async fn in_database(database: Database, key: &MasterKey) -> Self {
        let life = (Utc::now() - TimeDelta::days(300), Utc::now() + TimeDelta::days(3000));
        let ampora = Self {
            database,
            authority: Authority::root("Ampora CA", life),
        };
        let mut conn = ampora.database.connect().await;
        for script in [
            include_str!("../../demo/src/schema/schema.sql"),
            include_str!("ampora/world.sql"),
        ] {
            sqlx::raw_sql(script)
                .execute(&mut conn)
                .await
                .expect("the schema is plain");
        }
        insert_authority(&mut conn, &ampora.authority, "Active", key).await;
        for number in 0..AGENTS {
            insert_agent(&mut conn, &ampora.authority, number).await;
        }
        insert_peer(&mut conn, key).await;
        sqlx::raw_sql("ANALYZE").execute(&mut conn).await.expect("analyses");
        ampora
    }

    /// Runs statements as the superuser.
    ///
    /// # Panics
    /// If one of them fails.
    pub async fn run(&self, statements: &str) {
        let mut conn = self.database.connect().await;
        sqlx::raw_sql(AssertSqlSafe(statements.to_owned()))
            .execute(&mut conn)
            .await
            .unwrap_or_else(|error| panic!("{statements}: {error}"));
    }

    /// The authority is lost: in its place is one that this Ampora made anew, which signed nobody's certificate.
    ///
    /// # Panics
    /// If PostgreSQL refuses it.
    pub async fn lose_authority(&self, key: &MasterKey) {
        let life = (Utc::now() - TimeDelta::hours(1), Utc::now() + TimeDelta::days(3000));
        let new = Authority::root("Ampora CA", life);
        let sql = r#"UPDATE "ca_signing_keys" SET "CertificatePem" = $1, "Fingerprint" = $2, "WrappedPrivateKey" = $3"#;
        let update = sqlx::query(sql)
            .bind(new.pem())
            .bind(fingerprint(&new.der()))
            .bind(wrapped(key, 90));
        update
            .execute(&mut self.database.connect().await)
            .await
            .expect("updates");
    }

    /// The authority is back, as a restore would bring it.
    ///
    /// # Panics
    /// If PostgreSQL refuses it.
    pub async fn return_authority(&self) {
        let sql = r#"UPDATE "ca_signing_keys" SET "CertificatePem" = $1, "Fingerprint" = $2"#;
        let update = sqlx::query(sql)
            .bind(self.authority.pem())
            .bind(fingerprint(&self.authority.der()));
        update
            .execute(&mut self.database.connect().await)
            .await
            .expect("updates");
    }

    /// Everything that is wrapped, wrapped under another key.
    ///
    /// # Panics
    /// If PostgreSQL refuses it.
    pub async fn rewrap(&self, key: &MasterKey) {
        let mut conn = self.database.connect().await;
        for (number, (table, column)) in [
            ("ca_signing_keys", "WrappedPrivateKey"),
            ("federation_peers", "WrappedOutboundSecret"),
        ]
        .into_iter()
        .enumerate()
        {
            let sql = AssertSqlSafe(format!(r#"UPDATE "{table}" SET "{column}" = $1"#));
            let value = wrapped(key, 100 + u8::try_from(number).expect("two"));
            sqlx::query(sql).bind(value).execute(&mut conn).await.expect("updates");
        }
    }
}

fn fingerprint(der: &[u8]) -> String {
    Sha256::of(&[der]).to_string()
}

fn wrapped(key: &MasterKey, nonce: u8) -> Vec<u8> {
    envelope::seal(key, [nonce; NONCE], b"a secret of the test's Ampora")
}

async fn insert_authority(conn: &mut PgConnection, authority: &Authority, state: &str, key: &MasterKey) {
    let sql = r#"INSERT INTO "ca_signing_keys"
            ("Id", "State", "Algorithm", "CertificatePem", "Fingerprint", "WrappedPrivateKey", "CreatedUtc", "ActivatedUtc")
        VALUES (md5('authority')::uuid, $1, 'ECDSA-P256', $2, $3, $4, now() - interval '300 days', now() - interval '300 days')"#;
    let insert = sqlx::query(sql)
        .bind(state)
        .bind(authority.pem())
        .bind(fingerprint(&authority.der()));
    insert.bind(wrapped(key, 1)).execute(conn).await.expect("inserts");
}

async fn insert_agent(conn: &mut PgConnection, authority: &Authority, number: u8) {
    let life = (Utc::now() - TimeDelta::days(10), Utc::now() + TimeDelta::days(355));
    let name = format!("agent-{number}");
    let leaf = authority.issue(&[&name], life);
    let print = fingerprint(&leaf.der());
    let agent = r#"INSERT INTO "agents" ("InstanceUid", "TenantId", "Name", "CertificateFingerprint", "CertificatePem", "AgentVersion",
            "Attributes", "Capabilities", "EffectiveConfig", "EffectiveConfigHash", "Healthy", "EnrolledUtc", "LastSeenUtc")
        VALUES (md5($1)::uuid, md5('north')::uuid, $1, $2, $3, '0.138.0', '{}', 79, '{"configMap": {}}', md5('receivers3'), true,
                now() - interval '10 days', now())"#;
    let insert = sqlx::query(agent).bind(&name).bind(&print).bind(leaf.pem());
    insert.execute(&mut *conn).await.expect("inserts");
    let certificate = r#"INSERT INTO "agent_certificates" ("Fingerprint", "TenantId", "InstanceUid", "SigningKeyId", "SerialNumber",
            "IssuedUtc", "ExpiresUtc", "RevokedUtc", "RevocationReason")
        VALUES ($1, md5('north')::uuid, md5($2)::uuid, md5('authority')::uuid, left($1, 16), $3, $4,
                CASE WHEN $5 THEN now() - interval '2 days' END, CASE WHEN $5 THEN 'keyCompromise' END)"#;
    let insert = sqlx::query(certificate)
        .bind(&print)
        .bind(&name)
        .bind(life.0)
        .bind(life.1);
    let insert = insert.bind(REVOKED.contains(&number));
    insert.execute(conn).await.expect("inserts");
}

async fn insert_peer(conn: &mut PgConnection, key: &MasterKey) {
    let sql = r#"INSERT INTO "federation_peers"
            ("Id", "Name", "BaseUrl", "CertificateThumbprint", "InboundSecretHash", "WrappedOutboundSecret", "CreatedUtc")
        VALUES (md5('peer')::uuid, 'west', 'https://west.example', 'ab', '\x01', $1, now() - interval '30 days')"#;
    sqlx::query(sql)
        .bind(wrapped(key, 2))
        .execute(conn)
        .await
        .expect("inserts");
}
