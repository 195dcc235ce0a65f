//! Database URLs, which hold passwords.

use adapters::postgres::PgConnectOptions;
use anyhow::Context as _;
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use crate::config::Secret;

/// A URL of the configuration as connection options.
///
/// # Errors
/// If it can't be read. The error names the key and no part of the value.
pub fn options(url: &Secret) -> anyhow::Result<PgConnectOptions> {
    parse(url, &url.read()?)
}

/// The same with the password apart: the tools that restore get it by their environment.
pub(super) fn options_and_password(url: &Secret) -> anyhow::Result<(PgConnectOptions, Option<SecretString>)> {
    let value = url.read()?;
    Ok((parse(url, &value)?, password(value.expose_secret())))
}

fn parse(url: &Secret, value: &SecretString) -> anyhow::Result<PgConnectOptions> {
    // The parser's own words may quote the value.
    let parsed = value.expose_secret().parse().ok();
    parsed.with_context(|| format!("{} is no URL of a PostgreSQL database", url.key()))
}

fn password(url: &str) -> Option<SecretString> {
    let url = Url::parse(url).ok()?;
    let in_query = || url.query_pairs().find(|(name, _)| name == "password");
    let text = match url.password() {
        Some(encoded) => percent_decode_str(encoded).decode_utf8().ok()?.into_owned(),
        None => in_query()?.1.into_owned(),
    };
    Some(SecretString::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_found_wherever_libpq_finds_it() {
        for (url, expected) in [
            ("postgres://u:p%40ss@h/d", Some("p@ss")),
            ("postgresql://u@%2Frun%2Fpg/d?password=a+b", Some("a b")),
            ("postgresql://u:x@%2Frun%2Fpg:5432/d", Some("x")),
            ("postgres://u@h/d", None),
        ] {
            let found = password(url);
            assert_eq!(found.as_ref().map(|secret| secret.expose_secret()), expected, "{url}");
        }
    }
}
