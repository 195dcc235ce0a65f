//! The blocks of a PEM file (<https://www.rfc-editor.org/rfc/rfc7468>), whatever stands between them. Own code, since Muster has to
//! recognise encrypted keys, which readers of certificates skip, and to leave no copy of a key in memory, which they do.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

/// Some tools leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// No label in use is half as long.
const LONGEST_LABEL: usize = 64;

/// One block.
pub(super) enum Block {
    Certificate(Vec<u8>),
    Key(PlainKey),
    /// A private key that a passphrase protects.
    EncryptedKey,
}

/// A private key in DER, wiped when it is dropped.
pub(super) struct PlainKey {
    pub form: KeyForm,
    pub der: Zeroizing<Vec<u8>>,
}

/// How a private key is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum KeyForm {
    /// `PRIVATE KEY`
    Pkcs8,
    /// `RSA PRIVATE KEY`
    Pkcs1,
    /// `EC PRIVATE KEY`
    Sec1,
}

/// Why a file is no PEM file. Continues the name of the file.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum PemError {
    #[error("ends within a block {0:?}, so a part of it is missing")]
    Cut(String),
    #[error("has a block {0:?} that isn’t base64")]
    NoBase64(String),
}

/// All certificates and private keys, in their order. Other blocks (parameters, requests, revocation lists) are passed over.
pub(super) fn blocks(mut text: &[u8]) -> Result<Vec<Block>, PemError> {
    let mut blocks = Vec::new();
    while let Some((_, rest)) = split(text, b"-----BEGIN ") {
        let Some((label, body)) = split(rest, b"-----").filter(|(label, _)| label.len() <= LONGEST_LABEL) else {
            text = rest;
            continue;
        };
        let label = String::from_utf8_lossy(label).into_owned();
        let Some((body, rest)) = split(body, format!("-----END {label}-----").as_bytes()) else {
            return Err(PemError::Cut(label));
        };
        blocks.extend(block(&label, body)?);
        text = rest;
    }
    Ok(blocks)
}

fn block(label: &str, body: &[u8]) -> Result<Option<Block>, PemError> {
    let der = || decode(body).ok_or_else(|| PemError::NoBase64(label.to_owned()));
    let form = match label {
        "CERTIFICATE" | "X509 CERTIFICATE" => return Ok(Some(Block::Certificate(der()?.to_vec()))),
        "ENCRYPTED PRIVATE KEY" => return Ok(Some(Block::EncryptedKey)),
        "PRIVATE KEY" => KeyForm::Pkcs8,
        "RSA PRIVATE KEY" => KeyForm::Pkcs1,
        "EC PRIVATE KEY" => KeyForm::Sec1,
        _ => return Ok(None),
    };
    // OpenSSL's older form says so in a header: `Proc-Type: 4,ENCRYPTED`.
    if split(body, b"ENCRYPTED").is_some() {
        return Ok(Some(Block::EncryptedKey));
    }
    Ok(Some(Block::Key(PlainKey { form, der: der()? })))
}

fn decode(body: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    // Reserved once: a growing buffer would leave copies behind.
    let mut digits = Zeroizing::new(Vec::with_capacity(body.len()));
    digits.extend(body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()));
    let mut der = Zeroizing::new(vec![0; base64::decoded_len_estimate(digits.len())]);
    let length = BASE64.decode_slice(digits.as_slice(), &mut der).ok()?;
    der.truncate(length);
    Some(der)
}

fn split<'a>(text: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = text.windows(mark.len()).position(|window| window == mark)?;
    Some((&text[..at], &text[at + mark.len()..]))
}
