//! The keys that the running Ampora was started with, wherever they were read from.

use domain::key::Decoded;

/// Name under which Ampora reads its key from the environment.
pub const MASTER_KEY: &str = "KeyProtection__MasterKey";
/// Name of the key from before a rotation.
pub const PREVIOUS_KEY: &str = "KeyProtection__PreviousMasterKey";

/// What stands in the place that Ampora was started from.
#[derive(Debug)]
pub struct KeysInUse {
    pub master: Option<Decoded>,
    /// Set only while a rotation is under way.
    pub previous: Option<Decoded>,
    /// Why the running Ampora may hold other keys than these. Empty: nothing speaks for it.
    pub doubts: Vec<String>,
}
