//! Secrets that Ampora must be able to show to other systems, and therefore keeps wrapped.

use domain::ids::Sha256;
use domain::key::MasterKey;
use rcgen::{KeyPair, PKCS_ED25519};
use sqlx::PgConnection;
use zeroize::Zeroizing;

use crate::ca::random_id;
use crate::keys::random_token;
use crate::wrapping::wrap;

/// Git repositories that configurations come from: tenant, name, and whether by SSH.
const REPOSITORIES: [(&str, &str, bool); 10] = [
    ("nordwind-energy", "turbine-configs", true),
    ("nordwind-energy", "substation-configs", true),
    ("nordwind-energy", "platform", false),
    ("nordwind-energy", "billing", false),
    ("kestrel-logistics", "collector-configs", false),
    ("kestrel-logistics", "depots", false),
    ("kestrel-logistics", "vehicles", true),
    ("fjord-health", "clinics", true),
    ("fjord-health", "imaging", false),
    ("fjord-health", "shared", false),
];

const PEERS: [&str; 4] = ["emea-north", "emea-south", "apac", "lab"];

pub(super) async fn insert(connection: &mut PgConnection, key: &MasterKey) -> anyhow::Result<()> {
    for (tenant, name, by_ssh) in REPOSITORIES {
        let (kind, url, credential) = if by_ssh {
            (
                "SshKey",
                format!("ssh://git@git.{tenant}.example/{name}.git"),
                ssh_key()?,
            )
        } else {
            (
                "AccessToken",
                format!("https://git.{tenant}.example/{name}.git"),
                random_token("glpat-"),
            )
        };
        sqlx::query(
            r#"INSERT INTO "git_config_sources" ("Id", "TenantId", "Name", "RepositoryUrl", "Branch", "CredentialKind",
                                                 "WrappedCredential", "LastSyncedSha", "LastSyncedUtc")
               SELECT $1, "Id", $3, $4, 'main', $5, $6, left($7, 40), now() - interval '48 seconds'
               FROM "tenants" WHERE "Name" = $2"#,
        )
        .bind(random_id())
        .bind(tenant)
        .bind(name)
        .bind(url)
        .bind(kind)
        .bind(wrap(key, &credential))
        .bind(Sha256::of(&[name.as_bytes()]).to_string())
        .execute(&mut *connection)
        .await?;
    }
    for name in PEERS {
        insert_peer(connection, name, key).await?;
    }
    Ok(())
}

/// The secret this server shows is wrapped; the one it is shown is only compared, so a hash is enough.
async fn insert_peer(connection: &mut PgConnection, name: &str, key: &MasterKey) -> sqlx::Result<()> {
    let (inbound, outbound) = (random_token("amp-peer."), random_token("amp-peer."));
    sqlx::query(
        r#"INSERT INTO "federation_peers" ("Id", "Name", "BaseUrl", "CertificateThumbprint", "InboundSecretHash",
                                           "WrappedOutboundSecret", "CreatedUtc")
           VALUES ($1, $2, $3, $4, $5, $6, now() - interval '77 days')"#,
    )
    .bind(random_id())
    .bind(name)
    .bind(format!("https://{name}.ampora.example"))
    .bind(Sha256::of(&[name.as_bytes(), b" thumbprint"]).to_string())
    .bind(Sha256::of(&[&inbound]).0.to_vec())
    .bind(wrap(key, &outbound))
    .execute(connection)
    .await?;
    Ok(())
}

fn ssh_key() -> anyhow::Result<Zeroizing<Vec<u8>>> {
    Ok(Zeroizing::new(
        KeyPair::generate_for(&PKCS_ED25519)?.serialize_pem().into_bytes(),
    ))
}
