//! Reading a dump from its first byte to its last.

use chrono::NaiveDateTime;
use domain::backup::DumpContents;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::copy::{CopyReader, Wrapped};
use super::script::Described;
use super::{DumpError, DumpFile, Form, PgRestore};
use crate::process::{Line, ProcessError, Stream};

/// Lines between tool and reader; a slow reader slows the tool down.
const AHEAD: usize = 1024;

/// Reads dumps in full, at low priority.
#[derive(Clone, Debug)]
pub struct Reader {
    pub pg_restore: PgRestore,
    /// `(table, column)` pairs whose values are kept for the key proof.
    pub wrapped: Vec<(String, String)>,
    pub cancellation: CancellationToken,
}

/// What was read.
#[derive(Clone, Debug)]
pub struct DumpRead {
    pub contents: DumpContents,
    pub wrapped: Vec<Wrapped>,
}

impl Reader {
    /// Reads one dump. A failure of the tool means that the dump is broken; one to start it, or a cancelled read, means nothing.
    ///
    /// # Errors
    /// [`DumpError::Broken`] if it can't be read to its end, [`DumpError::Plain`] if Muster doesn't read its form.
    pub async fn read(&self, dump: &DumpFile) -> Result<DumpRead, DumpError> {
        if dump.form == Form::Plain {
            return Err(DumpError::Plain(dump.label.clone()));
        }
        let sha256 = dump.sha256().await?;
        let begun = self.begun(dump).await?;
        let (copies, described) = self.script(dump).await?;
        // A dump that was replaced while it was read is neither the old one nor the new one.
        if dump.sha256().await? != sha256 {
            return Err(broken(dump, "it changed while it was read"));
        }
        Ok(DumpRead {
            contents: DumpContents {
                sha256,
                rows: copies.rows,
                encoding: described.encoding.unwrap_or_else(|| "UTF8".into()),
                collate: described.collate.unwrap_or_else(|| "C".into()),
                ctype: described.ctype.unwrap_or_else(|| "C".into()),
                begun,
                server_version: described.server_version.unwrap_or_default(),
                tool_version: described.tool_version.unwrap_or_default(),
                database: described.database,
                settings: described.settings,
            },
            wrapped: copies.wrapped,
        })
    }

    async fn script(&self, dump: &DumpFile) -> Result<(CopyReader, Described), DumpError> {
        let (sender, mut lines) = mpsc::channel::<Line>(AHEAD);
        let arguments = ["--create".into(), "--file=-".into(), dump.path.clone().into_os_string()];
        let call = self
            .pg_restore
            .tool
            .invoke(arguments)
            .low_priority()
            .cancelled_by(self.cancellation.clone());
        let reading = async {
            let (mut copies, mut described) = (CopyReader::new(self.wrapped.clone()), Described::default());
            while let Some(line) = lines.recv().await {
                if line.stream == Stream::Stdout && !copies.line(&line.text) {
                    described.line(&line.text);
                }
            }
            (copies, described)
        };
        let (result, (copies, described)) = tokio::join!(call.stream(sender), reading);
        result.map_err(|error| judge(dump, error))?;
        if copies.is_torn() {
            return Err(broken(dump, "the data of a table has no end"));
        }
        Ok((copies, described))
    }

    /// The time in the archive's header: `;     Archive created at 2026-04-01 02:00:00 UTC`. The zone it prints is that of the reader.
    async fn begun(&self, dump: &DumpFile) -> Result<Option<NaiveDateTime>, DumpError> {
        let arguments = ["--list".into(), dump.path.clone().into_os_string()];
        let listing = self
            .pg_restore
            .tool
            .invoke(arguments)
            .output()
            .await
            .map_err(|error| judge(dump, error))?;
        let text = listing.text().into_owned();
        let stamp = text
            .lines()
            .find_map(|line| line.split_once("Archive created at "))
            .map(|(_, stamp)| stamp);
        Ok(stamp
            .and_then(|stamp| NaiveDateTime::parse_and_remainder(stamp, "%Y-%m-%d %H:%M:%S").ok())
            .map(|(time, _)| time))
    }
}

fn broken(dump: &DumpFile, reason: &str) -> DumpError {
    DumpError::Broken {
        label: dump.label.clone(),
        reason: reason.into(),
    }
}

/// `pg_restore` that ends with an error has judged the dump; one that couldn't be started or was stopped hasn't.
fn judge(dump: &DumpFile, error: ProcessError) -> DumpError {
    match error {
        ProcessError::Failed { tail, .. } => {
            let told = tail
                .iter()
                .rev()
                .find(|line| line.contains("error"))
                .or(tail.last())
                .cloned();
            broken(dump, &told.unwrap_or_else(|| "pg_restore could not read it".into()))
        }
        other => other.into(),
    }
}
