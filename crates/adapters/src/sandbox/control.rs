//! `pg_controldata` of a restored cluster: what its server must be allowed at least, and what it was built with.
//! Format: <https://www.postgresql.org/docs/current/app-pgcontroldata.html>.

use std::path::Path;

use super::SandboxError;
use crate::postgres::Binaries;
use crate::process::RunAs;

/// The lines that matter. What isn't there is `None`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Control {
    pub system_identifier: Option<String>,
    pub max_connections: Option<u32>,
    pub max_worker_processes: Option<u32>,
    pub max_wal_senders: Option<u32>,
    pub max_prepared_transactions: Option<u32>,
    pub max_locks_per_transaction: Option<u32>,
    /// Whether a flipped bit on disk would be noticed.
    pub checksums: Option<bool>,
    pub block_size: Option<u32>,
    pub segment_size: Option<u32>,
}

impl Control {
    pub(super) async fn read(binaries: &Binaries, run_as: Option<&RunAs>, data: &Path) -> Result<Self, SandboxError> {
        let call = binaries
            .tool("pg_controldata")
            .run_as(run_as.cloned())
            .invoke(["-D"])
            .arg(data);
        Ok(Self::parse(&call.output().await?.text()))
    }

    fn parse(text: &str) -> Self {
        let value = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            line.map(str::trim)
        };
        let number = |name: &str| value(name).and_then(|value| value.parse().ok());
        Self {
            system_identifier: value("Database system identifier").map(str::to_owned),
            max_connections: number("max_connections setting"),
            max_worker_processes: number("max_worker_processes setting"),
            max_wal_senders: number("max_wal_senders setting"),
            max_prepared_transactions: number("max_prepared_xacts setting"),
            max_locks_per_transaction: number("max_locks_per_xact setting"),
            checksums: number("Data page checksum version").map(|version: u32| version > 0),
            block_size: number("Database block size"),
            segment_size: number("Bytes per WAL segment"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Control;

    #[test]
    fn what_the_server_needs_is_read() {
        let text = "pg_control version number:            1300\nDatabase system identifier:           7575000000000000001\n\
                    max_connections setting:              150\nmax_prepared_xacts setting:           0\n\
                    Data page checksum version:           1\nBytes per WAL segment:                16777216\n";
        let read = Control::parse(text);
        assert_eq!(read.system_identifier.as_deref(), Some("7575000000000000001"));
        assert_eq!(
            (read.max_connections, read.max_prepared_transactions),
            (Some(150), Some(0))
        );
        assert_eq!(
            (read.checksums, read.segment_size, read.max_worker_processes),
            (Some(true), Some(16_777_216), None)
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = Control::parse(&text);
        }
    }
}
