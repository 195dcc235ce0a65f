//! The saved copy against what is served: would it bring the same back?

use domain::status::Status;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::bundle::{Bundle, BundleError, SavedFiles, SavedKey};
use super::certificate::{CertFacts, Certificate};
use super::names::Names;
use super::verdict::DATE;

/// How the saved certificate relates to the served one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sameness {
    Same,
    /// Another certificate of the same key and names; the served one is newer.
    RenewedSince,
    /// Another certificate of the same key and names; the saved one is newer.
    NotServedYet,
    /// The same key, for fewer names.
    OtherNames,
    OtherKey,
    /// Nothing is served, or nothing is configured that serves.
    NotCompared,
}

/// What the saved copy is worth.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SavedVerdict {
    /// `None` if no certificate could be read from it.
    pub certificate: Option<CertFacts>,
    pub sameness: Sameness,
    pub key: Option<SavedKey>,
    /// File of a private key that every account of this host can read or change.
    pub open_to_all: Option<String>,
    pub status: Status,
    pub detail: String,
}

/// What it is compared with.
pub(super) struct Live<'a> {
    /// The served certificates, the server's own first.
    pub links: &'a [Certificate],
    /// Names that clients connect to.
    pub names: &'a [String],
    pub now: Timestamp,
}

impl SavedVerdict {
    pub(super) fn of(read: &Result<Bundle, BundleError>, files: &SavedFiles, live: &Live<'_>) -> Self {
        match read {
            Ok(bundle) => Self::of_bundle(bundle, files, live),
            Err(error) => Self {
                certificate: None,
                sameness: Sameness::NotCompared,
                key: None,
                open_to_all: None,
                status: error.status(),
                detail: format!("saved: {error}"),
            },
        }
    }

    fn of_bundle(bundle: &Bundle, files: &SavedFiles, live: &Live<'_>) -> Self {
        let sameness = sameness(&bundle.leaf, live);
        let mut findings = vec![compared(sameness, bundle, live), kept_key(&bundle.key, files)];
        findings.extend(lasting(&bundle.leaf, live));
        findings.extend(incomplete(bundle, live));
        let open_to_all = bundle.open_to_all.as_ref().map(|path| path.display().to_string());
        if let Some(path) = &open_to_all {
            let said = format!("every account of this host can read or change the key in {path}: chmod 600 it");
            findings.push((Status::Ok, said));
        }
        let (status, detail) = super::reading::together(findings);
        Self {
            certificate: Some(bundle.leaf.facts.clone()),
            sameness,
            key: Some(bundle.key.clone()),
            open_to_all,
            status,
            detail,
        }
    }
}

type Finding = (Status, String);

fn sameness(saved: &Certificate, live: &Live<'_>) -> Sameness {
    let Some(served) = live.links.first() else {
        return Sameness::NotCompared;
    };
    if saved.der == served.der {
        return Sameness::Same;
    }
    if saved.public_key != served.public_key {
        return Sameness::OtherKey;
    }
    let covered = Names::check(&saved.der, live.names.to_vec());
    let has_all = served.facts.names.iter().all(|name| saved.facts.names.contains(name));
    match (covered.status(), has_all) {
        (Status::Ok, true) if saved.facts.not_after > served.facts.not_after => Sameness::NotServedYet,
        (Status::Ok, true) => Sameness::RenewedSince,
        _ => Sameness::OtherNames,
    }
}

fn compared(sameness: Sameness, bundle: &Bundle, live: &Live<'_>) -> Finding {
    let saved = bundle.leaf.facts.fingerprint.short();
    let served = live
        .links
        .first()
        .map(|leaf| leaf.facts.fingerprint.short())
        .unwrap_or_default();
    match sameness {
        Sameness::Same => (
            Status::Ok,
            format!("the saved certificate is the served one ({served})"),
        ),
        Sameness::RenewedSince => {
            let said = format!(
                "renewed since it was saved: {served} is served, {saved} saved, of the same key; save it again"
            );
            (Status::Ok, said)
        }
        Sameness::NotServedYet => {
            let said =
                format!("the saved certificate ({saved}) is newer than the served one ({served}), of the same key");
            (Status::Ok, said)
        }
        Sameness::OtherNames => {
            let said =
                format!("the saved certificate ({saved}) lacks names of the served one ({served}); save it again");
            (Status::Broken, said)
        }
        Sameness::OtherKey => {
            let said = format!(
                "the saved certificate ({saved}) isn’t the served one ({served}) and has another key: what was saved \
                 doesn’t bring back what is served; save it again"
            );
            (Status::Broken, said)
        }
        Sameness::NotCompared => (
            Status::Unknown,
            "nothing is served that the saved certificate could be compared with".into(),
        ),
    }
}

fn kept_key(key: &SavedKey, files: &SavedFiles) -> Finding {
    match key {
        SavedKey::Belongs => (Status::Ok, "the saved private key belongs to it".into()),
        SavedKey::Foreign => (
            Status::Broken,
            "the saved private key is of another certificate: nothing can be served with it".into(),
        ),
        SavedKey::Encrypted => (
            Status::Unknown,
            "the saved private key is encrypted; whether it belongs to the certificate can’t be checked".into(),
        ),
        SavedKey::Unread => (
            Status::Unknown,
            "the saved private key is of a kind that Muster can’t check (RSA, ECDSA, Ed25519 it can)".into(),
        ),
        SavedKey::Missing => {
            let place = match files {
                SavedFiles::Pair { private_key: None, .. } => "private_key isn’t configured",
                _ => "its file holds none",
            };
            (
                Status::Broken,
                format!("no private key is saved ({place}): the certificate alone can’t be served"),
            )
        }
    }
}

fn lasting(saved: &Certificate, live: &Live<'_>) -> Option<Finding> {
    let ended = saved.facts.not_after;
    (live.now > ended).then(|| {
        let said = format!("the saved certificate ended {}", ended.format(DATE));
        (Status::Broken, said)
    })
}

/// Intermediates that the endpoint serves and the copy lacks. A root needn't be served.
fn incomplete(bundle: &Bundle, live: &Live<'_>) -> Option<Finding> {
    if live.links.first().is_none_or(|served| served.der != bundle.leaf.der) {
        return None;
    }
    let needed = live.links.iter().skip(1).filter(|link| !link.is_self_issued());
    let lacks: Vec<&str> = needed
        .filter(|link| bundle.chain.iter().all(|saved| saved.public_key != link.public_key))
        .map(|link| link.facts.subject.as_str())
        .collect();
    (!lacks.is_empty()).then(|| {
        let said = format!(
            "saved without {}, which the endpoint serves: restored from it, clients would refuse",
            lacks.join(", ")
        );
        (Status::Broken, said)
    })
}
