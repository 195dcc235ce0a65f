//! The log of a run, line by line. Bounded: a tool that floods its output must not fill the database that the recovery depends on. What
//! Muster itself says is kept whatever a tool wrote before: it tells how the run ended.

use domain::ids::RunId;
use domain::time::Timestamp;

use super::topic;
use crate::events::notify;
use crate::row::{parse, text};
use crate::{Result, Store, StoreError};

/// Bytes of its tools' words that a run keeps; a line says where they end.
pub const LOG_LIMIT: i64 = 100 * 1024 * 1024;
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
    /// Adds lines, and answers how many of a tool's lines were left out because the log is full.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] if `fence` isn't the run's.
    pub async fn run_log_append(&self, run: RunId, fence: i64, lines: &[LogLine]) -> Result<usize> {
        self.run_log_within(LOG_LIMIT, (run, fence), lines).await
    }

    /// Adds the last lines of a tool whose words were left out. The caller bounds them: the log takes them however full it is.
    ///
    /// # Errors
    /// As [`Self::run_log_append`].
    pub async fn run_log_append_last(&self, run: RunId, fence: i64, lines: &[LogLine]) -> Result<()> {
        self.run_log_within(i64::MAX, (run, fence), lines).await.map(drop)
    }

    async fn run_log_within(&self, limit: i64, (run, fence): (RunId, i64), lines: &[LogLine]) -> Result<usize> {
        let mut tx = self.begin().await?;
        let room = sqlx::query!(
            "select log_bytes, log_full from runs where id = $1 and fence = $2 and word = 'running' for update",
            run.0,
            fence,
        )
        .fetch_optional(&mut *tx)
        .await?
        .ok_or(StoreError::LeaseLost(run))?;
        let batch = Batch::cut(lines, limit, (room.log_bytes, room.log_full));
        if batch.at.is_empty() {
            return Ok(batch.left_out);
        }
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
        tx.commit().await?;
        Ok(batch.left_out)
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

    /// At most `limit` lines from the one at `offset` on, oldest first.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn run_log_page(&self, run: RunId, offset: i64, limit: i64) -> Result<Vec<StoredLine>> {
        let first = sqlx::query_scalar!(
            "select seq from run_log where run = $1 order by seq offset $2 limit 1",
            run.0,
            offset.max(0),
        )
        .fetch_optional(&self.pool)
        .await?;
        match first {
            None => Ok(Vec::new()),
            Some(first) => self.run_log(run, first - 1, limit).await,
        }
    }

    /// How many lines there are.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn run_log_size(&self, run: RunId) -> Result<i64> {
        Ok(
            sqlx::query_scalar!(r#"select count(*) as "count!" from run_log where run = $1"#, run.0)
                .fetch_one(&self.pool)
                .await?,
        )
    }

    /// The last `limit` lines, oldest first.
    ///
    /// # Errors
    /// If the database doesn't answer.
    pub async fn run_log_last(&self, run: RunId, limit: i64) -> Result<Vec<StoredLine>> {
        let first = sqlx::query_scalar!(
            "select seq from run_log where run = $1 order by seq desc offset $2 limit 1",
            run.0,
            limit - 1,
        )
        .fetch_optional(&self.pool)
        .await?;
        self.run_log(run, first.map_or(0, |first| first - 1), limit).await
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
    /// The log said already where the words of its tools end.
    full: bool,
    /// Lines of tools that had no room.
    left_out: usize,
}

impl Batch {
    fn cut(lines: &[LogLine], limit: i64, (bytes, full): (i64, bool)) -> Self {
        let mut batch = Self {
            bytes,
            full,
            ..Self::default()
        };
        for line in lines {
            let shown = cut_line(&text(&line.text));
            let unbounded = limit == i64::MAX || line.stream == LogStream::Note;
            let length = i64::try_from(shown.len()).expect("a line is short");
            if unbounded || (!batch.full && batch.bytes + length <= limit) {
                batch.push(line, line.stream, shown);
                continue;
            }
            if !batch.full {
                batch.say_full(line, limit);
            }
            batch.left_out += 1;
        }
        batch
    }

    fn say_full(&mut self, at: &LogLine, limit: i64) {
        let limit = limit / 1024 / 1024;
        let said = format!(
            "The log ends here for what tools write: a run keeps {limit} MiB. The run goes on; when the tool ends, its last lines follow."
        );
        self.full = true;
        self.push(at, LogStream::Note, said);
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
