//! The full name of a key, as messages write it: `deployment[0].source[1].kind`.

use std::fmt;

/// Where in the file something stands. Tables of a list are counted from 0.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) struct KeyPath(String);

impl KeyPath {
    pub(super) fn root() -> Self {
        Self::default()
    }

    /// A path that was written by serde, in the same notation.
    pub(super) fn written(path: String) -> Self {
        Self(path)
    }

    /// The key `name` of the table at this path. What isn't a bare TOML key is quoted, with control characters escaped.
    #[must_use]
    pub(super) fn key(&self, name: &str) -> Self {
        let bare = !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        let name = if bare {
            name.into()
        } else {
            format!("{:?}", shorten(name))
        };
        if self.0.is_empty() {
            Self(name)
        } else {
            Self(format!("{}.{name}", self.0))
        }
    }

    /// Element `index` of the list at this path.
    #[must_use]
    pub(super) fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    /// The path and those above it, longest first, the root left out.
    pub(super) fn and_above(&self) -> impl Iterator<Item = &str> {
        let mut rest = Some(self.0.as_str());
        std::iter::from_fn(move || {
            let here = rest.filter(|path| !path.is_empty())?;
            rest = here.rfind(['.', '[']).map(|end| &here[..end]);
            Some(here)
        })
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text from outside, cut to what fits into a message.
pub(super) fn shorten(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        return text.into();
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}
