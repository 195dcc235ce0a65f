//! `CREATE DATABASE` with what the database that it copies was made with. <https://www.postgresql.org/docs/current/sql-createdatabase.html>

use domain::locale::LocaleProvider;
use domain::plan::Target;

use super::identifier::{literal, quote};

/// The first major version in which a provider is named; where a server's own default is another one, not to name it would take that.
const NAMED_SINCE: u32 = 15;

/// The statement that makes the target of a restore.
#[must_use]
pub fn create_database(target: &Target) -> String {
    let version = target.server_version.split(|c: char| !c.is_ascii_digit()).next();
    let major = version.and_then(|digits| digits.parse().ok());
    format!(
        "CREATE DATABASE {} TEMPLATE template0 OWNER {} ENCODING {} LC_COLLATE {} LC_CTYPE {}{}",
        quote(target.database.as_str()),
        quote(&target.owner),
        literal(&target.encoding),
        literal(&target.collate),
        literal(&target.ctype),
        provider(&target.provider, major),
    )
}

/// Its end: who sorts. `major` is the server's version, where it is known.
#[must_use]
pub fn provider(provider: &LocaleProvider, major: Option<u32>) -> String {
    match provider {
        LocaleProvider::Libc if major.is_some_and(|major| major >= NAMED_SINCE) => " LOCALE_PROVIDER libc".into(),
        LocaleProvider::Libc => String::new(),
        LocaleProvider::Icu { locale, rules } => {
            let rules = rules.as_ref().map(|rules| format!(" ICU_RULES {}", literal(rules)));
            let rules = rules.unwrap_or_default();
            format!(" LOCALE_PROVIDER icu ICU_LOCALE {}{rules}", literal(locale))
        }
        LocaleProvider::Builtin { locale } => {
            format!(" LOCALE_PROVIDER builtin BUILTIN_LOCALE {}", literal(locale))
        }
    }
}
