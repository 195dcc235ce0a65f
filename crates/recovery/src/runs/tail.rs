//! The end of a run's log: what somebody who watches wants to see.

use std::collections::VecDeque;

use domain::ids::RunId;
use domain::role::Actor;
use store::runs::StoredLine;

use crate::{Error, Services};

/// Lines read at once. A run keeps at most [`store::runs::LOG_LIMIT`] bytes, so a few readings reach the end of any log.
const READ: i64 = 5000;

/// The last lines of a log.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tail {
    pub lines: Vec<StoredLine>,
    /// How many there are in all.
    pub of: usize,
}

/// The last `keep` lines of a run's log.
///
/// # Errors
/// As [`super::log`].
pub async fn tail(services: &Services, actor: &Actor, run: RunId, keep: usize) -> Result<Tail, Error> {
    let mut kept = VecDeque::new();
    let (mut of, mut after) = (0, 0);
    loop {
        let lines = super::log(services, actor, run, after, READ).await?;
        let whole = lines.len() as i64 == READ;
        of += lines.len();
        after = lines.last().map_or(after, |line| line.seq);
        kept.extend(lines);
        kept.drain(..kept.len().saturating_sub(keep));
        if !whole {
            return Ok(Tail { lines: kept.into(), of });
        }
    }
}
