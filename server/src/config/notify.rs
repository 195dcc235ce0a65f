//! `[notify.webhook]` and `[notify.smtp]`: where news goes.

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
    /// Key of the HMAC-SHA-256 signature that goes with each call.
    pub signing_key: Option<Secret>,
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
        let Some(smtp) = &self.smtp else { return };
        let at = at.key("smtp");
        if smtp.to.is_empty() {
            notes.refuse(
                &at.key("to"),
                "is empty: name at least one recipient, or leave [notify.smtp] out",
            );
        }
        if smtp.username.is_some() != smtp.password.is_some() {
            notes.refuse(&at, "username and password go together: give both or neither");
        }
        if smtp.password.is_some() && smtp.tls == SmtpTls::None {
            notes.refuse(
                &at.key("tls"),
                "\"none\" would send the password in clear; use \"starttls\" or \"tls\"",
            );
        }
    }
}
