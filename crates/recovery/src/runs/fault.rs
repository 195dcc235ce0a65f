//! What a tool's words mean for the person who reads them at night: what happened, and what to do next.

/// Phrases of PostgreSQL, its tools and pgBackRest, each with what follows from it.
const KNOWN: [(&[&str], &str); 12] = [
    (
        &[
            "No space left on device",
            "could not extend file",
            "Disk quota exceeded",
        ],
        "The disk is full: make room there, or restore to another server, then ask for the restore anew.",
    ),
    (
        // pgBackRest, and a server that somebody signs in to, don't hand on why.
        &["unable to write '", "FileWriteError", "could not write init file"],
        "It can’t be written there: see with df whether the disk is full, make room or restore to another server, then ask for the restore anew.",
    ),
    // https://pgbackrest.org/configuration.html#section-repository/option-repo-cipher-pass
    (
        // What a wrong passphrase makes of its files is none of pgBackRest's formats.
        &[
            "FormatError: key/value found outside of section",
            "CryptoError",
            "cipher header invalid",
        ],
        "The repository can’t be read with this passphrase: set the one that its backups were made with in the configuration that the command of [deployment.restore] names, then ask anew.",
    ),
    (
        &["password authentication failed", "no password supplied"],
        "The server refuses the password: set the one that is valid now under [deployment.restore], then ask anew.",
    ),
    (
        &[
            "unsupported version",
            "newer than the server",
            "unrecognized configuration parameter",
        ],
        "The dump is of a newer PostgreSQL than the tool or the server: restore it with the tools, and into a server, of its own version.",
    ),
    (
        &[
            "No such file or directory (os error 2)",
            "isn’t installed",
            "can’t be started",
            "was not found",
            ": not found",
        ],
        "The tool isn’t there: install it where it runs, or name its folder in the configuration, then ask anew.",
    ),
    (
        &["is not supported in this build"],
        "The server’s PostgreSQL was built without what the dump’s database is sorted by: restore into one that has it, such as the distribution’s.",
    ),
    (
        &["is there already"],
        "Look at what it is, and move it away if nobody needs it there; then ask for the restore anew.",
    ),
    (
        &["already exists"],
        "Something of that name is there already, and nothing is ever restored over: choose another name.",
    ),
    (
        &[
            "the database system is shutting down",
            "terminating connection",
            "server closed the connection",
            "Connection refused",
        ],
        "The server went away under it: see that it runs and stays up, then ask anew.",
    ),
    (
        &["permission denied", "must be owner of", "must be superuser"],
        "The role lacks a right: give it to the role of [deployment.restore], then ask anew.",
    ),
    (
        &["could not read from input file", "corrupt", "checksum"],
        "What is restored from can’t be read to its end: take another backup, and keep this one as evidence.",
    ),
];

/// What follows from a tool's words. Empty, where they are none that is known.
pub(super) fn follows(said: &str) -> &'static str {
    let known = KNOWN
        .iter()
        .find(|(phrases, _)| phrases.iter().any(|phrase| said.contains(phrase)));
    known.map_or("", |(_, next)| next)
}

/// A tool's words, then what is unharmed, then what to do next.
pub(crate) fn told(said: &str, unharmed: &str) -> String {
    let said = said.trim_end_matches('.');
    match follows(said) {
        "" => format!("{said}. {unharmed}"),
        next => format!("{said}. {unharmed}. {next}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_faults_are_told_with_what_to_do() {
        let table = [
            (
                "could not write to file \"base/1\": No space left on device",
                "make room",
            ),
            (
                "FATAL:  password authentication failed for user \"admin\"",
                "refuses the password",
            ),
            (
                "pg_restore: error: unsupported version (1.16) in file header",
                "newer PostgreSQL",
            ),
            ("ERROR:  relation \"tenants\" already exists", "choose another name"),
            ("server closed the connection unexpectedly", "see that it runs"),
        ];
        for (said, next) in table {
            let told = told(said, "Nothing that exists was changed");
            assert!(
                told.contains(next) && told.contains("Nothing that exists was changed"),
                "{told}"
            );
        }
        assert_eq!(
            told("what nobody knows.", "Nothing was changed"),
            "what nobody knows. Nothing was changed"
        );
    }
}
