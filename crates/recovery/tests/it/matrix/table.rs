//! The rows of the matrix: each rule with its fault, and with what became of its recovery text.

use domain::finding::Severity::{self, Error, Warning};

use Recovery::{ByHand, Requested, Typed, TypedFirst};

/// One line of the matrix.
#[derive(Clone, Copy)]
pub struct Row {
    pub code: &'static str,
    /// What is real in it, and what breaks it.
    pub fault: &'static str,
    pub severity: Severity,
    pub healed_by: &'static str,
    pub recovery: Recovery,
}

/// What a test did of a finding's recovery text.
#[derive(Clone, Copy)]
pub enum Recovery {
    /// Its commands are typed as they are printed, and nothing else heals it.
    Typed,
    /// Its commands are typed as they are printed; what is done beside them, and why that is no command.
    TypedFirst(&'static str),
    /// Its request is planned, agreed to and run.
    Requested,
    /// It has no command, with the reason.
    ByHand(&'static str),
}

impl Recovery {
    pub fn words(self) -> String {
        match self {
            Typed => "carried out: its commands, as printed, and nothing else".into(),
            TypedFirst(rest) => format!("carried out: its commands, as printed; {rest}"),
            Requested => "carried out: its commands, as printed, and its request, agreed to by two and run".into(),
            ByHand(why) => format!("by hand: {why}"),
        }
    }
}

const fn row(
    code: &'static str,
    severity: Severity,
    fault: &'static str,
    healed_by: &'static str,
    recovery: Recovery,
) -> Row {
    Row {
        code,
        fault,
        severity,
        healed_by,
        recovery,
    }
}

const RESTORE: &str = "a dump, restored";
/// No command may carry a key: it would stay in a shell’s history.
const ROTATION: Recovery = TypedFirst(
    "the key that they draw is written into the manager and Ampora’s environment by hand, since no command may carry one",
);
const REWRITTEN: &str = "a rotation to the key that its commands draw";
const INSTALLED: Recovery = TypedFirst("the program is put where the configuration looks for it");

const SETTLED: Recovery = ByHand("Ampora’s and PostgreSQL’s own means end it; that it was done is for people to say");

pub const MATRIX: [Row; 42] = [
    row(
        "wrong-master-key",
        Error,
        "Ampora’s environment holds version 1 of the key, the envelopes are of version 3",
        "the version that it names",
        TypedFirst("the version is set by hand, since no command may carry a key"),
    ),
    row(
        "ca-lost",
        Error,
        "the table of signing keys is empty; or it holds an authority that was made anew",
        RESTORE,
        Requested,
    ),
    row(
        "audit-rewound",
        Error,
        "the audit events of the last three hours are gone",
        RESTORE,
        Requested,
    ),
    row(
        "effective-config-missing",
        Warning,
        "an agent that reports has no effective configuration",
        "the agent’s next report",
        ByHand("to wait is what it says; the agent reports by itself"),
    ),
    row("empty-database", Error, "every table is empty", RESTORE, Requested),
    row(
        "first-login-becomes-admin",
        Error,
        "the table of users is empty",
        RESTORE,
        Requested,
    ),
    row(
        "hidden-rows",
        Warning,
        "Muster’s role may not pass by row-level security",
        "the attribute of the role",
        Typed,
    ),
    row(
        "revoked-valid-again",
        Error,
        "a revocation is undone",
        "the revocation, made again",
        Typed,
    ),
    row(
        "tokens-alive-again",
        Error,
        "a token that was redeemed is back",
        "the token’s removal",
        Typed,
    ),
    row(
        "crl-past-next-update",
        Error,
        "the list that is served ended five minutes ago",
        "a new list, as a leader signs it",
        ByHand("only Ampora signs a list; its service is restarted"),
    ),
    row(
        "audit-sweep",
        Warning,
        "the archived audit events are deleted",
        "the rows, brought back",
        ByHand("which retention is right is for people to say; the rows come from a restored copy"),
    ),
    row(
        "foreign-timeline",
        Error,
        "a copy of the cluster is promoted and archives into the stanza",
        "a newer timeline of the live server",
        TypedFirst("PostgreSQL is restarted where the text says so"),
    ),
    row(
        "schema-ahead",
        Error,
        "a migration came with the newer image, and the older image runs again",
        "the newer image",
        ByHand("which image runs is set in the cluster or on the host"),
    ),
    row(
        "two-clusters-one-stanza",
        Error,
        "another cluster makes the stanza its own and archives into it",
        "the stanza, taken back",
        TypedFirst("the stranger is stopped where it runs"),
    ),
    row(
        "recovery-stopped-early",
        Error,
        "the cluster is restored while a segment can’t be had, which is there again later",
        "the rest, replayed",
        TypedFirst("PostgreSQL is stopped and started where the text says so"),
    ),
    row(
        "previous-master-key-set",
        Warning,
        "the previous key is in Ampora’s environment, and nothing needs it",
        "the line’s removal",
        Typed,
    ),
    row(
        "key-version-pruned",
        Warning,
        "Vault keeps three versions, and the envelopes are of the oldest",
        "a larger number of versions",
        Typed,
    ),
    row(
        "key-behind",
        Error,
        "Ampora runs with a key that the manager doesn’t have, and so do the envelopes",
        "the key in use, written into the manager",
        Requested,
    ),
    row(
        "key-ahead",
        Error,
        "a new version is current in the manager, and Ampora runs with the one before",
        "the rotation, finished",
        TypedFirst("Ampora’s keys are set by hand, since no command may carry one"),
    ),
    row(
        "key-mixed",
        Error,
        "one envelope is of the new key, the other of the one before, and nothing moves",
        "the rotation, finished",
        TypedFirst("Ampora’s keys are set by hand, since no command may carry one"),
    ),
    row(
        "key-unproven",
        Warning,
        "Vault refuses Muster’s token",
        "the token’s rights",
        ByHand("the reason lies outside, and the cause names it"),
    ),
    row(
        "key-length",
        Error,
        "the setting that Ampora is to start with has 16 bytes",
        "the right key in the setting",
        TypedFirst("the setting is written by hand, since no command may carry a key"),
    ),
    row("key-weak", Error, "the key in use is a passphrase", REWRITTEN, ROTATION),
    row(
        "key-encoding",
        Warning,
        "the current version stands in quotes",
        "the same key in plain base64",
        ByHand("no command may carry a key"),
    ),
    row(
        "key-shared",
        Error,
        "another deployment’s manager holds the same key",
        REWRITTEN,
        ROTATION,
    ),
    row(
        "replica-differs",
        Error,
        "a copy in Vault has another key than the folder that is the manager",
        "the manager’s key, written into the copy",
        ByHand("no command may carry a key; else the copy’s own replication"),
    ),
    row(
        "version-missing",
        Error,
        "the version that the dump was made under is gone from the manager",
        "the version, brought back",
        ByHand("the key has to be found first, and no command may carry it"),
    ),
    row(
        "version-disabled",
        Warning,
        "Vault deleted the version that the dump was made under, and can bring it back",
        "the version, handed out again",
        Typed,
    ),
    row(
        "envelope-damage",
        Error,
        "a bit of one wrapped value is flipped",
        "that row, copied out of a dump that is restored beside",
        Requested,
    ),
    row(
        "nonce-reuse",
        Error,
        "two values were sealed with one key and one nonce",
        REWRITTEN,
        ROTATION,
    ),
    row(
        "key-exposed",
        Warning,
        "a request shows the key in use to whoever asked for it",
        REWRITTEN,
        ROTATION,
    ),
    row(
        "backup-tool-errors",
        Error,
        "a page of a table is overwritten, and a backup is taken of it",
        "a full backup without errors",
        TypedFirst("the page is put back before"),
    ),
    row(
        "clock-skew",
        Error,
        "Muster’s clock is two minutes ahead of the database’s",
        "Muster’s clock, set right",
        ByHand("a test may not set the machine’s clock"),
    ),
    row(
        "wal-archiving-stalled",
        Error,
        "archive_command fails",
        "the setting, taken back",
        TypedFirst("what makes the command fail is put right before"),
    ),
    row(
        "drill-failed",
        Error,
        "a segment of the WAL is gone, and a drill of the backup before it runs",
        "a full backup, and a drill that passes",
        Typed,
    ),
    row(
        "drill-environment",
        Warning,
        "a drill runs where PostgreSQL of its version isn’t installed",
        "the program, and a drill that passes",
        INSTALLED,
    ),
    row(
        "drill-overdue",
        Warning,
        "the only drill that passed did so longer ago than was promised",
        "a drill that passes",
        Typed,
    ),
    row(
        "drill-never-run",
        Warning,
        "backups are listed, and no drill ever ran",
        "a drill that passes",
        Typed,
    ),
    row(
        "restore-revived-certificates",
        Error,
        "a certificate is revoked, and the cluster is set back to before",
        "the certificate, revoked again, and its line noted as done",
        TypedFirst("each line is noted as done by people, since only they can say so"),
    ),
    row(
        "restore-not-settled",
        Warning,
        "a role’s password is changed, and the cluster is set back to before",
        "the password, changed again, and each line noted as done",
        SETTLED,
    ),
    row(
        "restore-lost-events",
        Warning,
        "audit events are written, and the cluster is set back to before",
        "the line about them, waived by somebody who approves",
        SETTLED,
    ),
    row(
        "drill-leftover",
        Warning,
        "Muster may not delete the instance that a drill had made, and a day goes by",
        "the right, and Muster’s own next look for leftovers",
        ByHand("its command is one of AWS’s own command line, which asks AWS alone"),
    ),
];
