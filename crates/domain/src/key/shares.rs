//! A key for two people of whom neither has it: one random pad, and the pad over the key. Shares, not halves: each alone is 32 random bytes
//! and says nothing of the key.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::MasterKey;

/// Joins two share files into the key, as base64, with Python alone: on the day that Muster is gone, nothing of it is needed.
pub const JOIN_RECIPE: &str = "\
python3 -c 'import base64,sys; a,b=(base64.b64decode(open(f).read()) for f in sys.argv[1:3]);
print(base64.b64encode(bytes(x^y for x,y in zip(a,b))).decode())' share-1 share-2";

/// One of two. In memory only, wiped when dropped.
pub struct Share(Zeroizing<[u8; 32]>);

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Share(redacted)")
    }
}

impl MasterKey {
    /// Two shares that make the key by exclusive or. `pad` has to be 32 random bytes that are used for nothing else.
    #[must_use]
    pub fn split(&self, pad: Zeroizing<[u8; 32]>) -> [Share; 2] {
        let over = xor(&pad, self.expose());
        [Share(pad), Share(over)]
    }

    /// The key that two shares make, in either order.
    #[must_use]
    pub fn join([one, other]: [&Share; 2]) -> Self {
        Self::new(xor(&one.0, &other.0))
    }
}

impl Share {
    /// Standard base64 of the 32 bytes, so that anybody can join shares without Muster.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(&self.0[..]))
    }
}

fn xor(one: &[u8; 32], other: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    let mut joined = Zeroizing::new([0; 32]);
    for ((byte, a), b) in joined.iter_mut().zip(one).zip(other) {
        *byte = a ^ b;
    }
    joined
}
