-- Decisions with the evidence that the runner verifies by itself: everything the nonce is made of, and the ID token that carries it.
-- After use only the token's hash and its claims stay.
create table decisions (
    challenge uuid primary key,
    request uuid not null references requests (id),
    digest bytea not null check (octet_length(digest) = 32),
    decision text not null check (decision in ('approve', 'reject')),
    random bytea not null check (octet_length(random) = 32),
    asked_at timestamptz not null,
    person_issuer text not null,
    person_subject text not null,
    name text not null,
    roles text[] not null,
    note text not null,
    at timestamptz not null,
    raw_id_token text,
    token_sha256 bytea not null check (octet_length(token_sha256) = 32),
    claims jsonb,
    constraint decisions_once_per_person unique (request, person_issuer, person_subject),
    constraint decisions_evidence check ((raw_id_token is null) <> (claims is null))
);
