//! How long pgBackRest keeps what a repository holds, as its own configuration says: `info` doesn't tell. `help` resolves the file, what it
//! includes and all sections as `expire` would, on whatever host the tool runs, and reads no repository.
//! <https://pgbackrest.org/configuration.html#section-repository/option-repo-retention-full>

use domain::emergency::Retention;

use super::{PgBackRest, PgBackRestError};

/// Why it isn't known for how long backups are kept.
#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    #[error("pgBackRest could not be asked for its retention: {0}")]
    Unasked(#[from] PgBackRestError),
    #[error("pgBackRest tells the retention of its first repository only")]
    OtherRepo,
    #[error("pgBackRest expires nothing here: repo-retention-full isn’t set")]
    Unset,
    #[error("pgBackRest’s retention isn’t understood: {0}")]
    Odd(String),
}

impl PgBackRest {
    /// What is kept in this repository.
    ///
    /// # Errors
    /// With the reason why that isn't known.
    pub async fn retention(&self, repo: u32) -> Result<Retention, RetentionError> {
        if repo != 1 {
            return Err(RetentionError::OtherRepo);
        }
        let full = self.help(&["expire", "repo-retention-full"]).await?;
        let kind = self.help(&["expire", "repo-retention-full-type"]).await?;
        retention(&full, &kind)
    }

    /// Whether a backup expires older ones when it ends.
    ///
    /// # Errors
    /// If pgBackRest can’t be asked.
    pub async fn expires_by_itself(&self) -> Result<bool, PgBackRestError> {
        let printed = self.help(&["backup", "expire-auto"]).await?;
        Ok(!matches!(current(&printed), Some("false" | "n")))
    }

    /// What an option of a command is by all that configures it here.
    pub(super) async fn help(&self, of: &[&str; 2]) -> Result<String, PgBackRestError> {
        let printed = self.call(&[&["help"], &of[..]].concat()).await?;
        Ok(String::from_utf8_lossy(&printed).into_owned())
    }
}

fn retention(full: &str, kind: &str) -> Result<Retention, RetentionError> {
    let number = current(full).ok_or(RetentionError::Unset)?;
    let number = number
        .parse()
        .map_err(|_| RetentionError::Odd(number.chars().take(40).collect()))?;
    match current(kind) {
        None | Some("count") => Ok(Retention::Fulls(number)),
        Some("time") => Ok(Retention::Days(number)),
        Some(other) => Err(RetentionError::Odd(other.chars().take(40).collect())),
    }
}

/// The value that an option has by configuration. `None`: its default.
pub(super) fn current(help: &str) -> Option<&str> {
    help.lines()
        .find_map(|line| line.strip_prefix("current:"))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn count_and_time_are_told_apart_and_a_default_keeps_everything() {
        let of = |full: &str, kind: &str| retention(full, kind).map_err(|error| error.to_string());
        assert_eq!(of("text\n\ncurrent: 2\n", "default: count\n"), Ok(Retention::Fulls(2)));
        assert_eq!(
            of("current: 14", "current: time\ndefault: count"),
            Ok(Retention::Days(14))
        );
        assert!(
            of("no value", "default: count")
                .expect_err("unset")
                .contains("expires nothing")
        );
        assert!(of("current: many", "").expect_err("no number").contains("many"));
        assert!(of("current: 2", "current: moon").expect_err("no kind").contains("moon"));
    }

    proptest! {
        #[test]
        fn nothing_that_is_printed_makes_it_panic(full in ".{0,80}", kind in "(current: ?)?.{0,40}") {
            let _ = retention(&format!("current:{full}"), &kind);
        }
    }
}
