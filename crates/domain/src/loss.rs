//! What a restore to a moment loses: counted in the live database where it answers, bounded by its last vital signs where it is gone, else
//! unknown. Nothing is interpolated, and what the retention sweep deletes is no loss.

use std::collections::BTreeMap;

use crate::plan::{Basis, DataLoss, Range};
use crate::time::Timestamp;
use crate::vitals::{Hour, Sign, Vitals, Why};

/// What the live database holds beyond a moment, counted in it at one moment.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Beyond {
    /// The newest moment at which it is known to have committed something.
    pub newest: Sign<Option<Timestamp>>,
    /// The same, of what the copy will still hold.
    pub kept: Sign<Option<Timestamp>>,
    pub audit_events: Sign<u64>,
    pub configurations: Sign<u64>,
    pub agents: Sign<u64>,
    pub certificates: Sign<u64>,
    /// All audit events that are there now, archived ones included.
    pub all_events: Sign<u64>,
}

/// Readings of the vital signs on either side of the moment. `None`: there is none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Readings<'a> {
    /// The last one at or before it.
    pub before: Option<&'a Vitals>,
    /// The first one behind it.
    pub first: Option<&'a Vitals>,
    pub last: Option<&'a Vitals>,
    /// The most audit events that were ever seen of each hour.
    pub hours: &'a [Hour],
    /// Name of the table with published versions.
    pub versions: &'a str,
}

/// The moment, and how surely the copy reaches it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment {
    pub at: Timestamp,
    /// The copy holds everything up to it. Else more may be lost than lies behind it.
    pub sure: bool,
    /// A commit that the copy is known to hold, from elsewhere than the live database.
    pub known: Option<Timestamp>,
}

/// Counted in the live database.
#[must_use]
pub fn counted(beyond: &Beyond, moment: Moment, readings: Readings<'_>, as_of: Timestamp) -> DataLoss {
    let mut unknown = Vec::new();
    let mut range = |what: &str, sign: &Sign<u64>| match sign.known() {
        Ok(rows) => {
            let rows = signed(*rows);
            Some(Range {
                min: rows,
                max: moment.sure.then_some(rows),
            })
        }
        Err(reason) => {
            unknown.push(format!("{what}: {reason}"));
            None
        }
    };
    let audit_events = range("audit events", &beyond.audit_events);
    let configurations = range("configuration versions", &beyond.configurations);
    let agents = range("agents", &beyond.agents);
    let certificates = range("certificates", &beyond.certificates);
    let kept = beyond.kept.known().ok().copied().flatten();
    let restore_point = kept.max(moment.known);
    let newest = beyond.newest.known().ok().copied().flatten();
    let seconds = newest.map(|newest| {
        // Without a commit that is known by its time, the copy ends at the moment itself, at most.
        let min = (newest - restore_point.unwrap_or(moment.at)).num_seconds().max(0);
        Range {
            min,
            max: moment.sure.then_some(min),
        }
    });
    if seconds.is_none() {
        unknown.push("seconds: no commit of the live database is known by its time".into());
    }
    let basis = match (moment.sure, &audit_events, &seconds) {
        (_, None, _) | (_, _, None) => Basis::Unknown,
        (true, _, _) => Basis::Exact,
        (false, _, _) => Basis::Bounded,
    };
    DataLoss {
        basis,
        as_of,
        restore_point,
        seconds,
        audit_events,
        configurations,
        agents,
        certificates,
        swept: swept(beyond, readings),
        unknown,
    }
}

