//! The places of the navigation. Their names are relied on by people and by tests; they only grow.

/// One entry of the navigation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    Overview,
    Backups,
    Keys,
    Drills,
    Diagnostics,
    Requests,
    Audit,
}

impl Place {
    pub const ALL: [Self; 7] = [
        Self::Overview,
        Self::Backups,
        Self::Keys,
        Self::Drills,
        Self::Diagnostics,
        Self::Requests,
        Self::Audit,
    ];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Backups => "Backups",
            Self::Keys => "Keys",
            Self::Drills => "Drills",
            Self::Diagnostics => "Diagnostics",
            Self::Requests => "Requests",
            Self::Audit => "Audit",
        }
    }

    #[must_use]
    pub const fn href(self) -> &'static str {
        match self {
            Self::Overview => "/",
            Self::Backups => "/backups",
            Self::Keys => "/keys",
            Self::Drills => "/drills",
            Self::Diagnostics => "/diagnostics",
            Self::Requests => "/requests",
            Self::Audit => "/audit",
        }
    }
}
