//! Cuts a stream of bytes into lines of bounded length, without secrets.

use super::Secrets;

/// Longest line that is passed on, in bytes.
const LONGEST: usize = 16 * 1024;
/// Read beyond that before cutting, so that a secret on the cut is seen whole.
const MARGIN: usize = 4 * 1024;

/// The line that is being read.
#[derive(Default)]
pub(crate) struct LineReader {
    partial: Vec<u8>,
    dropped: usize,
}

impl LineReader {
    /// Takes the next bytes and returns the lines they complete.
    pub fn feed(&mut self, bytes: &[u8], secrets: &Secrets) -> Vec<String> {
        let mut lines = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, complete) = piece.strip_suffix(b"\n").map_or((piece, false), |text| (text, true));
            let room = (LONGEST + MARGIN).saturating_sub(self.partial.len()).min(text.len());
            self.partial.extend_from_slice(&text[..room]);
            self.dropped += text.len() - room;
            if complete {
                lines.push(self.take(secrets));
            }
        }
        lines
    }

    /// The last line, if the stream didn't end with a line feed.
    pub fn rest(&mut self, secrets: &Secrets) -> Option<String> {
        (!self.partial.is_empty()).then(|| self.take(secrets))
    }

    fn take(&mut self, secrets: &Secrets) -> String {
        let bytes = std::mem::take(&mut self.partial);
        let mut dropped = std::mem::take(&mut self.dropped);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(&bytes);
        let clean = secrets.redact_bytes(bytes);
        // The end of what was read may be the start of a secret. Redacting what stands before it moves it to the front.
        let whole = if dropped == 0 { 0 } else { MARGIN };
        let kept = clean.len().saturating_sub(whole).min(LONGEST);
        dropped += clean.len() - kept;
        let text = String::from_utf8_lossy(&clean[..kept]);
        if dropped == 0 {
            text.into_owned()
        } else {
            format!("{text} … and {dropped} bytes more")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, LineReader};
    use crate::process::Secrets;

    #[test]
    fn lines_are_joined_across_reads() {
        let (mut reader, secrets) = (LineReader::default(), Secrets::default());
        assert!(reader.feed(b"one", &secrets).is_empty());
        assert_eq!(reader.feed(b" line\r\n\nthird", &secrets), ["one line", ""]);
        assert_eq!(reader.rest(&secrets).as_deref(), Some("third"));
        assert_eq!(reader.rest(&secrets), None);
    }

    #[test]
    fn a_secret_on_the_cut_of_a_long_line_is_taken_out() {
        let mut secrets = Secrets::default();
        secrets.add(b"correct horse battery");
        let mut line = vec![b'x'; LONGEST - 10];
        line.extend_from_slice(b"correct horse battery");
        line.extend_from_slice(&[b'y'; 100_000]);
        line.push(b'\n');
        let lines = LineReader::default().feed(&line, &secrets);
        assert_eq!(lines.len(), 1);
        assert!(!lines[0].contains("correct"), "the cut left the start of the secret");
        assert!(lines[0].ends_with("bytes more"));
    }

    #[test]
    fn a_cut_secret_is_not_moved_to_the_front_by_the_ones_before_it() {
        let mut secrets = Secrets::default();
        secrets.add(b"correct horse battery staple");
        let mut line = b"correct horse battery staple,".repeat(2000);
        line.push(b'\n');
        let lines = LineReader::default().feed(&line, &secrets);
        assert!(lines[0].starts_with("redacted,redacted,"), "{}", lines[0]);
        assert!(!lines[0].contains("corr"), "{}", &lines[0][lines[0].len() - 100..]);
    }
}
