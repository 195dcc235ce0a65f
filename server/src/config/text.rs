//! Values that are written as a string: how each is read, and what to write instead. The schema names them as its `format`, so that the
//! walk can check them with the full name of the key at hand.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use chrono::TimeDelta;
use ipnet::IpNet;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};
use url::{Host, Url};

use super::nearest::nearest;

mod formats;
mod location;

pub(super) use formats::complaint;

/// A length of time, such as `15m`, `26h`, `90d` or `1h30m`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub TimeDelta);

/// A zone of the IANA database, such as `Europe/Berlin`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimeZone(pub chrono_tz::Tz);

/// A folder or a bucket: `file:///srv/dumps`, `s3://bucket/prefix`, `gs://bucket/prefix` or `az://container/prefix`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Location {
    File(PathBuf),
    S3 { bucket: String, prefix: String },
    Gcs { bucket: String, prefix: String },
    Azure { container: String, prefix: String },
}

/// Where the newest checkpoint is kept: a [`Location`], or a service that takes a POST.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Anchor {
    Place(Location),
    Webhook(Url),
}

/// `host:port`, with an IPv6 address in brackets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Endpoint {
    pub host: String,
    pub port: u16,
}

/// Addresses, such as `10.0.0.0/8` or `192.0.2.7`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Network(pub IpNet);

/// A path of this host, as an element of a list or a map. Relative ones are taken from the folder of the file.
pub(super) struct LocalPath;

/// A mail address, as an element of a list.
pub(super) struct MailAddress;

macro_rules! schema_of_text {
    ($type:ty, $name:literal, $format:literal) => {
        impl JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "format": $format })
            }
        }
    };
}

macro_rules! read_from_text {
    ($($type:ty),*) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

schema_of_text!(Span, "Span", "length-of-time");
schema_of_text!(TimeZone, "TimeZone", "time-zone");
schema_of_text!(Location, "Location", "location");
schema_of_text!(Anchor, "Anchor", "anchor");
schema_of_text!(Endpoint, "Endpoint", "endpoint");
schema_of_text!(Network, "Network", "network");
schema_of_text!(LocalPath, "Path", "path");
schema_of_text!(MailAddress, "MailAddress", "mail-address");
read_from_text!(Span, TimeZone, Location, Anchor, Endpoint, Network);

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let advice = "needs a length of time such as 15m, 26h, 90d or 1h30m";
        if text.contains('M') {
            return Err(format!("{advice}; a capital M would be months, m are minutes"));
        }
        let duration = humantime::parse_duration(text.trim()).map_err(|_| advice)?;
        let span = TimeDelta::from_std(duration).map_err(|_| advice)?;
        if span > TimeDelta::days(36_500) {
            Err("is longer than a hundred years".into())
        } else {
            Ok(Self(span))
        }
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&domain::time::span(self.0.num_seconds()))
    }
}

impl FromStr for TimeZone {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| {
            let known = || chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
            let nearest = known()
                .find(|name| name.eq_ignore_ascii_case(text))
                .or_else(|| nearest(text, known()));
            let hint = nearest.map_or(String::new(), |name| format!("; did you mean {name}?"));
            format!("needs a zone of the IANA database such as Europe/Berlin or UTC{hint}")
        })
    }
}

impl FromStr for Anchor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match Url::parse(text) {
            Ok(url) if url.scheme() == "https" => Ok(Self::Webhook(url)),
            Ok(url) if url.scheme() == "http" => {
                Err("needs https://: over http:// anybody on the way could change the checkpoint".into())
            }
            _ => text
                .parse()
                .map(Self::Place)
                .map_err(|advice: String| format!("{advice} or https://…")),
        }
    }
}

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let advice = "needs host:port, such as ampora.example.org:443";
        let (host, port) = text.rsplit_once(':').ok_or(advice)?;
        let port = port.parse().ok().filter(|port| *port > 0).ok_or(advice)?;
        Host::parse(host).map_err(|_| advice)?;
        Ok(Self {
            host: host.into(),
            port,
        })
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
        text.parse()
            .ok()
            .or_else(address)
            .map(Self)
            .ok_or_else(|| "needs an address or a network such as 192.0.2.7 or 10.0.0.0/8".into())
    }
}

/// Whether a URL points at this host, so that nothing crosses a network.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

/// A path as it is written, taken from `base` if it is relative.
pub(super) fn resolve(written: &str, base: &Path) -> String {
    let path = base.join(written);
    path.to_str().map_or_else(|| written.into(), String::from)
}
