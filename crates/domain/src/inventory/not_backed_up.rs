//! What is left out of backups on purpose, by the documentation of Ampora.

use serde::{Deserialize, Serialize};

/// Something that need not be backed up.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NotBackedUp {
    pub name: String,
    pub why: String,
}

impl NotBackedUp {
    /// The list of Ampora's documentation on backups.
    #[must_use]
    pub fn documented() -> Vec<Self> {
        [
            ("Deployment manifests", "in Git: applied again from there"),
            ("ConfigMaps", "in Git, with the manifests"),
            (
                "/tmp of a pod, EF cache",
                "made anew at each start; nothing in it is the only copy",
            ),
        ]
        .map(|(name, why)| Self {
            name: name.into(),
            why: why.into(),
        })
        .into()
    }
}
