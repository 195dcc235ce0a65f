//! Writes the fleet into the tables.

use domain::key::MasterKey;
use serde_json::json;
use sqlx::PgConnection;

use super::fleet::{Agent, Fleet};
use crate::wrapping::wrap;

/// What this OpAMP agent can do, as bits; see the capability table of Ampora's documentation.
const CAPABILITIES: i64 = 0x1 | 0x2 | 0x4 | 0x8 | 0x40;

pub(super) async fn insert_authorities(
    connection: &mut PgConnection,
    fleet: &Fleet,
    key: &MasterKey,
) -> sqlx::Result<()> {
    for signing_key in &fleet.authorities {
        let authority = &signing_key.authority;
        sqlx::query(
            r#"INSERT INTO "ca_signing_keys" ("Id", "State", "Algorithm", "CertificatePem", "Fingerprint", "WrappedPrivateKey",
                                              "CreatedUtc", "ActivatedUtc", "TrustedUntilUtc")
               VALUES ($1, $2, 'ECDSA-P256', $3, $4, $5, $6, $7, $8)"#,
        )
        .bind(authority.id)
        .bind(signing_key.state)
        .bind(&authority.pem)
        .bind(authority.fingerprint.to_string())
        .bind(wrap(key, &authority.private_key))
        .bind(authority.created)
        .bind(signing_key.activated)
        .bind(signing_key.trusted_until)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

pub(super) async fn insert_agents(connection: &mut PgConnection, fleet: &Fleet) -> sqlx::Result<()> {
    for agent in &fleet.agents {
        insert_agent(connection, agent).await?;
        for certificate in &agent.certificates {
            let leaf = &certificate.leaf;
            sqlx::query(
                r#"INSERT INTO "agent_certificates" ("Fingerprint", "TenantId", "InstanceUid", "SigningKeyId", "SerialNumber",
                                                     "IssuedUtc", "ExpiresUtc", "RevokedUtc", "RevocationReason")
                   SELECT $1, "TenantId", "InstanceUid", $3, $4, $5, $6, $7, CASE WHEN $7 IS NOT NULL THEN 'keyCompromise' END
                   FROM "agents" WHERE "InstanceUid" = $2"#,
            )
            .bind(leaf.fingerprint.to_string())
            .bind(agent.instance)
            .bind(certificate.signing_key)
            .bind(&leaf.serial)
            .bind(leaf.issued)
            .bind(leaf.expires)
            .bind(certificate.revoked)
            .execute(&mut *connection)
            .await?;
        }
    }
    Ok(())
}

async fn insert_agent(connection: &mut PgConnection, agent: &Agent) -> sqlx::Result<()> {
    let Some((first, current)) = agent.certificates.first().zip(agent.certificates.last()) else {
        return Ok(());
    };
    let system = if agent.windows { "windows" } else { "linux" };
    let attributes = json!({"service.name": "otelcol-contrib", "host.name": &agent.name, "os.type": system});
    sqlx::query(
        r#"INSERT INTO "agents" ("InstanceUid", "TenantId", "Name", "CertificateFingerprint", "CertificatePem", "AgentVersion",
                                 "Attributes", "Capabilities", "Healthy", "EnrolledUtc", "LastSeenUtc")
           SELECT $1, "Id", $3, $4, $5, '0.138.0', $6, $7, true, $8, $9 FROM "tenants" WHERE "Name" = $2"#,
    )
    .bind(agent.instance)
    .bind(agent.tenant)
    .bind(&agent.name)
    .bind(current.leaf.fingerprint.to_string())
    .bind(&current.leaf.pem)
    .bind(attributes)
    .bind(CAPABILITIES)
    .bind(first.leaf.issued)
    .bind(agent.last_seen)
    .execute(connection)
    .await?;
    Ok(())
}
