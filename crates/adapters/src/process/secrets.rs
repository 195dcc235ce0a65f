//! Takes known secrets out of text before it is logged, stored or shown.
//!
//! A tool may repeat a password in its own words: inside a URL, a header or a JSON string. So each secret
//! is looked for as it is, percent-encoded, in base64 at any offset, in hexadecimal and JSON-escaped.

use std::{borrow::Cow, fmt};

use base64::{Engine, engine::general_purpose};
use zeroize::Zeroizing;

/// What stands where a secret stood.
pub const REDACTED: &str = "redacted";

/// A shorter piece of a secret would also be found where it isn't one.
const SHORTEST_PIECE: usize = 8;

/// Values that must not appear anywhere. Its own memory is wiped when it is dropped.
#[derive(Clone, Default)]
pub struct Secrets {
    /// Longest first, so that a form isn't hidden by a piece of itself.
    forms: Vec<Zeroizing<Vec<u8>>>,
}

impl Secrets {
    /// Adds one secret in all its forms. An empty one is ignored.
    pub fn add(&mut self, secret: &[u8]) {
        if secret.is_empty() {
            return;
        }
        self.push(secret.to_vec());
        self.push(hex::encode(secret).into_bytes());
        self.push(hex::encode_upper(secret).into_bytes());
        self.push(general_purpose::STANDARD.encode(secret).into_bytes());
        self.push(general_purpose::URL_SAFE.encode(secret).into_bytes());
        self.add_base64_pieces(secret);
        self.add_text_forms(secret);
        self.forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        self.forms.dedup();
    }

    /// Adds all secrets of another set.
    pub fn extend(&mut self, other: &Self) {
        self.forms.extend(other.forms.iter().cloned());
        self.forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    }

    /// The text with every secret replaced by [`REDACTED`].
    #[must_use]
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.redact_bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    /// As [`Self::redact`], for bytes that need not be text.
    #[must_use]
    pub fn redact_bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let mut clean: Option<Vec<u8>> = None;
        let begins = self.begins();
        let mut at = 0;
        while at < bytes.len() {
            let here = begins[usize::from(bytes[at])].then_some(&self.forms);
            match here.into_iter().flatten().find_map(|form| matched(&bytes[at..], form)) {
                Some(length) => {
                    clean
                        .get_or_insert_with(|| bytes[..at].to_vec())
                        .extend_from_slice(REDACTED.as_bytes());
                    at += length;
                }
                None => {
                    if let Some(clean) = &mut clean {
                        clean.push(bytes[at]);
                    }
                    at += 1;
                }
            }
        }
        clean.map_or(Cow::Borrowed(bytes), Cow::Owned)
    }

    /// Bytes that a form may begin with in a text: tools write 100 MB and more, and most of it begins nothing.
    fn begins(&self) -> [bool; 256] {
        let mut begins = [false; 256];
        for first in self.forms.iter().filter_map(|form| form.first()) {
            begins[usize::from(*first)] = true;
        }
        begins[usize::from(b'%')] |= !self.forms.is_empty();
        begins[usize::from(b'+')] |= begins[usize::from(b' ')];
        begins
    }

    /// Base64 of a longer text that holds the secret: per offset, the characters only the secret decides.
    fn add_base64_pieces(&mut self, secret: &[u8]) {
        for (before, undecided) in [(0, 0), (1, 2), (2, 3)] {
            let mut padded = Zeroizing::new(vec![0; before]);
            padded.extend_from_slice(secret);
            let decided = padded.len() * 8 / 6;
            for alphabet in [&general_purpose::STANDARD_NO_PAD, &general_purpose::URL_SAFE_NO_PAD] {
                let encoded = Zeroizing::new(alphabet.encode(&*padded));
                let piece = encoded.get(undecided..decided).unwrap_or_default();
                if piece.len() >= SHORTEST_PIECE {
                    self.push(piece.as_bytes().to_vec());
                }
            }
        }
    }

    /// A secret of several lines is met line by line; one with quotes is met escaped.
    fn add_text_forms(&mut self, secret: &[u8]) {
        let Ok(text) = std::str::from_utf8(secret) else { return };
        for line in text.lines().map(str::trim).filter(|line| line.len() >= SHORTEST_PIECE) {
            self.push(line.as_bytes().to_vec());
        }
        let escaped = Zeroizing::new(serde_json::Value::from(text).to_string());
        self.push(escaped.trim_matches('"').as_bytes().to_vec());
    }

    fn push(&mut self, form: Vec<u8>) {
        self.forms.push(Zeroizing::new(form));
    }
}

