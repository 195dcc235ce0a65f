//! The certificate revocation list that Ampora serves at `/pki/crl.der`. It is public and signed, so it may be fetched without a login.
//! Format: <https://www.rfc-editor.org/rfc/rfc5280#section-5>.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::rules::Crl;
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer as _;
use x509_parser::revocation_list::CertificateRevocationList;

use crate::http::{body, cause};

const PATIENCE: Duration = Duration::from_secs(20);
/// A list of a hundred thousand entries has about four megabytes.
const LARGEST: usize = 32 * 1024 * 1024;
/// Longest name taken over from the list, in characters.
const LONGEST_NAME: usize = 200;

/// Fetches and reads the list.
///
/// # Errors
/// In words, for a person.
pub async fn read(url: &str) -> Result<Crl, String> {
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::limited(3))
        .build()
        .map_err(|error| cause(&error))?;
    let answer = client
        .get(url)
        .send()
        .await
        .map_err(|error| format!("{url}: {}", cause(&error)))?;
    if !answer.status().is_success() {
        return Err(format!("{url} answered {}", answer.status()));
    }
    let mut answer = answer;
    let bytes = body(&mut answer, LARGEST)
        .await
        .map_err(|error| format!("{url}: {error}"))?;
    parse(&bytes).ok_or_else(|| format!("{url}: what it serves is no revocation list"))
}

/// Of DER, or PEM around it.
fn parse(bytes: &[u8]) -> Option<Crl> {
    let pem = || Some(Pem::iter_from_buffer(bytes).next()?.ok()?.contents);
    let der = if bytes.starts_with(b"-----BEGIN") {
        pem()?
    } else {
        bytes.to_vec()
    };
    let (_, list) = CertificateRevocationList::from_der(&der).ok()?;
    let time = |seconds| DateTime::<Utc>::from_timestamp(seconds, 0);
    Some(Crl {
        issuer: list.issuer().to_string().chars().take(LONGEST_NAME).collect(),
        this_update: time(list.last_update().timestamp())?,
        next_update: list.next_update().and_then(|next| time(next.timestamp())),
        revoked: u32::try_from(list.iter_revoked_certificates().count()).unwrap_or(u32::MAX),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, text in ".*") {
            let _ = parse(&bytes);
            let _ = parse(text.as_bytes());
            let _ = parse(format!("-----BEGIN X509 CRL-----\n{text}\n-----END X509 CRL-----\n").as_bytes());
        }
    }
}
