//! The names Muster reads Ampora's database by. Few of them are documented, so each can be configured; the defaults are those of
//! `docs/ampora-schema.md`.

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub table: String,
    pub column: String,
}

impl Column {
    pub fn new(table: &str, column: &str) -> Self {
        Self {
            table: table.into(),
            column: column.into(),
        }
    }

    /// `table.column`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}.{}", self.table, self.column)
    }
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

/// All names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// Columns wrapped under the master key.
    pub wrapped: Vec<Column>,
    /// The list of applied migrations; `column` is its id.
    pub migrations: Column,
    pub audit: Audit,
    /// A row that is written at short intervals: a commit time known to the second.
    pub heartbeat: Option<Column>,
    /// Certificates of Ampora's own authority.
    pub authority: Column,
}

impl Default for Schema {
    fn default() -> Self {
        Self {
            wrapped: vec![
                Column::new("ca_signing_keys", "WrappedPrivateKey"),
                Column::new("git_config_sources", "WrappedCredential"),
                Column::new("federation_peers", "WrappedOutboundSecret"),
            ],
            migrations: Column::new("__EFMigrationsHistory", "MigrationId"),
            audit: Audit {
                table: "audit_events".into(),
                archive: Some("audit_event_archive".into()),
                at: "Timestamp".into(),
            },
            heartbeat: None,
            authority: Column::new("ca_signing_keys", "CertificatePem"),
        }
    }
}
