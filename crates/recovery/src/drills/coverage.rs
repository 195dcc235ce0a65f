//! What drills have proven of keys: of a physical backup nothing else can say which key opens it.

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

/// Puts what drills have shown in place of what was unknown. A version that the drill didn't find is refuted; one that the manager has
/// forgotten since is missing.
#[must_use]
pub fn with_drills(cells: Vec<Coverage>, proofs: &[Proof], keys: &Keys) -> Vec<Coverage> {
    let mut all = Vec::with_capacity(cells.len());
    for cell in cells {
        let proof = proofs.iter().find(|proof| proof.backup == cell.backup);
        match proof.filter(|_| cell.status == CoverageStatus::Unknown) {
            Some(proof) => all.extend(proven(&cell, proof, keys)),
            None => all.push(cell),
        }
    }
    all
}

fn proven(cell: &Coverage, proof: &Proof, keys: &Keys) -> Vec<Coverage> {
    let of = |version: Option<String>, status| Coverage {
        version,
        status,
        proven_at: (status == CoverageStatus::Proven).then_some(proof.at),
        ..cell.clone()
    };
    let known = keys
        .versions
        .iter()
        .filter_map(|version| Some((version, version.fingerprint.as_ref()?.to_string())));
    let mut cells: Vec<_> = known
        .map(|(version, fingerprint)| {
            let opens = proof.fingerprint.as_ref() == Some(&fingerprint);
            of(
                Some(version.version.clone()),
                if opens {
                    CoverageStatus::Proven
                } else {
                    CoverageStatus::Refuted
                },
            )
        })
        .collect();
    if !cells.iter().any(|cell| cell.status == CoverageStatus::Proven) {
        cells.push(of(None, CoverageStatus::Missing));
    }
    cells
}
