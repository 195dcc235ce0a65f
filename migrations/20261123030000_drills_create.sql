-- Rehearsals. `record` is the whole drill as it stands; what is searched and claimed by stands beside it. `fence` as in runs.
create table drills (
    id uuid primary key,
    deployment text not null,
    record jsonb not null,
    state text not null default 'queued' check (state in ('queued', 'running', 'finished', 'cancelled')),
    verdict text generated always as (record ->> 'verdict') stored,
    backup text generated always as (record -> 'backup' ->> 'label') stored,
    fence bigint not null default 0,
    worker text,
    lease_until timestamptz,
    cancel_wanted_at timestamptz,
    receipt text,
    log_bytes bigint not null default 0,
    log_full boolean not null default false,
    queued_at timestamptz not null,
    finished_at timestamptz,
    check (state <> 'running' or lease_until is not null)
);

create index drills_waiting on drills (queued_at) where state in ('queued', 'running');
create index drills_history on drills (deployment, queued_at desc);
create index drills_passed on drills (deployment, finished_at desc) where verdict = 'passed';

create table drill_log (
    drill uuid not null references drills (id) on delete cascade,
    seq bigint generated always as identity,
    at timestamptz not null,
    phase text not null,
    stream text not null,
    line text not null,
    primary key (drill, seq)
);

-- The last due time of each schedule that was looked at: what was missed since then is made up for once.
create table drill_schedules (
    deployment text primary key,
    seen_until timestamptz not null
);

-- Public halves of the keys that signed receipts, so that those of a retired key can still be verified.
create table receipt_keys (
    key_id text primary key,
    public_key text not null,
    first_used_at timestamptz not null,
    last_used_at timestamptz not null
);
