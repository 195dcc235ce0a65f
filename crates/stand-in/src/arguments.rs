//! What the stand-in is told, as a real Ampora would be by its environment.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};

/// Where the copy is, and where agents are served.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "ampora-stand-in",
    about = "Stands in for Ampora on a restored copy",
    no_binary_name = true
)]
pub struct Arguments {
    /// Folder of the database's socket
    #[arg(long)]
    pub database_socket: PathBuf,
    #[arg(long)]
    pub database_port: u16,
    #[arg(long)]
    pub database: String,
    #[arg(long)]
    pub database_user: String,
    /// File with the master key, base64
    #[arg(long)]
    pub key_file: PathBuf,
    /// Socket to serve agents at
    #[arg(long)]
    pub listen: PathBuf,
    /// Certificate of the server, PEM
    #[arg(long)]
    pub certificate: PathBuf,
    /// Its private key, PEM
    #[arg(long)]
    pub certificate_key: PathBuf,
    #[arg(long, value_enum, default_value_t)]
    pub manner: Manner,
}

/// How it differs from a server that works.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum Manner {
    #[default]
    Usual,
    /// It pushes its rollout again and again, and never takes in that it was applied.
    Forgetful,
    /// It pushes no rollout.
    Idle,
}

/// The command by which a launcher starts it: a program that calls [`crate::run_if_asked`], with the placeholders of its places.
#[must_use]
pub fn command(program: &Path) -> Vec<String> {
    let words = [
        crate::WORD,
        "--database-socket={database_socket}",
        "--database-port={database_port}",
        "--database={database}",
        "--database-user={database_user}",
        "--key-file={key_file}",
        "--listen={listen}",
        "--certificate={certificate}",
        "--certificate-key={certificate_key}",
    ];
    let words = words.into_iter().map(str::to_owned);
    std::iter::once(program.display().to_string()).chain(words).collect()
}

pub fn parse(words: impl Iterator<Item = OsString>) -> anyhow::Result<Arguments> {
    Ok(Arguments::try_parse_from(words)?)
}
