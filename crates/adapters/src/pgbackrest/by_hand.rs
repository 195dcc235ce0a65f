//! The command of a restore that a person runs, where Muster can't or is gone too: whoever does it at night shouldn't have to look up the
//! options.

use domain::time::Timestamp;

use super::PgBackRest;

/// Where such a restore stops.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    At(Timestamp),
    /// At the end of the archived WAL, where it waits.
    Latest,
}

/// A moment as pgBackRest takes it: it refuses the T and the Z of RFC 3339, and takes a time without offset for a local one.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    at.format("%Y-%m-%d %H:%M:%S%.6f+00").to_string()
}

impl PgBackRest {
    /// The argument vector of the restore, for the database's own host and user. The timeline is named, since PostgreSQL would follow the
    /// latest one. The server pauses at the time, or waits as a standby at the end of the WAL, so that its data are looked at before it writes; any
    /// other recovery to the end would promote itself at the first hole. (Options: <https://pgbackrest.org/command.html#command-restore>.)
    #[must_use]
    pub fn restore_by_hand(&self, repo: u32, set: &str, stop: Stop, timeline: Option<u32>) -> Vec<String> {
        // Over ssh or in a pod, the words before the tool's name lead to where the person sits already.
        let mut argv = self.tool.typed_here().unwrap_or_else(|| vec!["pgbackrest".into()]);
        argv.push(format!("--stanza={}", self.stanza));
        if repo > 0 {
            argv.push(format!("--repo={repo}"));
        }
        argv.push(format!("--set={set}"));
        match stop {
            Stop::At(at) => argv.extend([
                "--type=time".into(),
                format!("--target={}", moment(at)),
                "--target-action=pause".into(),
            ]),
            Stop::Latest => argv.push("--type=standby".into()),
        }
        argv.extend(timeline.map(|timeline| format!("--target-timeline={timeline}")));
        argv.push("restore".into());
        argv
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::process::{Tool, Transport};

    fn stanza(command: &[&str], transport: Transport) -> PgBackRest {
        let command: Vec<_> = command.iter().map(ToString::to_string).collect();
        PgBackRest {
            name: "pgbr-main".into(),
            stanza: "ampora".into(),
            tool: Tool::spelled_out(&command, transport).expect("a command"),
        }
    }

    #[test]
    fn a_time_has_its_offset_and_a_timeline_its_number() {
        let stanza = stanza(&["pgbackrest", "--config=/etc/pgbackrest.conf"], Transport::Local);
        let at = DateTime::from_timestamp(1_791_249_266, 250_000_000).expect("in range");
        assert_eq!(
            stanza.restore_by_hand(2, "20261005-220004F", Stop::At(at), Some(5)),
            [
                "pgbackrest",
                "--config=/etc/pgbackrest.conf",
                "--stanza=ampora",
                "--repo=2",
                "--set=20261005-220004F",
                "--type=time",
                "--target=2026-10-06 01:14:26.250000+00",
                "--target-action=pause",
                "--target-timeline=5",
                "restore",
            ]
        );
    }

    #[test]
    fn the_end_of_the_wal_has_no_time_and_the_host_itself_needs_no_ssh() {
        let stanza = stanza(&["ssh", "db1", "pgbackrest"], Transport::Ssh);
        assert_eq!(
            stanza.restore_by_hand(0, "F", Stop::Latest, None),
            ["pgbackrest", "--stanza=ampora", "--set=F", "--type=standby", "restore"]
        );
    }
}
