//! Directories beside each other, and the swap: two renames on one file system. Names carry the run's id, so what stands where always tells
//! how far it came.

use super::{DatabaseHost, HostError, Kind};

/// How far a swap came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Swap {
    /// The old cluster stands in its place, the copy beside it.
    NotBegun,
    /// The old cluster is set aside, and nothing stands in its place.
    HalfWay,
    /// The copy stands in its place.
    Done,
}

impl Swap {
    /// For a person who has to go on by hand.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotBegun => "the old cluster stands in its place, the copy beside it",
            Self::HalfWay => "the old cluster was set aside, and nothing stands in its place",
            Self::Done => "the copy stands in place of the old cluster, which was set aside",
        }
    }
}

impl DatabaseHost {
    /// How far the swap of these three names came.
    ///
    /// # Errors
    /// If what stands there is none of the three; then nothing may be moved.
    pub async fn swap_state(&self, pgdata: &str, beside: &str, before: &str) -> Result<Swap, HostError> {
        let found = (
            self.kind(pgdata).await?,
            self.kind(beside).await?,
            self.kind(before).await?,
        );
        match found {
            (Kind::Folder, Kind::Folder, Kind::Nothing) => Ok(Swap::NotBegun),
            (Kind::Nothing, Kind::Folder, Kind::Folder) => Ok(Swap::HalfWay),
            (Kind::Folder, Kind::Nothing, Kind::Folder) => Ok(Swap::Done),
            (Kind::Other, ..) => Err(HostError::InTheWay(pgdata.to_owned())),
            (_, Kind::Other | Kind::Nothing, _) => Err(HostError::Gone(beside.to_owned())),
            (_, _, Kind::Other | Kind::Folder) => Err(HostError::InTheWay(before.to_owned())),
            (Kind::Nothing, ..) => Err(HostError::Gone(pgdata.to_owned())),
        }
    }

    /// Puts the copy in the place of the cluster and keeps the cluster under `before`.
    ///
    /// # Errors
    /// If the names aren't free, or a rename fails; then [`Self::swap_state`] tells what stands where.
    pub async fn swap(&self, pgdata: &str, beside: &str, before: &str) -> Result<(), HostError> {
        let state = self.swap_state(pgdata, beside, before).await?;
        if state == Swap::NotBegun {
            self.ask(&["mv", "-nT", "--", pgdata, before]).await?;
        }
        if state != Swap::Done {
            self.ask(&["mv", "-nT", "--", beside, pgdata]).await?;
        }
        self.ask(&["sync"]).await.map(drop)
    }

    /// Makes the empty directory of a copy. One that an earlier try of the same run left is made anew.
    ///
    /// # Errors
    /// If the host doesn't do it.
    pub async fn make_anew(&self, beside: &str) -> Result<(), HostError> {
        self.remove_copy(beside).await?;
        self.ask(&["mkdir", "-m", "0700", "--", beside]).await.map(drop)
    }

    /// Removes the directory of a copy. Only what carries a run's mark in its name can be removed.
    ///
    /// # Errors
    /// If its name carries no mark, or the host doesn't do it.
    pub async fn remove_copy(&self, beside: &str) -> Result<(), HostError> {
        if !beside.contains(".muster-") {
            return Err(HostError::InTheWay(beside.to_owned()));
        }
        self.ask(&["rm", "-rf", "--", beside]).await.map(drop)
    }

    /// Writes a file, as a whole or not at all. One line an argument.
    pub(super) async fn write(&self, path: &str, lines: &[String]) -> Result<(), HostError> {
        const SCRIPT: &str =
            r#"set -e; umask 077; file=$1; shift; printf '%s\n' "$@" > "$file.new"; mv -T -- "$file.new" "$file""#;
        let arguments: Vec<_> = std::iter::once(path).chain(lines.iter().map(String::as_str)).collect();
        self.script(SCRIPT, &arguments).await.map(drop)
    }

    /// Adds lines to a file that is there.
    pub(super) async fn append(&self, path: &str, lines: &[String]) -> Result<(), HostError> {
        const SCRIPT: &str = r#"set -e; file=$1; shift; test -f "$file"; printf '%s\n' "$@" >> "$file""#;
        let arguments: Vec<_> = std::iter::once(path).chain(lines.iter().map(String::as_str)).collect();
        self.script(SCRIPT, &arguments).await.map(drop)
    }
}
