-- Readings of the live Ampora databases over time. Position and newest commit are repeated out of the reading because they are searched.
create table vitals (
    deployment text not null,
    read_at timestamptz not null,
    lsn bigint not null,
    newest_commit timestamptz,
    reading json not null,
    primary key (deployment, read_at)
);
