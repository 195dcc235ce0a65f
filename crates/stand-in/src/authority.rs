//! The authority of the copy. A master key that doesn't open its active key is the wrong one, and then nothing is served.

use adapters::sandbox::Certificates;
use anyhow::{Context as _, ensure};
use domain::envelope::Layout;
use domain::key::MasterKey;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// One row of the authority's keys.
pub(crate) struct Sealed {
    pub is_active: bool,
    /// PEM.
    pub certificate: String,
    pub private_key: Vec<u8>,
}

/// The certificates that agents are believed by, after the active key was seen to be the one of its certificate.
pub(crate) fn open(rows: Vec<Sealed>, key: &MasterKey) -> anyhow::Result<Vec<Vec<u8>>> {
    ensure!(
        rows.iter().any(|row| row.is_active),
        "the copy has no active signing key"
    );
    let layout = Layout::default();
    let mut trusted = Vec::new();
    for row in rows {
        let certificate = CertificateDer::from_pem_slice(row.certificate.as_bytes())
            .context("a certificate of the authority can't be read")?;
        if row.is_active {
            let mut scratch = Vec::new();
            let envelope = layout.parse(&row.private_key, &mut scratch);
            let opened = envelope.and_then(|envelope| envelope.open(key, b""));
            let opened = opened.context("the master key doesn't open the key of the authority")?;
            Certificates::belongs(&certificate, &opened).map_err(anyhow::Error::msg)?;
        }
        trusted.push(certificate.to_vec());
    }
    Ok(trusted)
}
