//! What every handler is given.

use std::sync::Arc;

use app::pages::Demo;
use axum::extract::FromRef;
use ipnet::IpNet;
use leptos::config::LeptosOptions;
use recovery::Services;
use store::events::Events;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::site::Site;

/// The console's parts, cheap to clone.
#[derive(Clone, Debug)]
pub struct Web {
    pub services: Services,
    pub events: Arc<Events>,
    pub site: Site,
    pub leptos: LeptosOptions,
    /// The console's address as browsers write it.
    pub public_url: Url,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Arc<[IpNet]>,
    /// The accounts, where this is a demo.
    pub demo: Option<Demo>,
    /// Ends the streams, which would otherwise keep the server from stopping.
    pub stop: CancellationToken,
}

impl FromRef<Web> for LeptosOptions {
    fn from_ref(web: &Web) -> Self {
        web.leptos.clone()
    }
}

impl Web {
    /// Browsers reach the console by TLS only.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// The name of a cookie. `__Host-` binds it to this host and to TLS; where there is no TLS, browsers refuse that prefix.
    #[must_use]
    pub fn cookie(&self, name: &str) -> String {
        if self.is_secure() {
            format!("__Host-{name}")
        } else {
            format!("{name}_local")
        }
    }

    /// Scheme, host and port, as browsers write them into `Origin`.
    #[must_use]
    pub fn origin(&self) -> String {
        self.public_url.origin().ascii_serialization()
    }
}
