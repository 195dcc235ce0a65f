//! Reading a dump from its first byte to its last.

use chrono::NaiveDateTime;
use domain::backup::DumpContents;
use domain::ids::Sha256;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::copy::{CopyReader, Wrapped};
use super::script::Described;
use super::{DumpError, OpenDump, PgRestore, ends, plain};
use crate::process::{Line, ProcessError, Stream};

/// Lines between tool and reader; a slow reader slows the tool down.
const AHEAD: usize = 1024;

/// What `pg_restore` says when it is the one that lacks something, not the dump, and what to do then.
const NOT_THE_DUMP: [(&str, &str); 5] = [
    (
        "unsupported version",
        "a newer pg_dump made it: install a pg_restore as new",
    ),
    (
        "not supported by this installation",
        "install a pg_restore that knows its compression",
    ),
    (
        "this build does not support",
        "install a pg_restore that knows its compression",
    ),
    ("Permission denied", "let the account that tools run as read it"),
    ("out of memory", "give Muster more memory"),
];

/// Reads dumps in full, at low priority.
#[derive(Clone, Debug)]
pub struct Reader {
    pub pg_restore: PgRestore,
    /// `(table, column)` pairs whose values are kept for the key proof.
    pub wrapped: Vec<(String, String)>,
    /// `(table, column)` of the applied migrations, of which the newest tells the version that wrote the dump.
    pub migrations: Option<(String, String)>,
    pub cancellation: CancellationToken,
}

/// What was read.
#[derive(Clone, Debug)]
pub struct DumpRead {
    pub contents: DumpContents,
    pub wrapped: Vec<Wrapped>,
}

/// What an archive says of itself before its data.
#[derive(Default)]
pub(super) struct Header {
    begun: Option<NaiveDateTime>,
    /// How many tables it has data of.
    pub(super) tables: u64,
}

impl Reader {
    /// Reads one dump. That a tool couldn't be started or was stopped says nothing about the dump.
    ///
    /// # Errors
    /// [`DumpError::Broken`] if it can't be read to its end.
    pub async fn read(&self, dump: &OpenDump) -> Result<DumpRead, DumpError> {
        let sha256 = dump.sha256().await?;
        let read = if dump.form.is_restorable() {
            self.archive(dump).await
        } else {
            self.plain(dump).await
        };
        // A dump that was replaced while it was read is neither the old one nor the new one.
        if dump.sha256().await? != sha256 {
            let label = dump.label.clone();
            return Err(DumpError::BeingWritten { label });
        }
        let (header, copies, described) = read?;
        Ok(read_of(sha256, &header, copies, described))
    }

    async fn archive(&self, dump: &OpenDump) -> Result<(Header, CopyReader, Described), DumpError> {
        let form = dump.form;
        if let Some(reason) = dump.aside(move |path, _stop| ends::missing(form, path)).await? {
            return Err(DumpError::broken(&dump.label, reason));
        }
        let header = self.header(dump).await?;
        let (copies, described) = self.script(dump).await?;
        // Data that lost its end swallows the next table's beginning. A dump of INSERTs has no such data at all.
        if copies.is_torn() || (copies.begun > 0 && copies.begun < header.tables) {
            return Err(DumpError::broken(&dump.label, "the data of a table has no end"));
        }
        Ok((header, copies, described))
    }

    async fn plain(&self, dump: &OpenDump) -> Result<(Header, CopyReader, Described), DumpError> {
        let (form, copies) = (dump.form, self.copies());
        let read = dump
            .aside(move |path, stop| plain::read(form, path, copies, stop))
            .await?;
        if let Some(reason) = read.broken {
            return Err(DumpError::broken(&dump.label, reason));
        }
        Ok((Header::default(), read.copies, read.described))
    }

    fn copies(&self) -> CopyReader {
        CopyReader::new(self.wrapped.clone(), self.migrations.clone())
    }

