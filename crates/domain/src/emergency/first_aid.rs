//! What is done before any restore: nothing that could still help may be deleted or overwritten, and it has to be known whether anything is
//! still being written, since that is what a restore would lose.

use serde::{Deserialize, Serialize};

use crate::finding::Step;
use crate::shell::word;
use crate::time::{Timestamp, ago, span};

/// A last commit that is younger than this means that somebody writes. Heartbeats and audit events of a fleet come more often.
const STILL: i64 = 120;

/// Something that deletes backups when their time is over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Keeper {
    /// pgBackRest expires at the end of each backup. `config` is its file, where another one is used than the usual.
    PgBackRest {
        stanza: String,
        config: Option<String>,
    },
    WalG {
        source: String,
    },
    /// A folder or a bucket that a script or a lifecycle rule clears.
    Dumps {
        source: String,
        location: String,
    },
    Rds {
        instance: String,
    },
}

/// Where Ampora and its database run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Site {
    pub namespace: String,
    pub workload: String,
    /// The data directory of the cluster, where it is known.
    pub pgdata: Option<String>,
    pub keepers: Vec<Keeper>,
}

/// Whether anything is still being written to the live database.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "writing", rename_all = "snake_case")]
pub enum Writing {
    /// The newest known commit is young: whatever is restored lacks what is written now.
    Likely { newest: Timestamp, read_at: Timestamp },
    /// It was read lately and shows none.
    NotSeen { newest: Timestamp, read_at: Timestamp },
    /// The database wasn't read lately. `newest` is what is remembered.
    Unknown { newest: Option<Timestamp>, reason: String },
}

impl Writing {
    /// In a sentence.
    #[must_use]
    pub fn sentence(&self, now: Timestamp) -> String {
        match self {
            Self::Likely { newest, read_at } => format!(
                "Something still writes: the newest commit was {} old when the database was read, {}.",
                span((*read_at - *newest).num_seconds().max(0)),
                ago(*read_at, now)
            ),
            Self::NotSeen { newest, read_at } => format!(
                "Nothing was seen to write: the newest commit was {} old when the database was read, {}.",
                span((*read_at - *newest).num_seconds().max(0)),
                ago(*read_at, now)
            ),
            Self::Unknown { newest, reason } => {
                let last = newest.map_or_else(
                    || "no commit is known".into(),
                    |newest| format!("the newest known commit is of {}", ago(newest, now)),
                );
                format!("Whether anything still writes is not known ({reason}); {last}.")
            }
        }
    }
}

/// What the newest commit says. `read_at`: when it was read; `stale`: why that reading may not be believed now.
#[must_use]
pub fn writing(newest: Option<Timestamp>, read_at: Option<Timestamp>, stale: Option<&str>) -> Writing {
    let unknown = |reason: &str| Writing::Unknown {
        newest,
        reason: reason.into(),
    };
    match (newest, read_at, stale) {
        (_, _, Some(reason)) => unknown(reason),
        (_, None, None) => unknown("the live database was never read"),
        (None, Some(_), None) => unknown("no commit of it is known by its time"),
        (Some(newest), Some(read_at), None) if (read_at - newest).num_seconds() <= STILL => {
            Writing::Likely { newest, read_at }
        }
        (Some(newest), Some(read_at), None) => Writing::NotSeen { newest, read_at },
    }
}

/// The steps, in order.
#[must_use]
pub fn first_aid(site: &Site) -> Vec<Step> {
    let mut steps: Vec<_> = site.keepers.iter().map(hold).collect();
    if steps.is_empty() {
        steps.push(Step::told(
            "Stop whatever deletes backups when their time is over. No source is configured, so Muster doesn’t know what that is.",
        ));
    }
    steps.push(Step::run(
        "Stop Ampora: its retention sweep deletes audit rows within the hour, and whatever it writes from now on is lost by a restore.",
        format!("kubectl -n {} scale deploy/{} --replicas=0", site.namespace, site.workload),
        "systemctl stop ampora",
    ));
    steps.push(keep(site));
    steps.push(Step::anywhere(
        "See whether anything else is still connected and writing.",
        "psql --command=\"select pid, usename, client_addr, state, xact_start, left(query, 60) from pg_stat_activity where backend_type = 'client backend' order by xact_start\"",
    ));
    steps
}

