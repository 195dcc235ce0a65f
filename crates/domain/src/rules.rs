//! The causes that Muster recognises by itself, one file each: a predicate over facts, the evidence that it matched, the causes that look
//! alike and aren't, and the recovery that is right in this state. A fact that isn't known makes a rule silent; it never makes it content.

mod archive_timeline;
mod archiver;
mod audit_rewound;
mod audit_sweep;
mod backup_errors;
mod ca_lost;
mod clock_skew;
mod crl;
mod drill_environment;
mod drill_failed;
mod drill_leftover;
mod drill_never_run;
mod drill_overdue;
mod drill_steps;
mod effective_config;
mod empty_database;
mod facts;
mod first_login;
mod hidden_rows;
mod key_pruned;
mod keys;
mod measure;
mod place;
mod previous_key;
mod recovery_stopped;
mod restore_lost_events;
mod restore_unsettled;
mod restored;
mod revived_certificates;
mod revocations;
mod schema_ahead;
mod steps;
mod tokens;
mod two_clusters;
mod wal_stalled;
mod wrong_key;

use crate::finding::Found;

pub use archiver::Archiver;
pub use facts::{ArchiveReading, Crl, Facts, History, SourceArchive, TimelineReading};
pub use keys::{Elsewhere, NamedKey, named};
pub use measure::Measure;
pub use place::{BringBack, Names, Place};

/// Why a rule says nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Silence {
    /// A fact that it needs isn't known, with the reason.
    Unknown(String),
    /// Nothing is configured that it could look at; how to set it up.
    Unset(String),
    /// Another finding explains what it saw: the code of that one.
    Explained(&'static str),
    /// What it saw is what people agreed to: which request, and what of it shows that.
    Agreed(String),
}

impl Silence {
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Unknown(reason) | Self::Unset(reason) | Self::Agreed(reason) => reason,
            Self::Explained(code) => code,
        }
    }
}

/// What a rule says: nothing is wrong, something was found, or why neither can be told.
pub type Judgement = Result<Option<Found>, Silence>;

/// How many looks in a row it takes to open and to resolve a finding, so that nothing flaps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hysteresis {
    pub open_after: u32,
    pub resolve_after: u32,
}

impl Looks {
    /// What it is called on pages and in the documentation.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Database => "the live database",
            Self::Traces => "what earlier looks saw",
            Self::Keys => "the secret manager",
            Self::Backups => "the sources of backups",
            Self::Images => "the images",
            Self::Crl => "the revocation list",
            Self::Drills => "past drills",
            Self::Restores => "past restores",
        }
    }
}

impl Hysteresis {
    /// As the documentation says it.
    #[must_use]
    pub fn words(self) -> String {
        let looks = |number| match number {
            1 => "one look".to_owned(),
            number => format!("{number} looks in a row"),
        };
        format!(
            "opens after {}, resolves after {}",
            looks(self.open_after),
            looks(self.resolve_after)
        )
    }

    /// Of facts that don't come and go by themselves.
    pub const AT_ONCE: Self = Self {
        open_after: 1,
        resolve_after: 1,
    };
    /// Of facts of two machines that are read one after the other.
    pub const TWICE: Self = Self {
        open_after: 2,
        resolve_after: 2,
    };
}

/// What has to be looked at again to judge a rule now.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Looks {
    Database,
    Traces,
    Keys,
    Backups,
    Images,
    Crl,
    /// Nothing outside: what drills have shown.
    Drills,
    /// Nothing outside: what restores left to be done.
    Restores,
}

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name in documents, in the store and in the documentation. Never changes.
    pub code: &'static str,
    /// What it is about, for lists.
    pub title: &'static str,
    /// What a person sees who doesn't know the cause.
    pub symptom: &'static str,
    pub looks: &'static [Looks],
    pub hysteresis: Hysteresis,
    judge: fn(&Facts<'_>) -> Judgement,
}

impl Rule {
    /// All of them; the four of Ampora's documentation first.
    pub const ALL: [Self; 42] = [
        wrong_key::RULE,
        ca_lost::RULE,
        audit_rewound::RULE,
        effective_config::RULE,
        empty_database::RULE,
        first_login::RULE,
        hidden_rows::RULE,
        revocations::RULE,
        tokens::RULE,
        crl::RULE,
        audit_sweep::RULE,
        archive_timeline::RULE,
        schema_ahead::RULE,
        two_clusters::RULE,
        recovery_stopped::RULE,
        previous_key::RULE,
        key_pruned::RULE,
        keys::BEHIND,
        keys::AHEAD,
        keys::MIXED,
        keys::UNPROVEN,
        keys::LENGTH,
        keys::WEAK,
        keys::ENCODING,
        keys::SHARED,
        keys::REPLICA,
        keys::MISSING,
        keys::DISABLED,
        keys::DAMAGE,
        keys::NONCES,
        keys::EXPOSED,
        backup_errors::RULE,
        clock_skew::RULE,
        wal_stalled::RULE,
        drill_failed::RULE,
        drill_environment::RULE,
        drill_overdue::RULE,
        drill_never_run::RULE,
        revived_certificates::RULE,
        restore_unsettled::RULE,
        restore_lost_events::RULE,
        drill_leftover::RULE,
    ];

    /// The rule of this code.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.code == code)
    }

    /// Whether it is about the master key, and so belongs on the page of the keys.
    #[must_use]
    pub fn is_about_keys(&self) -> bool {
        self.looks.contains(&Looks::Keys)
    }

    /// Judges it.
    ///
    /// # Errors
    /// With the reason why it can't be told.
    pub fn judge(&self, facts: &Facts<'_>) -> Judgement {
        (self.judge)(facts)
    }
}

/// Every rule with what it says.
#[must_use]
pub fn judge(facts: &Facts<'_>) -> Vec<(Rule, Judgement)> {
    Rule::ALL.into_iter().map(|rule| (rule, rule.judge(facts))).collect()
}

#[cfg(test)]
mod tests;