    async fn script(&self, dump: &OpenDump) -> Result<(CopyReader, Described), DumpError> {
        let (sender, mut lines) = mpsc::channel::<Line>(AHEAD);
        let arguments = ["--create".into(), "--file=-".into(), dump.path().as_os_str().to_owned()];
        let call = self
            .pg_restore
            .tool
            .invoke(arguments)
            .low_priority()
            .cancelled_by(self.cancellation.clone());
        let reading = async {
            let (mut copies, mut described) = (self.copies(), Described::default());
            while let Some(line) = lines.recv().await {
                if line.stream == Stream::Stdout && !copies.line(&line.text) {
                    described.line(&line.text);
                }
            }
            (copies, described)
        };
        let (result, (copies, described)) = tokio::join!(call.stream(sender), reading);
        result.map_err(|error| self.judge(dump, error))?;
        Ok((copies, described))
    }

    /// When the dump was begun, by its own header. Its data aren't read.
    ///
    /// # Errors
    /// If the tool can't be run, or doesn't take it for a dump.
    pub async fn begun(&self, dump: &OpenDump) -> Result<Option<NaiveDateTime>, DumpError> {
        Ok(self.header(dump).await?.begun)
    }

    /// The archive's time, `;     Archive created at 2026-04-01 02:00:00 UTC`, whose zone is that of the reader, and its entries, such as
    /// `3342; 0 16386 TABLE DATA public tenants ampora`.
    async fn header(&self, dump: &OpenDump) -> Result<Header, DumpError> {
        let (sender, mut lines) = mpsc::channel::<Line>(AHEAD);
        let arguments = ["--list".into(), dump.path().as_os_str().to_owned()];
        let call = self
            .pg_restore
            .tool
            .invoke(arguments)
            .cancelled_by(self.cancellation.clone());
        let reading = async {
            let mut header = Header::default();
            while let Some(line) = lines.recv().await {
                if line.stream == Stream::Stdout {
                    header.line(&line.text);
                }
            }
            header
        };
        let (result, header) = tokio::join!(call.stream(sender), reading);
        result.map_err(|error| self.judge(dump, error))?;
        Ok(header)
    }

    /// `pg_restore` that ends with an error has judged the dump, unless it says that itself is the one that can't.
    pub(super) fn judge(&self, dump: &OpenDump, error: ProcessError) -> DumpError {
        let ProcessError::Failed { tail, .. } = error else {
            return error.into();
        };
        let told = tail
            .iter()
            .rev()
            .find(|line| line.contains("error"))
            .or(tail.last())
            .map_or("pg_restore could not read it", String::as_str);
        if let Some((_, remedy)) = NOT_THE_DUMP.iter().find(|(words, _)| told.contains(words)) {
            return DumpError::NotJudged {
                label: dump.label.clone(),
                version: self.pg_restore.version.clone(),
                reason: told.to_owned(),
                remedy,
            };
        }
        DumpError::broken(&dump.label, told)
    }
}

impl Header {
    pub(super) fn line(&mut self, line: &str) {
        if let Some((_, stamp)) = line.split_once("Archive created at ").filter(|_| line.starts_with(';')) {
            let parsed = NaiveDateTime::parse_and_remainder(stamp, "%Y-%m-%d %H:%M:%S").ok();
            self.begun = self.begun.or(parsed.map(|(time, _)| time));
        }
        let words: Vec<_> = line.splitn(6, ' ').collect();
        if let [number, _, _, "TABLE", "DATA", _] = words[..]
            && number.ends_with(';')
        {
            self.tables += 1;
        }
    }
}

fn read_of(sha256: Sha256, header: &Header, copies: CopyReader, described: Described) -> DumpRead {
    DumpRead {
        contents: DumpContents {
            sha256,
            rows: copies.rows,
            encoding: described.encoding.unwrap_or_else(|| "UTF8".into()),
            collate: described.collate.unwrap_or_else(|| "C".into()),
            ctype: described.ctype.unwrap_or_else(|| "C".into()),
            provider: Some(described.provider),
            begun: header.begun,
            server_version: described.server_version.unwrap_or_default(),
            tool_version: described.tool_version.unwrap_or_default(),
            database: described.database,
            settings: described.settings,
            migration_head: copies.migration_head,
        },
        wrapped: copies.wrapped,
    }
}
