//! Dumps as the real `pg_dump` makes them: in a folder, and in buckets as emulators keep them.

mod bucket;
mod folder;
mod made;
