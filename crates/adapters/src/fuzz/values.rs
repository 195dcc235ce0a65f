//! Values and files whose form is Muster's own or Ampora's: envelopes, keys, an exported audit log.

use domain::audit::Export;
use domain::envelope::{Encoding, Layout};
use domain::key::{self, MasterKey};

/// An exported log; no text may verify that doesn't hold what it says.
pub fn audit_export(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(verified) = Export::verify(text.lines()) {
        assert!(
            verified.size as usize <= text.lines().count(),
            "more entries than lines"
        );
    }
}

/// A stored value, by layouts of every encoding.
pub fn envelope(data: &[u8]) {
    let usual = ["scheme:1", "key_id:8", "nonce:12", "tag:16", "ciphertext"].map(str::to_owned);
    let bare = ["ciphertext", "nonce:12", "tag:16"].map(str::to_owned);
    let key = MasterKey::decode(&[7; 32], key::Encoding::Raw).expect("32 bytes").key;
    for encoding in [Encoding::Bytea, Encoding::Base64, Encoding::Hex] {
        for fields in [usual.as_slice(), &bare] {
            let layout = Layout::new(encoding, fields, None).expect("describes an envelope");
            if let Some(envelope) = layout.parse(data, &mut Vec::new()) {
                let _ = envelope.open(&key, &[]);
            }
            let _ = layout.misfits(data, &[key.id_bytes()]);
        }
    }
}

/// A stored key. What decodes has to survive being written into a setting.
pub fn master_key(data: &[u8]) {
    for encoding in [
        key::Encoding::Raw,
        key::Encoding::Base64,
        key::Encoding::Base64url,
        key::Encoding::Hex,
    ] {
        if let Ok(decoded) = MasterKey::decode(data, encoding) {
            let written = key::to_setting(&decoded.key);
            let again = MasterKey::decode(written.as_bytes(), key::Encoding::Base64).expect("its own form");
            assert_eq!(again.key.expose(), decoded.key.expose());
        }
    }
}