/// Says how many secrets' forms there are, never what they are.
impl fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secrets({} forms)", self.forms.len())
    }
}

/// Length of the start of `text` that says `form`, each byte either plain or percent-encoded.
fn matched(text: &[u8], form: &[u8]) -> Option<usize> {
    let mut at = 0;
    for &wanted in form {
        at += match text.get(at..)? {
            [byte, ..] if *byte == wanted => 1,
            [b'%', high, low, ..] if percent(*high, *low) == Some(wanted) => 3,
            [b'+', ..] if wanted == b' ' => 1,
            _ => return None,
        };
    }
    Some(at)
}

fn percent(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};

    use super::Secrets;

    const PASSWORD: &str = "p\"ss/w0rd &co=1";

    fn redacted(text: &str) -> String {
        let mut secrets = Secrets::default();
        secrets.add(PASSWORD.as_bytes());
        secrets.redact(text).into_owned()
    }

    #[test]
    fn plain_and_escaped_forms_are_taken_out() {
        assert_eq!(redacted(&format!("password={PASSWORD};")), "password=redacted;");
        assert_eq!(redacted("{\"p\":\"p\\\"ss/w0rd &co=1\"}"), "{\"p\":\"redacted\"}");
        assert_eq!(redacted(&hex::encode(PASSWORD)), "redacted");
        assert_eq!(redacted("nothing of it"), "nothing of it");
    }

    #[test]
    fn percent_encoding_of_any_kind_is_taken_out() {
        let all = percent_encoding::utf8_percent_encode(PASSWORD, percent_encoding::NON_ALPHANUMERIC).to_string();
        assert_eq!(redacted(&format!("postgres://u:{all}@h/")), "postgres://u:redacted@h/");
        assert_eq!(redacted("q=p%22ss%2fw0rd+%26co=1&x"), "q=redacted&x");
        let mut url = url::Url::parse("postgres://u@h/").unwrap();
        url.set_password(Some(PASSWORD)).unwrap();
        assert_eq!(redacted(url.as_str()), "postgres://u:redacted@h/");
    }

    #[test]
    fn base64_at_every_offset_is_taken_out() {
        for user in ["u", "us", "use", "user"] {
            let header = STANDARD.encode(format!("{user}:{PASSWORD}!"));
            let clean = redacted(&header);
            assert!(clean.contains("redacted"), "{clean}");
            // What is left says the name, the sign at the end, and at most a few bits of the secret.
            let left = clean.len() - "redacted".len();
            assert!(left <= (user.len() + 2) * 4 / 3 + 4, "{clean}");
        }
        assert_eq!(redacted(&STANDARD.encode(PASSWORD)), "redacted");
    }

    #[test]
    fn a_key_of_raw_bytes_is_taken_out_of_bytes() {
        let mut secrets = Secrets::default();
        secrets.add(&[0xff; 32]);
        let line = [b"key ".as_slice(), &[0xff; 32], b" end"].concat();
        assert_eq!(secrets.redact_bytes(&line).as_ref(), b"key redacted end");
    }

    #[test]
    fn lines_of_a_pem_block_are_taken_out_one_by_one() {
        let mut secrets = Secrets::default();
        secrets.add(b"-----BEGIN-----\nMIIEvQIBADAN\nBgkqhkiG9w0B\n");
        assert_eq!(secrets.redact("got MIIEvQIBADAN here"), "got redacted here");
    }

    #[test]
    fn debug_shows_no_secret() {
        let mut secrets = Secrets::default();
        secrets.add(b"hunter2hunter2");
        assert!(!format!("{secrets:?}").contains("hunter2"));
    }
}
