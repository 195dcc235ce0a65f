//! Bytes that are written as text, the way databases and libraries write them: base64 with or without padding, in its form for URLs, broken
//! into lines (`encode(…, 'base64')` of PostgreSQL does that after 76 letters); hex in either case, behind `\x` or `0x` or not.

use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, Engine as _};

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Decodes `stored` into `bytes`. False: it isn't base64.
pub(super) fn base64(stored: &[u8], bytes: &mut Vec<u8>) -> bool {
    let text = stored.trim_ascii();
    if text.iter().any(u8::is_ascii_whitespace) {
        return decode_base64(&without_breaks(text), bytes);
    }
    decode_base64(text, bytes)
}

fn decode_base64(text: &[u8], bytes: &mut Vec<u8>) -> bool {
    [&BASE64, &BASE64_URL].into_iter().any(|form| {
        bytes.clear();
        form.decode_vec(text, bytes).is_ok()
    })
}

/// Decodes `stored` into `bytes`. False: it isn't hex.
pub(super) fn hex(stored: &[u8], bytes: &mut Vec<u8>) -> bool {
    let text = digits(stored);
    if text.iter().any(u8::is_ascii_whitespace) {
        return decode_hex(&without_breaks(text), bytes);
    }
    decode_hex(text, bytes)
}

fn decode_hex(text: &[u8], bytes: &mut Vec<u8>) -> bool {
    bytes.clear();
    bytes.resize(text.len() / 2, 0);
    ::hex::decode_to_slice(text, bytes).is_ok()
}

/// Whether nothing stands in it but letters of base64.
pub(super) fn is_base64(stored: &[u8]) -> bool {
    let letter = |byte: &u8| byte.is_ascii_alphanumeric() || byte.is_ascii_whitespace() || b"+/=-_".contains(byte);
    stored.iter().all(letter)
}

/// Whether nothing stands in it but hex.
pub(super) fn is_hex(stored: &[u8]) -> bool {
    let digit = |byte: &u8| byte.is_ascii_hexdigit() || byte.is_ascii_whitespace();
    digits(stored).iter().all(digit)
}

/// What stands behind the mark that says that digits follow.
fn digits(stored: &[u8]) -> &[u8] {
    let text = stored.trim_ascii();
    let marks: [&[u8]; 3] = [br"\x", b"0x", b"0X"];
    marks
        .into_iter()
        .find_map(|mark| text.strip_prefix(mark))
        .unwrap_or(text)
}

fn without_breaks(text: &[u8]) -> Vec<u8> {
    text.iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect()
}
