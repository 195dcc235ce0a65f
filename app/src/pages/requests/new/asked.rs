//! What somebody asks for, as it stands in the address: typed, prefilled by a link, or both. Nothing of it is believed.

mod fields;

use recovery::plans::{Disaster, Wanted, Wish};

use crate::components::Address;

pub use fields::planned;

/// What can be asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    RestoreDump,
    RestorePitr,
    RetrieveKey,
    KeyCatchUp,
    Repoint,
    RestoreRds,
    DrillWithKey,
    DrillOnRds,
    FullDisaster,
}

impl Kind {
    pub const ALL: [Self; 9] = [
        Self::RestoreDump,
        Self::RestorePitr,
        Self::RestoreRds,
        Self::Repoint,
        Self::FullDisaster,
        Self::RetrieveKey,
        Self::KeyCatchUp,
        Self::DrillWithKey,
        Self::DrillOnRds,
    ];

    /// Value of `kind`, as in the plan.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RestoreDump => "restore-dump",
            Self::RestorePitr => "restore-pitr",
            Self::RetrieveKey => "retrieve-key",
            Self::KeyCatchUp => "key-catch-up",
            Self::Repoint => "repoint",
            Self::RestoreRds => "restore-rds",
            Self::DrillWithKey => "drill-with-key",
            Self::DrillOnRds => "drill-on-rds",
            Self::FullDisaster => "full-disaster",
        }
    }

    #[must_use]
    pub const fn called(self) -> &'static str {
        match self {
            Self::RestoreDump => "Restore a dump",
            Self::RestorePitr => "Set the cluster back",
            Self::RetrieveKey => "Retrieve the master key",
            Self::KeyCatchUp => "Catch the secret manager up",
            Self::DrillWithKey => "Let drills hand over the key",
            Self::DrillOnRds => "Let drills copy an RDS instance",
            Self::Repoint => "Point Ampora at a restored database",
            Self::RestoreRds => "Make a new RDS instance",
            Self::FullDisaster => "Bring Ampora up on a new cluster",
        }
    }
}

/// How a key is to leave Muster.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum To {
    /// One person: shown where the site allows it, or sealed to a recipient.
    Person,
    /// Two people who need each other.
    Split,
    /// A place where nothing is.
    Placed,
}

impl To {
    pub const ALL: [Self; 3] = [Self::Person, Self::Split, Self::Placed];

    /// Value of `to`. One person is what nothing means.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "",
            Self::Split => "split",
            Self::Placed => "placed",
        }
    }

    #[must_use]
    pub const fn called(self) -> &'static str {
        match self {
            Self::Person => "To one person",
            Self::Split => "As two sealed shares",
            Self::Placed => "Into a new place",
        }
    }
}

/// The parameters of the form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    pub kind: Kind,
    pub deployment: String,
    pub source: String,
    pub backup: String,
    pub database: String,
    pub version: String,
    /// A time, or `latest`.
    pub at: String,
    pub exclusive: bool,
    /// Names of other databases, with spaces or commas between them.
    pub affects: String,
    /// The cluster is replaced where it stands.
    pub in_place: bool,
    pub to: To,
    /// One recipient, or one for each share.
    pub recipients: [String; 2],
    pub destination: String,
    /// Of the new place.
    pub name: String,
    /// Of the new instance.
    pub instance: String,
    /// The server of the old database can't come back.
    pub old_is_gone: bool,
    /// How long an approval shall stand.
    pub days: String,
    /// The plan is asked for, not the form.
    pub planned: bool,
}

impl Asked {
    /// Reads the address. A dump is named by `source` and `backup`, or by `dump` with a slash between them, as one choice of the form.
    #[must_use]
    pub fn of(address: &Address, deployment: &str) -> Self {
        let value = |name: &str| address.get(name).unwrap_or_default().to_owned();
        let dump = value("dump");
        let (source, backup) = match dump.rsplit_once('/') {
            Some((source, backup)) => (source.to_owned(), backup.to_owned()),
            None => (value("source"), value("backup")),
        };
        Self {
            kind: Kind::ALL
                .into_iter()
                .find(|kind| kind.name() == value("kind"))
                .unwrap_or(Kind::RestoreDump),
            deployment: deployment.into(),
            source,
            backup,
            database: value("database"),
            version: value("version"),
            at: value("at"),
            exclusive: !value("exclusive").is_empty(),
            affects: value("affects"),
            in_place: !value("in_place").is_empty(),
            to: To::ALL
                .into_iter()
                .find(|to| to.name() == value("to"))
                .unwrap_or(To::Person),
            recipients: [value("recipient"), value("recipient_2")],
            destination: value("destination"),
            name: value("name"),
            instance: value("instance"),
            old_is_gone: !value("old_is_gone").is_empty(),
            days: value("days"),
            planned: address.get("step") == Some("plan"),
        }
    }

