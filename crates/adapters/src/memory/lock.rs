//! Keeps all memory of the process out of swap, if it has the right to.

use rustix::io::Errno;
use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Whether memory is locked, or why not.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Locked {
    All,
    /// More than so many bytes can't be locked.
    Limited(u64),
    Refused(String),
}

/// Locks what is there and what will come, each page once it is used.
pub(super) fn lock_all() -> Locked {
    let before = getrlimit(Resource::Memlock);
    let tried = if before.maximum.is_none() {
        limit(None, &before).and_then(|()| lock())
    } else {
        // With a limit of nothing the call succeeds only for who may lock without any limit. With the limit as it is, it could succeed now
        // and let an allocation fail later.
        let tried = limit(Some(0), &before).and_then(|()| lock());
        let _ = setrlimit(Resource::Memlock, before);
        tried
    };
    match (tried, before.maximum) {
        (Ok(()), _) => Locked::All,
        (Err(Errno::PERM | Errno::NOMEM | Errno::AGAIN), Some(most)) => Locked::Limited(most),
        (Err(error), _) => Locked::Refused(error.to_string()),
    }
}

fn lock() -> rustix::io::Result<()> {
    mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT)
}

fn limit(current: Option<u64>, before: &Rlimit) -> rustix::io::Result<()> {
    let maximum = before.maximum;
    setrlimit(Resource::Memlock, Rlimit { current, maximum })
}
