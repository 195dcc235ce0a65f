//! The names in Ampora's database: what the configuration says, else the documented ones.

use adapters::ampora::{Audit, Column, Schema};

use crate::config::deployment as written;

/// Names of the heartbeat, where only one of the two is configured.
const HEARTBEAT: (&str, &str) = ("heartbeats", "BeatUtc");

pub fn schema(written: &written::Schema) -> Schema {
    let usual = Schema::default();
    let wrapped = written.wrapped.as_ref().map(|columns| {
        let column = |wrapped: &written::WrappedColumn| Column::new(&wrapped.table, &wrapped.column);
        columns.iter().map(column).collect()
    });
    let or = |name: &Option<String>, usual: String| name.clone().unwrap_or(usual);
    Schema {
        wrapped: wrapped.unwrap_or(usual.wrapped),
        migrations: Column {
            table: or(&written.migrations.table, usual.migrations.table),
            column: or(&written.migrations.id, usual.migrations.column),
        },
        audit: Audit {
            table: or(&written.audit.table, usual.audit.table),
            archive: written.audit.archive.clone().or(usual.audit.archive),
            at: or(&written.audit.at, usual.audit.at),
        },
        heartbeat: heartbeat(&written.heartbeat).or(usual.heartbeat),
        authority: Column {
            table: or(&written.ca.table, usual.authority.table),
            column: or(&written.ca.certificate, usual.authority.column),
        },
    }
}

fn heartbeat(written: &written::HeartbeatTable) -> Option<Column> {
    let (table, at) = (written.table.as_deref(), written.at.as_deref());
    (table.is_some() || at.is_some()).then(|| Column::new(table.unwrap_or(HEARTBEAT.0), at.unwrap_or(HEARTBEAT.1)))
}
