//! The names in Ampora's database: what the configuration says, else the documented ones.

use adapters::ampora::{
    AccessTokens, Agents, Audit, Authorities, Certificates, Column, Configurations, Schema, Tokens,
};

use crate::config::deployment as written;

/// Names of the heartbeat, where only one of the two is configured.
const HEARTBEAT: (&str, &str) = ("heartbeats", "BeatUtc");

pub fn schema(written: &written::Schema) -> Schema {
    let usual = Schema::default();
    let wrapped = written.wrapped.as_ref().map(|columns| {
        let column = |wrapped: &written::WrappedColumn| Column::new(&wrapped.table, &wrapped.column);
        columns.iter().map(column).collect()
    });
    Schema {
        wrapped: wrapped.unwrap_or(usual.wrapped),
        tenants: or(&written.tenants.table, usual.tenants),
        users: or(&written.users.table, usual.users),
        migrations: Column {
            table: or(&written.migrations.table, usual.migrations.table),
            column: or(&written.migrations.id, usual.migrations.column),
        },
        audit: Audit {
            table: or(&written.audit.table, usual.audit.table),
            archive: written.audit.archive.clone().or(usual.audit.archive),
            at: or(&written.audit.at, usual.audit.at),
        },
        agents: Agents {
            table: or(&written.agents.table, usual.agents.table),
            id: or(&written.agents.id, usual.agents.id),
            certificate: or(&written.agents.certificate, usual.agents.certificate),
            effective_config: or(&written.agents.effective_config, usual.agents.effective_config),
            enrolled: or(&written.agents.enrolled, usual.agents.enrolled),
            last_seen: or(&written.agents.last_seen, usual.agents.last_seen),
        },
        authorities: Authorities {
            table: or(&written.ca.table, usual.authorities.table),
            state: or(&written.ca.state, usual.authorities.state),
            certificate: or(&written.ca.certificate, usual.authorities.certificate),
            private_key: or(&written.ca.private_key, usual.authorities.private_key),
        },
        certificates: certificates(written, usual.certificates),
        tokens: Tokens {
            table: or(&written.tokens.table, usual.tokens.table),
            id: or(&written.tokens.id, usual.tokens.id),
            expires: or(&written.tokens.expires, usual.tokens.expires),
            redeemed: written.tokens.redeemed.clone().or(usual.tokens.redeemed),
        },
        access_tokens: access_tokens(written),
        peers: Column {
            table: or(&written.peers.table, usual.peers.table),
            column: or(&written.peers.id, usual.peers.column),
        },
        configurations: configurations(written, usual.configurations),
        heartbeat: heartbeat(&written.heartbeat).or(usual.heartbeat),
    }
}

fn or(name: &Option<String>, usual: String) -> String {
    name.clone().unwrap_or(usual)
}

fn certificates(written: &written::Schema, usual: Certificates) -> Certificates {
    let written = &written.certificates;
    Certificates {
        table: or(&written.table, usual.table),
        fingerprint: or(&written.fingerprint, usual.fingerprint),
        serial: or(&written.serial, usual.serial),
        issued: or(&written.issued, usual.issued),
        expires: or(&written.expires, usual.expires),
        revoked: or(&written.revoked, usual.revoked),
    }
}

fn access_tokens(written: &written::Schema) -> Option<AccessTokens> {
    let written = &written.access_tokens;
    let column = |name: &Option<String>, usual: &str| name.clone().unwrap_or_else(|| usual.into());
    Some(AccessTokens {
        table: written.table.clone()?,
        id: column(&written.id, "Id"),
        expires: column(&written.expires, "ExpiresUtc"),
        revoked: column(&written.revoked, "RevokedUtc"),
    })
}

fn configurations(written: &written::Schema, usual: Configurations) -> Configurations {
    let written = &written.configurations;
    Configurations {
        table: or(&written.table, usual.table),
        versions: or(&written.versions, usual.versions),
        version: or(&written.version, usual.version),
        content: or(&written.content, usual.content),
        hash: or(&written.hash, usual.hash),
        at: or(&written.at, usual.at),
    }
}

fn heartbeat(written: &written::HeartbeatTable) -> Option<Column> {
    let (table, at) = (written.table.as_deref(), written.at.as_deref());
    (table.is_some() || at.is_some()).then(|| Column::new(table.unwrap_or(HEARTBEAT.0), at.unwrap_or(HEARTBEAT.1)))
}
