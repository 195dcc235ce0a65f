//! Two short-lived identities. The agent's is signed by the restored authority, which makes it a credential of production: its key is never
//! written anywhere, it ends within the hour, it is good for clients only, and its names say what it is. The server's is Muster's own, for
//! one drill, so that the probe knows whom it talks to.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::drill;
use domain::ids::{DrillId, Sha256};
use domain::time::Timestamp;
use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    SanType, SerialNumber,
};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore};
use zeroize::{Zeroize as _, Zeroizing};

use super::ProbeError;

/// Before now: clocks differ.
const SLACK: TimeDelta = TimeDelta::minutes(5);
/// Behind now. With the slack it stays below an hour.
const LIFE: TimeDelta = TimeDelta::minutes(30);
/// What the server of a drill is called.
const SERVER: &str = "localhost";

/// A certificate for the probe, with its key.
pub struct TestCertificate {
    pub facts: drill::TestCertificate,
    certificate: CertificateDer<'static>,
    key: Zeroizing<Vec<u8>>,
}

impl TestCertificate {
    /// Makes a key pair and has the authority sign for it. `authority_key` is PKCS#8, as it was unsealed.
    ///
    /// # Errors
    /// [`ProbeError::Certificate`] if the authority's certificate or key can't be used.
    pub fn issue(
        drill: DrillId,
        authority: &[u8],
        authority_key: &Zeroizing<Vec<u8>>,
        now: Timestamp,
    ) -> Result<Self, ProbeError> {
        let pkcs8 = PrivatePkcs8KeyDer::from(authority_key.as_slice());
        let signer = KeyPair::try_from(&pkcs8).map_err(unusable)?;
        let issuer = Issuer::from_ca_cert_der(&authority.into(), signer).map_err(unusable)?;
        let (common_name, uri) = (format!("muster-drill {drill}"), format!("muster-drill:{drill}"));
        let mut serial = rand::random::<[u8; 16]>();
        // Positive, and 16 bytes whatever is drawn.
        serial[0] = serial[0] & 0x7F | 0x40;
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, common_name.clone());
        params.subject_alt_names = vec![SanType::URI(uri.clone().try_into().map_err(unusable)?)];
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        let (not_before, not_after) = lasting(&mut params, now);
        let mut pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(unusable)?;
        let signed = params.signed_by(&pair, &issuer);
        let key = Zeroizing::new(pair.serialize_der());
        pair.zeroize();
        let certificate = signed.map_err(unusable)?;
        Ok(Self {
            facts: drill::TestCertificate {
                common_name,
                uri,
                serial: hex::encode(serial),
                fingerprint: Sha256::of(&[certificate.der()]).to_string(),
                not_before,
                not_after,
            },
            certificate: certificate.into(),
            key,
        })
    }

    /// The certificate itself.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.certificate
    }

    /// What a client needs to present it to this server, and to no other.
    ///
    /// # Errors
    /// If one of them can't be used.
    pub fn client(&self, server: &ServerIdentity) -> Result<Arc<ClientConfig>, ProbeError> {
        let mut roots = RootCertStore::empty();
        roots.add(server.certificate.clone()).map_err(unusable)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.to_vec()));
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_root_certificates(roots)
            .with_client_auth_cert(vec![self.certificate.clone()], key)
            .map_err(unusable)?;
        Ok(Arc::new(config))
    }
}

/// What the server of a drill shows, so that nobody else can be taken for it.
pub struct ServerIdentity {
    /// In PEM.
    pub certificate_pem: String,
    /// PKCS#8 in PEM.
    pub key_pem: Zeroizing<String>,
    certificate: CertificateDer<'static>,
}

impl ServerIdentity {
    /// Makes one for `localhost`.
    ///
    /// # Errors
    /// If no key can be made.
    pub fn make(now: Timestamp) -> Result<Self, ProbeError> {
        let mut params = CertificateParams::new(vec![SERVER.to_owned()]).map_err(unusable)?;
        params
            .distinguished_name
            .push(DnType::CommonName, "muster-drill server");
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        // As long as a drill may take, and some.
        lasting(&mut params, now);
        let mut pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(unusable)?;
        let signed = params.self_signed(&pair);
        let key_pem = Zeroizing::new(pair.serialize_pem());
        pair.zeroize();
        let certificate = signed.map_err(unusable)?;
        Ok(Self {
            certificate_pem: certificate.pem(),
            key_pem,
            certificate: certificate.into(),
        })
    }

    /// The name in it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        SERVER
    }
}

fn unusable(error: impl std::fmt::Display) -> ProbeError {
    ProbeError::Certificate(error.to_string())
}

/// From a little before now to half an hour from now.
fn lasting(params: &mut CertificateParams, now: Timestamp) -> (Timestamp, Timestamp) {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let at = |time: DateTime<Utc>| epoch + Duration::from_secs(time.timestamp().unsigned_abs());
    let (from, to) = (now - SLACK, now + LIFE);
    (params.not_before, params.not_after) = (at(from), at(to));
    (from, to)
}
