//! The saved copy: certificate, chain and private key in PEM files, in any order. The private key is compared with the certificate and
//! forgotten; it is never logged, kept or shown.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use domain::status::Status;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::certificate::{Certificate, public_key_of};
use super::pem::{self, Block, KeyForm, PemError, PlainKey};

/// A bundle with a long chain has 20 KiB.
const LARGEST: u64 = 1024 * 1024;
/// Reading or writing by every account of this host.
const OPEN_TO_ALL: u32 = 0o006;

/// Where the copy is saved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SavedFiles {
    /// One file with everything.
    Bundle(PathBuf),
    /// Certificate and chain, with the key in a file of its own.
    Pair {
        certificate: PathBuf,
        private_key: Option<PathBuf>,
    },
}

/// Whether the saved certificate could be served again.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum SavedKey {
    /// The private key is the certificate's own.
    Belongs,
    /// It is of another certificate.
    Foreign,
    /// A passphrase protects it, which Muster doesn't have.
    Encrypted,
    Missing,
    /// Of a kind that Muster can't compare.
    Unread,
}

/// What was found in the files.
#[derive(Clone, Debug)]
pub(super) struct Bundle {
    pub leaf: Certificate,
    /// The other certificates.
    pub chain: Vec<Certificate>,
    pub key: SavedKey,
    /// The file with the private key, if every account of this host can read or change it.
    pub open_to_all: Option<PathBuf>,
}

/// Why the saved copy can't be used. Names files, never contents.
#[derive(Debug, thiserror::Error)]
pub(super) enum BundleError {
    #[error("{0} isn’t there")]
    Gone(PathBuf),
    #[error("{path} can’t be read: {source}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{0} is larger than any bundle, so Muster didn’t read it")]
    TooLarge(PathBuf),
    #[error("{path} {source}")]
    Pem { path: PathBuf, source: PemError },
    #[error("{0} holds no certificate in PEM form")]
    NoCertificate(PathBuf),
    #[error("{path} holds {reason}")]
    Certificate { path: PathBuf, reason: String },
    #[error("{path} holds two server certificates, {first} and {second}: keep one a file")]
    TwoLeaves {
        path: PathBuf,
        first: String,
        second: String,
    },
    #[error("{0} holds two private keys: keep one a file")]
    TwoKeys(PathBuf),
}

impl BundleError {
    /// What was read and is no bundle brings nothing back; what wasn't read may well do.
    pub const fn status(&self) -> Status {
        match self {
            Self::Gone(_) | Self::Pem { .. } | Self::NoCertificate(_) | Self::Certificate { .. } => Status::Broken,
            Self::Unreadable { .. } | Self::TooLarge(_) | Self::TwoLeaves { .. } | Self::TwoKeys(_) => Status::Unknown,
        }
    }
}

/// One file's blocks.
struct Contents {
    certificates: Vec<Certificate>,
    key: Option<Block>,
    mode: u32,
}

impl Bundle {
    /// Reads the files. Blocks.
    ///
    /// # Errors
    /// If they aren't there, can't be read, or hold no or more than one server certificate.
    pub fn read(files: &SavedFiles) -> Result<Self, BundleError> {
        match files {
            SavedFiles::Bundle(path) => {
                let contents = contents(path)?;
                Self::new(path, contents.certificates, Some((path, contents.key, contents.mode)))
            }
            SavedFiles::Pair {
                certificate,
                private_key,
            } => {
                let certificates = contents(certificate)?.certificates;
                let key = match private_key {
                    Some(path) => contents(path).map(|contents| Some((path.as_path(), contents.key, contents.mode)))?,
                    None => None,
                };
                Self::new(certificate, certificates, key)
            }
        }
    }

    fn new(
        path: &Path,
        certificates: Vec<Certificate>,
        key: Option<(&Path, Option<Block>, u32)>,
    ) -> Result<Self, BundleError> {
        let (leaf, chain) = leaf_and_chain(path, certificates)?;
        let (file, block, mode) = match key {
            Some((file, block, mode)) => (Some(file), block, mode),
            None => (None, None, 0),
        };
        let is_open = block.is_some() && mode & OPEN_TO_ALL != 0;
        Ok(Self {
            key: compare(block.as_ref(), &leaf),
            open_to_all: file.filter(|_| is_open).map(Path::to_owned),
            leaf,
            chain,
        })
    }
}

