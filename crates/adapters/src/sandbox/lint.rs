//! What tools and servers say when it is the sandbox that lacks something, and what to do then. A drill that fails for such a reason says
//! nothing about the backup, and one false alarm after the other teaches people to look away.

/// A cause that lies in the sandbox.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Cause {
    pub code: &'static str,
    pub remedy: &'static str,
}

/// Words that have to stand in one line, in lower case, and what they mean.
const CAUSES: [(&[&str], Cause); 18] = [
    (
        &["extension", "is not available"],
        Cause {
            code: "missing-extension",
            remedy: "install the package of that extension for this version of PostgreSQL where drills run",
        },
    ),
    (
        &["could not open extension control file"],
        Cause {
            code: "missing-extension",
            remedy: "install the package of that extension for this version of PostgreSQL where drills run",
        },
    ),
    (
        &["could not access file", "no such file"],
        Cause {
            code: "missing-extension",
            remedy: "install the package of the extension that brings this library, or take the library off the list",
        },
    ),
    (
        &["could not load library"],
        Cause {
            code: "missing-extension",
            remedy: "install the package of the extension that brings this library, in the version of this PostgreSQL",
        },
    ),
    (
        &["role", "does not exist"],
        Cause {
            code: "missing-role",
            remedy: "the dump needs a role that it doesn’t bring: list it under [deployment.sandbox] roles",
        },
    ),
    (
        &["no space left on device"],
        Cause {
            code: "disk-full",
            remedy: "make room, or set [deployment.sandbox] root to a larger disk",
        },
    ),
    (
        &["disk quota exceeded"],
        Cause {
            code: "disk-full",
            remedy: "raise the quota, or set [deployment.sandbox] root to another disk",
        },
    ),
    (
        &["database files are incompatible with server"],
        Cause {
            code: "other-version",
            remedy: "name the folder of the right version under [deployment.sandbox] bin_dir",
        },
    ),
    (
        &["invalid locale name"],
        Cause {
            code: "missing-locale",
            remedy: "install the locale that the database uses (on Debian: dpkg-reconfigure locales)",
        },
    ),
    (
        &["database locale is incompatible with operating system"],
        Cause {
            code: "missing-locale",
            remedy: "install the locale that the database uses (on Debian: dpkg-reconfigure locales)",
        },
    ),
    (
        &["not supported by this installation"],
        Cause {
            code: "missing-compression",
            remedy: "install a pg_restore that knows the compression of the dump",
        },
    ),
    (
        &["icu is not supported in this build"],
        Cause {
            code: "missing-icu",
            remedy: "name a PostgreSQL that was built with ICU, such as the distribution’s, under [deployment.sandbox] bin_dir",
        },
    ),
    (
        &["compression method", "not supported"],
        Cause {
            code: "missing-compression",
            remedy: "name a PostgreSQL that was built with it, such as the distribution’s, under [deployment.sandbox] bin_dir",
        },
    ),
    (
        &["unsupported version", "in file header"],
        Cause {
            code: "other-version",
            remedy: "install a pg_restore that is as new as the pg_dump that wrote it",
        },
    ),
    (
        &["could not map anonymous shared memory"],
        Cause {
            code: "no-memory",
            remedy: "give the host of the drills more memory",
        },
    ),
    (
        &["permission denied for"],
        Cause {
            code: "missing-right",
            remedy: "grant pg_read_all_data to the role that Muster reads the database by",
        },
    ),
    (
        &["affected by row-level security"],
        Cause {
            code: "missing-right",
            remedy: "give BYPASSRLS to the role that Muster reads the database by",
        },
    ),
    (
        &["permission denied"],
        Cause {
            code: "no-permission",
            remedy: "let the account that tools run as read what the message names",
        },
    ),
];

/// The cause, if the sandbox is to blame.
pub(super) fn environment(said: &str) -> Option<Cause> {
    let lines: Vec<_> = said.lines().map(str::to_lowercase).collect();
    let means = |(words, _): &&(&[&str], Cause)| lines.iter().any(|line| words.iter().all(|word| line.contains(word)));
    CAUSES.iter().find(means).map(|(_, cause)| *cause)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::environment;

    #[test]
    fn what_the_sandbox_lacks_is_not_the_backups_fault() {
        let table = [
            (
                "pg_restore: error: could not execute query: ERROR:  extension \"postgis\" is not available",
                Some("missing-extension"),
            ),
            (
                "FATAL:  could not access file \"pg_cron\": No such file or directory",
                Some("missing-extension"),
            ),
            ("ERROR:  role \"reporting\" does not exist", Some("missing-role")),
            ("ERROR:  ICU is not supported in this build", Some("missing-icu")),
            (
                "ERROR:  compression method lz4 not supported",
                Some("missing-compression"),
            ),
            (
                "ERROR:  could not extend file \"base/1/2\": No space left on device",
                Some("disk-full"),
            ),
            ("ERROR:  invalid page in block 3 of relation base/5/16403", None),
            ("pg_restore: error: could not read from input file: end of file", None),
            // The words of two lines don't make one cause.
            ("role of the day\nwhat does not exist", None),
        ];
        for (said, code) in table {
            assert_eq!(environment(said).map(|cause| cause.code), code, "{said}");
        }
    }

    proptest! {
        #[test]
        fn no_words_make_it_panic(said in ".*") {
            let _ = environment(&said);
        }
    }
}
