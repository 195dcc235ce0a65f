//! Certificates as a test needs them: of an authority of its own, with any names, any life and any kind of key.

use std::time::Duration;

use chrono::{DateTime, Utc};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    RevocationReason, RevokedCertParams, SerialNumber, SignatureAlgorithm,
};

pub use rcgen::{PKCS_ECDSA_P384_SHA384 as P384, PKCS_ED25519 as ED25519, PKCS_RSA_SHA256 as RSA};

/// From and to, of a certificate.
pub type Life = (DateTime<Utc>, DateTime<Utc>);

/// A certificate authority: a root, or one below another.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate with the key it was made for.
pub struct Issued {
    key: KeyPair,
    pem: String,
    der: Vec<u8>,
}

impl Authority {
    /// A root of this name.
    ///
    /// # Panics
    /// Never: everything in it is plain.
    #[must_use]
    pub fn root(name: &str, life: Life) -> Self {
        let issuer = CertifiedIssuer::self_signed(authority(name, life), new_key(&PKCS_ECDSA_P256_SHA256));
        Self {
            issuer: issuer.expect("plain parameters are signed"),
        }
    }

    /// An authority that this one vouches for.
    ///
    /// # Panics
    /// Never: everything in it is plain.
    #[must_use]
    pub fn intermediate(&self, name: &str, life: Life) -> Self {
        let key = new_key(&PKCS_ECDSA_P256_SHA256);
        let issuer = CertifiedIssuer::signed_by(authority(name, life), key, &self.issuer);
        Self {
            issuer: issuer.expect("plain parameters are signed"),
        }
    }

    /// A certificate for a server of these names, with a new ECDSA P-256 key.
    #[must_use]
    pub fn issue(&self, names: &[&str], life: Life) -> Issued {
        self.issue_for(names, life, new_key(&PKCS_ECDSA_P256_SHA256))
    }

    /// The same with a new key of another kind.
    #[must_use]
    pub fn issue_with(&self, names: &[&str], life: Life, kind: &'static SignatureAlgorithm) -> Issued {
        self.issue_for(names, life, new_key(kind))
    }

    /// A new certificate for the key of an older one.
    #[must_use]
    pub fn renew(&self, old: &Issued, names: &[&str], life: Life) -> Issued {
        self.issue_for(names, life, old.same_key())
    }

    fn issue_for(&self, names: &[&str], life: Life, key: KeyPair) -> Issued {
        let certificate = server(names, life).signed_by(&key, &self.issuer);
        Issued::new(certificate.expect("plain parameters are signed"), key)
    }

    /// Its own certificate.
    #[must_use]
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    #[must_use]
    pub fn der(&self) -> Vec<u8> {
        self.issuer.der().to_vec()
    }

    /// Its revocation list for this time, in DER, with this many certificates on it.
    ///
    /// # Panics
    /// If the time ends before it begins.
    #[must_use]
    pub fn revocation_list(&self, (from, to): Life, revoked: u64) -> Vec<u8> {
        let epoch = rcgen::date_time_ymd(1970, 1, 1);
        let entry = |serial: u64| RevokedCertParams {
            serial_number: SerialNumber::from(serial),
            revocation_time: epoch + since_epoch(from),
            reason_code: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        };
        let list = CertificateRevocationListParams {
            this_update: epoch + since_epoch(from),
            next_update: epoch + since_epoch(to),
            crl_number: SerialNumber::from(from.timestamp().unsigned_abs()),
            issuing_distribution_point: None,
            revoked_certs: (1..=revoked).map(entry).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let signed = list.signed_by(&self.issuer).expect("an authority that may sign lists");
        signed.der().to_vec()
    }
}

impl Issued {
    /// A certificate that nobody but itself vouches for.
    ///
    /// # Panics
    /// Never: everything in it is plain.
    #[must_use]
    pub fn self_signed(names: &[&str], life: Life) -> Self {
        let key = new_key(&PKCS_ECDSA_P256_SHA256);
        let certificate = server(names, life).self_signed(&key);
        Self::new(certificate.expect("plain parameters are signed"), key)
    }

    fn new(certificate: rcgen::Certificate, key: KeyPair) -> Self {
        Self {
            key,
            pem: certificate.pem(),
            der: certificate.der().to_vec(),
        }
    }

    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    #[must_use]
    pub fn der(&self) -> Vec<u8> {
        self.der.clone()
    }

    /// PKCS#8.
    #[must_use]
    pub fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    /// PKCS#8.
    #[must_use]
    pub fn key_der(&self) -> Vec<u8> {
        self.key.serialize_der()
    }

    fn same_key(&self) -> KeyPair {
        KeyPair::try_from(self.key_der()).expect("a key reads back")
    }
}

/// A client's certificate of an authority that exists elsewhere: its certificate in PEM, and its private key.
///
/// # Panics
/// If the key isn't the authority's.
#[must_use]
pub fn client_of(authority: &str, key: &[u8], name: &str, life: Life) -> Issued {
    let signer = KeyPair::try_from(key).expect("a key");
    let issuer = Issuer::from_ca_cert_pem(authority, signer).expect("an authority's certificate");
    let mut params = lasting(CertificateParams::default(), life);
    params.distinguished_name.push(DnType::CommonName, name);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let own = new_key(&PKCS_ECDSA_P256_SHA256);
    let certificate = params.signed_by(&own, &issuer).expect("plain parameters are signed");
    Issued::new(certificate, own)
}

fn new_key(kind: &'static SignatureAlgorithm) -> KeyPair {
    KeyPair::generate_for(kind).expect("a key of a known kind")
}

fn authority(name: &str, life: Life) -> CertificateParams {
    let mut params = lasting(CertificateParams::default(), life);
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn server(names: &[&str], life: Life) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let common = names.first().cloned().unwrap_or_default();
    let mut params = lasting(CertificateParams::new(names).expect("plain names"), life);
    params.distinguished_name.push(DnType::CommonName, common);
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

fn lasting(mut params: CertificateParams, (from, to): Life) -> CertificateParams {
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    (params.not_before, params.not_after) = (epoch + since_epoch(from), epoch + since_epoch(to));
    params
}

fn since_epoch(at: DateTime<Utc>) -> Duration {
    Duration::from_secs(at.timestamp().unsigned_abs())
}
