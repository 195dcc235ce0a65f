//! Commands as people read them: quoted for a POSIX shell, folded to the width of a page. Muster itself runs argument vectors.

use leptos::prelude::*;

use super::quoted::visible;

/// Longest line before the next argument goes on a line of its own, in characters.
const WIDTH: usize = 76;

/// The command line. Pasted into a shell it is the same argument vector.
#[must_use]
pub fn command_line(argv: &[String]) -> String {
    let mut text = String::new();
    let mut column = 0;
    for word in argv.iter().map(|word| quoted(word)) {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > WIDTH {
            text.push_str(" \\\n  ");
            column = 2;
        } else if column > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(&word);
        column += length;
    }
    text
}

fn quoted(word: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+%".contains(c);
    if !word.is_empty() && word.chars().all(safe) {
        return word.into();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// A command, folded away unless `open`.
#[component]
pub fn Command(argv: Vec<String>, #[prop(optional)] open: bool) -> impl IntoView {
    view! {
        <details open=open>
            <summary>"Command"</summary>
            <pre><bdi>{visible(&command_line(&argv))}</bdi></pre>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argv(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_a_shell_would_read_otherwise_is_quoted() {
        assert_eq!(
            command_line(&argv(&["createdb", "-T", "template0", "it's; rm -rf $HOME", ""])),
            "createdb -T template0 'it'\\''s; rm -rf $HOME' ''"
        );
    }

    #[test]
    fn long_commands_are_folded_between_arguments() {
        let line = command_line(&argv(&[
            "pg_restore",
            "--exit-on-error",
            "--no-owner",
            "--role",
            "ampora",
            "--jobs",
            "4",
            "--dbname",
            "ampora_restored",
        ]));
        assert_eq!(line.lines().count(), 2, "{line}");
        assert!(line.lines().all(|line| line.chars().count() <= WIDTH + 2), "{line}");
    }
}
