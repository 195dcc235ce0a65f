//! Commands as a person pastes them: quoted for a POSIX shell, and without anything that might be a secret.

/// One word.
pub(crate) fn word(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=,@%+{}".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return text.to_owned();
    }
    let one_line: String = text.chars().filter(|letter| !letter.is_control()).collect();
    format!("'{}'", one_line.replace('\'', r"'\''"))
}

/// A command of several words.
pub(crate) fn line<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words
        .into_iter()
        .map(|text| word(&bare(text)))
        .collect::<Vec<_>>()
        .join(" ")
}

/// A configured word without a secret that somebody may have put into it: the value behind a telling name, and the password of a URL.
fn bare(text: &str) -> String {
    const TELLING: [&str; 5] = ["pass", "secret", "token", "key", "credential"];
    if let Some((name, value)) = text.split_once('=')
        && TELLING
            .iter()
            .any(|telling| name.to_ascii_lowercase().contains(telling))
        && !value.starts_with('/')
    {
        return format!("{name}=…");
    }
    match text
        .split_once("://")
        .and_then(|(scheme, rest)| Some((scheme, rest.split_once('@')?)))
    {
        Some((scheme, (_, rest))) => format!("{scheme}://…@{rest}"),
        None => text.to_owned(),
    }
}

/// SQL in a database, by psql, so that its answer can be compared.
pub(super) fn sql(database: &str, statements: &str) -> String {
    sql_on(None, database, statements)
}

/// The same on a server that is reached by the socket in this folder, where it isn't the usual one.
pub(super) fn sql_on(socket: Option<&str>, database: &str, statements: &str) -> String {
    let socket = socket.map_or_else(String::new, |folder| format!("-h {} -p 5432 ", word(folder)));
    format!(
        "psql -X -v ON_ERROR_STOP=1 {socket}-d {} <<'SQL'\n{statements}\nSQL",
        word(database)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_mean_themselves_and_hold_no_secret() {
        let table = [
            ("--stanza=main", "--stanza=main"),
            ("it's", r"'it'\''s'"),
            ("a b", "'a b'"),
            ("", "''"),
            ("x\ny", "'xy'"),
        ];
        for (text, expected) in table {
            assert_eq!(word(text), expected);
        }
        let secret = [
            "tool",
            "--repo1-s3-key-secret=hunter2",
            "--repo1-cipher-pass=hunter2",
            "postgres://u:hunter2@db/x",
        ];
        let line = line(secret);
        assert!(!line.contains("hunter2"), "{line}");
        assert!(line.contains("--repo1-cipher-pass=") && line.contains("db/x"), "{line}");
    }
}