fn contents(path: &Path) -> Result<Contents, BundleError> {
    let (text, mode) = read(path)?;
    let blocks = pem::blocks(&text).map_err(|source| BundleError::Pem {
        path: path.into(),
        source,
    })?;
    let (mut certificates, mut key) = (Vec::<Certificate>::new(), None);
    for block in blocks {
        match block {
            Block::Certificate(der) => {
                let certificate = Certificate::read(&der).map_err(|reason| BundleError::Certificate {
                    path: path.into(),
                    reason,
                })?;
                if certificates.iter().all(|other| other.der != certificate.der) {
                    certificates.push(certificate);
                }
            }
            _ if key.is_some() => return Err(BundleError::TwoKeys(path.into())),
            private => key = Some(private),
        }
    }
    Ok(Contents {
        certificates,
        key,
        mode,
    })
}

fn read(path: &Path) -> Result<(Zeroizing<Vec<u8>>, u32), BundleError> {
    let unreadable = |source: std::io::Error| match source.kind() {
        ErrorKind::NotFound => BundleError::Gone(path.into()),
        _ => BundleError::Unreadable {
            path: path.into(),
            source,
        },
    };
    let file = File::open(path).map_err(unreadable)?;
    let meta = file.metadata().map_err(unreadable)?;
    if meta.len() > LARGEST {
        return Err(BundleError::TooLarge(path.into()));
    }
    // Reserved once: a growing buffer would leave copies of the key behind.
    let mut text = Zeroizing::new(Vec::with_capacity(LARGEST as usize + 1));
    file.take(LARGEST + 1).read_to_end(&mut text).map_err(unreadable)?;
    if text.len() as u64 > LARGEST {
        return Err(BundleError::TooLarge(path.into()));
    }
    Ok((text, meta.permissions().mode()))
}

/// The server's certificate is the one that issued no other; among several, the one that is no authority.
fn leaf_and_chain(path: &Path, mut all: Vec<Certificate>) -> Result<(Certificate, Vec<Certificate>), BundleError> {
    let issued_none = |at: &usize| !all.iter().any(|other| all[*at].may_have_issued(other));
    let mut leaves: Vec<usize> = (0..all.len()).filter(issued_none).collect();
    if leaves.is_empty() && !all.is_empty() {
        // Authorities that vouch for each other: the server's own comes first in every server's configuration.
        leaves.push(0);
    }
    if leaves.len() > 1 && leaves.iter().any(|at| !all[*at].is_authority) {
        leaves.retain(|at| !all[*at].is_authority);
    }
    match leaves.as_slice() {
        [] => Err(BundleError::NoCertificate(path.into())),
        [only] => {
            let leaf = all.remove(*only);
            Ok((leaf, all))
        }
        [first, second, ..] => Err(BundleError::TwoLeaves {
            path: path.into(),
            first: all[*first].facts.subject.clone(),
            second: all[*second].facts.subject.clone(),
        }),
    }
}

fn compare(key: Option<&Block>, leaf: &Certificate) -> SavedKey {
    match key {
        None | Some(Block::Certificate(_)) => SavedKey::Missing,
        Some(Block::EncryptedKey) => SavedKey::Encrypted,
        Some(Block::Key(key)) => match public_half(key) {
            Some(public) if public == leaf.public_key => SavedKey::Belongs,
            Some(_) => SavedKey::Foreign,
            None => SavedKey::Unread,
        },
    }
}

fn public_half(key: &PlainKey) -> Option<Vec<u8>> {
    let der = key.der.as_slice();
    let private: PrivateKeyDer<'_> = match key.form {
        KeyForm::Pkcs8 => PrivatePkcs8KeyDer::from(der).into(),
        KeyForm::Pkcs1 => PrivatePkcs1KeyDer::from(der).into(),
        KeyForm::Sec1 => PrivateSec1KeyDer::from(der).into(),
    };
    let signing = any_supported_type(&private).ok()?;
    public_key_of(&signing.public_key()?)
}
