//! Sealing a key to one person: age, X25519 recipients only. <https://age-encryption.org/v1>

use std::io::Write as _;
use std::str::FromStr as _;

use age::armor::{ArmoredWriter, Format};
use age::x25519::Recipient;
use zeroize::Zeroizing;

/// A recipient or a sealing that failed. Names no key.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("The recipient isn’t an age X25519 one (age1…): {0}.")]
    Recipient(&'static str),
    #[error("The key could not be sealed.")]
    Seal(#[from] std::io::Error),
    #[error("The key could not be sealed.")]
    Encrypt(#[from] age::EncryptError),
}

/// The one way in which a recipient is written, so that two that differ are two.
///
/// # Errors
/// If nobody could open what is sealed to it.
pub fn recipient(text: &str) -> Result<String, SealError> {
    let recipient = Recipient::from_str(text.trim()).map_err(SealError::Recipient)?;
    Ok(recipient.to_string())
}

/// Seals `plaintext` for the recipient, in age's armor.
///
/// # Errors
/// If the recipient is none.
pub fn seal(recipient: &str, plaintext: &Zeroizing<String>) -> Result<String, SealError> {
    let recipient = Recipient::from_str(recipient).map_err(SealError::Recipient)?;
    let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))?;
    let mut writer = encryptor.wrap_output(ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)?)?;
    writer.write_all(plaintext.as_bytes())?;
    let armored = writer.finish()?.finish()?;
    Ok(String::from_utf8_lossy(&armored).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn only_the_recipient_opens_it() {
        let identity = age::x25519::Identity::generate();
        let sealed = seal(&identity.to_public().to_string(), &Zeroizing::new("the key".into())).expect("seals");
        assert!(sealed.starts_with("-----BEGIN AGE ENCRYPTED FILE-----") && !sealed.contains("the key"));
        let open = |identity: &age::x25519::Identity| {
            let decryptor = age::Decryptor::new(age::armor::ArmoredReader::new(sealed.as_bytes()))?;
            let mut text = String::new();
            let mut reader = decryptor.decrypt(std::iter::once(identity as &dyn age::Identity))?;
            reader
                .read_to_string(&mut text)
                .map(|_| text)
                .map_err(age::DecryptError::from)
        };
        assert_eq!(open(&identity).expect("opens"), "the key");
        assert!(open(&age::x25519::Identity::generate()).is_err());
    }

    #[test]
    fn other_kinds_of_recipients_are_refused() {
        for text in ["", "age1", "ssh-ed25519 AAAA", "AGE-SECRET-KEY-1"] {
            assert!(recipient(text).is_err(), "{text}");
        }
    }

    #[test]
    fn white_space_makes_no_other_recipient() {
        let text = age::x25519::Identity::generate().to_public().to_string();
        for written in [text.clone(), format!(" {text}\n")] {
            assert_eq!(recipient(&written).expect("is one"), text);
        }
    }
}
