-- Sessions. The id is the browser's secret, so only its SHA-256 is here: reading this table signs nobody in.
create table sessions (
    hash bytea primary key check (octet_length(hash) = 32),
    data json not null,
    person_issuer text,
    person_subject text,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    ends_at timestamptz not null,
    check ((person_issuer is null) = (person_subject is null))
);

create index sessions_person on sessions (person_issuer, person_subject);
create index sessions_last_seen_at on sessions (last_seen_at);
