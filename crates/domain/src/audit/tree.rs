//! A Merkle tree that only grows, kept as the roots of its complete subtrees. RFC 6962 section 2.1.

use crate::ids::Sha256;

/// The tree over the leaves appended so far. Takes a few hundred bytes, whatever its size.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tree {
    size: u64,
    /// Roots of the complete subtrees, largest first: one for each bit that is set in `size`.
    subtrees: Vec<Sha256>,
}

impl Tree {
    /// Leaves so far.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    pub fn append(&mut self, leaf_hash: Sha256) {
        self.subtrees.push(leaf_hash);
        self.size += 1;
        for _ in 0..self.size.trailing_zeros() {
            if let (Some(right), Some(left)) = (self.subtrees.pop(), self.subtrees.pop()) {
                self.subtrees.push(node(left, right));
            }
        }
    }

    /// The root hash; of an empty tree, the hash of nothing.
    #[must_use]
    pub fn root(&self) -> Sha256 {
        let folded = self
            .subtrees
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node(left, right));
        folded.unwrap_or_else(|| Sha256::of(&[]))
    }
}

fn node(left: Sha256, right: Sha256) -> Sha256 {
    Sha256::of(&[&[1], &left.0, &right.0])
}
