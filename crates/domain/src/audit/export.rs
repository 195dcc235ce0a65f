//! An exported log and its verification, which needs nothing but the file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::{Entry, Tree, leaf_hash};
use crate::ids::Sha256;

/// First line of an export; one [`ExportedEntry`] a line follows, in order of index.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Export {
    pub schema: String,
    /// Number of entries that follow.
    pub size: u32,
    /// Merkle root over them.
    pub root: Sha256,
}

impl Export {
    pub const SCHEMA: &str = "muster.audit.export/1";
}

/// One entry of an export.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ExportedEntry {
    pub index: u32,
    /// The canonical bytes, in base64.
    pub leaf: String,
    pub leaf_hash: Sha256,
    /// Root of the tree that ends with this entry, as the sequencer wrote it down.
    pub root: Sha256,
}

impl ExportedEntry {
    #[must_use]
    pub fn new(index: u32, leaf: &[u8], leaf_hash: Sha256, root: Sha256) -> Self {
        Self {
            index,
            leaf: STANDARD.encode(leaf),
            leaf_hash,
            root,
        }
    }
}

/// Where a log contradicts itself. The first place is named; behind it nothing can be trusted.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Mismatch {
    #[error("this is no export of Muster’s audit log: {0}")]
    Format(String),
    #[error("entry {found} stands where entry {expected} belongs: entries were removed, added or swapped")]
    Index { expected: u32, found: u32 },
    #[error("entry {0} was changed: its content doesn’t have its hash")]
    Leaf(u32),
    #[error("entry {0} doesn’t fit the tree: it or one before it was removed, swapped or replaced")]
    Root(u32),
    #[error("the log has {found} entries, {expected} were written: the end was cut off")]
    Size { expected: u32, found: u32 },
    #[error("the entries don’t have the root hash of the export")]
    FinalRoot,
}

/// A log that agrees with itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    pub size: u32,
    pub root: Sha256,
}

impl Export {
    /// Reads an export line by line and checks each entry against the tree.
    ///
    /// # Errors
    /// With the first contradiction.
    pub fn verify<'a>(mut lines: impl Iterator<Item = &'a str>) -> Result<Verified, Mismatch> {
        let format = |error: &dyn std::fmt::Display| Mismatch::Format(error.to_string());
        let header: Self = serde_json::from_str(lines.next().unwrap_or_default()).map_err(|e| format(&e))?;
        if header.schema != Self::SCHEMA {
            return Err(format(&header.schema));
        }
        let mut tree = Tree::default();
        let mut size = 0;
        for line in lines.filter(|line| !line.trim().is_empty()) {
            let entry: ExportedEntry = serde_json::from_str(line).map_err(|e| format(&e))?;
            check(&entry, size, &mut tree)?;
            size += 1;
        }
        if size != header.size {
            return Err(Mismatch::Size {
                expected: header.size,
                found: size,
            });
        }
        if tree.root() != header.root {
            return Err(Mismatch::FinalRoot);
        }
        Ok(Verified {
            size,
            root: header.root,
        })
    }
}

fn check(entry: &ExportedEntry, expected: u32, tree: &mut Tree) -> Result<(), Mismatch> {
    if entry.index != expected {
        return Err(Mismatch::Index {
            expected,
            found: entry.index,
        });
    }
    let leaf = STANDARD.decode(&entry.leaf).map_err(|_| Mismatch::Leaf(entry.index))?;
    if leaf_hash(&leaf) != entry.leaf_hash || Entry::from_leaf(&leaf).is_err() {
        return Err(Mismatch::Leaf(entry.index));
    }
    tree.append(entry.leaf_hash);
    if tree.root() == entry.root {
        Ok(())
    } else {
        Err(Mismatch::Root(entry.index))
    }
}
