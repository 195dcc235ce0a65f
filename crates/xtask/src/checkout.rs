//! Where the checkout and its build output lie, and how cargo is called in it.

use anyhow::{Context as _, ensure};
use cargo_metadata::{Metadata, MetadataCommand};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The target of the browser bundle.
pub const WASM: &str = "wasm32-unknown-unknown";

/// A checkout as cargo sees it.
pub struct Checkout {
    /// The members of the workspace with their declared dependencies; nothing is resolved, so nothing is downloaded.
    pub workspace: Metadata,
}

impl Checkout {
    /// The checkout around the current folder.
    pub fn locate() -> anyhow::Result<Self> {
        let workspace = MetadataCommand::new()
            .no_deps()
            .exec()
            .context("this works in a checkout of Muster: go there first")?;
        Ok(Self { workspace })
    }

    /// The folder of the workspace's Cargo.toml.
    pub fn root(&self) -> &Path {
        self.workspace.workspace_root.as_std_path()
    }

    /// A program that cargo has built, by name, in the dev profile.
    pub fn built(&self, program: &str) -> PathBuf {
        self.workspace
            .target_directory
            .as_std_path()
            .join("debug")
            .join(program)
    }

    /// cargo with these arguments, in the root of the checkout.
    pub fn cargo<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new("cargo");
        command.args(arguments).current_dir(self.root());
        command
    }
}

/// Runs a command whose output goes to the terminal; an exit code other than 0 is an error.
pub fn succeed(command: &mut Command) -> anyhow::Result<()> {
    let status = command
        .status()
        .with_context(|| format!("{} could not be started", shown(command)))?;
    ensure!(status.success(), "{} ended with {status}", shown(command));
    Ok(())
}

/// Runs a command and returns what it printed; what it says on standard error goes to the terminal.
pub fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .with_context(|| format!("{} could not be started", shown(command)))?;
    ensure!(
        output.status.success(),
        "{} ended with {}",
        shown(command),
        output.status
    );
    String::from_utf8(output.stdout).with_context(|| format!("{} printed no UTF-8", shown(command)))
}

fn shown(command: &Command) -> String {
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect();
    format!("`{}`", words.join(" "))
}
