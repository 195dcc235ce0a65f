//! The provider's only client: the console of this demo.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::ids::Sha256;
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

/// A confidential client, with the only addresses the browser is ever sent back to.
pub(crate) struct Client {
    pub id: &'static str,
    pub secret: Zeroizing<String>,
    pub redirect_uri: Url,
    pub post_logout_redirect_uri: Url,
}

impl Client {
    /// Whether a token request proves to come from the client: by HTTP basic, or by the fields of its form, never by both
    /// (RFC 6749, section 2.3).
    pub fn is_proven_by(&self, headers: &HeaderMap, form_id: Option<&str>, form_secret: Option<&str>) -> bool {
        match (headers.get(header::AUTHORIZATION), form_secret) {
            (Some(value), None) => value
                .to_str()
                .ok()
                .and_then(basic)
                .is_some_and(|(id, secret)| form_id.is_none_or(|form| form == id) && self.matches(&id, &secret)),
            (None, Some(secret)) => form_id.is_some_and(|id| self.matches(id, secret)),
            _ => false,
        }
    }

    /// Digests are compared, so that the time it takes tells nothing of the secret.
    fn matches(&self, id: &str, secret: &str) -> bool {
        id == self.id && Sha256::of(&[secret.as_bytes()]) == Sha256::of(&[self.secret.as_bytes()])
    }
}

/// User and password of a basic header. Both are form-encoded before they are joined, unlike elsewhere in HTTP.
fn basic(value: &str) -> Option<(String, Zeroizing<String>)> {
    let encoded = value.strip_prefix("Basic ")?;
    let joined = Zeroizing::new(String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?);
    let (id, secret) = joined.split_once(':')?;
    Some((form_decoded(id), Zeroizing::new(form_decoded(secret))))
}

fn form_decoded(text: &str) -> String {
    // As the name of a field without value the text is decoded as a whole; `&` and `=` can't be in it undecoded.
    form_urlencoded::parse(text.as_bytes())
        .next()
        .map(|(name, _)| name.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> Client {
        let url = Url::parse("http://127.0.0.1:8080/").expect("a URL");
        Client {
            id: "muster",
            secret: Zeroizing::new("s3 cret".into()),
            redirect_uri: url.clone(),
            post_logout_redirect_uri: url,
        }
    }

    fn with_basic(text: &str) -> HeaderMap {
        let value = format!("Basic {}", STANDARD.encode(text)).parse().expect("a header");
        HeaderMap::from_iter([(header::AUTHORIZATION, value)])
    }

    #[test]
    fn either_way_of_proof_is_taken() {
        assert!(client().is_proven_by(&with_basic("muster:s3+cret"), None, None));
        assert!(client().is_proven_by(&HeaderMap::new(), Some("muster"), Some("s3 cret")));
    }

    #[test]
    fn no_proof_a_wrong_one_and_two_at_once_are_refused() {
        assert!(!client().is_proven_by(&HeaderMap::new(), Some("muster"), None));
        assert!(!client().is_proven_by(&with_basic("muster:other"), None, None));
        assert!(!client().is_proven_by(&with_basic("other:s3+cret"), None, None));
        assert!(!client().is_proven_by(&with_basic("muster:s3+cret"), Some("other"), None));
        assert!(!client().is_proven_by(&with_basic("muster:s3+cret"), Some("muster"), Some("s3 cret")));
    }
}
