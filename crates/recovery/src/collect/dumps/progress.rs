//! How far reading has come, beyond the look that began it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use adapters::dumps::DumpFile;
use domain::status::Status;
use domain::time::Timestamp;
use tokio::sync::OwnedMutexGuard;

/// What came of trying to read a dump that isn't written down: it says nothing yet, or may still change.
#[derive(Clone, Debug)]
pub(super) struct Setback {
    pub status: Status,
    pub reason: String,
    /// When to try again.
    pub again: Timestamp,
}

/// Of one source, for as long as the process lives. Copies share it.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    turn: Arc<tokio::sync::Mutex<()>>,
    setbacks: Arc<Mutex<BTreeMap<String, (DumpFile, Setback)>>>,
}

impl Progress {
    /// The right to read; one dump of a source is read at a time.
    pub(super) fn turn(&self) -> Option<OwnedMutexGuard<()>> {
        self.turn.clone().try_lock_owned().ok()
    }

    pub(super) fn failed(&self, file: &DumpFile, setback: Setback) {
        self.setbacks().insert(file.label.clone(), (file.clone(), setback));
    }

    pub(super) fn succeeded(&self, file: &DumpFile) {
        self.setbacks().remove(&file.label);
    }

    /// What came of the latest attempt to read this very dump.
    pub(super) fn setback(&self, file: &DumpFile) -> Option<Setback> {
        let setbacks = self.setbacks();
        let (tried, setback) = setbacks.get(&file.label)?;
        (tried == file).then(|| setback.clone())
    }

    /// Whether it was tried not long ago.
    pub(super) fn rests(&self, file: &DumpFile, at: Timestamp) -> bool {
        self.setback(file).is_some_and(|setback| at < setback.again)
    }

    fn setbacks(&self) -> MutexGuard<'_, BTreeMap<String, (DumpFile, Setback)>> {
        // Each change is one call: a panic elsewhere leaves nothing half done.
        self.setbacks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
