//! What is needed beside the data: a certificate that lasts, and images that can be pulled.

use chrono::TimeDelta;

use super::Facts;
use super::verdict::{Verdict, words};
use crate::status::Status;
use crate::time::Timestamp;

/// `tls-expiry`: nothing in the chain ends soon.
pub(super) fn tls_expiry(limit: TimeDelta, facts: &Facts<'_>, now: Timestamp) -> Verdict {
    let Some(tls) = &facts.tls else {
        return Verdict::unset("no certificate is configured: set [deployment.tls]");
    };
    let end = match tls.known() {
        Ok(end) => end,
        Err(reason) => return Verdict::unknown(reason),
    };
    let left = end.not_after - now;
    let detail = format!("{}: {}", end.name, end.detail);
    let verdict = if left < limit || left <= TimeDelta::zero() {
        Verdict::broken(detail)
    } else if end.status == Status::Unknown {
        Verdict::unknown(detail)
    } else {
        Verdict::ok(detail)
    };
    verdict.at(if left > TimeDelta::zero() {
        format!("{} left", words(left))
    } else {
        format!("ended {} ago", words(-left))
    })
}

/// `image-pullable`: every image that a recovery may need answers for its manifest, configuration and layers.
pub(super) fn image_pullable(facts: &Facts<'_>) -> Verdict {
    let Some(images) = &facts.images else {
        return Verdict::unset("no image is configured: set [deployment.images]");
    };
    let images = match images.known() {
        Ok(images) => images,
        Err(reason) => return Verdict::unknown(reason),
    };
    let parts: Vec<_> = images
        .iter()
        .map(|image| Verdict::new(image.status.into(), format!("{}: {}", image.what, image.detail)))
        .collect();
    if parts.is_empty() {
        return Verdict::unknown("no image was looked at");
    }
    let pullable = images.iter().filter(|image| image.status == Status::Ok).count();
    Verdict::of_parts(&parts).at(format!("{pullable} of {}", parts.len()))
}
