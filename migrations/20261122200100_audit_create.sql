-- The audit log. An entry is its leaf: canonical bytes, hashed as RFC 6962 says. All other columns repeat parts of the leaf so that they
-- can be searched; where they differ, the leaf is right and somebody has tampered.
create table audit_entries (
    number bigint generated always as identity primary key,
    id uuid not null unique,
    leaf bytea not null,
    leaf_hash bytea not null,
    at timestamptz not null,
    action text not null,
    phase text not null check (phase in ('intent', 'outcome', 'fact')),
    outcome text check (outcome in ('ok', 'refused', 'failed')),
    intent uuid,
    -- Name, subject and issuer, a line each.
    person text not null,
    deployment text,
    request uuid,
    constraint audit_entries_hash check (leaf_hash = sha256('\x00'::bytea || leaf))
);

-- Each way to filter has an index that ends in the order of the page, so a page is read from one short range of one index.
create index audit_entries_at on audit_entries (at, number);
create index audit_entries_action on audit_entries (action, at, number);
create index audit_entries_person on audit_entries (person, at, number);
create index audit_entries_deployment on audit_entries (deployment, at, number) where deployment is not null;
create index audit_entries_request on audit_entries (request, at, number) where request is not null;
create index audit_entries_trouble on audit_entries (outcome, at, number) where outcome <> 'ok';
create index audit_entries_intent on audit_entries (intent) where intent is not null;

-- The order of the log, without holes, and the Merkle root after each entry. Entries are numbered after their commit: an identity column has
-- holes, and the order of commits isn't known before. No foreign key: checking one takes the very UPDATE privilege that is revoked below.
create table audit_sequence (
    index bigint primary key check (index >= 0),
    entry bigint not null unique,
    root bytea not null check (octet_length(root) = 32)
);

-- Entries that have no index yet. Says only what is to be done next; it is emptied and is no part of the log.
create table audit_waiting (
    entry bigint primary key
);

create function audit_refuse() returns trigger language plpgsql as $$
begin
    raise exception 'The audit log only grows: % on % is refused.', tg_op, tg_table_name using errcode = 'insufficient_privilege';
end
$$;

create trigger audit_entries_rows before update or delete on audit_entries for each row execute function audit_refuse();
create trigger audit_entries_all before truncate on audit_entries for each statement execute function audit_refuse();
create trigger audit_sequence_rows before update or delete on audit_sequence for each row execute function audit_refuse();
create trigger audit_sequence_all before truncate on audit_sequence for each statement execute function audit_refuse();

-- ALWAYS: also where session_replication_role turns ordinary triggers off.
alter table audit_entries enable always trigger audit_entries_rows;
alter table audit_entries enable always trigger audit_entries_all;
alter table audit_sequence enable always trigger audit_sequence_rows;
alter table audit_sequence enable always trigger audit_sequence_all;

-- The owner too. An owner or superuser who means to can still undo this; the Merkle tree is what shows it.
revoke update, delete, truncate on audit_entries, audit_sequence from public, current_user;
