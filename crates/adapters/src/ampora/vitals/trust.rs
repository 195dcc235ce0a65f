//! Ampora's own certificate authority, and whether agents' certificates come from it. Signatures are checked, names prove nothing.

use domain::ids::Sha256;
use domain::time::Timestamp;
use domain::vitals::{Authority, Chains, Identities};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};
use tokio::task::spawn_blocking;
use x509_parser::certificate::X509Certificate;
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer as _;

use super::AmporaError;
use super::secrets::identities;
use crate::ampora::{Agents, Authorities, Certificates};
use crate::postgres::{quote, relation};

/// Certificates of the authority that are looked at; an Ampora has a handful.
const MOST: u32 = 200;
/// Agents whose certificates are tried on each reading: those that were heard of last.
const SAMPLED: u32 = 200;
/// Longest name taken over from a certificate, in characters.
const LONGEST_NAME: usize = 200;

/// The authority's certificates with their states. One that can't be read is left out.
pub(super) async fn authorities(conn: &mut PgConnection, names: &Authorities) -> Result<Vec<Authority>, AmporaError> {
    let stored = stored_authorities(conn, names).await?;
    let mut found: Vec<_> = stored
        .iter()
        .filter_map(|(state, text)| described(state, text))
        .collect();
    found.sort_by(|a, b| (a.not_before, &a.fingerprint).cmp(&(b.not_before, &b.fingerprint)));
    Ok(found)
}

async fn stored_authorities(
    conn: &mut PgConnection,
    names: &Authorities,
) -> Result<Vec<(String, String)>, AmporaError> {
    let sql = format!(
        "SELECT coalesce({state}::text, ''), {certificate}::text FROM {table} WHERE {certificate} IS NOT NULL LIMIT {MOST}",
        state = quote(&names.state),
        certificate = quote(&names.certificate),
        table = relation(&names.table),
    );
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(conn).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

/// Tries a sample of agents' certificates on the authorities.
pub(super) async fn chains(
    conn: &mut PgConnection,
    authorities: &Authorities,
    agents: &Agents,
) -> Result<Chains, AmporaError> {
    let authorities = stored_authorities(conn, authorities).await?;
    let sql = format!(
        "SELECT {certificate}::text FROM {table} WHERE {certificate} IS NOT NULL ORDER BY {seen} DESC NULLS LAST LIMIT {SAMPLED}",
        certificate = quote(&agents.certificate),
        table = relation(&agents.table),
        seen = quote(&agents.last_seen),
    );
    let leaves: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(conn).await?;
    let authorities: Vec<_> = authorities.into_iter().map(|(_, text)| text).collect();
    let tried = spawn_blocking(move || tried(&authorities, &leaves)).await;
    tried.map_err(|error| AmporaError::Odd(format!("certificates, and Muster failed over them ({error}),")))
}

fn tried(authorities: &[String], leaves: &[String]) -> Chains {
    let authorities: Vec<_> = authorities.iter().filter_map(|text| der(text)).collect();
    let authorities: Vec<_> = authorities
        .iter()
        .filter_map(|der| X509Certificate::from_der(der).ok())
        .map(|(_, certificate)| certificate)
        .collect();
    let mut chains = Chains::default();
    for leaf in leaves {
        chains.sampled += 1;
        let Some(der) = der(leaf) else {
            chains.unread += 1;
            continue;
        };
        match X509Certificate::from_der(&der) {
            Err(_) => chains.unread += 1,
            Ok((_, leaf)) => chains.orphaned += u32::from(!authorities.iter().any(|by| signed(&leaf, by))),
        }
    }
    chains
}

fn signed(leaf: &X509Certificate<'_>, by: &X509Certificate<'_>) -> bool {
    leaf.issuer().as_raw() == by.subject().as_raw() && leaf.verify_signature(Some(by.public_key())).is_ok()
}

/// Certificates that were revoked.
pub(super) async fn revoked(conn: &mut PgConnection, names: &Certificates) -> Result<Identities, AmporaError> {
    let condition = format!("{} IS NOT NULL", quote(&names.revoked));
    identities(conn, &names.table, &names.fingerprint, &condition).await
}

fn described(state: &str, stored: &str) -> Option<Authority> {
    let der = der(stored)?;
    let (_, certificate) = X509Certificate::from_der(&der).ok()?;
    let validity = certificate.validity();
    let date = |seconds| Timestamp::from_timestamp(seconds, 0);
    Some(Authority {
        fingerprint: Sha256::of(&[&der]).to_string(),
        state: state.to_owned(),
        subject: certificate.subject().to_string().chars().take(LONGEST_NAME).collect(),
        not_before: date(validity.not_before.timestamp())?,
        not_after: date(validity.not_after.timestamp())?,
    })
}

/// Of a PEM text, or of DER bytes as PostgreSQL writes them.
fn der(stored: &str) -> Option<Vec<u8>> {
    match stored.strip_prefix("\\x") {
        Some(digits) => hex::decode(digits).ok(),
        None => Some(Pem::iter_from_buffer(stored.as_bytes()).next()?.ok()?.contents),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_stored_text_makes_it_panic(text in ".*", bytes: Vec<u8>) {
            let binary = format!("\\x{}", hex::encode(bytes));
            for stored in [text, binary] {
                let _ = described("Active", &stored);
                let chains = tried(std::slice::from_ref(&stored), std::slice::from_ref(&stored));
                prop_assert_eq!(chains.sampled, 1);
            }
        }
    }
}
