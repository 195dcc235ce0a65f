//! The certificates that Muster trusts when it judges a chain: the system's, and those of a configured file.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use rustls::pki_types::CertificateDer;

use super::pem::{self, Block};

/// The system's whole list has 220 KiB.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Trusted certificates.
#[derive(Debug)]
pub(super) struct Roots {
    pub certificates: Vec<CertificateDer<'static>>,
    /// A file was configured, so that a chain that ends elsewhere is wrong, not just unknown.
    pub declared: bool,
}

impl Roots {
    /// Reads the system's list and the file. Blocks.
    ///
    /// # Errors
    /// In words, if the file can't be read or holds no certificate.
    pub fn load(file: Option<&Path>) -> Result<Self, String> {
        // What can't be read of the system's list is missing from it: a chain is then unknown, never trusted.
        let mut certificates = rustls_native_certs::load_native_certs().certs;
        if let Some(path) = file {
            certificates.extend(read(path).map_err(|reason| format!("roots {} {reason}", path.display()))?);
        }
        Ok(Self {
            certificates,
            declared: file.is_some(),
        })
    }
}

fn read(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let mut text = Vec::new();
    let unreadable = |error| format!("can’t be read: {error}");
    let file = File::open(path).map_err(unreadable)?;
    file.take(LARGEST + 1).read_to_end(&mut text).map_err(unreadable)?;
    if text.len() as u64 > LARGEST {
        return Err("is larger than any list of roots, so Muster didn’t read it".into());
    }
    let blocks = pem::blocks(&text).map_err(|error| error.to_string())?;
    let certificates: Vec<_> = blocks
        .into_iter()
        .filter_map(|block| match block {
            Block::Certificate(der) => Some(CertificateDer::from(der)),
            _ => None,
        })
        .collect();
    if certificates.is_empty() {
        return Err("holds no certificate in PEM form".into());
    }
    Ok(certificates)
}
