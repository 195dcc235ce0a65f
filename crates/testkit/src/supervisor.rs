//! Makes a test binary its own supervisor of tools, as the `muster` binary is in production, and the stand-in for Ampora when it is asked.
//!
//! A test binary's `main` belongs to the test harness, so the call that `muster` makes first in `main` is made
//! by a constructor here. Whatever links this crate gets it.

ctor::declarative::ctor! {
    #[ctor(unsafe)]
    fn supervise_if_asked() {
        adapters::process::supervisor::run_if_asked();
        stand_in::run_if_asked();
    }
}
