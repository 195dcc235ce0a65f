//! A stand-in for Ampora. It serves a restored copy to agents by real OpAMP over mutual TLS: certificates, configurations and the sealed key
//! of the authority are read from the copy, and the key is opened with the master key it was handed. It has no pages, no rollouts but one,
//! and decides nothing; whatever it proves, it doesn't prove that Ampora would start. Tests and the demo use it, and call it what it is.

mod arguments;
mod authority;
mod conversation;
mod copy;
mod serve;
mod serving;

use std::io::Write as _;

pub use arguments::{Arguments, Manner, command};
pub use copy::Copy;
pub use serve::{StandIn, serve};

/// The word by which a program is asked to be the stand-in.
pub const WORD: &str = domain::plan::STAND_IN;

/// If this program was called as `… ampora-stand-in …` it is the stand-in and never returns. To be called before threads exist.
#[expect(
    clippy::disallowed_methods,
    reason = "nothing of the program that was called has begun yet"
)]
pub fn run_if_asked() {
    let mut words = std::env::args_os();
    let asked = words.nth(1).is_some_and(|word| word == WORD);
    if !asked {
        return;
    }
    let code = match arguments::parse(words).and_then(serving::run) {
        Ok(()) => 0,
        Err(error) => {
            // Nothing is left to do if even standard error is closed.
            let _ = writeln!(std::io::stderr(), "stand-in for Ampora: {error:#}");
            1
        }
    };
    std::process::exit(code);
}
