//! Commands as a person pastes them: quoted for a POSIX shell, and without anything that might be a secret.

pub(crate) use domain::shell::word;

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
pub(crate) fn sql(database: &str, statements: &str) -> String {
    sql_on(None, database, statements)
}

/// The same on a server that is reached by the socket in this folder, where it isn't the usual one.
pub(crate) fn sql_on(socket: Option<&str>, database: &str, statements: &str) -> String {
    let socket = socket.map_or_else(String::new, |folder| format!("-h {} -p 5432 ", word(folder)));
    format!(
        "psql -X -v ON_ERROR_STOP=1 {socket}-d {} <<'SQL'\n{statements}\nSQL",
        word(database)
    )
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_holds_no_secret() {
        let words = [
            "tool",
            "--repo1-s3-key-secret=hunter2",
            "--repo1-cipher-pass=hunter2",
            "postgres://u:hunter2@db/x",
        ];
        let line = line(words);
        assert!(!line.contains("hunter2"), "{line}");
        assert!(line.contains("--repo1-cipher-pass=") && line.contains("db/x"), "{line}");
    }

    fn read_back(shell: &str, text: &str) -> String {
        let line = format!("printf '%s' {}", word(text));
        let output = Command::new(shell).args(["-c", &line]).output().expect("a shell");
        assert!(output.status.success(), "{line}: {output:?}");
        String::from_utf8(output.stdout).expect("text")
    }

    proptest! {
        // Each case starts two shells.
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn shells_read_a_word_back(text in "[ -~é]{0,20}") {
            prop_assert_eq!(read_back("sh", &text), text.clone());
            prop_assert_eq!(read_back("bash", &text), text);
        }
    }
}
