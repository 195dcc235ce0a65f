//! All that is known of a deployment's TLS at one time, judged.

use std::cmp::Reverse;

use chrono::TimeDelta;
use domain::policy::TlsEnd;
use domain::status::Status;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::TlsSettings;
use super::bundle::Bundle;
use super::certificate::{CertFacts, Certificate};
use super::chain::{self, FirstToEnd};
use super::names::Names;
use super::recorder::Shown;
use super::roots::Roots;
use super::saved::{Live, SavedVerdict};
use super::verdict::{ChainVerdict, DATE};
use crate::kubernetes::CertManagerReading;

/// What the endpoint serves, against what is saved. Nothing in it changes while the certificates don't, so that it is worth keeping.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TlsReading {
    /// `host:port`; `None` if none is configured.
    pub endpoint: Option<String>,
    pub served: Option<Served>,
    /// `None` if no copy is configured.
    pub saved: Option<SavedVerdict>,
    /// `None` if cert-manager isn't configured.
    pub cert_manager: Option<CertManagerReading>,
    /// As of the reading; only [`Self::expires_in`] goes on.
    pub status: Status,
    /// The worst first.
    pub detail: String,
}

/// What was seen in the handshake.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Served {
    pub certificate: CertFacts,
    /// What of the chain ends first, and when.
    pub ends: FirstToEnd,
    pub chain: ChainVerdict,
    pub names: Names,
}

impl TlsReading {
    /// How long the chain that is served (where there is no endpoint: the saved certificate) is still good. Negative once it has ended;
    /// `None` if no certificate is known.
    #[must_use]
    pub fn expires_in(&self, now: Timestamp) -> Option<TimeDelta> {
        self.end().map(|end| end.not_after - now)
    }

    /// The same as the policy looks at it. Its status is of the reading: unknown if a certificate that may end earlier wasn't seen.
    #[must_use]
    pub fn end(&self) -> Option<TlsEnd> {
        let (ends, status, place) = match &self.served {
            Some(served) => {
                let endpoint = self.endpoint.as_deref().unwrap_or_default();
                (
                    served.ends.clone(),
                    served.chain.end_status(),
                    format!("served by {endpoint}"),
                )
            }
            None => {
                let saved = self.saved.as_ref()?.certificate.as_ref()?;
                let (subject, at) = (saved.subject.clone(), saved.not_after);
                (
                    FirstToEnd { subject, at },
                    Status::Unknown,
                    "saved; no endpoint is configured".into(),
                )
            }
        };
        Some(TlsEnd {
            not_after: ends.at,
            name: ends.subject,
            status,
            detail: format!("ends {}, {place}", ends.at.format(DATE)),
        })
    }

    /// Judges what was read. Blocks: it reads the saved files and the system's roots.
    ///
    /// # Errors
    /// In words, if what the endpoint served is no certificate.
    pub(super) fn judge(
        settings: &TlsSettings,
        shown: Option<&Shown>,
        cert_manager: Option<CertManagerReading>,
        now: Timestamp,
    ) -> Result<Self, String> {
        let bundle = settings.saved.as_ref().map(|files| (Bundle::read(files), files));
        let copies = match &bundle {
            Some((Ok(bundle), _)) => bundle.chain.as_slice(),
            _ => &[],
        };
        let links = shown.map_or(Ok(Vec::new()), read_links)?;
        let served = match (shown, links.first()) {
            (Some(shown), Some(leaf)) => Some(serve(settings, shown, leaf, &links, copies, now)),
            _ => None,
        };
        let names = settings.names_asked();
        let live = Live {
            links: &links,
            names: &names,
            now,
        };
        let saved = bundle.map(|(read, files)| SavedVerdict::of(&read, files, &live));
        let endpoint = settings.endpoint.as_ref().map(ToString::to_string);
        let findings = findings(
            endpoint.as_deref(),
            served.as_ref(),
            saved.as_ref(),
            cert_manager.as_ref(),
            now,
        );
        let (status, detail) = together(findings);
        Ok(Self {
            endpoint,
            served,
            saved,
            cert_manager,
            status,
            detail,
        })
    }
}

/// The server's own must be readable; another that isn't is left out, and the chain judged without it.
fn read_links(shown: &Shown) -> Result<Vec<Certificate>, String> {
    let mut read = shown.chain.iter().map(|der| Certificate::read(der));
    let leaf = match read.next() {
        Some(Ok(leaf)) => leaf,
        Some(Err(reason)) => return Err(format!("what it serves can’t be read: {reason}")),
        None => return Err("it serves no certificate".into()),
    };
    Ok(std::iter::once(leaf).chain(read.filter_map(Result::ok)).collect())
}

fn serve(
    settings: &TlsSettings,
    shown: &Shown,
    leaf: &Certificate,
    links: &[Certificate],
    saved: &[Certificate],
    now: Timestamp,
) -> Served {
    let judged = Roots::load(settings.roots.as_deref()).map(|roots| {
        let served = chain::Served {
            links,
            saved,
            roots: &roots,
        };
        served.judge(now)
    });
    let (mut verdict, ends) = judged.unwrap_or_else(|reason| {
        let ends = chain::first_to_end(&chain::walk(links));
        (ChainVerdict::Unread { reason }, ends)
    });
    if shown.key_refuted {
        let reason = "the endpoint doesn’t hold the private key of its certificate".into();
        verdict = ChainVerdict::Refused { reason };
    }
    Served {
        certificate: leaf.facts.clone(),
        ends: ends.unwrap_or_else(|| FirstToEnd {
            subject: leaf.facts.subject.clone(),
            at: leaf.facts.not_after,
        }),
        chain: verdict,
        names: Names::check(&leaf.der, settings.names_asked()),
    }
}

fn findings(
    endpoint: Option<&str>,
    served: Option<&Served>,
    saved: Option<&SavedVerdict>,
    cert_manager: Option<&CertManagerReading>,
    now: Timestamp,
) -> Vec<(Status, String)> {
    let mut findings = Vec::new();
    if let (Some(endpoint), Some(served)) = (endpoint, served) {
        let ends = served.ends.at.format(DATE);
        let facts = &served.certificate;
        findings.push((
            Status::Ok,
            format!(
                "{endpoint} serves {} ({}) until {ends}",
                facts.subject,
                facts.fingerprint.short()
            ),
        ));
        findings.push((served.chain.status(), served.chain.words()));
        findings.push((served.names.status(), served.names.words()));
    }
    findings.extend(saved.map(|saved| (saved.status, saved.detail.clone())));
    if let Some(cert_manager) = cert_manager {
        findings.push((cert_manager.status, cert_manager.detail.clone()));
        findings.extend(served.and_then(|served| cert_manager.against(&served.certificate, now)));
    }
    if saved.is_none() && cert_manager.is_none() {
        let said = "no saved copy and no cert-manager is configured, so nothing is known of how it would come back";
        findings.push((Status::Unknown, said.into()));
    }
    findings
}

/// As bad as the worst, which is said first.
pub(crate) fn together(findings: impl IntoIterator<Item = (Status, String)>) -> (Status, String) {
    let mut findings: Vec<_> = findings.into_iter().collect();
    findings.sort_by_key(|(status, _)| Reverse(*status));
    let status = Status::group(findings.iter().map(|(status, _)| *status));
    let said: Vec<_> = findings.into_iter().map(|(_, said)| said).collect();
    (status, said.join("; "))
}