/// Retention stands still.
fn hold(keeper: &Keeper) -> Step {
    match keeper {
        Keeper::PgBackRest { stanza, config } => {
            let file = config.as_deref().unwrap_or("/etc/pgbackrest/pgbackrest.conf");
            Step::anywhere(
                format!(
                    "Stop retention of the stanza {stanza}, on every host that backs it up: a backup that ends now would expire older ones. “pgbackrest stop” is not meant here, since it stops the archiving of WAL as well."
                ),
                format!("sed --in-place=.before '/^\\[global\\]/a expire-auto=n' {}", word(file)),
            )
        }
        Keeper::WalG { source } => Step::told(format!(
            "Stop retention of {source}: switch off every timer and cron job that calls “wal-g delete”."
        )),
        Keeper::Dumps { source, location } => Step::told(format!(
            "Stop retention of {source}: switch off what clears {location}, be it a script, a timer or a lifecycle rule of the bucket."
        )),
        Keeper::Rds { instance } => Step::anywhere(
            format!(
                "Keep the automated backups of {instance}: they go with the instance. Take a snapshot of it as it is, and don’t let anybody delete it."
            ),
            format!(
                "aws rds create-db-snapshot --db-instance-identifier {0} --db-snapshot-identifier {0}-before-recovery",
                word(instance)
            ),
        ),
    }
}

/// The broken cluster is evidence, and may hold what no backup has.
fn keep(site: &Site) -> Step {
    match &site.pgdata {
        Some(pgdata) => Step::anywhere(
            "Keep the broken cluster: stop the server, and move its data directory aside instead of deleting it or restoring over it.",
            format!("mv {0} {0}.broken", word(pgdata.trim_end_matches('/'))),
        ),
        None => Step::told(
            "Keep the broken cluster: don’t delete its volume, don’t restore over it. It is evidence, and may hold what no backup has.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    #[test]
    fn a_young_commit_means_that_somebody_writes() {
        assert!(matches!(
            writing(Some(at(0)), Some(at(30)), None),
            Writing::Likely { .. }
        ));
        assert!(matches!(
            writing(Some(at(0)), Some(at(900)), None),
            Writing::NotSeen { .. }
        ));
        let sentence = writing(Some(at(0)), Some(at(30)), None).sentence(at(35));
        assert_eq!(
            sentence,
            "Something still writes: the newest commit was 30 s old when the database was read, 5 s ago."
        );
    }

    #[test]
    fn what_was_not_read_lately_is_unknown_and_what_is_remembered_is_told() {
        let silent = writing(Some(at(0)), Some(at(30)), Some("connection refused"));
        assert_eq!(
            silent.sentence(at(600)),
            "Whether anything still writes is not known (connection refused); the newest known commit is of 10 min ago."
        );
        assert!(matches!(
            writing(None, None, None),
            Writing::Unknown { newest: None, .. }
        ));
        assert!(matches!(writing(None, Some(at(3)), None), Writing::Unknown { .. }));
    }

    #[test]
    fn retention_is_stopped_before_anything_else_and_nothing_is_overwritten() {
        let site = Site {
            namespace: "ampora".into(),
            workload: "ampora-web".into(),
            pgdata: Some("/var/lib/postgresql/16/main/".into()),
            keepers: vec![
                Keeper::PgBackRest {
                    stanza: "ampora".into(),
                    config: None,
                },
                Keeper::Rds {
                    instance: "it's".into(),
                },
            ],
        };
        let steps = first_aid(&site);
        let commands: Vec<_> = steps.iter().filter_map(|step| step.anywhere.as_deref()).collect();
        assert!(commands[0].starts_with("sed --in-place=.before"), "{commands:?}");
        assert!(
            commands[1].contains("identifier \"it's\" "),
            "a name stays one word: {commands:?}"
        );
        assert_eq!(
            commands[2],
            "mv /var/lib/postgresql/16/main /var/lib/postgresql/16/main.broken"
        );
        assert_eq!(
            steps[2].kubernetes.as_deref(),
            Some("kubectl -n ampora scale deploy/ampora-web --replicas=0")
        );
        let bare = Site {
            pgdata: None,
            keepers: Vec::new(),
            ..site
        };
        assert!(first_aid(&bare)[0].text.contains("No source is configured"));
    }
}
