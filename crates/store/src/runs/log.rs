//! The log of a run, line by line. Bounded: a tool that floods its output must not fill the database that the recovery depends on.

use domain::ids::RunId;
use domain::time::Timestamp;

use super::topic;
use crate::events::notify;
use crate::row::{parse, text};
use crate::{Result, Store, StoreError};

/// Bytes of log that a run may have; a last line says so.
pub const LOG_LIMIT: i64 = 8 * 1024 * 1024;
/// Bytes of one line.
const LINE_LIMIT: usize = 4096;
/// Stands at the end of a line that was cut.
const CUT: &str = " … (cut)";

/// Where a line comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogStream {
    /// Standard output of a tool.
    Out,
    /// Its standard error.
    Err,
    /// Muster itself.
    Note,
}

impl LogStream {
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::Err => "err",
            Self::Note => "note",
        }
    }
}

/// One line to be written down. Secrets are taken out before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogLine {
    pub at: Timestamp,
    /// Ordinal of the step, from 0; −1 for what belongs to none.
    pub step: i32,
    pub stream: LogStream,
    pub text: String,
}

/// One line with its place. `seq` grows within a run, with holes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredLine {
    pub seq: i64,
    pub line: LogLine,
}

impl Store {
    /// Adds lines.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if `fence` isn't the run's.
    pub async fn run_log_append(&self, run: RunId, fence: i64, lines: &[LogLine]) -> Result<()> {
        let mut tx = self.begin().await?;
        let room = sqlx::query!(
            "select log_bytes, log_full from runs where id = $1 and fence = $2 and word = 'running' for update",
            run.0,
            fence,
        )
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(StoreError::LeaseLost(run))?;
        if room.log_full || lines.is_empty() {
            return Ok(());
        }
        let batch = Batch::cut(lines, room.log_bytes);
        sqlx::query!(
            "insert into run_log (run, at, step, stream, line)
             select $1, * from unnest($2::timestamptz[], $3::integer[], $4::text[], $5::text[])",
            run.0,
            &batch.at,
            &batch.step,
            &batch.stream,
            &batch.text,
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "update runs set log_bytes = $2, log_full = $3 where id = $1",
            run.0,
            batch.bytes,
            batch.full,
        )
        .execute(&mut *tx)
        .await?;
        notify(&mut tx, &topic(run)).await?;
        Ok(tx.commit().await?)
    }

    /// At most `limit` lines behind `after_seq` (0 to begin), oldest first.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn run_log(&self, run: RunId, after_seq: i64, limit: i64) -> Result<Vec<StoredLine>> {
        let rows = sqlx::query!(
            "select seq, at, step, stream, line from run_log where run = $1 and seq > $2 order by seq limit $3",
            run.0,
            after_seq,
            limit,
        )
        .fetch_all(&self.pool)
        .await?;
        let lines = rows.into_iter().map(|row| {
            Ok(StoredLine {
                seq: row.seq,
                line: LogLine {
                    at: row.at,
                    step: row.step,
                    stream: parse(row.stream.into(), "run_log", row.seq)?,
                    text: row.line,
                },
            })
        });
        lines.collect()
    }
}

/// Lines as columns, within the limits.
#[derive(Default)]
struct Batch {
    at: Vec<Timestamp>,
    step: Vec<i32>,
    stream: Vec<String>,
    text: Vec<String>,
    /// Length of the whole log with these lines.
    bytes: i64,
    full: bool,
}

impl Batch {
    fn cut(lines: &[LogLine], already: i64) -> Self {
        let mut batch = Self {
            bytes: already,
            ..Self::default()
        };
        for line in lines {
            let shown = cut_line(&text(&line.text));
            if batch.bytes + i64::try_from(shown.len()).unwrap_or(i64::MAX) > LOG_LIMIT {
                batch.full = true;
                let limit = LOG_LIMIT / 1024 / 1024;
                batch.push(
                    line,
                    LogStream::Note,
                    format!("The log ends here: a run keeps {limit} MiB. The run goes on."),
                );
                break;
            }
            batch.push(line, line.stream, shown);
        }
        batch
    }

    fn push(&mut self, line: &LogLine, stream: LogStream, text: String) {
        self.bytes += i64::try_from(text.len()).expect("a line is short");
        self.at.push(line.at);
        self.step.push(line.step);
        self.stream.push(stream.word().into());
        self.text.push(text);
    }
}

fn cut_line(line: &str) -> String {
    if line.len() <= LINE_LIMIT {
        return line.into();
    }
    let end = line.floor_char_boundary(LINE_LIMIT - CUT.len());
    format!("{}{CUT}", &line[..end])
}
