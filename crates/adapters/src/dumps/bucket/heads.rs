//! What the beginnings of objects have shown. A bucket may hold thousands of them and is listed every minute; each is looked into once.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::objects::Entry;
use crate::dumps::Form;

/// What an entry was found to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    Dump(Form),
    Other,
    /// It may be a dump: why it can't be told.
    Unreadable(String),
}

/// What couldn't be read is tried again after this time: somebody may have allowed it since.
const AGAIN: Duration = Duration::from_secs(600);

/// By label, for as long as the content has the same name.
#[derive(Debug, Default)]
pub struct Heads(Mutex<HashMap<String, Seen>>);

#[derive(Debug)]
struct Seen {
    version: String,
    verdict: Verdict,
    at: Instant,
}

impl Heads {
    pub fn known(&self, entry: &Entry) -> Option<Verdict> {
        let version = entry.version()?;
        let heads = self.lock();
        let seen = heads.get(&entry.label).filter(|seen| seen.version == version)?;
        let worn = matches!(seen.verdict, Verdict::Unreadable(_)) && seen.at.elapsed() > AGAIN;
        (!worn).then(|| seen.verdict.clone())
    }

    pub fn remember(&self, entry: &Entry, verdict: Verdict) {
        if let Some(version) = entry.version() {
            let at = Instant::now();
            let seen = Seen { version, verdict, at };
            self.lock().insert(entry.label.clone(), seen);
        }
    }

    /// Forgets what is no longer there.
    pub fn keep_only(&self, entries: &[Entry]) {
        let there: HashSet<_> = entries.iter().map(|entry| entry.label.as_str()).collect();
        self.lock().retain(|label, _| there.contains(label.as_str()));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Seen>> {
        // Each change is one call: a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