    /// What isn't chosen or typed yet.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let needed = match self.kind {
            Kind::RestoreDump => vec![
                (self.backup.is_empty(), "Choose the dump to restore."),
                (self.database.trim().is_empty(), "Name the new database."),
            ],
            Kind::RestorePitr => vec![
                (self.source.is_empty(), "Name the pgBackRest source."),
                (self.at.trim().is_empty(), "Name a time with its offset, or latest."),
            ],
            Kind::RetrieveKey => vec![
                (self.version.is_empty(), "Choose the version to retrieve."),
                (
                    self.to == To::Split && self.recipients.iter().any(|text| text.trim().is_empty()),
                    "Name two recipients, one for each share.",
                ),
                (
                    self.to == To::Placed && self.destination.is_empty(),
                    "Choose the destination.",
                ),
                (
                    self.to == To::Placed && self.name.trim().is_empty(),
                    "Name the new place.",
                ),
            ],
            Kind::KeyCatchUp => Vec::new(),
            Kind::FullDisaster => vec![
                (self.backup.is_empty(), "Choose the dump to restore."),
                (self.database.trim().is_empty(), "Name the new database."),
                (self.version.is_empty(), "Choose the version of the key."),
                (self.destination.is_empty(), "Choose the destination of the key."),
            ],
            Kind::DrillWithKey => vec![(self.days.trim().is_empty(), "Say for how many days.")],
            Kind::DrillOnRds => vec![
                (self.source.is_empty(), "Name the RDS source."),
                (self.days.trim().is_empty(), "Say for how many days."),
            ],
            Kind::RestoreRds => vec![
                (self.source.is_empty(), "Name the RDS source."),
                (self.at.trim().is_empty(), "Name a time with its offset, or latest."),
                (self.instance.trim().is_empty(), "Name the new instance."),
            ],
            Kind::Repoint => vec![(self.database.trim().is_empty(), "Name the restored database.")],
        };
        let missing = needed.into_iter().filter(|(is_missing, _)| *is_missing);
        missing.map(|(_, reason)| reason.to_owned()).collect()
    }

    #[must_use]
    pub fn wish(&self) -> Wish {
        let deployment = self.deployment.clone();
        match self.kind {
            Kind::RestoreDump => Wish::RestoreDump {
                deployment,
                source: self.source.clone(),
                backup: self.backup.clone(),
                database: self.database.trim().into(),
            },
            Kind::RestorePitr => Wish::RestorePitr {
                deployment,
                source: self.source.clone(),
                at: self.at.trim().into(),
                exclusive: self.exclusive,
                affects: affects(&self.affects),
                in_place: self.in_place,
            },
            Kind::RetrieveKey => Wish::RetrieveKey {
                deployment,
                version: self.version.clone(),
                delivery: Wanted::typed(
                    self.to.name(),
                    self.recipients.each_ref().map(|text| text.trim().to_owned()),
                    self.destination.clone(),
                    self.name.trim().to_owned(),
                ),
            },
            Kind::KeyCatchUp => Wish::KeyCatchUp { deployment },
            Kind::FullDisaster => Wish::FullDisaster(Disaster {
                deployment,
                source: self.source.clone(),
                backup: self.backup.clone(),
                database: self.database.trim().into(),
                version: self.version.clone(),
                destination: self.destination.clone(),
                name: self.name.trim().into(),
            }),
            // What is no number of days is refused with the plan.
            Kind::DrillWithKey => Wish::DrillWithKey {
                deployment,
                days: self.days.trim().parse().unwrap_or_default(),
            },
            Kind::DrillOnRds => Wish::DrillOnRds {
                deployment,
                source: self.source.clone(),
                days: self.days.trim().parse().unwrap_or_default(),
            },
            Kind::RestoreRds => Wish::RestoreRds {
                deployment,
                source: self.source.clone(),
                at: self.at.trim().into(),
                instance: self.instance.trim().into(),
            },
            Kind::Repoint => Wish::Repoint {
                deployment,
                database: self.database.trim().into(),
                old_is_gone: self.old_is_gone,
            },
        }
    }

    /// The same as fields of a form that posts it.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        fields::fields(self.kind, self.wish())
    }
}

/// The names that were typed.
fn affects(typed: &str) -> Vec<String> {
    let names = typed.split([',', ' ']).filter(|name| !name.is_empty());
    names.map(ToOwned::to_owned).collect()
}

#[cfg(test)]
mod tests;
