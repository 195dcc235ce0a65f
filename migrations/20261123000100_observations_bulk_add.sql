-- The large part of a reading, such as the list of backups, which changes seldom: kept apart, so that a reading a minute doesn't rewrite it.
alter table observations
    add column bulk json,
    add column bulk_sha256 bytea,
    add check ((bulk is null) = (bulk_sha256 is null));
