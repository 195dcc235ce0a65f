//! What `pg_controldata` tells of a data directory: `name: value`, one to a line, in English.
//! <https://www.postgresql.org/docs/current/app-pgcontroldata.html>

use std::collections::BTreeMap;

use domain::ids::{Big, SystemIdentifier};

/// The control file of a cluster. What this version doesn't tell is `None`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ControlData {
    pub system_identifier: SystemIdentifier,
    /// `in production`, `shut down`, `in archive recovery`, …
    pub state: String,
    pub timeline: Option<u32>,
    /// Bytes in a WAL segment.
    pub segment_size: Option<u64>,
    /// Limits that a server recovering from this directory may not undercut, as `postgresql.conf` names them.
    pub limits: Vec<(&'static str, u64)>,
}

/// Settings that WAL replay depends on, by their names here and there.
/// <https://www.postgresql.org/docs/current/hot-standby.html#HOT-STANDBY-ADMIN>
const LIMITS: [(&str, &str); 5] = [
    ("max_connections setting", "max_connections"),
    ("max_worker_processes setting", "max_worker_processes"),
    ("max_wal_senders setting", "max_wal_senders"),
    ("max_prepared_xacts setting", "max_prepared_transactions"),
    ("max_locks_per_xact setting", "max_locks_per_transaction"),
];

impl ControlData {
    /// Reads it. `None`: it names no system identifier, so nothing in it can be believed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let lines = text.lines().filter_map(|line| line.split_once(':'));
        let values: BTreeMap<_, _> = lines.map(|(name, value)| (name.trim(), value.trim())).collect();
        let number = |name: &str| values.get(name)?.parse::<u64>().ok();
        let limits = LIMITS
            .iter()
            .filter_map(|(name, setting)| Some((*setting, number(name)?)));
        Some(Self {
            system_identifier: SystemIdentifier(Big(number("Database system identifier")?)),
            state: (*values.get("Database cluster state")?).to_owned(),
            timeline: number("Latest checkpoint's TimeLineID").and_then(|id| u32::try_from(id).ok()),
            segment_size: number("Bytes per WAL segment").filter(|size| size.is_power_of_two()),
            limits: limits.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str = "pg_control version number:            1300\n\
        Database system identifier:           7455555555555555555\n\
        Database cluster state:               in production\n\
        pg_control last modified:             Mon Nov 23 04:56:54 2026\n\
        Latest checkpoint's TimeLineID:       3\n\
        max_connections setting:              300\n\
        max_prepared_xacts setting:           0\n\
        Bytes per WAL segment:                16777216\n";

    #[test]
    fn a_control_file_is_read_by_its_names() {
        let read = ControlData::parse(TEXT).expect("a control file");
        assert_eq!(read.system_identifier.to_string(), "7455555555555555555");
        assert_eq!((read.state.as_str(), read.timeline), ("in production", Some(3)));
        assert_eq!(read.segment_size, Some(16 * 1024 * 1024));
        assert_eq!(
            read.limits,
            [("max_connections", 300), ("max_prepared_transactions", 0)]
        );
    }

    #[test]
    fn what_names_no_cluster_is_nothing() {
        assert_eq!(ControlData::parse("pg_controldata: error: could not open file"), None);
        assert_eq!(ControlData::parse(&TEXT.replace("7455555555555555555", "-1")), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text: String, value in ".{0,30}") {
            let _ = ControlData::parse(&text);
            let _ = ControlData::parse(&TEXT.replace("16777216", &value));
        }
    }
}
