//! The formats that the schema names, each with its check. A complaint never repeats the value, which may be a secret.

use std::net::SocketAddr;

use chrono::NaiveDate;
use domain::emergency::Hours;
use url::Url;

use super::{Anchor, Endpoint, Location, Network, Span, TimeZone, is_loopback};

/// What is wrong with `text` as a value of this format, as the end of a sentence that begins with the key. `None`: nothing, or the format
/// is unknown.
pub(in crate::config) fn complaint(format: &str, text: &str) -> Option<String> {
    let check = match format {
        "length-of-time" => parsed::<Span>(text),
        "time-zone" => parsed::<TimeZone>(text),
        "location" => parsed::<Location>(text),
        "anchor" => parsed::<Anchor>(text),
        "endpoint" => parsed::<Endpoint>(text),
        "network" => parsed::<Network>(text),
        "socket-address" => socket_address(text),
        "web-url" => web_url(text).map(drop),
        "https-url" => safe_url(text, "this"),
        "issuer-url" => issuer_url(text),
        "postgres-url" => postgres_url(text),
        "mail-address" => mail_address(text),
        "image-digest" => image_digest(text),
        "name" => name(text),
        "identifier" => identifier(text),
        "argument" => argument(text),
        "hours" => text.parse::<Hours>().map(drop),
        "date" => date(text),
        "absolute-path" => absolute_path(text),
        "path" | "not-empty" => not_empty(text),
        _ => Ok(()),
    };
    check.err()
}

type Check = Result<(), String>;

fn parsed<T: std::str::FromStr<Err = String>>(text: &str) -> Check {
    text.parse::<T>().map(drop)
}

fn demand(holds: bool, advice: &str) -> Check {
    if holds { Ok(()) } else { Err(advice.into()) }
}

fn not_empty(text: &str) -> Check {
    demand(!text.trim().is_empty() && !text.contains('\0'), "is empty")
}

fn socket_address(text: &str) -> Check {
    demand(
        text.parse::<SocketAddr>().is_ok(),
        "needs an address and a port such as 127.0.0.1:8080, 0.0.0.0:8080 or [::]:8080",
    )
}

fn web_url(text: &str) -> Result<Url, String> {
    let advice = "needs an address such as https://muster.example.org, without user, password, query and fragment";
    let url = Url::parse(text).map_err(|_| advice)?;
    let plain =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    demand(
        ["http", "https"].contains(&url.scheme()) && url.has_host() && plain,
        advice,
    )?;
    Ok(url)
}

fn safe_url(text: &str, what: &str) -> Check {
    let url = Url::parse(text).map_err(|_| "needs an address such as https://example.org/path")?;
    let safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    demand(
        safe && url.has_host(),
        &format!(
            "needs https://; http:// is for addresses of this host only, since anybody on the way could read {what}"
        ),
    )
}

fn issuer_url(text: &str) -> Check {
    web_url(text)?;
    safe_url(text, "and change logins")
}

fn postgres_url(text: &str) -> Check {
    let postgres = Url::parse(text).is_ok_and(|url| ["postgres", "postgresql"].contains(&url.scheme()));
    demand(
        postgres,
        "needs an address such as postgres://user:password@host:5432/database",
    )
}

fn mail_address(text: &str) -> Check {
    let parts = text
        .split_once('@')
        .filter(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'));
    demand(
        parts.is_some() && !text.contains(|c: char| c.is_whitespace() || c.is_control()),
        "needs a mail address such as oncall@example.org",
    )
}

fn image_digest(text: &str) -> Check {
    let hex = text.strip_prefix("sha256:").unwrap_or_default();
    let digest = hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    demand(digest, "needs sha256: and 64 hex digits, as the registry prints it")
}

fn name(text: &str) -> Check {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    let tidy =
        text.len() <= 63 && text.bytes().all(allowed) && text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    demand(
        tidy,
        "needs a name of at most 63 letters, digits, '-', '_' and '.', beginning with a letter or a digit",
    )
}

fn identifier(text: &str) -> Check {
    demand(
        !text.is_empty() && text.len() <= 127 && !text.contains('\0'),
        "needs the name of a table or column, of at most 127 bytes",
    )
}

fn argument(text: &str) -> Check {
    let plain = !text.is_empty() && !text.starts_with('-') && !text.contains(|c: char| c.is_control());
    demand(
        plain,
        "can't be passed to a command: it must not be empty, begin with '-' or have line breaks in it",
    )
}

fn date(text: &str) -> Check {
    demand(text.parse::<NaiveDate>().is_ok(), "needs a day such as 2026-03-01")
}

fn absolute_path(text: &str) -> Check {
    demand(
        text.starts_with('/') && !text.contains(|c: char| c.is_control()),
        "needs a path that begins with '/'",
    )
}
