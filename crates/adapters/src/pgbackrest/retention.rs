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
    #[error("this version of pgBackRest tells the retention of its first repository only")]
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
        let full = self.help(&["expire", "repo-retention-full"]).await?;
        let kind = self.help(&["expire", "repo-retention-full-type"]).await?;
        retention(&full, &kind, repo)
    }

    /// Whether a backup expires older ones when it ends.
    ///
    /// # Errors
    /// If pgBackRest can’t be asked.
    pub async fn expires_by_itself(&self) -> Result<bool, PgBackRestError> {
        let printed = self.help(&["backup", "expire-auto"]).await?;
        Ok(!matches!(current(&printed, FIRST), Current::Told("false" | "n")))
    }

    /// What an option of a command is by all that configures it here.
    pub(super) async fn help(&self, of: &[&str; 2]) -> Result<String, PgBackRestError> {
        let printed = self.call(&[&["help"], &of[..]].concat()).await?;
        Ok(String::from_utf8_lossy(&printed).into_owned())
    }
}

fn retention(full: &str, kind: &str, repo: u32) -> Result<Retention, RetentionError> {
    let number = match current(full, repo) {
        Current::Told(number) => number,
        Current::Default => return Err(RetentionError::Unset),
        Current::Untold => return Err(RetentionError::OtherRepo),
    };
    let number = number
        .parse()
        .map_err(|_| RetentionError::Odd(number.chars().take(40).collect()))?;
    match current(kind, repo) {
        Current::Default | Current::Untold | Current::Told("count") => Ok(Retention::Fulls(number)),
        Current::Told("time") => Ok(Retention::Days(number)),
        Current::Told(other) => Err(RetentionError::Odd(other.chars().take(40).collect())),
    }
}

/// The repository that every version tells of.
const FIRST: u32 = 1;

/// What `help` says of an option of one repository.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Current<'a> {
    Told(&'a str),
    Default,
    /// It tells of the first repository only, or of none: it isn't set anywhere then, or isn't told.
    Untold,
}

/// Reads it: `current: VALUE` of the first repository, or in newer versions, below `current:`, a line `repoN: VALUE` for each that sets it.
pub(super) fn current(help: &str, repo: u32) -> Current<'_> {
    let mut lines = help.lines().skip_while(|line| !line.starts_with("current:"));
    let one = lines.next().map(|line| line["current:".len()..].trim());
    match one {
        None if repo == FIRST => Current::Default,
        None => Current::Untold,
        Some("") => {
            let own = format!("repo{repo}:");
            let mut each = lines.take_while(|line| line.starts_with(' ')).map(str::trim);
            let value = each.find_map(|line| line.strip_prefix(&own));
            value.map_or(Current::Default, |value| Current::Told(value.trim()))
        }
        Some(value) if repo == FIRST => Current::Told(value),
        Some(_) => Current::Untold,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn count_and_time_are_told_apart_and_a_default_keeps_everything() {
        let of = |full: &str, kind: &str| retention(full, kind, 1).map_err(|error| error.to_string());
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

    #[test]
    fn newer_versions_tell_each_repository() {
        let listed = "text\n\ncurrent:\n  repo1: 2\n  repo3: 5\n\ndeprecated name: retention-full\n";
        for (repo, expected) in [(1, Current::Told("2")), (2, Current::Default), (3, Current::Told("5"))] {
            assert_eq!(current(listed, repo), expected, "{repo}");
        }
        assert_eq!(current("current: 2", 2), Current::Untold);
        assert_eq!(retention(listed, "", 3).ok(), Some(Retention::Fulls(5)));
    }

    proptest! {
        #[test]
        fn nothing_that_is_printed_makes_it_panic(full in ".{0,80}", kind in "(current: ?)?.{0,40}") {
            let _ = retention(&format!("current:{full}"), &kind, 1);
            let _ = retention(&format!("current:\n{full}"), &kind, 2);
        }
    }
}
