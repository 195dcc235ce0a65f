//! The settings of a restored server. They stand on its command line, which beats whatever came with the backup, so that the copy of a
//! production server can't reach what the original reached: no archive, no subscription, no job, no network.

use std::path::Path;

use super::Control;
use crate::process::RunAs;

/// Each where this major version knows it.
const ALWAYS: [(&str, &str, u32); 25] = [
    ("archive_mode", "off", 0),
    ("archive_command", "", 0),
    ("archive_library", "", 15),
    ("archive_cleanup_command", "", 0),
    ("recovery_end_command", "", 0),
    ("primary_conninfo", "", 0),
    ("primary_slot_name", "", 0),
    ("synchronous_standby_names", "", 0),
    ("listen_addresses", "", 0),
    ("ssl", "off", 0),
    ("max_logical_replication_workers", "0", 0),
    ("event_triggers", "off", 17),
    ("autovacuum", "off", 0),
    ("hot_standby", "on", 0),
    ("session_preload_libraries", "", 0),
    ("local_preload_libraries", "", 0),
    ("logging_collector", "off", 0),
    ("log_destination", "stderr", 0),
    ("lc_messages", "C", 0),
    ("log_timezone", "UTC", 0),
    // Rows of tenants don't belong into a log.
    ("log_statement", "none", 0),
    ("log_min_error_statement", "panic", 0),
    // Nobody misses a sandbox after a power cut.
    ("fsync", "off", 0),
    ("full_page_writes", "off", 0),
    ("shared_buffers", "128MB", 0),
];

/// What a job of another extension would start by itself.
const NEVER_PRELOADED: [&str; 1] = ["pg_cron"];

/// What decides over the settings.
pub(super) struct Wish<'a> {
    pub major: u32,
    pub control: &'a Control,
    pub preload: &'a [String],
    pub socket_dir: &'a Path,
    pub conf_dir: &'a Path,
    /// Bytes of temporary files that a session may write.
    pub temp_limit: u64,
    pub recovery: &'a [(String, String)],
}

/// Name and value of each, the later of two with one name counts.
pub(super) fn settings(wish: &Wish<'_>) -> Vec<(String, String)> {
    let fixed = ALWAYS.iter().filter(|(_, _, since)| wish.major >= *since);
    let mut all: Vec<_> = fixed
        .map(|(name, value, _)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let control = wish.control;
    // Less than production had, and recovery refuses to start.
    let floors = [
        ("max_connections", control.max_connections, 20),
        ("max_worker_processes", control.max_worker_processes, 8),
        ("max_wal_senders", control.max_wal_senders, 0),
        ("max_prepared_transactions", control.max_prepared_transactions, 0),
        ("max_locks_per_transaction", control.max_locks_per_transaction, 64),
    ];
    for (name, needed, least) in floors {
        all.push((name.into(), needed.unwrap_or_default().max(least).to_string()));
    }
    let preload = wish
        .preload
        .iter()
        .filter(|library| !NEVER_PRELOADED.contains(&library.as_str()));
    all.push((
        "shared_preload_libraries".into(),
        preload.cloned().collect::<Vec<_>>().join(","),
    ));
    let path = |path: &Path| path.display().to_string();
    all.push(("hba_file".into(), path(&wish.conf_dir.join("pg_hba.conf"))));
    all.push(("ident_file".into(), path(&wish.conf_dir.join("pg_ident.conf"))));
    all.push(("config_file".into(), path(&wish.conf_dir.join("postgresql.conf"))));
    all.push(("unix_socket_directories".into(), path(wish.socket_dir)));
    all.push(("unix_socket_permissions".into(), "0700".into()));
    all.push((
        "temp_file_limit".into(),
        format!("{}kB", (wish.temp_limit / 1024).clamp(1, 2_147_483_647)),
    ));
    all.extend(wish.recovery.iter().cloned());
    all
}

/// `pg_hba.conf`: over the socket only, and only as whom the map lets in.
pub(super) const HBA: &str = "local all all peer map=muster\n";

/// `pg_ident.conf`: Muster's own accounts are any of these roles.
pub(super) fn ident(roles: &[String], run_as: Option<&RunAs>) -> String {
    let own = RunAs::current().ok().flatten().map(|user| user.name);
    let users = own.into_iter().chain(run_as.map(|user| user.name.clone()));
    let mut lines = String::new();
    for user in users {
        for role in roles {
            lines.push_str(&format!("muster \"{}\" \"{}\"\n", plain(&user), plain(role)));
        }
    }
    lines
}

/// A quote or a line break would end the word in the file.
fn plain(name: &str) -> String {
    name.replace(['"', '\n', '\r', '\0'], "")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn all(major: u32) -> BTreeMap<String, String> {
        let control = Control {
            max_connections: Some(150),
            ..Control::default()
        };
        let wish = Wish {
            major,
            control: &control,
            preload: &["pg_stat_statements".into(), "pg_cron".into()],
            socket_dir: Path::new("/s"),
            conf_dir: Path::new("/c"),
            temp_limit: 1 << 30,
            recovery: &[("restore_command".into(), "cp /w/%f %p".into())],
        };
        settings(&wish).into_iter().collect()
    }

    #[test]
    fn a_copy_of_production_reaches_nothing_of_it() {
        let set = all(15);
        for name in [
            "listen_addresses",
            "primary_conninfo",
            "archive_library",
            "primary_slot_name",
            "recovery_end_command",
        ] {
            assert_eq!(set[name], "", "{name}");
        }
        assert_eq!(
            (
                set["archive_mode"].as_str(),
                set["max_logical_replication_workers"].as_str()
            ),
            ("off", "0")
        );
        assert_eq!(set["shared_preload_libraries"], "pg_stat_statements");
    }

    #[test]
    fn recovery_gets_as_much_as_production_had_and_an_old_version_no_setting_it_does_not_know() {
        assert_eq!(all(15)["max_connections"], "150");
        assert!(!all(15).contains_key("event_triggers") && all(17).contains_key("event_triggers"));
        assert!(!all(14).contains_key("archive_library"));
    }

    #[test]
    fn a_strange_role_adds_no_line_of_its_own() {
        let text = ident(&["a\"\nmuster x y".into()], None);
        assert!(
            text.lines()
                .all(|line| line.starts_with("muster \"") && line.ends_with('"')),
            "{text}"
        );
    }
}
