//! Rust out of the .proto of OpAMP. It is made here and committed, so that building Muster needs no compiler of protocol buffers.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, ensure};

use crate::checkout::Checkout;

const FOLDER: &str = "crates/adapters/src/opamp";
const PROTO: &str = "messages.proto";
const RUST: &str = "messages.rs";
const HEADER: &str =
    "//! Messages of OpAMP. Made from messages.proto by `cargo xtask opamp`; changes belong there.\n\n";

/// Writes the messages anew.
///
/// # Errors
/// If the .proto can't be compiled.
pub fn write(checkout: &Checkout) -> anyhow::Result<()> {
    let folder = checkout.root().join(FOLDER);
    fs::write(folder.join(RUST), made(&folder)?)?;
    Ok(())
}

/// Fails if what is committed isn't what the .proto says.
///
/// # Errors
/// If it differs, or the .proto can't be compiled.
pub fn check(checkout: &Checkout) -> anyhow::Result<()> {
    let folder = checkout.root().join(FOLDER);
    let committed = fs::read_to_string(folder.join(RUST))?;
    ensure!(
        committed == made(&folder)?,
        "{FOLDER}/{RUST} isn't what {PROTO} says; run `cargo xtask opamp`"
    );
    Ok(())
}

fn made(folder: &Path) -> anyhow::Result<String> {
    let described = protox::compile([PROTO], [folder]).context("the messages of OpAMP can't be compiled")?;
    let to = tempfile::tempdir()?;
    let mut config = prost_build::Config::new();
    config.out_dir(to.path()).btree_map(["."]).disable_comments(["."]);
    config.compile_fds(described)?;
    let text = fs::read_to_string(to.path().join("opamp.rs"))?;
    // The first line says who made it, as the header does.
    let body = text.split_once('\n').map_or(text.as_str(), |(_, body)| body);
    Ok(format!("{HEADER}{body}"))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::checkout::Checkout;

    #[test]
    fn the_messages_are_those_of_the_proto() {
        check(&Checkout::locate().expect("a checkout")).expect("the same");
    }
}
