-- What was ever proven about keys. A layout that never opened anything proves nothing, so the first opening is remembered; a key is
-- remembered by its fingerprint.
create table layout_proofs (
    deployment text not null,
    layout bytea not null check (octet_length(layout) = 32),
    proven_at timestamptz not null,
    primary key (deployment, layout)
);

create table key_openings (
    deployment text not null,
    fingerprint text not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    primary key (deployment, fingerprint)
);
