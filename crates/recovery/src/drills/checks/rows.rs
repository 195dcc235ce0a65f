//! Row counts of the copy against what was counted in production around the same moment, and for a dump against the dump itself.

use domain::drill::{Check, CheckStatus, Counts, names};

use super::Look;

/// Tables that are named where many differ.
const NAMED: usize = 5;

pub fn check(look: &Look<'_>) -> Check {
    if let Some(different) = against_dump(look) {
        return different;
    }
    let surroundings = look.surroundings();
    if surroundings.is_empty() {
        return nothing_to_compare(look);
    }
    let mut aside = look.spoken_for();
    aside.extend(look.unreadable.iter().cloned());
    let compared = surroundings.compare(&look.counts, &aside);
    let with = |status: fn(&'static str, String) -> Check, words: String| {
        let check = status(names::ROWS, words).because("tables that fit", compared.fits.len());
        let set_aside: Vec<_> = aside.iter().cloned().collect();
        check.because("looked at by other checks", set_aside.join(", "))
    };
    if !compared.differs.is_empty() {
        return with(Check::broken, listed(&compared.differs));
    }
    if compared.fits.is_empty() {
        return with(Check::not_run, listed(&compared.untold));
    }
    let mut words = format!("{} tables have as many rows as they had", compared.fits.len());
    if !compared.untold.is_empty() {
        words.push_str(&format!(
            "; of {} nobody can tell: {}",
            compared.untold.len(),
            listed(&compared.untold)
        ));
    }
    with(Check::ok, words)
}

/// A dump that was read before says itself how many rows it has.
fn against_dump(look: &Look<'_>) -> Option<Check> {
    let contents = look.copied.reading.as_ref()?.contents.as_ref().ok()?;
    let differs: Vec<_> = contents
        .rows
        .iter()
        .filter(|(table, rows)| !look.unreadable.contains(*table) && look.counts.get(*table) != Some(*rows))
        .map(|(table, rows)| format!("{table} has {} rows of {rows} in the dump", found(&look.counts, table)))
        .collect();
    (!differs.is_empty()).then(|| Check::broken(names::ROWS, listed(&differs)))
}

/// Without a reading around the moment, the dump's own counts are the next best; without those nothing was compared.
fn nothing_to_compare(look: &Look<'_>) -> Check {
    let contents = look
        .copied
        .reading
        .as_ref()
        .and_then(|reading| reading.contents.as_ref().ok());
    match contents {
        Some(contents) if !contents.rows.is_empty() => {
            let check = Check::ok(
                names::ROWS,
                format!("{} tables have as many rows as the dump", contents.rows.len()),
            );
            check.because(
                "compared with",
                "the dump itself; production wasn’t read around its time",
            )
        }
        _ => Check {
            status: CheckStatus::NotRun,
            ..Check::not_run(
                names::ROWS,
                "production was never read around the moment that the copy is of",
            )
        }
        .remedied_by("let `muster serve` observe production; for a dump, set the source’s timezone"),
    }
}

fn found(counts: &Counts, table: &str) -> String {
    counts.get(table).map_or("no".into(), ToString::to_string)
}

fn listed(words: &[String]) -> String {
    let more = words.len().saturating_sub(NAMED);
    let more = if more > 0 {
        format!("; and {more} more")
    } else {
        String::new()
    };
    format!("{}{more}", words[..words.len().min(NAMED)].join("; "))
}
