//! The copy: restored into a directory of its own and recovered there, while the cluster goes on.

use std::time::Duration;

use adapters::database_host::{Kind, Replay, ServerState};
use domain::plan::RecoveryStop;
use domain::time::{Timestamp, rfc3339};
use domain::wal::{Lsn, Segment};
use tokio::time::{Instant, sleep};

use super::{Site, failed};
use crate::runs::execution::StepError;

/// How often recovery is looked at, and how often that is written down.
const LOOK: Duration = Duration::from_millis(500);
const TELL: Duration = Duration::from_secs(15);
/// Recovery that replays nothing for this long has come to its end.
const STILL: Duration = Duration::from_secs(180);

impl Site<'_> {
    pub(super) async fn restore(&self, index: usize, resumed: bool) -> Result<String, StepError> {
        if resumed {
            self.run
                .note(Some(index), "an earlier try was interrupted: the copy is made anew")
                .await?;
            self.ended_there().await?;
            self.copy().stop().await.map_err(failed)?;
        } else if self.host().kind(&self.beside).await.map_err(failed)? != Kind::Nothing {
            return Err(StepError::Failed(format!(
                "{} is there already; it was left alone",
                self.beside
            )));
        }
        self.host().make_anew(&self.beside).await.map_err(failed)?;
        self.run_restore(index).await?;
        Ok(format!("{} restored into {}", self.plan.backup, self.beside))
    }

    pub(super) async fn recover(&self, index: usize) -> Result<String, StepError> {
        let copy = self.copy();
        copy.start(self.plan.server.major, &self.recovery())
            .await
            .map_err(failed)?;
        let mut watch = Watch::new();
        loop {
            self.not_cancelled()?;
            match copy.state().await.map_err(failed)? {
                ServerState::Stopped => {
                    let words = copy.last_words().await.map_err(failed)?;
                    return Err(StepError::Failed(self.ended_early(&words)));
                }
                ServerState::Starting => {}
                ServerState::Answers(replay) if !replay.in_recovery => {
                    return Err(StepError::Failed(
                        "the copy left recovery by itself before it was told to; it isn’t used".into(),
                    ));
                }
                ServerState::Answers(replay) if self.has_reached(&replay) => return self.reached(&replay),
                ServerState::Answers(replay) => self.still_going(index, &mut watch, &replay).await?,
            }
            sleep(LOOK).await;
        }
    }

    pub(super) fn not_cancelled(&self) -> Result<(), StepError> {
        if self.run.end.is_cancelled() {
            return Err(StepError::Failed("it was stopped".into()));
        }
        Ok(())
    }

    async fn still_going(&self, index: usize, watch: &mut Watch, replay: &Replay) -> Result<(), StepError> {
        if watch.stands_still(replay.lsn) {
            let at = replay
                .lsn
                .map_or_else(|| "an unknown position".into(), |lsn| lsn.to_string());
            return Err(StepError::Failed(format!(
                "recovery-stopped-early: replay stands at {at}, and the WAL had to reach {}",
                self.plan.expected_end
            )));
        }
        if watch.tells() {
            let words = replay
                .lsn
                .map(|lsn| format!("replayed to {lsn} of {}", self.plan.expected_end));
            self.run
                .note(Some(index), &words.unwrap_or_else(|| "replaying".into()))
                .await?;
        }
        Ok(())
    }

    pub(super) fn has_reached(&self, replay: &Replay) -> bool {
        match self.plan.stop {
            RecoveryStop::Time { .. } => replay.paused,
            RecoveryStop::Latest => replay
                .lsn
                .is_some_and(|lsn| self.segment(lsn) >= self.segment(self.plan.expected_end)),
        }
    }

    /// The segment whose last byte comes right before a position.
    fn segment(&self, lsn: Lsn) -> u64 {
        let size = self.plan.server.segment_size.0.max(1);
        Segment::before(0, lsn, size).number
    }

    fn reached(&self, replay: &Replay) -> Result<String, StepError> {
        let last = replay.last_commit.and_then(Timestamp::from_timestamp_micros);
        if let (RecoveryStop::Time { time, .. }, Some(last)) = (self.plan.stop, last)
            && last > time
        {
            return Err(StepError::Failed(format!(
                "the copy holds a commit of {}, later than its target; it isn’t used",
                rfc3339(last)
            )));
        }
        let commit = last.map_or_else(
            || "no commit was replayed".into(),
            |last| format!("the last commit is of {}", rfc3339(last)),
        );
        let lsn = replay.lsn.map_or_else(String::new, |lsn| format!(" at {lsn}"));
        Ok(format!("the copy stands{lsn}; {commit}"))
    }

    /// Why a recovery ended, in PostgreSQL's words and ours.
    fn ended_early(&self, log: &str) -> String {
        let fatal = log
            .lines()
            .rfind(|line| line.contains("FATAL") || line.contains("PANIC"));
        let said = fatal.or_else(|| log.lines().last()).unwrap_or("nothing").trim();
        let why = if log.contains("recovery ended before configured recovery target was reached") {
            ". No commit behind the target is archived, so PostgreSQL can’t tell that it was reached: ask for the latest state instead"
        } else {
            ""
        };
        format!("the copy’s server ended: {said}{why}")
    }
}

/// Whether replay goes on.
struct Watch {
    last: Option<Lsn>,
    moved: Instant,
    told: Instant,
}

impl Watch {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            last: None,
            moved: now,
            told: now,
        }
    }

    fn stands_still(&mut self, lsn: Option<Lsn>) -> bool {
        if lsn != self.last {
            (self.last, self.moved) = (lsn, Instant::now());
        }
        self.moved.elapsed() > STILL
    }

    fn tells(&mut self) -> bool {
        let tells = self.told.elapsed() > TELL;
        if tells {
            self.told = Instant::now();
        }
        tells
    }
}
