-- Plans put up for approval. The pinned part is kept as the very bytes that were hashed and approved; whoever reads a row hashes them again.
create table requests (
    number bigint generated always as identity primary key,
    id uuid not null unique,
    deployment text not null,
    kind text not null,
    title text not null,
    digest bytea not null check (octet_length(digest) = 32),
    pinned text not null,
    advisory jsonb not null,
    made_at timestamptz not null,
    requester_issuer text not null,
    requester_subject text not null,
    requester_name text not null,
    reason text not null,
    created_at timestamptz not null,
    state jsonb not null,
    word text not null generated always as (state ->> 'state') stored,
    constraint requests_word check (
        word in ('pending', 'approved', 'rejected', 'withdrawn', 'expired', 'stale', 'consumed')
    )
);

create index requests_open on requests (deployment, number) where word in ('pending', 'approved');
create index requests_deployment on requests (deployment, number);
