//! The key that signs receipts. Made where there is none, since an unsigned receipt is worth nothing; replaced by putting another file in its
//! place, after which the old public half still stands in the list of keys.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use domain::ids::Sha256;
use domain::receipt::{Envelope, NoReceipt, PAYLOAD_TYPE, pre_authentication};
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _, EncodePrivateKey as _, EncodePublicKey as _};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

/// Where a public key begins in a file of several.
const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";

/// An Ed25519 key.
pub struct Signer {
    key: SigningKey,
}

/// Shows the key's public name only.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.key_id())
    }
}

/// Why there is no key to sign or verify with.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    #[error("{} could not be {what}: {source}", .path.display())]
    File {
        what: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error(
        "what is given as the signing key of receipts is no Ed25519 private key in PKCS#8 and PEM (openssl genpkey -algorithm ed25519)"
    )]
    NotPrivate,
    #[error("{} holds no Ed25519 public key in PEM", .0.display())]
    NotPublic(PathBuf),
}

impl Signer {
    /// Reads a key.
    ///
    /// # Errors
    /// If it is none.
    pub fn from_pem(pem: &str) -> Result<Self, KeyFileError> {
        let key = SigningKey::from_pkcs8_pem(pem).map_err(|_| KeyFileError::NotPrivate)?;
        Ok(Self { key })
    }

    /// Reads the key of this file, or makes one there that nobody else can read. The public half lies beside it as `….pub`.
    ///
    /// # Errors
    /// If the file can't be read or written.
    pub fn of_file(path: &Path) -> Result<Self, KeyFileError> {
        let failed = |what, path: &Path| {
            let path = path.to_owned();
            move |source| KeyFileError::File { what, path, source }
        };
        let signer = match fs::read_to_string(path).map(Zeroizing::new) {
            Ok(pem) => Self::from_pem(&pem)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let signer = Self::generate();
                let pem = signer
                    .key
                    .to_pkcs8_pem(LineEnding::LF)
                    .map_err(|_| KeyFileError::NotPrivate)?;
                if let Some(folder) = path.parent() {
                    fs::create_dir_all(folder).map_err(failed("made", folder))?;
                }
                let make = || {
                    OpenOptions::new()
                        .write(true)
                        .create_new(true)
                        .mode(0o600)
                        .open(path)?
                        .write_all(pem.as_bytes())
                };
                make().map_err(failed("made", path))?;
                signer
            }
            Err(error) => return Err(failed("read", path)(error)),
        };
        let public = PathBuf::from(format!("{}.pub", path.display()));
        if fs::read_to_string(&public).ok().as_deref() != Some(&signer.public_pem()) {
            fs::write(&public, signer.public_pem()).map_err(failed("written", &public))?;
        }
        Ok(signer)
    }

    fn generate() -> Self {
        let seed = Zeroizing::new(rand::random::<[u8; 32]>());
        Self {
            key: SigningKey::from_bytes(&seed),
        }
    }

    /// SHA-256 of the public key, in hex.
    #[must_use]
    pub fn key_id(&self) -> String {
        key_id(&self.key.verifying_key())
    }

    /// The public key in PEM.
    #[must_use]
    pub fn public_pem(&self) -> String {
        let pem = self.key.verifying_key().to_public_key_pem(LineEnding::LF);
        pem.expect("a public key has an encoding")
    }

    /// Signs a payload.
    #[must_use]
    pub fn sign(&self, payload: &[u8]) -> Envelope {
        let signature = self.key.sign(&pre_authentication(PAYLOAD_TYPE, payload));
        Envelope::new(payload, &self.key_id(), &signature.to_bytes())
    }
}

fn key_id(key: &VerifyingKey) -> String {
    Sha256::of(&[key.as_bytes()]).to_string()
}

/// Why a receipt isn't believed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unverified {
    #[error(transparent)]
    NoReceipt(#[from] NoReceipt),
    #[error("no signature of it is of {}: it was changed, or somebody else signed it", one_of(*.0))]
    Signature(usize),
}

fn one_of(keys: usize) -> String {
    if keys == 1 {
        "this key".into()
    } else {
        format!("one of these {keys} keys")
    }
}

/// Verifies a receipt by any of these keys; answers its payload and the id of the key.
///
/// # Errors
/// If none has signed it.
pub fn verify(receipt: &[u8], keys: &[VerifyingKey]) -> Result<(Vec<u8>, String), Unverified> {
    let envelope = Envelope::read(receipt)?;
    let payload = envelope.payload()?;
    let signed = pre_authentication(&envelope.payload_type, &payload);
    let signatures: Vec<_> = envelope
        .signatures()
        .iter()
        .filter_map(|bytes| Signature::from_slice(bytes).ok())
        .collect();
    let by = keys.iter().find(|key| {
        signatures
            .iter()
            .any(|signature| key.verify_strict(&signed, signature).is_ok())
    });
    match by {
        Some(key) => Ok((payload, key_id(key))),
        None => Err(Unverified::Signature(keys.len())),
    }
}

/// The public keys of a file, one PEM block after the other.
///
/// # Errors
/// If there is none.
pub fn public_keys(path: &Path) -> Result<Vec<VerifyingKey>, KeyFileError> {
    let text = fs::read_to_string(path).map_err(|source| KeyFileError::File {
        what: "read",
        path: path.to_owned(),
        source,
    })?;
    let blocks = text.split(BEGIN).skip(1).filter_map(|rest| rest.split_once(END));
    let read = |(body, _): (&str, &str)| VerifyingKey::from_public_key_pem(&format!("{BEGIN}{body}{END}\n")).ok();
    let keys: Vec<_> = blocks.filter_map(read).collect();
    if keys.is_empty() {
        return Err(KeyFileError::NotPublic(path.to_owned()));
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("keys/receipt.pem");
        let first = Signer::of_file(&path).expect("makes one");
        let mode = fs::metadata(&path).expect("is there").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        assert_eq!(Signer::of_file(&path).expect("reads it").key_id(), first.key_id());
        let keys = public_keys(&folder.path().join("keys/receipt.pem.pub")).expect("one lies beside it");
        assert_eq!(keys.len(), 1);
    }

    #[test]
    fn a_receipt_holds_with_its_key_and_with_no_other_and_not_if_it_was_changed() {
        let (signer, other) = (Signer::generate(), Signer::generate());
        let receipt = serde_json::to_vec(&signer.sign(b"{\"verdict\":\"passed\"}")).expect("an envelope");
        let keys = |signer: &Signer| [signer.key.verifying_key()];
        assert_eq!(verify(&receipt, &keys(&signer)).expect("its own").1, signer.key_id());
        assert_eq!(verify(&receipt, &keys(&other)), Err(Unverified::Signature(1)));
        let mut forged = Envelope::read(&receipt).expect("one");
        forged.payload = Envelope::new(b"{\"verdict\":\"failed\"}", "", b"").payload;
        let forged = serde_json::to_vec(&forged).expect("an envelope");
        assert_eq!(verify(&forged, &keys(&signer)), Err(Unverified::Signature(1)));
    }
}
