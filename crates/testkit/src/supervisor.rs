//! Makes a test binary its own supervisor of tools, as the `muster` binary is in production.
//!
//! A test binary's `main` belongs to the test harness, so the call that `muster` makes first in `main` is made
//! by a constructor here. Whatever links this crate gets it.

ctor::declarative::ctor! {
    #[ctor(unsafe)]
    fn supervise_if_asked() {
        adapters::process::supervisor::run_if_asked();
    }
}
