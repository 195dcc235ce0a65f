//! Words of a command line as a person pastes it into a POSIX shell.

/// One word, quoted where it has to be; of an option only its value is. Control characters are left out: nobody sees them, and a line break
/// would end the command.
#[must_use]
pub fn word(text: &str) -> String {
    let visible: String = text.chars().filter(|letter| !letter.is_control()).collect();
    let option = visible.split_once('=').filter(|(name, _)| is_option(name));
    match option {
        Some((name, value)) => format!("{name}={}", quoted(value)),
        None => quoted(&visible),
    }
}

fn is_option(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    name.starts_with("--") && name.bytes().all(plain)
}

fn quoted(text: &str) -> String {
    // Only a NUL can't be quoted, which is a control character.
    shlex::try_quote(text).map_or_else(|_| String::new(), Into::into)
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn what_needs_no_quotes_has_none() {
        for plain in ["--stanza=main", "/var/lib/postgresql/16/main", "a@b", "1:2"] {
            assert_eq!(word(plain), plain);
        }
        assert_eq!(word("--target=now and then"), "--target='now and then'");
        assert_eq!(word("--$(id)=x"), "'--$(id)=x'");
        assert_eq!(word(""), "''");
        assert_eq!(word("a b"), "'a b'");
        assert_eq!(word("x\ny"), "xy");
    }
}
