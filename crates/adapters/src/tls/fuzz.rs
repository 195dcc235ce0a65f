//! Certificates and the files they are kept in, as bodies of fuzz tests.

use domain::time::Timestamp;
use rustls::pki_types::CertificateDer;

use super::certificate::Certificate;
use super::chain::Served;
use super::names::Names;
use super::pem::{self, Block};
use super::roots::Roots;

/// A PEM file; what is a certificate in it is read as one.
pub(crate) fn bundle(data: &[u8]) {
    let Ok(blocks) = pem::blocks(data) else { return };
    for block in blocks {
        if let Block::Certificate(der) = block {
            certificate(&der);
        }
    }
}

/// One certificate in DER, as somebody's own authority.
pub(crate) fn certificate(data: &[u8]) {
    let der = CertificateDer::from(data.to_vec());
    let _ = Names::check(&der, vec!["ampora.example.org".into()]);
    let Ok(certificate) = Certificate::read(data) else {
        return;
    };
    let subject = &certificate.facts.subject;
    assert!(!subject.contains(char::is_control), "{subject:?} isn't one line");
    let roots = Roots {
        certificates: vec![der],
        declared: false,
    };
    let links = [certificate.clone(), certificate];
    let served = Served {
        links: &links,
        saved: &links,
        roots: &roots,
    };
    let _ = served.judge(Timestamp::UNIX_EPOCH);
}
