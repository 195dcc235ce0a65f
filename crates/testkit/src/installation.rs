//! The PostgreSQL servers that tests run on: that of the machine's packages, which Muster's own database uses too, and the versions that Ampora
//! needs, which the set-up of a checkout keeps beside.

use std::path::PathBuf;

use adapters::postgres::{Binaries, ClusterSpec};
use adapters::process::RunAs;

use crate::peer::shared;

/// What Ampora runs on today.
pub const NEWEST: u32 = 18;

/// An installed PostgreSQL, and a pgBackRest that knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    pub binaries: Binaries,
    pub pgbackrest: PathBuf,
}

impl Installation {
    /// What the machine's packages bring.
    ///
    /// # Panics
    /// If PostgreSQL isn't installed.
    #[must_use]
    pub fn packaged() -> Self {
        Self {
            binaries: Binaries::find(None).unwrap_or_else(|error| panic!("{error}")),
            pgbackrest: "pgbackrest".into(),
        }
    }

    /// The one of this major version.
    ///
    /// # Panics
    /// If set-up didn't bring it.
    #[must_use]
    pub fn of(major: u32) -> Self {
        let dir = shared(&format!("postgresql-{major}")).join("pgsql/bin");
        let binaries = Binaries::find(Some(&dir)).ok().filter(|found| found.major == major);
        let pgbackrest = shared("pgbackrest").join("usr/bin/pgbackrest");
        assert!(
            pgbackrest.is_file(),
            "{} isn't there; run crates/xtask/setup.sh test",
            pgbackrest.display()
        );
        Self {
            binaries: binaries.unwrap_or_else(|| {
                panic!(
                    "PostgreSQL {major} isn't in {}; run crates/xtask/setup.sh test",
                    dir.display()
                )
            }),
            pgbackrest,
        }
    }

    /// The same cluster, on this PostgreSQL.
    #[must_use]
    pub fn run(&self, spec: ClusterSpec) -> ClusterSpec {
        spec.binaries(self.binaries.clone())
    }

    /// One of its programs, as the user that runs tools.
    ///
    /// # Panics
    /// If there is no such user.
    #[must_use]
    pub fn tool(&self, program: &str) -> adapters::process::Tool {
        let run_as = RunAs::unprivileged().expect("a user for tools");
        self.binaries.tool(program).run_as(run_as)
    }
}

/// Makes two tests of each function that takes an [`Installation`]: on the PostgreSQL of the packages, and on the newest. For tests in which the
/// version could matter.
#[macro_export]
macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {
        mod packaged {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    Box::pin(super::$test($crate::installation::Installation::packaged())).await;
                }
            )+
        }

        mod newest {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    Box::pin(super::$test($crate::installation::Installation::of($crate::installation::NEWEST))).await;
                }
            )+
        }
    };
}
