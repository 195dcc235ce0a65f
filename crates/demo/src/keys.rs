//! The master key's three versions, and the two places that should agree on the newest and don't: the secret manager knows two of them,
//! the running Ampora was started with the third.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::key::{MasterKey, to_setting};
use zeroize::Zeroizing;

use crate::folder::Folder;

/// The keys of two rotations.
pub(crate) struct Keys {
    pub first: MasterKey,
    pub second: MasterKey,
    /// What everything is wrapped under in the end. The secret manager never learns of it.
    pub third: MasterKey,
}

impl Keys {
    pub fn generate() -> Self {
        Self {
            first: random_key(),
            second: random_key(),
            third: random_key(),
        }
    }

    /// Makes the secret manager: a folder with one file per version and `current` naming the current one.
    pub fn store(folder: &Folder, version: u32, key: &MasterKey) -> anyhow::Result<()> {
        let keys = folder.keys();
        folder.make(&keys, None)?;
        folder.write_private(&keys.join(format!("{version}.key")), to_setting(key).as_bytes())?;
        folder.write_private(&keys.join("current"), version.to_string().as_bytes())
    }

    /// Writes the environment file of a binary Ampora that was started with this key. `PreviousMasterKey` is gone again, as after a
    /// rotation that ran to its end.
    pub fn use_in_ampora(folder: &Folder, key: &MasterKey) -> anyhow::Result<()> {
        let setting = to_setting(key);
        let lines = Zeroizing::new(format!(
            "ASPNETCORE_ENVIRONMENT=Production\nDatabase__Provider=Postgres\nAMPORA_AUTO_MIGRATE=0\nKeyProtection__MasterKey={}\n",
            setting.as_str()
        ));
        folder.write_private(&folder.environment(), lines.as_bytes())
    }
}

fn random_key() -> MasterKey {
    loop {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::fill(bytes.as_mut_slice());
        let key = MasterKey::new(bytes);
        // Chance may draw a key that looks made up; Muster would rightly complain of it.
        if !key.is_weak() {
            return key;
        }
    }
}

/// A secret such as other systems hand out: `prefix` and 256 random bits.
pub(crate) fn random_token(prefix: &str) -> Zeroizing<Vec<u8>> {
    let bytes = Zeroizing::new(rand::random::<[u8; 32]>());
    Zeroizing::new(format!("{prefix}{}", STANDARD.encode(bytes.as_slice())).into_bytes())
}
