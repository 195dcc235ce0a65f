//! By what a database sorts and classifies text. It is chosen when the database is made and can't be changed, so a copy has to be made with the
//! same: otherwise it sorts otherwise, and unique indexes may not even be built.
//! <https://www.postgresql.org/docs/current/locale.html#LOCALE-PROVIDERS>

use serde::{Deserialize, Serialize};

/// Who tells.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(tag = "provider", rename_all = "lowercase")]
pub enum LocaleProvider {
    /// The C library, by collation and character type alone.
    #[default]
    Libc,
    Icu {
        locale: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rules: Option<String>,
    },
    /// PostgreSQL itself, from version 17 on.
    Builtin { locale: String },
}

impl LocaleProvider {
    #[must_use]
    pub const fn is_libc(&self) -> bool {
        matches!(self, Self::Libc)
    }

    /// For people, behind collation and character type. Empty for the C library.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Libc => String::new(),
            Self::Icu { locale, rules: None } => format!(", sorted by ICU {locale}"),
            Self::Icu {
                locale,
                rules: Some(rules),
            } => format!(", sorted by ICU {locale} with the rules {rules}"),
            Self::Builtin { locale } => format!(", sorted by PostgreSQL’s own {locale}"),
        }
    }

    /// Options of `createdb`, by name and value.
    #[must_use]
    pub fn options(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::Libc => Vec::new(),
            Self::Icu { locale, rules } => {
                let mut options = vec![("locale-provider", "icu"), ("icu-locale", locale.as_str())];
                options.extend(rules.as_deref().map(|rules| ("icu-rules", rules)));
                options
            }
            Self::Builtin { locale } => vec![("locale-provider", "builtin"), ("builtin-locale", locale.as_str())],
        }
    }
}
