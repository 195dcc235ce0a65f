//! The browser bundle: found once at start, served unchanged for ever, since its folder is named by its content.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use axum::Router;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, Response, StatusCode};
use axum::routing::get;
use leptos::config::LeptosOptions;
use tower::ServiceBuilder;
use tower_http::services::ServeDir;
use tower_http::services::fs::ServeFileSystemResponseBody;
use tower_http::set_header::SetResponseHeaderLayer;

use super::Web;

/// Where the bundle lies, and which build it is.
#[derive(Clone, Debug)]
pub struct Site {
    folder: PathBuf,
    /// 16 hex digits.
    build: String,
}

impl Site {
    /// Looks at `configured`, or else next to the binary, in `../share/muster/site` and in `../site`, where a checkout builds it.
    ///
    /// # Errors
    /// If there is no bundle.
    pub fn find(configured: Option<&Path>) -> anyhow::Result<Self> {
        let binary = std::env::current_exe().context("the binary’s own folder isn’t known")?;
        let home = binary.parent().unwrap_or(Path::new("/"));
        let usual = ["site", "../share/muster/site", "../site"].map(|place| home.join(place));
        let places = configured.map_or_else(|| usual.to_vec(), |place| vec![place.to_owned()]);
        for folder in &places {
            if let Ok(build) = fs::read_to_string(folder.join("current")) {
                let build = build.trim().to_owned();
                return Ok(Self {
                    folder: folder.clone(),
                    build,
                });
            }
        }
        let places: Vec<_> = places.iter().map(|place| place.display().to_string()).collect();
        bail!(
            "the browser bundle is in none of {}: `make run` builds it, or set site_dir",
            places.join(", ")
        )
    }

    /// How Leptos writes the bundle's addresses.
    #[must_use]
    pub fn options(&self) -> LeptosOptions {
        LeptosOptions::builder()
            .output_name("muster")
            .site_root(self.folder.display().to_string())
            .site_pkg_dir(format!("pkg/{}", self.build))
            .hash_files(false)
            .build()
    }

    /// The build, as pages and events name it.
    #[must_use]
    pub fn build(&self) -> &str {
        &self.build
    }
}

/// Files below a folder that is named by its content never change. What isn't there may come with the next build.
pub fn routes(site: &Site) -> Router<Web> {
    let files = ServeDir::new(site.folder.join("pkg"))
        .precompressed_br()
        .precompressed_gzip();
    let found = |response: &Response<ServeFileSystemResponseBody>| {
        let status = response.status();
        let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
        (status.is_success() || status == StatusCode::NOT_MODIFIED).then_some(forever)
    };
    let layer = SetResponseHeaderLayer::overriding(CACHE_CONTROL, found);
    Router::new()
        .nest_service("/pkg", ServiceBuilder::new().layer(layer).service(files))
        // Browsers ask for it by themselves. Without this they would be asked to sign in for it.
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
}
