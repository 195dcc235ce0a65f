-- The queue and its history. `fence` grows with each claim; whoever holds an older one has lost the run and can't write any more.
create table runs (
    id uuid primary key,
    request uuid not null references requests (id),
    deployment text not null,
    kind text not null,
    state jsonb not null,
    word text not null generated always as (state ->> 'state') stored,
    fence bigint not null default 0,
    worker text,
    lease_until timestamptz,
    cancel_wanted_at timestamptz,
    log_bytes bigint not null default 0,
    log_full boolean not null default false,
    created_at timestamptz not null,
    started_at timestamptz,
    finished_at timestamptz,
    constraint runs_once_per_request unique (request),
    constraint runs_word check (
        word in ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'refused', 'needs_human')
    ),
    check (word <> 'running' or lease_until is not null)
);

create unique index runs_one_active_per_deployment on runs (deployment) where word in ('queued', 'running');
create index runs_active on runs (created_at) where word in ('queued', 'running');
create index runs_finished on runs (deployment, kind, finished_at) where word = 'succeeded';

create table run_steps (
    run uuid not null references runs (id),
    ordinal integer not null check (ordinal >= 0),
    step jsonb not null,
    state jsonb not null,
    primary key (run, ordinal)
);

create table run_log (
    run uuid not null references runs (id),
    seq bigint generated always as identity,
    at timestamptz not null,
    step integer not null,
    stream text not null,
    line text not null,
    primary key (run, seq)
);
