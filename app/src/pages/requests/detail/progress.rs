//! How far a run is: by what its tool says of bytes or tables, and by what the steps that are left took before.

use domain::plan::{MeasuredIn, Pinned, Plan, RestoreDump};
use domain::run::{RunState, StepState};
use domain::time::{Timestamp, span};
use recovery::runs::{LogStream, Run, StoredLine};

/// What the tool says of the step that is under way, in words and of 100.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    pub words: String,
    pub percent: u32,
}

/// By the end of its log. `None`: the tool hasn't told, or the step is none of a tool.
#[must_use]
pub fn told(run: &Run, plan: &Plan, lines: &[StoredLine]) -> Option<Told> {
    let running = |(_, state): &(_, StepState)| matches!(state, StepState::Running { .. });
    let index = i32::try_from(run.steps.iter().position(running)?).ok()?;
    let own = lines
        .iter()
        .filter(|stored| stored.line.step == index && stored.line.stream != LogStream::Note);
    let texts = own.map(|stored| stored.line.text.as_str());
    match &plan.pinned {
        // https://pgbackrest.org/command.html#command-restore: each file with its size and how far the whole is.
        Pinned::RestorePitr(_) => texts.filter_map(of_pgbackrest).next_back(),
        Pinned::RestoreDump(dump) => of_pg_restore(dump, texts),
        Pinned::FullDisaster(plan) => of_pg_restore(&plan.database, texts),
        Pinned::RetrieveKey(_)
        | Pinned::KeyCatchUp(_)
        | Pinned::Repoint(_)
        | Pinned::RestoreRds(_)
        | Pinned::DrillOnRds(_)
        | Pinned::DrillWithKey(_) => None,
    }
}

/// With `--verbose` it names each table as it begins with its data.
fn of_pg_restore<'a>(dump: &RestoreDump, texts: impl Iterator<Item = &'a str>) -> Option<Told> {
    let tables = dump.rows.len();
    let begun = texts.filter(|text| text.contains("processing data for table")).count();
    (begun > 0 && tables > 0).then(|| Told {
        words: format!("table {} of {tables}", begun.min(tables)),
        percent: u32::try_from((begun.min(tables) - 1) * 100 / tables).unwrap_or_default(),
    })
}

/// `restore file /data/base/1/2 (8KB, 12.50%) checksum …`, and `backup file` of a full backup.
fn of_pgbackrest(text: &str) -> Option<Told> {
    let (_, rest) = text
        .split_once("restore file ")
        .or_else(|| text.split_once("backup file "))?;
    let inside = rest.rsplit_once('(')?.1.split_once("%)")?.0;
    let (_, number) = inside.rsplit_once(", ")?;
    let percent: u32 = number.split('.').next()?.trim().parse().ok()?;
    (percent <= 100).then(|| Told {
        words: format!("{number} % of the bytes"),
        percent,
    })
}

/// How long the rest takes, if it takes as long as before. `None`: a step that is left was never measured in a run.
#[must_use]
pub fn left(run: &Run, plan: &Plan, now: Timestamp) -> Option<String> {
    if run.state != RunState::Running {
        return None;
    }
    let (mut least, mut most) = (0_i64, 0_i64);
    for (step, state) in &run.steps {
        let elapsed = match state {
            StepState::Done { .. } | StepState::Failed { .. } => continue,
            StepState::Running { since } => (now - *since).num_seconds(),
            StepState::Waiting => 0,
        };
        let phase = plan
            .advisory
            .phases
            .iter()
            .find(|phase| phase.measured_in == MeasuredIn::Runs && phase.name == step.name)?;
        least += (i64::from(phase.min) - elapsed).max(0);
        most += (i64::from(phase.max) - elapsed).max(0);
    }
    Some(match (least, most) {
        (_, 0) => "longer by now than any restore before".into(),
        (least, most) if least == most => format!("about {} left, as before", span(most)),
        (least, most) => format!("{} to {} left, as before", span(least), span(most)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pgbackrest_tells_bytes() {
        let line = "P01 DETAIL: restore file /data/base/1/1259 (104KB, 31.20%) checksum 3f";
        assert_eq!(of_pgbackrest(line).map(|told| told.percent), Some(31));
        let backup = "P01 DETAIL: backup file /data/base/5/2673 (bundle 1/0, 120KB, 7.90%) checksum 21";
        assert_eq!(of_pgbackrest(backup).map(|told| told.percent), Some(7));
        for other in [
            "",
            "restore file",
            "restore file /x (8KB, 120%)",
            "restore file /x (8KB, x%) y",
            "(8KB, 3%)",
        ] {
            assert_eq!(of_pgbackrest(other), None, "{other}");
        }
    }
}
