//! Keeps other processes and core dumps away from Muster's memory, which holds keys and passwords for moments.

use std::io;

use rustix::process::{
    DumpableBehavior, Resource, Rlimit, dumpable_behavior, getrlimit, set_dumpable_behavior, setrlimit,
};

/// What could be protected. Muster runs on when something could not, but says so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct HygieneReport {
    /// `None` if no process of the same user can trace this one, read its memory or its environment.
    pub untraceable: Option<String>,
    /// `None` if neither this process nor any child of it writes a core file.
    pub no_core_dump: Option<String>,
}

impl HygieneReport {
    /// What could not be protected, in words; empty if all was.
    pub fn problems(&self) -> impl Iterator<Item = &str> {
        [&self.untraceable, &self.no_core_dump]
            .into_iter()
            .flatten()
            .map(String::as_str)
    }
}

/// Makes this process undumpable and untraceable (`PR_SET_DUMPABLE`) and forbids core files (`RLIMIT_CORE`).
///
/// From then on `/proc/self` belongs to root; the process itself still reads it. Children are dumpable again
/// once they run another program, but inherit the limit on core files.
pub fn harden() -> HygieneReport {
    let problem = |what: &str, done: io::Result<bool>| match done {
        Ok(true) => None,
        Ok(false) => Some(format!("{what}: the kernel accepted the setting but does not hold it")),
        Err(error) => Some(format!("{what}: {error}")),
    };
    HygieneReport {
        untraceable: problem(
            "other processes of this user may read Muster's memory",
            forbid_tracing(),
        ),
        no_core_dump: problem("a crash may write Muster's memory to a core file", forbid_core_files()),
    }
}

fn forbid_tracing() -> io::Result<bool> {
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(dumpable_behavior()? == DumpableBehavior::NotDumpable)
}

fn forbid_core_files() -> io::Result<bool> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    Ok(getrlimit(Resource::Core) == none)
}
