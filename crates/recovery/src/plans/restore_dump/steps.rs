//! What a restore of a dump does, step by step, and in which words.

use adapters::postgres::{create_database, quote};
use domain::key::Fingerprint;
use domain::plan::{DatabaseName, Step, Target};

pub const VERIFY: &str = "verify-dump";
pub const CREATE: &str = "create-database";
pub const RESTORE: &str = "restore";
pub const SETTINGS: &str = "settings";
pub const CHECK_ROWS: &str = "check-rows";
pub const CHECK_KEY: &str = "check-key";
pub const COMPLETE: &str = "complete";

/// The steps in order. Each can be done again after a crash.
pub(super) fn steps(
    target: &Target,
    argv: Vec<String>,
    settings: &[String],
    tables: usize,
    key: Option<&Fingerprint>,
) -> Vec<Step> {
    let database = &target.database;
    let key = key.map_or_else(
        || "Every envelope that was read would stay sealed: no key at hand opens this dump.".to_owned(),
        |key| format!("Every sampled envelope opens with key {}.", key.short()),
    );
    vec![
        Step::new(
            VERIFY,
            "Reads the dump again: it has to be, byte for byte, the one that was approved.",
        ),
        Step::new(
            CREATE,
            format!("Makes the empty database {database}, marked as this run’s until it is whole."),
        )
        .running(vec![create_database(target)]),
        Step::new(RESTORE, "Restores schema and data; stops at the first error.").running(argv),
        Step::new(
            SETTINGS,
            format!(
                "Replays {} settings that pg_restore leaves out, then gathers statistics.",
                settings.len()
            ),
        )
        .running([settings, &["ANALYZE".to_owned()]].concat()),
        Step::new(
            CHECK_ROWS,
            format!("Counts the rows of {tables} tables: each has to have as many as the dump."),
        ),
        Step::new(CHECK_KEY, key),
        Step::new(
            COMPLETE,
            format!("Marks {database} as whole. From here on Muster doesn’t touch it."),
        ),
    ]
}

/// The dump's settings name its own database; they are meant for the new one.
pub(crate) fn rename(settings: &[String], from: &str, to: &DatabaseName) -> Vec<String> {
    let forms = [from.to_owned(), quote(from)];
    let rename = |setting: &String| {
        for form in &forms {
            if let Some(rest) = setting.strip_prefix(&format!("ALTER DATABASE {form} SET ")) {
                return Some(format!("ALTER DATABASE {} SET {rest}", quote(to.as_str())));
            }
            if let Some((role, rest)) = setting.split_once(&format!(" IN DATABASE {form} SET ")) {
                return Some(format!("{role} IN DATABASE {} SET {rest}", quote(to.as_str())));
            }
        }
        None
    };
    settings.iter().filter_map(rename).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_follow_the_database_to_its_new_name() {
        let settings = [
            "ALTER DATABASE ampora SET row_security TO 'on';",
            "ALTER ROLE ampora IN DATABASE ampora SET statement_timeout TO '5min';",
            "ALTER DATABASE other SET work_mem TO '1GB';",
        ];
        let renamed = rename(
            &settings.map(ToOwned::to_owned),
            "ampora",
            &"copy".parse().expect("plain"),
        );
        let expected = [
            "ALTER DATABASE \"copy\" SET row_security TO 'on';",
            "ALTER ROLE ampora IN DATABASE \"copy\" SET statement_timeout TO '5min';",
        ];
        assert_eq!(renamed, expected);
    }
}
