//! `[deployment.schema]`: only what differs from the names that Muster expects in Ampora's database. `docs/ampora-schema.md` lists those.

use schemars::JsonSchema;
use serde::Deserialize;

/// Names that differ. A table may be written `schema.table`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Schema {
    /// Columns whose values are wrapped with the master key. Given, it replaces the whole default list.
    pub wrapped: Option<Vec<WrappedColumn>>,
    pub tenants: TenantsTable,
    pub users: UsersTable,
    pub migrations: MigrationsTable,
    pub audit: AuditTable,
    pub agents: AgentsTable,
    pub ca: CaTable,
    pub certificates: CertificatesTable,
    pub tokens: TokensTable,
    pub access_tokens: AccessTokensTable,
    pub peers: PeersTable,
    pub configurations: ConfigurationsTable,
    pub heartbeat: HeartbeatTable,
}

/// One wrapped column.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct WrappedColumn {
    #[schemars(extend("format" = "identifier"))]
    pub table: String,
    #[schemars(extend("format" = "identifier"))]
    pub column: String,
}

macro_rules! table {
    ($(#[$doc:meta])* $name:ident { $($column:ident),* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
        #[serde(default)]
        pub struct $name {
            #[schemars(extend("format" = "identifier"))]
            pub table: Option<String>,
            $(
                #[schemars(extend("format" = "identifier"))]
                pub $column: Option<String>,
            )*
        }
    };
}

table!(
    /// One row a tenant.
    TenantsTable {}
);
table!(
    /// People who signed in to Ampora; while it is empty, the next one becomes its administrator.
    UsersTable {}
);
table!(
    /// The applied migrations of Entity Framework.
    MigrationsTable { id }
);
table!(
    /// Audit events, and the table that old ones move to.
    AuditTable { archive, at }
);
table!(
    /// Agents with what they need to come back.
    AgentsTable { id, certificate, effective_config, enrolled, last_seen }
);
table!(
    /// Signing keys of Ampora's certificate authority.
    CaTable { state, certificate, private_key }
);
table!(
    /// Certificates that were issued to agents.
    CertificatesTable { fingerprint, serial, issued, expires, revoked }
);
table!(
    /// Bootstrap tokens; `redeemed` where a redeemed token stays listed.
    TokensTable { id, expires, redeemed }
);
table!(
    /// Tokens that open Ampora's API, which Ampora documents no table of. Looked at once its name is given.
    AccessTokensTable { id, expires, revoked }
);
table!(
    /// Federation peers.
    PeersTable { id }
);
table!(
    /// Configurations, and the table of their versions with number, content, its hash and time of publication.
    ConfigurationsTable { versions, version, content, hash, at }
);
table!(
    /// The row that `[deployment.heartbeat]` renews.
    HeartbeatTable { at }
);
