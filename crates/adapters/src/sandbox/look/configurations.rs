//! Whether each published version of a configuration still is what was published.

use domain::ids::Sha256;
use futures::TryStreamExt as _;
use sqlx::{AssertSqlSafe, Row as _};

use super::super::Copy;
use super::{Lookup, table};
use crate::ampora::Configurations as Names;
use crate::postgres::quote;

/// What hashing them showed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Configurations {
    pub versions: u64,
    pub differ: Vec<Mismatch>,
}

/// A version whose content isn't what its recorded hash says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mismatch {
    /// Its number.
    pub version: String,
    pub recorded: String,
    pub found: Sha256,
}

impl Copy {
    /// Hashes all published versions, one after the other.
    ///
    /// # Errors
    /// If they can't be read.
    pub async fn configurations(&self, database: &str, names: &Names) -> Result<Configurations, Lookup> {
        let pool = self.pool(database).await;
        let sql = format!(
            "SELECT {}::text, {}, {}::text FROM {} WHERE {} IS NOT NULL",
            quote(&names.version),
            quote(&names.content),
            quote(&names.hash),
            table(&names.versions),
            quote(&names.at),
        );
        let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(&pool);
        let mut found = Configurations::default();
        while let Some(row) = rows.try_next().await? {
            let (version, recorded): (String, String) = (row.try_get(0)?, row.try_get(2)?);
            // Text or bytes, as the site has it.
            let content = match row.try_get::<String, _>(1) {
                Ok(text) => text.into_bytes(),
                Err(_) => row.try_get::<Vec<u8>, _>(1)?,
            };
            let hash = Sha256::of(&[&content]);
            found.versions += 1;
            if !is(&recorded, &hash) {
                found.differ.push(Mismatch {
                    version,
                    recorded,
                    found: hash,
                });
            }
        }
        Ok(found)
    }
}

/// Hex digits in either case, perhaps behind `sha256:` or PostgreSQL's `\x`.
fn is(recorded: &str, hash: &Sha256) -> bool {
    let digits = recorded.trim().trim_start_matches("sha256:").trim_start_matches("\\x");
    digits.eq_ignore_ascii_case(&hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_known_however_it_is_written() {
        let hash = Sha256::of(&[b"a"]);
        for recorded in [
            hash.to_string(),
            hash.to_string().to_uppercase(),
            format!("sha256:{hash}"),
            format!("\\x{hash}"),
        ] {
            assert!(is(&recorded, &hash), "{recorded}");
        }
        assert!(!is("", &hash));
    }
}
