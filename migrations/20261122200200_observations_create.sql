-- The latest reading of each thing from each source. A failure stands beside the last good value, it doesn't replace it.
create table observations (
    deployment text not null,
    kind text not null,
    source text not null,
    interval_s integer not null check (interval_s >= 0),
    value json,
    read_at timestamptz,
    failure text,
    failed_at timestamptz,
    primary key (deployment, kind, source),
    check ((value is null) = (read_at is null)),
    check ((failure is null) = (failed_at is null))
);
