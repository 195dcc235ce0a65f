//! Backup × key version: which key opens which backup. Proven for dumps, whose envelopes are tried when they are read; for physical
//! backups only a drill can prove it, so until then it is unknown.

use std::collections::BTreeMap;

use domain::backup::{Backup, Kind};
use domain::inventory::{Coverage, CoverageStatus, Keys};
use store::DumpReading;

/// The cells for all backups, those of dumps from their readings.
#[must_use]
pub fn coverage(backups: &[Backup], readings: &[(String, DumpReading)], keys: &Keys) -> Vec<Coverage> {
    let readings: BTreeMap<_, _> = readings.iter().map(|(label, reading)| (label, reading)).collect();
    let mut cells = Vec::new();
    for backup in backups {
        let reading = readings.get(&backup.label).filter(|_| backup.kind == Kind::Dump);
        match reading {
            Some(reading) => cells.extend(of_dump(backup, reading, keys)),
            None => cells.push(Coverage {
                backup: backup.label.clone(),
                version: None,
                status: CoverageStatus::Unknown,
                proven_at: None,
            }),
        }
    }
    cells
}

fn of_dump(backup: &Backup, reading: &DumpReading, keys: &Keys) -> Vec<Coverage> {
    let parsed = reading.sampled.saturating_sub(reading.unparsed);
    let cell = |version: Option<String>, status, proven| Coverage {
        backup: backup.label.clone(),
        version,
        status,
        proven_at: if proven { Some(reading.read_at) } else { None },
    };
    if parsed == 0 {
        return vec![cell(None, CoverageStatus::Unknown, false)];
    }
    let opened = |fingerprint: Option<&domain::key::Fingerprint>| {
        reading
            .openings
            .iter()
            .find(|(seen, _)| Some(seen) == fingerprint)
            .map_or(0, |(_, opened)| *opened)
    };
    let mut cells: Vec<_> = keys
        .versions
        .iter()
        .filter(|version| version.fingerprint.is_some())
        .map(|version| {
            let opens = opened(version.fingerprint.as_ref()) == parsed;
            let status = if opens {
                CoverageStatus::Proven
            } else {
                CoverageStatus::Refuted
            };
            cell(Some(version.version.clone()), status, opens)
        })
        .collect();
    if !cells.iter().any(|cell| cell.status == CoverageStatus::Proven) {
        cells.push(cell(None, CoverageStatus::Missing, false));
    }
    cells
}
