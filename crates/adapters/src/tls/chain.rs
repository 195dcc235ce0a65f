//! Whether clients would believe the served chain, as WebPKI clients judge it (<https://www.rfc-editor.org/rfc/rfc5280#section-6>), and
//! until when.

use std::time::Duration;

use domain::time::Timestamp;
use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};
use serde::{Deserialize, Serialize};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, Error, KeyUsage, anchor_from_trusted_cert};

use super::certificate::Certificate;
use super::roots::Roots;
use super::verdict::ChainVerdict;

/// The certificate of a chain that ends before the others.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FirstToEnd {
    pub subject: String,
    pub at: Timestamp,
}

/// The served certificates as they hang together, the server's own first.
pub(super) struct Served<'a> {
    pub links: &'a [Certificate],
    /// Certificates of the saved copy: what the endpoint may have left out.
    pub saved: &'a [Certificate],
    pub roots: &'a Roots,
}

impl Served<'_> {
    /// The verdict at this time, and what of it ends first.
    pub fn judge(&self, now: Timestamp) -> (ChainVerdict, Option<FirstToEnd>) {
        let walked = walk(self.links);
        let Some(leaf) = walked.first() else {
            let reason = "there is none".into();
            return (ChainVerdict::Unread { reason }, None);
        };
        let verdict = if let Some(verdict) = out_of_time(&walked[..1], now) {
            verdict
        } else if leaf.is_self_issued() {
            self.on_its_own(leaf)
        } else {
            match self.path(leaf, &self.links[1..], now) {
                Ok(path) => return trusted(&path.iter().collect::<Vec<_>>(), now),
                Err(error) => self.explain(&error, &walked, now),
            }
        };
        (verdict, first_to_end(&walked))
    }

    /// A certificate without an issuer is believed only where it is itself among the roots.
    fn on_its_own(&self, leaf: &Certificate) -> ChainVerdict {
        let root = leaf.facts.subject.clone();
        if self.roots.certificates.contains(&leaf.der) {
            return ChainVerdict::Trusted { root };
        }
        ChainVerdict::UnknownRoot {
            root,
            declared: self.roots.declared,
        }
    }

    /// From the server's certificate to the root, both included.
    fn path(&self, leaf: &Certificate, others: &[Certificate], now: Timestamp) -> Result<Vec<Certificate>, Error> {
        let anchors: Vec<(TrustAnchor<'_>, &CertificateDer<'_>)> = self
            .roots
            .certificates
            .iter()
            .filter_map(|root| Some((anchor_from_trusted_cert(root).ok()?, root)))
            .collect();
        let trusted: Vec<TrustAnchor<'_>> = anchors.iter().map(|(anchor, _)| anchor.clone()).collect();
        let intermediates: Vec<_> = others.iter().map(|other| other.der.clone()).collect();
        let end_entity = EndEntityCert::try_from(&leaf.der)?;
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let usage = KeyUsage::server_auth();
        let verified =
            end_entity.verify_for_usage(ALL_VERIFICATION_ALGS, &trusted, &intermediates, at, usage, None, None)?;
        let used = verified
            .intermediate_certificates()
            .map(|certificate| certificate.der());
        let root = anchors.iter().find(|(anchor, _)| anchor == verified.anchor());
        let used = used.chain(root.map(|(_, der)| (*der).clone()));
        let links = used.filter_map(|der| Certificate::read(&der).ok());
        Ok(std::iter::once(leaf.clone()).chain(links).collect())
    }

    fn explain(&self, error: &Error, walked: &[&Certificate], now: Timestamp) -> ChainVerdict {
        match error {
            Error::UnknownIssuer => self.unknown_issuer(walked, now),
            Error::CertExpired { .. } | Error::CertNotValidYet { .. } => {
                let reason = || "one of its certificates isn’t valid now".to_owned();
                out_of_time(walked, now).unwrap_or_else(|| ChainVerdict::Refused { reason: reason() })
            }
            other => match refusal(other) {
                Some(reason) => ChainVerdict::Refused { reason: reason.into() },
                None => ChainVerdict::Unread { reason: oddity(other) },
            },
        }
    }

    /// Tells a chain with a hole from one that ends at a root nobody told Muster about.
    fn unknown_issuer(&self, walked: &[&Certificate], now: Timestamp) -> ChainVerdict {
        let (Some(leaf), Some(last)) = (walked.first(), walked.last()) else {
            let reason = "there is none".into();
            return ChainVerdict::Unread { reason };
        };
        let both: Vec<_> = self.links[1..].iter().chain(self.saved).cloned().collect();
        let missing = last.facts.issuer.clone();
        if last.is_self_issued() {
            let (root, declared) = (last.facts.subject.clone(), self.roots.declared);
            ChainVerdict::UnknownRoot { root, declared }
        } else {
            let certain = self.roots.declared || self.path(leaf, &both, now).is_ok();
            ChainVerdict::Incomplete { missing, certain }
        }
    }
}

