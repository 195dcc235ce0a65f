-- Asked-for logins, each good for one decision or one reveal. The raw ID token is here only between a login and its use.
create table challenges (
    id uuid primary key,
    request uuid not null references requests (id),
    digest bytea not null check (octet_length(digest) = 32),
    decision text not null check (decision in ('approve', 'reject', 'reveal')),
    random bytea not null check (octet_length(random) = 32),
    created_at timestamptz not null,
    person_issuer text not null,
    person_subject text not null,
    state_hash bytea not null unique check (octet_length(state_hash) = 32),
    session_hash bytea not null check (octet_length(session_hash) = 32),
    pkce_verifier text not null,
    note text not null,
    used_at timestamptz,
    raw_id_token text,
    fulfilled_at timestamptz,
    spent_at timestamptz,
    token_sha256 bytea check (octet_length(token_sha256) = 32),
    check ((raw_id_token is not null) = (fulfilled_at is not null and spent_at is null)),
    check ((token_sha256 is null) = (spent_at is null))
);

create index challenges_created_at on challenges (created_at);
