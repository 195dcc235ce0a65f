//! The names Muster reads Ampora's database by. Few of them are documented, so each can be configured; the defaults are those of
//! `docs/ampora-schema.md`.

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub table: String,
    pub column: String,
}

impl Column {
    /// Names as they are configured; those in double quotes, as SQL writes them, mean the same without.
    #[must_use]
    pub fn new(table: &str, column: &str) -> Self {
        let table = match table.split_once('.') {
            Some((schema, table)) => format!("{}.{}", bare(schema), bare(table)),
            None => bare(table),
        };
        Self {
            table,
            column: bare(column),
        }
    }

    /// `table.column`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}.{}", self.table, self.column)
    }
}

/// A name without the quotes of SQL around it.
fn bare(name: &str) -> String {
    let quoted = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
    quoted.map_or_else(|| name.to_owned(), |name| name.replace("\"\"", "\""))
}

/// The audit log's tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audit {
    pub table: String,
    /// Where the retention sweep moves old rows.
    pub archive: Option<String>,
    /// The column with the event's time.
    pub at: String,
}

/// Agents, as they last reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agents {
    pub table: String,
    pub id: String,
    pub certificate: String,
    pub effective_config: String,
    /// When it enrolled.
    pub enrolled: String,
    pub last_seen: String,
}

/// Signing keys of Ampora's own authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorities {
    pub table: String,
    pub state: String,
    pub certificate: String,
    /// Sealed under the master key.
    pub private_key: String,
}

/// Certificates that were issued to agents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificates {
    pub table: String,
    pub fingerprint: String,
    pub serial: String,
    pub issued: String,
    pub expires: String,
    pub revoked: String,
}

/// Bootstrap tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    pub table: String,
    pub id: String,
    pub expires: String,
    /// When it was redeemed. `None`: redeeming deletes the row.
    pub redeemed: Option<String>,
}

/// Tokens that open Ampora's API. Ampora documents no table of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessTokens {
    pub table: String,
    pub id: String,
    pub expires: String,
    pub revoked: String,
}

/// Versions of configurations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configurations {
    pub table: String,
    pub versions: String,
    pub version: String,
    pub content: String,
    /// SHA-256 of the content, in hex.
    pub hash: String,
    pub at: String,
}

/// All names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// Columns wrapped under the master key.
    pub wrapped: Vec<Column>,
    pub tenants: String,
    pub users: String,
    /// The list of applied migrations; `column` is its id.
    pub migrations: Column,
    pub audit: Audit,
    pub agents: Agents,
    pub authorities: Authorities,
    pub certificates: Certificates,
    pub tokens: Tokens,
    /// `None`: not looked at.
    pub access_tokens: Option<AccessTokens>,
    /// Federation peers; `column` is their id.
    pub peers: Column,
    pub configurations: Configurations,
    /// A row that is written at short intervals: a commit time known to the second.
    pub heartbeat: Option<Column>,
}

impl Default for Schema {
    fn default() -> Self {
        Self {
            wrapped: vec![
                Column::new("ca_signing_keys", "WrappedPrivateKey"),
                Column::new("git_config_sources", "WrappedCredential"),
                Column::new("federation_peers", "WrappedOutboundSecret"),
            ],
            tenants: "tenants".into(),
            users: "users".into(),
            migrations: Column::new("__EFMigrationsHistory", "MigrationId"),
            audit: Audit {
                table: "audit_events".into(),
                archive: Some("audit_event_archive".into()),
                at: "Timestamp".into(),
            },
            agents: Agents {
                table: "agents".into(),
                id: "InstanceUid".into(),
                certificate: "CertificatePem".into(),
                effective_config: "EffectiveConfig".into(),
                enrolled: "EnrolledUtc".into(),
                last_seen: "LastSeenUtc".into(),
            },
            authorities: Authorities {
                table: "ca_signing_keys".into(),
                state: "State".into(),
                certificate: "CertificatePem".into(),
                private_key: "WrappedPrivateKey".into(),
            },
            certificates: Certificates {
                table: "agent_certificates".into(),
                fingerprint: "Fingerprint".into(),
                serial: "SerialNumber".into(),
                issued: "IssuedUtc".into(),
                expires: "ExpiresUtc".into(),
                revoked: "RevokedUtc".into(),
            },
            tokens: Tokens {
                table: "bootstrap_tokens".into(),
                id: "Id".into(),
                expires: "ExpiresUtc".into(),
                redeemed: None,
            },
            access_tokens: None,
            peers: Column::new("federation_peers", "Id"),
            configurations: Configurations {
                table: "configurations".into(),
                versions: "configuration_versions".into(),
                version: "Version".into(),
                content: "Content".into(),
                hash: "Sha256".into(),
                at: "PublishedUtc".into(),
            },
            heartbeat: None,
        }
    }
}
