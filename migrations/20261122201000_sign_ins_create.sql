-- Sign-ins under way: what the identity provider's answer is checked against. Taken out by the first answer, right or wrong.
create table sign_ins (
    state_hash bytea primary key check (octet_length(state_hash) = 32),
    browser_hash bytea not null check (octet_length(browser_hash) = 32),
    nonce text not null,
    pkce_verifier text not null,
    return_to text not null,
    at timestamptz not null
);

create index sign_ins_at on sign_ins (at);
