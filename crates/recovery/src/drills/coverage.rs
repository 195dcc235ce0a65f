//! What drills have proven of keys: of a physical backup nothing else can say which key opens it.

use std::collections::BTreeSet;

use domain::inventory::{Coverage, CoverageStatus, Keys};
use domain::time::Timestamp;
use store::Store;

/// The newest drill of a backup that tried keys on it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    pub backup: String,
    /// Of the key that opened it. `None`: none of the manager's did.
    pub fingerprint: Option<String>,
    pub at: Timestamp,
}

impl Proof {
    /// Those of a deployment.
    ///
    /// # Errors
    /// If the store can't be read.
    pub async fn all(store: &Store, deployment: &str) -> Result<Vec<Self>, store::StoreError> {
        let proofs = store.drills_proofs(deployment).await?;
        let proof = |(backup, fingerprint, at)| Self {
            backup,
            fingerprint,
            at,
        };
        Ok(proofs.into_iter().map(proof).collect())
    }
}

/// Puts what drills have shown in place of what was unknown, or only expected by the backup's time. What is proven of the backup otherwise
/// stands.
#[must_use]
pub fn with_drills(cells: Vec<Coverage>, proofs: &[Proof], keys: &Keys) -> Vec<Coverage> {
    use CoverageStatus::{Proven, Refuted};
    let tried: BTreeSet<_> = cells
        .iter()
        .filter(|cell| matches!(cell.status, Proven | Refuted))
        .map(|cell| cell.backup.clone())
        .collect();
    let mut all = Vec::with_capacity(cells.len());
    let mut done = BTreeSet::new();
    for cell in &cells {
        let proof = proofs
            .iter()
            .find(|proof| proof.backup == cell.backup && !tried.contains(&cell.backup));
        match proof {
            None => all.push(cell.clone()),
            Some(proof) if done.insert(&proof.backup) => all.extend(proven(proof, keys, &cells)),
            Some(_) => {}
        }
    }
    all
}

/// One cell for each version whose value could be read; if none of them is the one, one that says so.
fn proven(proof: &Proof, keys: &Keys, before: &[Coverage]) -> Vec<Coverage> {
    let of = |version: Option<String>, status, detail: &str| {
        // What has to be seen to before the version is gone stays as it was found.
        let same = before
            .iter()
            .find(|cell| cell.backup == proof.backup && cell.version == version);
        Coverage {
            backup: proof.backup.clone(),
            status,
            proven_at: (status == CoverageStatus::Proven).then_some(proof.at),
            detail: detail.into(),
            warning: same.and_then(|cell| cell.warning.clone()),
            at: same.and_then(|cell| cell.at),
            version,
        }
    };
    let known = keys
        .versions
        .iter()
        .filter_map(|version| Some((version, version.fingerprint.as_ref()?.to_string())));
    let mut cells: Vec<_> = known
        .map(|(version, fingerprint)| {
            let opens = proof.fingerprint.as_ref() == Some(&fingerprint);
            let (status, detail) = match opens {
                true => (CoverageStatus::Proven, "a drill opened the restored copy with it"),
                false => (
                    CoverageStatus::Refuted,
                    "a drill opened the restored copy with another, or with none",
                ),
            };
            of(Some(version.version.clone()), status, detail)
        })
        .collect();
    if !cells.iter().any(|cell| cell.status == CoverageStatus::Proven) {
        cells.push(of(
            None,
            CoverageStatus::Missing,
            "a drill found no version that opens it",
        ));
    }
    cells
}