/// WebPKI passes over the life of the root; clients on a host whose list holds it do not.
fn trusted(path: &[&Certificate], now: Timestamp) -> (ChainVerdict, Option<FirstToEnd>) {
    let root = path.last().map_or_else(String::new, |root| root.facts.subject.clone());
    let verdict = out_of_time(path, now).unwrap_or(ChainVerdict::Trusted { root });
    (verdict, first_to_end(path))
}

pub(super) fn first_to_end(links: &[&Certificate]) -> Option<FirstToEnd> {
    let first = links.iter().min_by_key(|link| link.facts.not_after)?;
    Some(FirstToEnd {
        subject: first.facts.subject.clone(),
        at: first.facts.not_after,
    })
}

/// From the server's certificate upwards, as far as the names lead. Order and strays don't matter.
pub(super) fn walk(links: &[Certificate]) -> Vec<&Certificate> {
    let mut walked: Vec<&Certificate> = links.first().into_iter().collect();
    while let Some(last) = walked.last().filter(|last| !last.is_self_issued()) {
        let next = links
            .iter()
            .find(|link| link.may_have_issued(last) && walked.iter().all(|seen| seen.der != link.der));
        match next {
            Some(next) => walked.push(next),
            None => break,
        }
    }
    walked
}

fn out_of_time(links: &[&Certificate], now: Timestamp) -> Option<ChainVerdict> {
    links.iter().find_map(|link| {
        let (subject, facts) = (link.facts.subject.clone(), &link.facts);
        if now > facts.not_after {
            let at = facts.not_after;
            Some(ChainVerdict::Expired { subject, at })
        } else if now < facts.not_before {
            let from = facts.not_before;
            Some(ChainVerdict::NotYetValid { subject, from })
        } else {
            None
        }
    })
}

/// What every client refuses.
const fn refusal(error: &Error) -> Option<&'static str> {
    Some(match error {
        Error::InvalidSignatureForPublicKey => "a signature in it is wrong",
        Error::SignatureAlgorithmMismatch => "a certificate names two algorithms for one signature",
        Error::NameConstraintViolation => "an authority in it may not vouch for these names",
        Error::PathLenConstraintViolated => "it has more authorities than one of them allows",
        Error::EndEntityUsedAsCa => "a certificate in it vouches for another and is no authority",
        Error::RequiredEkuNotFoundContext(_) => "a certificate in it isn’t meant for servers",
        Error::CertDistrusted | Error::CertRevoked => "a certificate in it was withdrawn",
        Error::InvalidCertValidity => "a certificate in it ends before it begins",
        _ => return None,
    })
}

/// What some clients take and some don't.
fn oddity(error: &Error) -> String {
    match error {
        Error::UnsupportedCertVersion => "a certificate in it isn’t of X.509 version 3".into(),
        Error::CaUsedAsEndEntity => "the server’s certificate is an authority’s; some clients refuse that".into(),
        Error::UnsupportedCriticalExtension => {
            "a certificate in it has a critical extension Muster doesn’t know".into()
        }
        other => format!("{other:?}"),
    }
}
