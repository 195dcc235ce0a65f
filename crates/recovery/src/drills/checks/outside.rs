//! What a recovery needs beside the database, as it was last observed: the image and the certificate that browsers are shown.

use domain::drill::{Check, names};
use domain::inventory::{Artifact, ArtifactKind};
use domain::status::Status;

use super::Look;
use crate::collect;

pub async fn checks(look: &Look<'_>) -> Vec<Check> {
    let run = look.run;
    let now = run.services.clock.now();
    let artifacts = match collect::cached(&run.services.store, &run.deployment).await {
        Ok(observed) => collect::assemble(&run.deployment, &observed, now).artifacts,
        Err(_) => Vec::new(),
    };
    [(names::IMAGE, ArtifactKind::Image), (names::TLS, ArtifactKind::Tls)]
        .map(|(name, kind)| check(name, artifacts.iter().find(|artifact| artifact.kind == kind)))
        .into()
}

fn check(name: &str, artifact: Option<&Artifact>) -> Check {
    match artifact {
        None => Check::not_run(name, "it isn’t configured, so it was never looked at"),
        Some(found) => {
            let check = match found.status {
                Status::Ok => Check::ok(name, found.detail.clone()),
                Status::Broken => Check::broken(name, found.detail.clone()),
                Status::Unknown => Check::not_run(name, found.detail.clone()),
            };
            check.because(
                "observed",
                found.observed_at.map_or("never".into(), domain::time::rfc3339),
            )
        }
    }
}
