//! Keys without their bytes: fingerprints, and how much of what is live a key opens.

use domain::key::Fingerprint;
use leptos::prelude::*;

/// The short form of a fingerprint, as people say it; the whole one is the title.
#[component]
pub fn FingerprintCode(fingerprint: Fingerprint) -> impl IntoView {
    view! { <code class="fingerprint" title=fingerprint.to_string()>{fingerprint.short()}</code> }
}

/// A bar for “opens N of M”. The figures stand beside it in words, so it is hidden from assistive technology.
#[component]
pub fn ProofBar(opens: u32, of: u32) -> impl IntoView {
    view! {
        <svg class="proof" viewBox="0 0 100 12" preserveAspectRatio="none" aria-hidden="true" focusable="false">
            <rect class="track" width="100" height="12"></rect>
            <rect class="opened" width=share(opens, of) height="12"></rect>
        </svg>
    }
}

/// Percent, rounded so that only none is 0 and only all is 100.
fn share(opens: u32, of: u32) -> u32 {
    if opens == 0 || of == 0 {
        return 0;
    }
    if opens >= of {
        return 100;
    }
    let percent = u64::from(opens) * 100 / u64::from(of);
    u32::try_from(percent).unwrap_or(99).clamp(1, 99)
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn almost_all_is_not_all_and_almost_none_is_not_none() {
        for (opens, of, percent) in [
            (0, 0, 0),
            (0, 214, 0),
            (1, 1000, 1),
            (999, 1000, 99),
            (214, 214, 100),
            (1, 2, 50),
        ] {
            assert_eq!(share(opens, of), percent, "{opens} of {of}");
        }
    }
}
