//! Scripts, also those that gzip packed: Muster never runs them, but reads them to their end, since one that lost it is broken.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use tokio_util::sync::CancellationToken;

use super::Form;
use super::copy::CopyReader;
use super::script::Described;
use crate::process::{LineReader, Secrets};

const CHUNK: usize = 256 * 1024;
/// More than a whole script ends with.
const TAIL: usize = 512;

/// What came of reading a script.
pub(super) struct ScriptRead {
    pub copies: CopyReader,
    pub described: Described,
    /// What is missing.
    pub broken: Option<&'static str>,
}

/// Reads a script, or what gzip packed, to its end.
///
/// # Errors
/// If the file can't be read; [`io::ErrorKind::Interrupted`] if it was stopped.
pub(super) fn read(form: Form, path: &Path, copies: CopyReader, stop: &CancellationToken) -> io::Result<ScriptRead> {
    let file = BufReader::with_capacity(CHUNK, File::open(path)?);
    let mut reading = Reading::new(copies);
    let ended = match form {
        Form::PackedPlain | Form::PackedArchive => reading.all(MultiGzDecoder::new(file), stop),
        _ => reading.all(file, stop),
    };
    let broken = match ended {
        Ok(()) if form != Form::PackedArchive && !is_whole(&reading.tail) => {
            Some("the line that pg_dump writes last, “PostgreSQL database dump complete”, is missing")
        }
        Ok(()) => None,
        Err(error) if is_damage(&error) => Some("its compressed data is damaged or has no end"),
        Err(error) => return Err(error),
    };
    Ok(ScriptRead {
        copies: reading.copies,
        described: reading.described,
        broken,
    })
}

/// What gzip says of the data, in contrast to what the operating system says of the file.
fn is_damage(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
    )
}

struct Reading {
    copies: CopyReader,
    described: Described,
    lines: LineReader,
    /// The last bytes.
    tail: Vec<u8>,
}

impl Reading {
    fn new(copies: CopyReader) -> Self {
        Self {
            copies,
            described: Described::default(),
            lines: LineReader::default(),
            tail: Vec::new(),
        }
    }

    fn all(&mut self, mut text: impl Read, stop: &CancellationToken) -> io::Result<()> {
        let (mut buffer, nothing) = (vec![0; CHUNK], Secrets::default());
        loop {
            if stop.is_cancelled() {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let count = text.read(&mut buffer)?;
            if count == 0 {
                return Ok(());
            }
            let bytes = &buffer[..count];
            for line in self.lines.feed(bytes, &nothing) {
                if !self.copies.line(&line) {
                    self.described.line(&line);
                }
            }
            self.tail.extend_from_slice(&bytes[count.saturating_sub(TAIL)..]);
            self.tail.drain(..self.tail.len().saturating_sub(TAIL));
        }
    }
}

/// Whether a script ends as `pg_dump` and `pg_dumpall` end it. Since August 2025 `\unrestrict` follows, with a word of the dump's own.
fn is_whole(tail: &[u8]) -> bool {
    let text = String::from_utf8_lossy(tail);
    let Some(mut text) = text.strip_suffix("\n\n") else {
        return false;
    };
    if let Some((before, last)) = text.rsplit_once('\n')
        && last.starts_with("\\unrestrict ")
    {
        let Some(before) = before.strip_suffix('\n') else {
            return false;
        };
        text = before;
    }
    text.ends_with("-- PostgreSQL database dump complete\n--")
        || text.ends_with("-- PostgreSQL database cluster dump complete\n--")
}

#[cfg(test)]
mod tests {
    use super::is_whole;

    #[test]
    fn a_script_is_whole_with_its_last_line_feed() {
        let old = "--\n-- PostgreSQL database dump complete\n--\n\n";
        let new = "--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict tBOaELz1\n\n";
        let cluster = "--\n-- PostgreSQL database cluster dump complete\n--\n\n";
        for end in [old, new, cluster] {
            assert!(is_whole(end.as_bytes()), "{end}");
            assert!(!is_whole(&end.as_bytes()[..end.len() - 1]), "{end}");
        }
        assert!(!is_whole(b"") && !is_whole(b"\n\n") && !is_whole(b"COPY a FROM stdin;\n\n"));
    }
}
