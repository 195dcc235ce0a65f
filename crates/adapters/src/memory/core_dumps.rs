//! Who gets a picture of the memory of a process that crashes: <https://man7.org/linux/man-pages/man5/core.5.html>.

use std::fs;
use std::path::Path;

use super::Bar;
use crate::process::hygiene::HygieneReport;
use crate::tls::plain;

/// What the kernel does with a dump.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Handler {
    /// Writes it to a file, within the limit on core files.
    File,
    /// Hands it to a program, which the limit doesn't stop.
    Program(String),
}

/// The process itself. An undumpable one is dumped neither to a file nor to a program.
pub(super) fn own(system: &Path, hygiene: &HygieneReport) -> Bar {
    match (&hygiene.untraceable, &hygiene.no_core_dump, handler(system)) {
        (None, _, _) => Bar::Holds("the kernel makes none of this process".into()),
        (Some(_), None, Ok(Handler::File)) => Bar::Holds("the limit on core files is 0".into()),
        (Some(why), None, Ok(Handler::Program(program))) => Bar::Open {
            why: format!("a crash is handed to {program}, which no limit stops ({why})"),
            remedy: "let kernel.core_pattern name a file".into(),
        },
        (Some(_), None, Err(why)) => Bar::Unknown(why),
        (Some(_), Some(why), _) => Bar::Open {
            why: why.clone(),
            remedy: "set the limit on core files to 0 where Muster is started (systemd: LimitCORE=0)".into(),
        },
    }
}

/// Tools that Muster runs: they are given the secrets they need, and are dumpable again, as every program is when it starts.
pub(super) fn of_children(system: &Path, hygiene: &HygieneReport) -> Bar {
    match (&hygiene.no_core_dump, handler(system)) {
        (Some(why), _) => Bar::Open {
            why: why.clone(),
            remedy: "set the limit on core files to 0 where Muster is started (systemd: LimitCORE=0)".into(),
        },
        (None, Ok(Handler::File)) => Bar::Holds("they inherit a limit of 0".into()),
        (None, Ok(Handler::Program(program))) if program.ends_with("systemd-coredump") => {
            Bar::Holds("they inherit a limit of 0, which systemd-coredump heeds".into())
        }
        (None, Ok(Handler::Program(program))) => Bar::Open {
            why: format!(
                "a tool that crashes is handed to {program}, which no limit stops, with the secrets it was given"
            ),
            remedy: "let kernel.core_pattern name a file, or see to it that the program keeps nothing".into(),
        },
        (None, Err(why)) => Bar::Unknown(why),
    }
}

fn handler(system: &Path) -> Result<Handler, String> {
    let path = system.join("proc/sys/kernel/core_pattern");
    let pattern = fs::read(&path).map_err(|error| format!("{} can’t be read: {error}", path.display()))?;
    Ok(parse(&String::from_utf8_lossy(&pattern)))
}

pub(super) fn parse(pattern: &str) -> Handler {
    match pattern.strip_prefix('|') {
        Some(command) => Handler::Program(plain(command.split_whitespace().next().unwrap_or("a program"))),
        None => Handler::File,
    }
}
