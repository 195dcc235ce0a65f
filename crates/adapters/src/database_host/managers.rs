//! Signs of a program that keeps the server up by itself: it would restart or fail over in the middle of a restore.

use super::{DatabaseHost, HostError};

/// What a manager leaves in a data directory, and its name.
const FILES: [(&str, &str); 4] = [
    ("patroni.dynamic.json", "Patroni"),
    ("postgresql.base.conf", "Patroni"),
    ("repmgr.conf", "repmgr"),
    ("postgresql-auto-failover.conf", "pg_auto_failover"),
];

/// What its process calls itself, and its name.
const PROCESSES: [(&str, &str); 5] = [
    ("patroni", "Patroni"),
    ("repmgrd", "repmgr"),
    ("pg_autoctl", "pg_auto_failover"),
    ("stolon-keeper", "Stolon"),
    ("pacemakerd", "Pacemaker"),
];

impl DatabaseHost {
    /// Managers of this data directory, each with what was seen of it.
    ///
    /// # Errors
    /// If the host can't be asked.
    pub async fn managers(&self, pgdata: &str) -> Result<Vec<String>, HostError> {
        let mut seen = Vec::new();
        for (file, name) in FILES {
            let path = format!("{pgdata}/{file}");
            if self.holds(&["test", "-e", &path]).await? {
                seen.push(format!("{name} ({path})"));
            }
        }
        for (process, name) in PROCESSES {
            if self.mentions_word(process).await? {
                seen.push(format!("{name} (a process of it runs there)"));
            }
        }
        for (file, what) in [("standby.signal", "a standby"), ("recovery.signal", "in recovery")] {
            if self.holds(&["test", "-e", &format!("{pgdata}/{file}")]).await? {
                seen.push(format!("another primary: {pgdata} is {what} ({file})"));
            }
        }
        Ok(seen)
    }

    /// Whether a program of this name runs, by itself or under an interpreter. A path that only contains the word doesn't count.
    async fn mentions_word(&self, word: &str) -> Result<bool, HostError> {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        let pattern = format!("^([^ ]*/)?(python[0-9.]* +(-[^ ]+ +)*)?([^ ]*/)?[{first}]{rest}( |$)");
        self.runs(&pattern).await
    }
}
