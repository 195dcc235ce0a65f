//! When dumps were begun, by their headers alone: quickly told of a file, and not of an object, which would have to be fetched whole.

use std::collections::BTreeMap;

use adapters::dumps::{DumpFile, PgRestore, Reader};
use domain::time::Timestamp;
use futures::StreamExt as _;
use futures::stream;
use tokio_util::sync::CancellationToken;

use super::verdict::zoned;
use crate::settings::Dumps;

/// Headers that are read at the same time.
const AT_ONCE: usize = 4;
/// Of so many dumps, the newest.
const MOST: usize = 500;

/// By label. What doesn't tell isn't there.
pub async fn begun(dumps: &Dumps, mut files: Vec<DumpFile>) -> BTreeMap<String, Timestamp> {
    let (true, Some(zone)) = (dumps.place.hides_changes(), dumps.zone) else {
        return BTreeMap::new();
    };
    files.retain(|file| file.form.is_restorable());
    files.sort_by_key(|file| std::cmp::Reverse(file.modified));
    files.truncate(MOST);
    let Ok(pg_restore) = PgRestore::find(dumps.pg_restore.clone()).await else {
        return BTreeMap::new();
    };
    let reader = Reader {
        pg_restore,
        wrapped: Vec::new(),
        migrations: None,
        cancellation: CancellationToken::new(),
    };
    let header = async |file: DumpFile| {
        let dump = dumps.place.open(&file, &dumps.scratch).await.ok()?;
        let begun = reader.begun(&dump).await.ok()??;
        // A dump isn't begun after it was written: then the zone is wrong, and so is the time.
        let at = zoned(begun, zone).filter(|at| *at <= file.modified)?;
        Some((file.label, at))
    };
    let told = stream::iter(files.into_iter().map(header)).buffer_unordered(AT_ONCE);
    told.filter_map(async |header| header).collect().await
}
