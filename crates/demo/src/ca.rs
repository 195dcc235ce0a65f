//! Ampora's own certificate authority: real keys, real X.509 certificates. ECDSA P-256, which Ampora allows beside its default RSA-3072
//! and which is made in no time.

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::Sha256;
use rcgen::{
    BasicConstraints, CertificateParams, CrlDistributionPoint, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType, SerialNumber,
};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Life of a client certificate, as Ampora documents it.
const LEAF_LIFE: TimeDelta = TimeDelta::days(365);
const AUTHORITY_LIFE: TimeDelta = TimeDelta::days(3650);
/// Where Ampora publishes revocations; written into every leaf for good.
const CRL: &str = "http://ampora.example/pki/crl.der";

/// One signing key with its certificate.
pub(crate) struct Authority {
    pub id: Uuid,
    pub pem: String,
    pub fingerprint: Sha256,
    pub created: DateTime<Utc>,
    /// PKCS#8.
    pub private_key: Zeroizing<Vec<u8>>,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate that an agent connects with. Its private key is the agent's alone.
pub(crate) struct Leaf {
    pub pem: String,
    pub fingerprint: Sha256,
    /// In hex.
    pub serial: String,
    pub issued: DateTime<Utc>,
    pub expires: DateTime<Utc>,
}

impl Authority {
    /// Makes a key and signs its certificate with it.
    pub fn generate(created: DateTime<Utc>) -> anyhow::Result<Self> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "Ampora CA");
        params.distinguished_name.push(DnType::OrganizationName, "Ampora demo");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.serial_number = Some(random_serial());
        set_validity(&mut params, created, created + AUTHORITY_LIFE);
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate = params
            .self_signed(&pair)
            .context("the authority's certificate could not be signed")?;
        Ok(Self {
            id: random_id(),
            pem: certificate.pem(),
            fingerprint: Sha256::of(&[certificate.der()]),
            created,
            private_key: Zeroizing::new(pair.serialize_der()),
            issuer: Issuer::new(params, pair),
        })
    }

    /// Signs a client certificate for an agent.
    pub fn issue(&self, agent: &str, instance: Uuid, issued: DateTime<Utc>) -> anyhow::Result<Leaf> {
        let (serial, expires) = (random_serial(), issued + LEAF_LIFE);
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, agent);
        params.subject_alt_names = vec![SanType::URI(format!("urn:uuid:{instance}").try_into()?)];
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        params.crl_distribution_points = vec![CrlDistributionPoint { uris: vec![CRL.into()] }];
        params.serial_number = Some(serial.clone());
        set_validity(&mut params, issued, expires);
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let certificate = params
            .signed_by(&pair, &self.issuer)
            .context("an agent's certificate could not be signed")?;
        Ok(Leaf {
            pem: certificate.pem(),
            fingerprint: Sha256::of(&[certificate.der()]),
            serial: serial.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect(),
            issued,
            expires,
        })
    }
}

fn set_validity(params: &mut CertificateParams, from: DateTime<Utc>, to: DateTime<Utc>) {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let at = |time: DateTime<Utc>| epoch + std::time::Duration::from_secs(time.timestamp().unsigned_abs());
    (params.not_before, params.not_after) = (at(from), at(to));
}

/// Positive, and 16 bytes whatever is drawn.
fn random_serial() -> SerialNumber {
    let mut bytes = rand::random::<[u8; 16]>();
    bytes[0] = bytes[0] & 0x7F | 0x40;
    SerialNumber::from_slice(&bytes)
}

/// A random UUID of version 4.
pub(crate) fn random_id() -> Uuid {
    uuid::Builder::from_random_bytes(rand::random()).into_uuid()
}
