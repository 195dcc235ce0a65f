//! The settings of a copy's private server. They come on its command line, which beats every file: what the restored cluster was told to do
//! (archive, follow a primary, subscribe, listen) it must not do beside the one that it is a copy of.

use super::ControlData;
use crate::process::quote;

/// What a copy needs to find its WAL.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recovery {
    /// The tool with its leading arguments, as it is called on the host itself.
    pub tool: Vec<String>,
    pub stanza: String,
    pub repo: u32,
}

impl Recovery {
    /// `restore_command` for a server whose data directory is `pgdata`. The tool is told the directory, since it refuses to serve another.
    /// `None`: the configured words can't be quoted for the shell that PostgreSQL calls it by.
    #[must_use]
    pub fn restore_command(&self, pgdata: &str) -> Option<String> {
        let options = [
            format!("--stanza={}", self.stanza),
            format!("--repo={}", self.repo),
            format!("--pg1-path={pgdata}"),
            "--log-level-file=off".into(),
            "archive-get".into(),
        ];
        let words = self.tool.iter().chain(&options).map(|word| {
            let quoted = quote::quoted(word.as_ref())?;
            // PostgreSQL replaces what follows a percent sign.
            Some(quoted.into_string().ok()?.replace('%', "%%"))
        });
        let words: Option<Vec<_>> = words.collect();
        Some(format!("{} %f \"%p\"", words?.join(" ")))
    }
}

/// Where a private server keeps what isn't its data.
pub(super) struct Place<'a> {
    /// Socket, log and configuration. Nobody else may enter.
    pub folder: &'a str,
    pub major: u32,
}

/// Every setting of the private server, as `name=value`.
pub(super) fn private(place: &Place<'_>, control: &ControlData, restore_command: &str) -> Vec<String> {
    let folder = place.folder;
    let mut settings: Vec<(&str, String)> = vec![
        ("config_file", format!("{folder}/postgresql.conf")),
        ("hba_file", format!("{folder}/pg_hba.conf")),
        ("ident_file", format!("{folder}/pg_ident.conf")),
        ("unix_socket_directories", folder.into()),
        ("restore_command", restore_command.into()),
    ];
    settings.extend(FIXED.map(|(name, value)| (name, value.to_owned())));
    if place.major >= 15 {
        settings.push(("archive_library", String::new()));
    }
    if place.major >= 17 {
        settings.push(("event_triggers", "off".into()));
    }
    settings.extend(control.limits.iter().map(|(name, value)| (*name, value.to_string())));
    settings
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect()
}

const FIXED: [(&str, &str); 22] = [
    ("listen_addresses", ""),
    ("port", "5432"),
    ("unix_socket_permissions", "0700"),
    ("external_pid_file", ""),
    ("archive_mode", "off"),
    ("archive_command", ""),
    ("archive_cleanup_command", ""),
    ("recovery_end_command", ""),
    ("primary_conninfo", ""),
    ("primary_slot_name", ""),
    ("synchronous_standby_names", ""),
    ("shared_preload_libraries", ""),
    ("session_preload_libraries", ""),
    ("max_logical_replication_workers", "0"),
    ("autovacuum", "off"),
    ("ssl", "off"),
    ("hot_standby", "on"),
    ("logging_collector", "off"),
    ("log_destination", "stderr"),
    ("log_line_prefix", "%m [%p] "),
    ("lc_messages", "C"),
    ("cluster_name", "muster copy"),
];

/// Lines of `pg_hba.conf` and `pg_ident.conf` that let one user of the operating system in, as the superuser, over the socket, and nobody
/// else.
pub(super) fn only(os_user: &str, superuser: &str) -> ([String; 1], [String; 2]) {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    (
        [format!("local all {} peer map=muster", quoted(superuser))],
        // root enters wherever it likes; so a console that runs as root on the same host can look by itself.
        [os_user, "root"].map(|user| format!("muster {} {}", quoted(user), quoted(superuser))),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_restore_command_survives_its_shell_and_its_percent_signs() {
        let recovery = Recovery {
            tool: vec!["pgbackrest".into(), "--config=/etc/it's 100%.conf".into()],
            stanza: "ampora".into(),
            repo: 2,
        };
        assert_eq!(
            recovery.restore_command("/var/lib/main").as_deref(),
            Some(
                r#"'pgbackrest' '--config=/etc/it'\''s 100%%.conf' '--stanza=ampora' '--repo=2' '--pg1-path=/var/lib/main' '--log-level-file=off' 'archive-get' %f "%p""#
            )
        );
        let odd = Recovery {
            tool: vec!["a\nb".into()],
            ..recovery
        };
        assert_eq!(odd.restore_command("/x"), None);
    }
}
