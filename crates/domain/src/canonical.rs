//! Canonical JSON (RFC 8785): the one byte string that stands for a value, so that everybody who hashes a plan or an audit entry gets
//! the same digest.

use serde::Serialize;

/// The canonical bytes of `value`. Hashed types hold no floats and no bare 64-bit integers (see [`crate::ids::Big`]), and all map keys are strings.
///
/// # Panics
/// If a hashed type breaks that rule, which is a defect of the type and shows in its first test.
#[must_use]
pub fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(value)
        .expect("hashed types hold only strings, small integers, booleans, lists and string-keyed maps")
}
