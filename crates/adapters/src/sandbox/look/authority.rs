//! Ampora's certificate authority in the copy: its certificates with their sealed keys, and the certificates that agents connect with.

use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use sqlx::AssertSqlSafe;
use x509_parser::certificate::X509Certificate;
use x509_parser::pem::Pem;
use zeroize::Zeroizing;

use super::super::Copy;
use super::{Lookup, table};
use crate::ampora::{Agents, Authorities};
use crate::dumps::Wrapped;
use crate::postgres::quote;

/// Agent certificates that are verified; more of them prove nothing new.
const AGENTS: u32 = 2000;

/// The authority as the copy holds it.
#[derive(Clone, Debug, Default)]
pub struct Certificates {
    /// One a signing key: its state, its certificate, and its private key, still sealed.
    pub authorities: Vec<(String, Vec<u8>, Wrapped)>,
    /// Name and certificate of agents.
    pub agents: Vec<(String, Vec<u8>)>,
}

impl Copy {
    /// Reads signing keys and agents. Certificates that can't be understood come as they are stored.
    ///
    /// # Errors
    /// If the signing keys can't be read.
    pub async fn certificates(
        &self,
        database: &str,
        keys: &Authorities,
        agents: &Agents,
    ) -> Result<Certificates, Lookup> {
        let pool = self.pool(database).await;
        let private = quote(&keys.private_key);
        let sql = format!(
            "SELECT coalesce({state}::text, ''), {certificate}::text, (to_jsonb(k) ->> 'Id'), coalesce(to_jsonb(k) ->> 'TenantId', ''),
                    {private}::text
             FROM {from} AS k",
            state = quote(&keys.state),
            certificate = quote(&keys.certificate),
            from = table(&keys.table),
        );
        let rows: Vec<(String, String, Option<String>, String, String)> =
            sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&pool).await?;
        let authorities = rows.into_iter().map(|(state, certificate, id, tenant, private)| {
            let sealed = Wrapped {
                table: keys.table.clone(),
                column: keys.private_key.clone(),
                id: id.unwrap_or_default(),
                tenant,
                stored: bytes(&private),
            };
            (state, der(&certificate), sealed)
        });
        Ok(Certificates {
            authorities: authorities.collect(),
            agents: self.agent_certificates(database, agents).await?,
        })
    }

    async fn agent_certificates(&self, database: &str, agents: &Agents) -> Result<Vec<(String, Vec<u8>)>, Lookup> {
        let pool = self.pool(database).await;
        let sql = format!(
            "SELECT {}::text, {certificate}::text FROM {} WHERE {certificate} IS NOT NULL LIMIT {AGENTS}",
            quote(&agents.id),
            table(&agents.table),
            certificate = quote(&agents.certificate),
        );
        let rows: Vec<(String, String)> = sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&pool).await?;
        Ok(rows
            .into_iter()
            .map(|(id, certificate)| (id, der(&certificate)))
            .collect())
    }
}

impl Certificates {
    /// Whether a private key, as it was opened, is the one of this certificate.
    ///
    /// # Errors
    /// With what is wrong about them.
    pub fn belongs(certificate: &[u8], private: &Zeroizing<Vec<u8>>) -> Result<(), String> {
        let certificate = X509Certificate::parse(certificate).ok_or("its certificate can’t be understood")?;
        let key = private_key(private).ok_or("what is sealed in it is no private key that Muster understands")?;
        let key = any_supported_type(&key).map_err(|error| format!("its private key can’t be used: {error}"))?;
        let public = key
            .public_key()
            .ok_or("the public half of its private key can’t be told")?;
        if public.as_ref() == certificate.public_key().raw {
            Ok(())
        } else {
            Err("its private key isn’t the one of its certificate".into())
        }
    }

    /// A private key as it was opened, as PKCS#8 in DER.
    #[must_use]
    pub fn pkcs8(opened: &Zeroizing<Vec<u8>>) -> Zeroizing<Vec<u8>> {
        let pem = Pem::iter_from_buffer(opened).next().and_then(Result::ok);
        pem.map_or_else(|| opened.clone(), |pem| Zeroizing::new(pem.contents))
    }

    /// Agents whose certificate none of these authorities has signed.
    #[must_use]
    pub fn strangers(&self) -> Vec<String> {
        let authorities: Vec<_> = self
            .authorities
            .iter()
            .filter_map(|(_, der, _)| X509Certificate::parse(der))
            .collect();
        let signed = |certificate: &X509Certificate<'_>| {
            authorities
                .iter()
                .any(|authority| certificate.verify_signature(Some(authority.public_key())).is_ok())
        };
        let stranger = |(_, der): &&(String, Vec<u8>)| !X509Certificate::parse(der).is_some_and(|found| signed(&found));
        self.agents
            .iter()
            .filter(stranger)
            .map(|(name, _)| name.clone())
            .collect()
    }
}

/// Reading a certificate without an error type nobody looks at.
trait Parse<'a>: Sized {
    fn parse(der: &'a [u8]) -> Option<Self>;
}

impl<'a> Parse<'a> for X509Certificate<'a> {
    fn parse(der: &'a [u8]) -> Option<Self> {
        x509_parser::parse_x509_certificate(der)
            .ok()
            .map(|(_, certificate)| certificate)
    }
}

/// PKCS#8 as DER or PEM.
fn private_key(opened: &Zeroizing<Vec<u8>>) -> Option<PrivateKeyDer<'static>> {
    let der = Certificates::pkcs8(opened).to_vec();
    Some(PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(der)))
}

/// Of a PEM text, or of DER bytes as PostgreSQL writes them.
fn der(stored: &str) -> Vec<u8> {
    let pem = Pem::iter_from_buffer(stored.as_bytes()).next().and_then(Result::ok);
    pem.map_or_else(|| bytes(stored), |pem| pem.contents)
}

/// `bytea` as text; anything else stands for itself.
fn bytes(text: &str) -> Vec<u8> {
    let digits = text.strip_prefix("\\x").and_then(|digits| hex::decode(digits).ok());
    digits.unwrap_or_else(|| text.as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nothing_stored_makes_it_panic(text in ".*", private: Vec<u8>) {
            let found = der(&text);
            let _ = Certificates::belongs(&found, &Zeroizing::new(private));
            let all = Certificates { authorities: Vec::new(), agents: vec![("a".into(), found)] };
            prop_assert_eq!(all.strangers(), ["a"]);
        }
    }
}
