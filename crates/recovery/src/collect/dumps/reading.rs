//! Reading dumps in full, one after the other. Each result is written down at once, so nothing is read twice because a later one took long.

use std::time::Duration;

use adapters::dumps::{DumpError, DumpFile, DumpRead, PgRestore, Reader};
use domain::role::Actor;
use domain::status::Status;
use domain::time::Timestamp;
use store::DumpReading;
use tokio_util::sync::CancellationToken;

use super::listed;
use super::progress::Setback;
use crate::keys::{self, KeyRing, Memory};
use crate::settings::{Deployment, Dumps};

/// A file that can't be read to its end and was changed less than this ago may still be being written: it isn't condemned for good yet.
const SETTLED: chrono::Duration = chrono::Duration::minutes(2);
/// How long such a file is watched. One that changes meanwhile is being written; one that doesn't is broken.
const WATCHED: Duration = Duration::from_secs(10);
/// After what says nothing about a dump, such as a transfer cut short.
const AGAIN: chrono::Duration = chrono::Duration::minutes(5);

/// Readings to be made.
pub struct Work {
    pub deployment: Deployment,
    pub dumps: Dumps,
    pub memory: Memory,
    pub actor: Actor,
    pub at: Timestamp,
}

impl Work {
    /// Reads these dumps. Answers what was learnt, by label; why nothing could be learnt about one stands in the source's progress.
    pub async fn all(&self, due: Vec<DumpFile>) -> Vec<(String, DumpReading)> {
        let pg_restore = match PgRestore::find(self.dumps.pg_restore.clone()).await {
            Ok(found) => found,
            Err(error) => {
                for file in &due {
                    self.dumps.progress.failed(file, self.unknown(&error.to_string()));
                }
                return Vec::new();
            }
        };
        let reader = Reader {
            pg_restore,
            wrapped: self.deployment.wrapped(),
            migrations: Some(self.deployment.migrations()),
            cancellation: CancellationToken::new(),
        };
        let ring = keys::read_ring(&self.deployment, &self.memory, &self.actor, self.at).await;
        let ring = ring.unwrap_or_else(|_| KeyRing::empty());
        let mut readings = Vec::new();
        for file in due {
            match self.one(&reader, &file, &ring).await {
                Ok(reading) => {
                    self.dumps.progress.succeeded(&file);
                    self.write_down(&file, &reading).await;
                    readings.push((file.label, reading));
                }
                Err(setback) => self.dumps.progress.failed(&file, setback),
            }
        }
        readings
    }

    async fn one(&self, reader: &Reader, file: &DumpFile, ring: &KeyRing) -> Result<DumpReading, Setback> {
        let opened = self.dumps.place.open(file, &self.dumps.scratch).await;
        let read = match opened {
            Ok(dump) => reader.read(&dump).await,
            Err(error) => Err(error),
        };
        match read {
            Ok(read) => Ok(self.tried(read, ring).await),
            Err(DumpError::Broken { reason, .. }) => self.condemned(file, reason).await,
            Err(error @ DumpError::BeingWritten { .. }) => Err(Setback {
                again: self.at,
                ..self.unknown(&error.to_string())
            }),
            Err(error) => Err(self.unknown(&error.to_string())),
        }
    }

    /// What can't be read to its end is broken, unless it is still being written.
    async fn condemned(&self, file: &DumpFile, reason: String) -> Result<DumpReading, Setback> {
        let broken = DumpReading {
            contents: Err(reason.clone()),
            openings: Vec::new(),
            sampled: 0,
            unparsed: 0,
            read_at: self.at,
        };
        // An object is there when it is whole.
        if !self.dumps.place.hides_changes() {
            return Ok(broken);
        }
        let young = self.at - file.modified < SETTLED;
        if self.has_changed(file).await || (young && self.changes(file).await) {
            return Err(Setback {
                again: self.at,
                ..self.unknown("still being written")
            });
        }
        if young {
            return Err(Setback {
                status: Status::Broken,
                reason,
                again: self.at,
            });
        }
        Ok(broken)
    }

    async fn changes(&self, file: &DumpFile) -> bool {
        tokio::time::sleep(WATCHED).await;
        self.has_changed(file).await
    }

    async fn has_changed(&self, file: &DumpFile) -> bool {
        self.dumps.place.find(&file.label).await.is_ok_and(|now| now != *file)
    }

    /// Tries the keys at hand on what was read.
    async fn tried(&self, read: DumpRead, ring: &KeyRing) -> DumpReading {
        let tried = keys::try_all(&self.deployment.layout, ring, read.wrapped).await;
        let envelopes = tried.document();
        let openings = ring.held.iter().enumerate().filter_map(|(index, held)| {
            let opened = keys::clamp(tried.opened_by(index));
            (opened > 0).then(|| (held.key.fingerprint(), opened))
        });
        DumpReading {
            contents: Ok(read.contents),
            openings: openings.collect(),
            sampled: envelopes.sampled,
            unparsed: envelopes.unparsed,
            read_at: self.at,
        }
    }

    async fn write_down(&self, file: &DumpFile, reading: &DumpReading) {
        let Memory::Store(store) = &self.memory else { return };
        let kept = store
            .dump_reading_put(listed(&self.deployment, &self.dumps, file), reading)
            .await;
        if let Err(error) = kept {
            tracing::warn!(%error, dump = file.label, "a reading could not be remembered; the dump is read again");
        }
    }

    fn unknown(&self, reason: &str) -> Setback {
        Setback {
            status: Status::Unknown,
            reason: reason.to_owned(),
            again: self.at + AGAIN,
        }
    }
}
