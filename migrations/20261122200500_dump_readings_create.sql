-- What reading a dump in full has shown. Good for as long as the file keeps its size and time of change.
create table dump_readings (
    deployment text not null,
    source text not null,
    label text not null,
    size bigint not null check (size >= 0),
    modified timestamptz not null,
    reading json not null,
    read_at timestamptz not null,
    primary key (deployment, source, label)
);

-- Every content a dump of that name ever had. More than one: the file was changed or replaced under the same name.
create table dump_checksums (
    deployment text not null,
    source text not null,
    label text not null,
    sha256 bytea not null check (octet_length(sha256) = 32),
    first_seen timestamptz not null,
    primary key (deployment, source, label, sha256)
);
