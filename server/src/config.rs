//! `muster.toml`: what people tell Muster. One file a section, typed, each with its own checks; [`load`] finds the file, lays the
//! environment over it and reports every mistake at once, with the line and the full name of the key. Nothing here decides anything: the
//! wiring maps these types to the narrow settings of each use case.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

mod approvals;
mod audit;
mod check;
mod contact;
mod database;
pub mod deployment;
mod drills;
mod environment;
mod error;
mod key_path;
mod load;
mod locate;
mod nearest;
mod notes;
mod notify;
mod oidc;
mod runbook;
mod schema;
mod secret;
mod signing;
mod source_text;
mod text;
mod walk;

pub use approvals::{Approvals, Reveal};
pub use audit::Audit;
pub use check::{Report, check};
pub use contact::Contact;
pub use database::Database;
pub use deployment::Deployment;
pub use drills::Drills;
pub use environment::Environment;
pub use error::ConfigError;
pub use load::{Loaded, load};
pub use notes::{Note, Origin};
pub use notify::{Notify, Smtp, SmtpTls, Webhook};
pub use oidc::{Oidc, RoleMap};
pub use runbook::Runbook;
pub use schema::json_schema;
pub use secret::{Secret, SecretError, SecretReason};
pub use signing::Signing;
pub use text::{Anchor, Endpoint, Location, Network, Span, TimeZone};

use key_path::KeyPath;
use notes::Notes;

/// The whole of `muster.toml`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "muster.toml")]
pub struct Config {
    /// Address and port of the console.
    #[schemars(with = "String", extend("format" = "socket-address"))]
    pub listen: SocketAddr,
    /// The console's address as browsers write it, e.g. `https://muster.example.org`. Left out: `http://` and `listen`.
    #[schemars(extend("format" = "web-url"))]
    pub public_url: Option<Url>,
    /// Where Muster keeps its own files, its private PostgreSQL cluster among them.
    #[schemars(extend("format" = "path"))]
    pub data_dir: PathBuf,
    /// Where the browser bundle lies. Left out: next to the binary, then `../share/muster/site`, then `target/site`.
    #[schemars(extend("format" = "path"))]
    pub site_dir: Option<PathBuf>,
    /// Networks or addresses whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    pub database: Database,
    /// Left out: nobody can sign in. The commands that only read need no identity provider.
    pub oidc: Option<Oidc>,
    pub approvals: Approvals,
    pub notify: Notify,
    /// The Ampora installations that Muster protects.
    #[serde(rename = "deployment")]
    pub deployments: Vec<Deployment>,
    pub drills: Drills,
    pub signing: Signing,
    pub audit: Audit,
    pub runbook: Runbook,
    /// Whom to call, for the runbook.
    #[serde(rename = "contact")]
    pub contacts: Vec<Contact>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            public_url: None,
            data_dir: PathBuf::from("/var/lib/muster"),
            site_dir: None,
            trusted_proxies: Vec::new(),
            database: Database::default(),
            oidc: None,
            approvals: Approvals::default(),
            notify: Notify::default(),
            deployments: Vec::new(),
            drills: Drills::default(),
            signing: Signing::default(),
            audit: Audit::default(),
            runbook: Runbook::default(),
            contacts: Vec::new(),
        }
    }
}

impl Config {
    /// What the schema can't express: rules between keys.
    fn inspect(&self, notes: &mut Notes) {
        let root = KeyPath::root();
        if let Some(url) = &self.public_url
            && url.scheme() == "http"
            && !text::is_loopback(url)
        {
            let at = root.key("public_url");
            notes.warn(&at, "with http:// anybody on the way can read the session cookie; put TLS in front of the console and write https://");
        }
        if let Some(oidc) = &self.oidc {
            oidc.inspect(&root.key("oidc"), self.approvals.operators_approve, notes);
        } else {
            notes.warn(
                &root.key("oidc"),
                "is missing, so nobody can sign in to the console; the commands work without it",
            );
        }
        self.approvals.inspect(&root.key("approvals"), notes);
        self.notify.inspect(&root.key("notify"), notes);
        deployment::inspect_all(&self.deployments, &root.key("deployment"), notes);
    }
}

#[cfg(test)]
mod tests;
