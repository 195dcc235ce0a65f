//! Gives committed entries their index and the log its roots. One sequencer at a time, in whatever process: the lock and the table
//! decide, a tree in memory only saves the work of building it anew.

use domain::audit::Tree;
use domain::ids::Sha256;

use super::TOPIC;
use crate::events::notify;
use crate::row::inconsistent;
use crate::{LOCK_CLASS, Lock, PgConnection, Result, Store, StoreError};

/// Entries numbered in one transaction.
const BATCH: i64 = 1000;
/// Leaf hashes read at once when a tree is built.
const READ: i64 = 10_000;

impl Store {
    /// Numbers all entries that are committed and have no index yet; answers how many. `tree` is brought up to date first if another
    /// process has gone on meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] if the table isn't a continuation of `tree`: then entries were changed or the database went back in time.
    pub async fn audit_sequence(&self, tree: &mut Tree) -> Result<u32> {
        let mut total = 0;
        loop {
            let numbered = self.sequence_batch(tree).await?;
            total += numbered;
            if i64::from(numbered) < BATCH {
                return Ok(total);
            }
        }
    }

    async fn sequence_batch(&self, tree: &mut Tree) -> Result<u32> {
        let mut tx = self.begin().await?;
        sqlx::query!(
            "select pg_advisory_xact_lock($1, $2)",
            LOCK_CLASS,
            Lock::Sequencer as i32
        )
        .execute(&mut *tx)
        .await?;
        let mut grown = tree.clone();
        catch_up(&mut tx, &mut grown).await?;
        let waiting = sqlx::query!(
            r#"select e.number, e.leaf_hash as "leaf_hash: [u8; 32]"
               from audit_waiting w join audit_entries e on e.number = w.entry
               order by e.number limit $1"#,
            BATCH,
        )
        .fetch_all(&mut *tx)
        .await?;
        let (mut indexes, mut entries, mut roots) = (Vec::new(), Vec::new(), Vec::new());
        for row in waiting {
            indexes.push(grown.size().cast_signed());
            entries.push(row.number);
            grown.append(Sha256(row.leaf_hash));
            roots.push(grown.root().0.to_vec());
        }
        if !entries.is_empty() {
            write(&mut tx, &indexes, &entries, &roots).await?;
        }
        tx.commit().await?;
        *tree = grown;
        Ok(u32::try_from(entries.len()).expect("a batch is small"))
    }

    /// Builds the tree from the leaf hashes in their order. Takes about a second for 100 000 entries.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] if the indexes have a hole or the root isn't the one written down.
    pub async fn audit_tree(&self) -> Result<Tree> {
        let mut tree = Tree::default();
        let mut conn = self.pool.acquire().await?;
        catch_up(&mut conn, &mut tree).await?;
        Ok(tree)
    }
}

/// The last index and its root.
pub(super) async fn head(conn: &mut PgConnection) -> Result<Option<(i64, Sha256)>> {
    let row = sqlx::query!(r#"select index, root as "root: [u8; 32]" from audit_sequence order by index desc limit 1"#)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(|row| (row.index, Sha256(row.root))))
}

/// Appends to `tree` what the table has beyond it, and compares the roots at the end.
async fn catch_up(conn: &mut PgConnection, tree: &mut Tree) -> Result<()> {
    let (last, root) = head(conn).await?.unwrap_or((-1, Tree::default().root()));
    while tree.size().cast_signed() <= last {
        let rows = sqlx::query!(
            r#"select s.index, e.leaf_hash as "leaf_hash: [u8; 32]"
               from audit_sequence s join audit_entries e on e.number = s.entry
               where s.index >= $1 and s.index <= $2 order by s.index limit $3"#,
            tree.size().cast_signed(),
            last,
            READ,
        )
        .fetch_all(&mut *conn)
        .await?;
        if rows.is_empty() {
            return Err(broken(tree, "the entry is missing"));
        }
        for row in rows {
            if row.index != tree.size().cast_signed() {
                return Err(broken(tree, "the entry is missing"));
            }
            tree.append(Sha256(row.leaf_hash));
        }
    }
    if tree.size().cast_signed() > last + 1 {
        return Err(broken(
            tree,
            &format!("the log had entry {} and ends before it", tree.size() - 1),
        ));
    }
    if tree.root() != root {
        return Err(broken(
            tree,
            "the entries up to here don’t have the root that was written down",
        ));
    }
    Ok(())
}

fn broken(tree: &Tree, what: &str) -> StoreError {
    inconsistent("audit_sequence", tree.size(), what)
}

async fn write(conn: &mut PgConnection, indexes: &[i64], entries: &[i64], roots: &[Vec<u8>]) -> Result<()> {
    sqlx::query!(
        "insert into audit_sequence (index, entry, root) select * from unnest($1::bigint[], $2::bigint[], $3::bytea[])",
        indexes,
        entries,
        roots,
    )
    .execute(&mut *conn)
    .await?;
    let done = sqlx::query!("delete from audit_waiting where entry = any($1)", entries)
        .execute(&mut *conn)
        .await?;
    let expected = entries.len() as u64;
    if done.rows_affected() != expected {
        return Err(StoreError::RowsAffected {
            what: "numbering audit entries",
            expected,
            found: done.rows_affected(),
        });
    }
    notify(conn, TOPIC).await
}
