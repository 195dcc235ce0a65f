//! Secrets of the demo that must outlive its process: made once at random, each in a file of its own that only its owner can read.

use std::fs;
use std::io;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use crate::folder::Folder;
use crate::idp::new_signing_key;

/// Passwords of the database's roles and what the identity provider needs.
pub(crate) struct Secrets {
    /// Of the role `ampora`.
    pub ampora: Zeroizing<String>,
    /// Of the role `muster_reader`.
    pub reader: Zeroizing<String>,
    /// Of the role `muster_restore`.
    pub restore: Zeroizing<String>,
    /// Of the console, as a client of the identity provider.
    pub client: Zeroizing<String>,
    /// Of the identity provider, in PEM. Kept, so that tokens stored as evidence verify after a new start.
    pub signing_key: Zeroizing<String>,
}

impl Secrets {
    /// Reads them, or makes what is missing.
    pub fn load(folder: &Folder) -> anyhow::Result<Self> {
        folder.make(&folder.secrets(), None)?;
        let password = |name| kept(folder, name, || Ok(random_password()));
        Ok(Self {
            ampora: password("ampora")?,
            reader: password("muster-reader")?,
            restore: password("muster-restore")?,
            client: password(CLIENT)?,
            signing_key: kept(folder, "provider-signing-key", new_signing_key)?,
        })
    }
}

/// File of the client secret, which the console's configuration names.
pub(crate) const CLIENT: &str = "oidc-client";

fn kept(
    folder: &Folder,
    name: &str,
    make: impl FnOnce() -> anyhow::Result<Zeroizing<String>>,
) -> anyhow::Result<Zeroizing<String>> {
    let path = folder.secrets().join(name);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let made = make()?;
            folder.write_private(&path, made.as_bytes())?;
            Ok(made)
        }
        Err(error) => Err(error).with_context(|| format!("{} can't be read", path.display())),
    }
}

/// 192 bits in letters that need no quoting in SQL, in a URL or in a form.
fn random_password() -> Zeroizing<String> {
    let bytes = Zeroizing::new(rand::random::<[u8; 24]>());
    Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()))
}
