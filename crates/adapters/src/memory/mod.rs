//! What this process does so that keys and passwords stay in its memory, and what it can't do. Nothing is claimed: what holds is looked up
//! after it was asked for, and what doesn't comes with the reason and what would help.
//!
//! Core dumps and other processes are kept out as a whole (`process::hygiene`), so single pages needn't be kept out of dumps
//! (`MADV_DONTDUMP`). Against swapping all memory is locked, not the pages of keys: a key passes through buffers of libraries too. That needs
//! the right to lock without limit; with a limit, some later allocation would fail and end the process.

mod core_dumps;
mod lock;
mod swap;

use std::fmt;
use std::path::Path;

use crate::process::hygiene;

/// What no process can do for itself, for people who judge the risk.
pub const LIMITS: [&str; 3] = [
    "buffers of the HTTP, TLS and JSON libraries hold parts of a value for moments, and aren't wiped after it",
    "a secret that was given in the environment stays in memory for as long as the process runs",
    "root reads all memory, as does who controls the machine from outside; a machine that hibernates writes all of it to its disk",
];

/// One way for a secret to leave the process, and whether it is barred.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Guard {
    /// The way: `swap`.
    pub way: &'static str,
    pub bar: Bar,
}

/// Whether a way is barred.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Bar {
    /// And by what.
    Holds(String),
    Open {
        why: String,
        remedy: String,
    },
    /// It can't be seen, so it may be open.
    Unknown(String),
}

/// Every way that Muster knows of.
#[derive(Clone, PartialEq, Eq, Debug)]
#[must_use]
pub struct MemoryReport {
    pub guards: Vec<Guard>,
}

impl MemoryReport {
    /// What doesn't hold or isn't known, in words; empty if all holds.
    pub fn problems(&self) -> impl Iterator<Item = String> {
        let open = |guard: &&Guard| !matches!(guard.bar, Bar::Holds(_));
        self.guards.iter().filter(open).map(Guard::to_string)
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.bar {
            Bar::Holds(how) => write!(f, "{}: {how}", self.way),
            Bar::Open { why, remedy } => write!(f, "{}: {why}; {remedy}", self.way),
            Bar::Unknown(why) => write!(f, "{}: not known, since {why}", self.way),
        }
    }
}

/// Does all that can be done. To be called before anything secret is read; a second call changes nothing and reports again.
pub fn guard() -> MemoryReport {
    let hygiene = hygiene::harden();
    let locked = lock::lock_all();
    let system = Path::new("/");
    let guard = |way, bar| Guard { way, bar };
    MemoryReport {
        guards: vec![
            guard("other processes", others(&hygiene)),
            guard("core dumps", core_dumps::own(system, &hygiene)),
            guard("core dumps of tools", core_dumps::of_children(system, &hygiene)),
            guard("swap", swap::judge(system, &locked)),
        ],
    }
}

fn others(hygiene: &hygiene::HygieneReport) -> Bar {
    match &hygiene.untraceable {
        None => Bar::Holds("none but root's can read its memory, its environment or its files".into()),
        Some(why) => Bar::Open {
            why: why.clone(),
            remedy: "run Muster under a user of its own".into(),
        },
    }
}

#[cfg(test)]
mod tests;