/// The live database is gone: what its readings saw is the least that is lost, and nobody knows what it wrote after the last of them.
#[must_use]
pub fn bounded(moment: Moment, readings: Readings<'_>, now: Timestamp) -> DataLoss {
    let Some(last) = readings.last else {
        let mut loss = DataLoss::unknown(now);
        loss.unknown
            .push("the live database doesn’t answer, and no reading of it is remembered".into());
        return loss;
    };
    let before = readings
        .before
        .and_then(Vitals::newest_commit)
        .filter(|at| *at <= moment.at);
    let restore_point = before.max(moment.known);
    let newest = last.newest_commit().filter(|newest| *newest >= moment.at);
    let Some((newest, first)) = newest.zip(readings.first) else {
        let mut loss = DataLoss::unknown(last.read_at);
        loss.restore_point = restore_point;
        loss.unknown.push(format!(
            "the live database doesn’t answer, and it was last read at {}, which tells of nothing behind that moment",
            crate::time::rfc3339(last.read_at)
        ));
        return loss;
    };
    let grown = |rows: &dyn Fn(&Vitals) -> Option<u64>| {
        let grown = rows(last)?.saturating_sub(rows(first)?);
        Some(Range::at_least(signed(grown)))
    };
    DataLoss {
        basis: Basis::Bounded,
        as_of: last.read_at,
        restore_point,
        seconds: Some(Range::at_least(
            (newest - restore_point.unwrap_or(moment.at)).num_seconds().max(0),
        )),
        audit_events: events_between(first, last, readings.hours),
        configurations: grown(&|vitals| rows_of(vitals, readings.versions)),
        agents: grown(&|vitals| exact_count(&vitals.signs.agents)),
        certificates: grown(&|vitals| exact_count(&vitals.signs.issued)),
        swept: None,
        unknown: vec![format!(
            "whatever was written after {}, the last reading, comes on top",
            crate::time::rfc3339(last.read_at)
        )],
    }
}

/// Audit events that came in between two readings, at least: by the hours that the first one counted and what was seen of them later. The
/// sweep can only make that less.
fn events_between(first: &Vitals, last: &Vitals, most: &[Hour]) -> Option<Range> {
    let at_first = hours(first)?;
    let from = at_first.keys().next_back().copied()?;
    let mut later: BTreeMap<Timestamp, u64> = hours(last)?;
    for hour in most {
        let seen = later.entry(hour.hour).or_default();
        *seen = hour.events.0.max(*seen);
    }
    let came: u64 = later
        .range(from..)
        .map(|(hour, events)| events.saturating_sub(at_first.get(hour).copied().unwrap_or_default()))
        .sum();
    let grown = all_events(last).zip(all_events(first));
    let grown = grown.map_or(0, |(last, first)| last.saturating_sub(first));
    Some(Range::at_least(signed(came.max(grown))))
}

fn hours(vitals: &Vitals) -> Option<BTreeMap<Timestamp, u64>> {
    let hours = vitals.signs.hours.known().ok()?;
    Some(hours.iter().map(|hour| (hour.hour, hour.events.0)).collect())
}

/// Events that were there at the reading before the moment, or came since, and aren't there any more.
fn swept(beyond: &Beyond, readings: Readings<'_>) -> Option<Range> {
    let before = readings.before.and_then(all_events)?;
    let (now, came) = (beyond.all_events.known().ok()?, beyond.audit_events.known().ok()?);
    let kept = now.checked_sub(*came)?;
    // What came between that reading and the moment makes this less than it was: it is the least.
    Some(Range::at_least(signed(before.saturating_sub(kept))))
}

fn all_events(vitals: &Vitals) -> Option<u64> {
    let hot = vitals.signs.hot.known().ok()?.rows;
    let archived = match &vitals.signs.archive {
        Sign::Known(table) => table.rows,
        Sign::Unknown {
            why: Why::NotConfigured,
            ..
        } => crate::vitals::Count::exactly(0),
        Sign::Unknown { .. } => return None,
    };
    (!hot.estimated && !archived.estimated).then(|| hot.rows.0.saturating_add(archived.rows.0))
}

fn exact_count(sign: &Sign<crate::vitals::Count>) -> Option<u64> {
    let count = sign.known().ok()?;
    (!count.estimated).then_some(count.rows.0)
}

/// Rows of a table that was counted, whatever its schema.
fn rows_of(vitals: &Vitals, table: &str) -> Option<u64> {
    let own = |name: &str| name == table || name.rsplit('.').next() == Some(table);
    vitals.rows.iter().find(|(name, _)| own(name)).map(|(_, rows)| rows.0)
}

fn signed(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
