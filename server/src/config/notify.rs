//! `[notify.webhook]` and `[notify.smtp]`: where news goes.

use std::net::IpAddr;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{KeyPath, Notes, Secret};

/// Ways to reach people who don't have the console open.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Notify {
    pub webhook: Option<Webhook>,
    pub smtp: Option<Smtp>,
}

/// A POST of JSON for each piece of news.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Webhook {
    /// Secret, since many services put a token into the path.
    #[schemars(extend("format" = "https-url"))]
    pub url: Secret,
    /// Key of the HMAC-SHA-256 signature that goes with each call: base64 of 24 to 64 bytes, `whsec_` before it or not, as Standard
    /// Webhooks has it. Left out: calls aren't signed, and the receiver can't tell them from anybody else's.
    pub signing_key: Option<Secret>,
    /// Certificates in PEM form that vouch for the receiver, in place of the system's.
    #[schemars(extend("format" = "path"))]
    pub ca_file: Option<PathBuf>,
}

/// A mail server that accepts messages from Muster.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Smtp {
    #[schemars(extend("format" = "not-empty"))]
    pub host: String,
    #[serde(default = "default_port")]
    #[schemars(range(min = 1))]
    pub port: u16,
    #[serde(default)]
    pub tls: SmtpTls,
    pub username: Option<String>,
    pub password: Option<Secret>,
    /// Certificates in PEM form that vouch for the server, in place of the system's.
    #[schemars(extend("format" = "path"))]
    pub ca_file: Option<PathBuf>,
    /// Sender, e.g. `muster@example.org`.
    #[schemars(extend("format" = "mail-address"))]
    pub from: String,
    /// Recipients.
    #[schemars(with = "Vec<super::text::MailAddress>")]
    pub to: Vec<String>,
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// Plain at first, then TLS; refused if the server doesn't offer it.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// None at all: for a relay on this host.
    None,
}

const fn default_port() -> u16 {
    587
}

impl Notify {
    pub(super) fn inspect(&self, at: &KeyPath, notes: &mut Notes) {
        if let Some(webhook) = &self.webhook
            && webhook.signing_key.is_none()
        {
            notes.warn(
                &at.key("webhook").key("signing_key"),
                "is missing, so the receiver can't tell Muster's calls from anybody else's; make one with `echo whsec_$(openssl rand -base64 32)`",
            );
        }
        let Some(smtp) = &self.smtp else { return };
        smtp.inspect(&at.key("smtp"), notes);
    }
}

impl Smtp {
    fn inspect(&self, at: &KeyPath, notes: &mut Notes) {
        if self.to.is_empty() {
            notes.refuse(
                &at.key("to"),
                "is empty: name at least one recipient, or leave [notify.smtp] out",
            );
        }
        if self.username.is_some() != self.password.is_some() {
            notes.refuse(at, "username and password go together: give both or neither");
        }
        if self.tls == SmtpTls::None && !is_loopback(&self.host) {
            notes.refuse(
                &at.key("tls"),
                "\"none\" is for a relay on this host: on a network anybody on the way could read and change the messages",
            );
        }
        if self.password.is_some() && self.tls == SmtpTls::None {
            notes.refuse(
                &at.key("tls"),
                "\"none\" would send the password in clear; use \"starttls\" or \"tls\"",
            );
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
