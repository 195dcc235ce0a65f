//! Quotes an argument for the shell at the other end of ssh.
//!
//! ssh joins its arguments with spaces, and the login shell there reads the line again. What stands between single quotes
//! means itself in every POSIX shell, see <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02>.

use std::{
    ffi::{OsStr, OsString},
    os::unix::ffi::{OsStrExt, OsStringExt},
};

/// The argument in single quotes. `None` for a NUL, which ends an argument, and for line breaks, which some shells end a
/// command at, quoted or not.
pub(crate) fn quoted(argument: &OsStr) -> Option<OsString> {
    let mut text = vec![b'\''];
    for &byte in argument.as_bytes() {
        match byte {
            b'\0' | b'\n' | b'\r' => return None,
            b'\'' => text.extend_from_slice(br"'\''"),
            other => text.push(other),
        }
    }
    text.push(b'\'');
    Some(OsString::from_vec(text))
}

#[cfg(test)]
mod tests {
    use std::{
        ffi::{OsStr, OsString},
        os::unix::ffi::OsStringExt,
        process::Command,
    };

    use proptest::prelude::*;

    use super::quoted;

    /// What `printf` was given by a shell that read the quoted words as one line.
    fn read_back(words: &[OsString]) -> Vec<u8> {
        let mut line = OsString::from("printf '%s\\0'");
        for word in words {
            line.push(" ");
            line.push(quoted(word).unwrap());
        }
        let output = Command::new("/bin/sh").arg("-c").arg(line).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        output.stdout
    }

    fn one_after_another(words: &[OsString]) -> Vec<u8> {
        let ended = words.iter().map(|word| [word.clone().into_vec(), vec![0]].concat());
        ended.collect::<Vec<_>>().concat()
    }

    #[test]
    fn single_quotes_are_all_it_takes() {
        assert_eq!(quoted(OsStr::new("a b")).unwrap(), "'a b'");
        assert_eq!(quoted(OsStr::new("it's")).unwrap(), r"'it'\''s'");
        assert_eq!(quoted(OsStr::new("")).unwrap(), "''");
    }

    #[test]
    fn what_ends_an_argument_or_a_line_is_refused() {
        for text in ["a\0b", "a\nb", "a\rb", "\n"] {
            assert_eq!(quoted(OsStr::new(text)), None, "{text:?}");
        }
    }

    fn word() -> impl Strategy<Value = OsString> {
        // Mostly what a shell gives a meaning to; sometimes any byte at all, UTF-8 or not.
        let special = prop::sample::select(b"'\"\\$`;&|<>(){}[]*?!~# \t=%-".to_vec());
        let byte = prop_oneof![4 => special, 1 => any::<u8>()];
        let byte = byte.prop_filter("refused", |byte| !b"\0\n\r".contains(byte));
        prop::collection::vec(byte, 0..20).prop_map(OsString::from_vec)
    }

    proptest! {
        // Each case starts a shell.
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn a_shell_reads_every_word_back(words in prop::collection::vec(word(), 1..8)) {
            prop_assert_eq!(read_back(&words), one_after_another(&words));
        }
    }
}
