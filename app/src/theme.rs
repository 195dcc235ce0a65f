//! By day or by night: the reader's system decides, unless they said otherwise. Kept in a cookie, so that the server writes it into the
//! document and nothing flashes.

/// Name of the cookie.
pub const COOKIE: &str = "theme";

/// Which colours a page is shown in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Theme {
    /// As the reader's system says.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Value of the cookie.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }

    /// Reads a value of the cookie; what isn't one means the system's.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|theme| theme.name() == name)
            .unwrap_or_default()
    }

    /// Reads a whole `Cookie` header (RFC 6265, section 4.2).
    #[must_use]
    pub fn from_cookies(header: &str) -> Self {
        let pairs = header.split(';').filter_map(|pair| pair.trim().split_once('='));
        pairs
            .filter(|(name, _)| *name == COOKIE)
            .map(|(_, value)| Self::named(value))
            .next()
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_found_among_others_and_nonsense_means_the_system() {
        for (header, theme) in [
            ("", Theme::System),
            ("theme=dark", Theme::Dark),
            ("id=1; theme=light; other=theme=dark", Theme::Light),
            ("mytheme=dark", Theme::System),
            ("theme=\"><script>", Theme::System),
        ] {
            assert_eq!(Theme::from_cookies(header), theme, "{header}");
        }
    }
}
