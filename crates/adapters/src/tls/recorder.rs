//! A TLS client that accepts any certificate and records it. For the probe alone: nothing may ever be sent through it.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ALL_VERSIONS, CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

/// What was shown in the handshake.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    /// The server's certificate first. Empty: it came to none.
    pub chain: Vec<CertificateDer<'static>>,
    /// The signature of the handshake isn't of the certificate's key.
    pub key_refuted: bool,
}

/// Keeps what it is shown.
#[derive(Debug)]
pub(super) struct Recorder {
    algorithms: WebPkiSupportedAlgorithms,
    shown: Mutex<Shown>,
}

impl Recorder {
    /// A recorder, and the configuration of a client for one connection.
    ///
    /// # Errors
    /// Never with the provider that Muster is built with.
    #[expect(
        clippy::disallowed_methods,
        reason = "the probe reads certificates that nobody trusts; it sends nothing"
    )]
    pub fn new() -> Result<(Arc<Self>, ClientConfig), Error> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let recorder = Arc::new(Self {
            algorithms: provider.signature_verification_algorithms,
            shown: Mutex::default(),
        });
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(ALL_VERSIONS)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&recorder) as Arc<dyn ServerCertVerifier>)
            .with_no_client_auth();
        Ok((recorder, config))
    }

    /// What it was shown so far.
    pub fn shown(&self) -> Shown {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Signatures of odd certificates can't be checked; only one that is wrong says something.
    fn note(&self, checked: Result<HandshakeSignatureValid, Error>) -> HandshakeSignatureValid {
        checked.unwrap_or_else(|error| {
            let refuted = error == Error::InvalidCertificate(CertificateError::BadSignature);
            self.shown.lock().unwrap_or_else(PoisonError::into_inner).key_refuted |= refuted;
            HandshakeSignatureValid::assertion()
        })
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(end_entity).chain(intermediates);
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).chain =
            chain.map(|certificate| certificate.clone().into_owned()).collect();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(self.note(verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.algorithms,
        )))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(self.note(verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.algorithms,
        )))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
