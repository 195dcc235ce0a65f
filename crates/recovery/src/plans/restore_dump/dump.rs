//! The dump that a plan is about: these bytes and no others.

use adapters::dumps::{DumpError, DumpFile, Form, PgRestore, Reader};
use domain::backup::DumpContents;
use domain::ids::Sha256;
use domain::key::Fingerprint;
use store::DumpReading;
use tokio_util::sync::CancellationToken;

use crate::collect;
use crate::keys::{self, Memory};
use crate::plans::Planner;
use crate::settings::Dumps;

/// Facts about a dump that the plan stands on.
pub struct DumpFacts {
    pub form: Form,
    pub contents: DumpContents,
    pub bytes: u64,
    pub key: Option<Fingerprint>,
    /// How many envelopes were tried.
    pub tried: u64,
}

impl Planner<'_> {
    /// Reads the dump in full, now.
    pub(super) async fn dump_facts(
        &self,
        dumps: &Dumps,
        pg_restore: &PgRestore,
        backup: &str,
    ) -> Result<DumpFacts, String> {
        let text = |error: DumpError| match error {
            DumpError::Broken { .. } | DumpError::NeverRestored { .. } => format!("{error}."),
            other => other.to_string(),
        };
        let file = dumps.place.find(backup).await.map_err(text)?;
        if !file.form.is_restorable() {
            let (label, form) = (file.label, file.form);
            return Err(text(DumpError::NeverRestored { label, form }));
        }
        if let Some(service) = dumps.place.unproven() {
            return Err(format!(
                "{service} is only read: Muster was never run against the real service. Copy {backup} into a folder that is a source."
            ));
        }
        let remembered = self.remembered(dumps, &file).await?;
        // Each content of an object has a name of its own, and the bytes are compared before they are restored.
        if file.version.is_some()
            && let Some(facts) = remembered
        {
            return self.unchanged(dumps, &file, facts).await;
        }
        let dump = dumps.place.open(&file, &dumps.scratch).await.map_err(text)?;
        // Once it was read to its end, the same bytes need no second reading.
        if let Some(facts) = remembered
            && dump.sha256().await.map_err(text)? == facts.contents.sha256
        {
            return self.unchanged(dumps, &file, facts).await;
        }
        let reader = Reader {
            pg_restore: pg_restore.clone(),
            wrapped: self.deployment.wrapped(),
            migrations: Some(self.deployment.migrations()),
            cancellation: CancellationToken::new(),
        };
        let read = reader.read(&dump).await.map_err(text)?;
        let (key, tried) = self.opener(read.wrapped).await;
        let facts = DumpFacts {
            form: file.form,
            contents: read.contents,
            bytes: file.size,
            key,
            tried,
        };
        self.unchanged(dumps, &file, facts).await
    }

    /// The key that opens every sampled envelope, and how many there are.
    async fn opener(&self, wrapped: Vec<adapters::dumps::Wrapped>) -> (Option<Fingerprint>, u64) {
        let Ok(ring) = keys::read_ring(self.deployment, self.memory, self.actor, self.clock.now()).await else {
            return (None, 0);
        };
        let tried = keys::try_all(&self.deployment.layout, &ring, wrapped).await;
        let all = tried.parsed();
        let opener = ring
            .held
            .iter()
            .enumerate()
            .find(|(index, _)| all > 0 && tried.opened_by(*index) == all);
        (opener.map(|(_, held)| held.key.fingerprint()), all)
    }

    /// What an earlier reading has shown, if the dump still looks as it did.
    async fn remembered(&self, dumps: &Dumps, file: &DumpFile) -> Result<Option<DumpFacts>, String> {
        let Memory::Store(store) = self.memory else {
            return Ok(None);
        };
        let reading = store.dump_reading(collect::listed(self.deployment, dumps, file)).await;
        Ok(reading
            .map_err(|error| error.to_string())?
            .and_then(|reading| facts_of(file, reading)))
    }

    /// Refuses a dump that isn't what it was when it was first read.
    async fn unchanged(&self, dumps: &Dumps, file: &DumpFile, facts: DumpFacts) -> Result<DumpFacts, String> {
        let Memory::Store(store) = self.memory else {
            return Ok(facts);
        };
        let first = store.dumps_first_seen(&self.deployment.name, dumps.place.name()).await;
        let first = first.map_err(|error| error.to_string())?;
        let now: Sha256 = facts.contents.sha256;
        match collect::changed_since(now, first.get(&file.label)) {
            Some(changed) => Err(format!("{} is broken: {changed}.", file.label)),
            None => Ok(facts),
        }
    }
}

fn facts_of(file: &DumpFile, reading: DumpReading) -> Option<DumpFacts> {
    let parsed = reading.sampled.saturating_sub(reading.unparsed);
    let opener = reading
        .openings
        .into_iter()
        .find(|(_, opened)| parsed > 0 && *opened == parsed);
    Some(DumpFacts {
        form: file.form,
        // An earlier version read it without asking who sorts: it is read again.
        contents: reading.contents.ok().filter(|contents| contents.provider.is_some())?,
        bytes: file.size,
        key: opener.map(|(fingerprint, _)| fingerprint),
        tried: parsed.into(),
    })
}
