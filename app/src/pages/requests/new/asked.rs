//! What somebody asks for, as it stands in the address: typed, prefilled by a link, or both. Nothing of it is believed.

use recovery::plans::Wish;

use crate::components::Address;

/// What can be asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    RestoreDump,
    RetrieveKey,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::RestoreDump, Self::RetrieveKey];

    /// Value of `kind`, as in the plan.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RestoreDump => "restore-dump",
            Self::RetrieveKey => "retrieve-key",
        }
    }

    #[must_use]
    pub const fn called(self) -> &'static str {
        match self {
            Self::RestoreDump => "Restore a dump",
            Self::RetrieveKey => "Retrieve the master key",
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
    pub recipient: String,
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
            recipient: value("recipient"),
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
            Kind::RetrieveKey => vec![(self.version.is_empty(), "Choose the version to retrieve.")],
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
            Kind::RetrieveKey => Wish::RetrieveKey {
                deployment,
                version: self.version.clone(),
                recipient: Some(self.recipient.trim().to_owned()).filter(|text| !text.is_empty()),
            },
        }
    }

    /// The same as fields of a form that posts it.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![
            ("kind", self.kind.name().to_owned()),
            ("deployment", self.deployment.clone()),
        ];
        match self.wish() {
            Wish::RestoreDump {
                source,
                backup,
                database,
                ..
            } => {
                fields.extend([("source", source), ("backup", backup), ("database", database)]);
            }
            Wish::RetrieveKey { version, recipient, .. } => {
                fields.extend([("version", version), ("recipient", recipient.unwrap_or_default())]);
            }
        }
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leptos_router::params::ParamsMap;

    fn address() -> Address {
        Address::new("/requests/new", ParamsMap::new())
    }

    #[test]
    fn a_dump_is_named_by_one_choice_or_by_a_link() {
        let chosen = Asked::of(&address().with("dump", "a/b/x.dump"), "demo");
        let linked = Asked::of(&address().with("source", "a/b").with("backup", "x.dump"), "demo");
        assert_eq!(chosen, linked);
        assert_eq!((chosen.source.as_str(), chosen.backup.as_str()), ("a/b", "x.dump"));
        assert_eq!(chosen.missing(), ["Name the new database."]);
    }

    #[test]
    fn white_space_around_what_was_typed_is_nobodys_wish() {
        let typed = address()
            .with("kind", "retrieve-key")
            .with("version", "v2")
            .with("recipient", "  ");
        let Wish::RetrieveKey { version, recipient, .. } = Asked::of(&typed, "demo").wish() else {
            panic!("a key was asked for");
        };
        assert_eq!((version.as_str(), recipient), ("v2", None));
    }
}
