//! How a page stands to the server, by one name in the markup and in words.

/// How the page stands to the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Link {
    /// No script yet, or none at all.
    Off,
    On,
    /// The stream broke, or the page could not be fetched.
    Lost,
    /// The server is of another build than this page.
    Old,
}

impl Link {
    /// Value of `data-live`, by which the style sheet shows the banners.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On => "on",
            Self::Lost => "lost",
            Self::Old => "old",
        }
    }

    /// In the masthead.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Off => "not live",
            Self::On => "live",
            Self::Lost => "live lost",
            Self::Old => "reload the page",
        }
    }
}
