-- What diagnosis found of a deployment: one row a cause, which is resolved and reopened as evidence comes and goes.
create table findings (
    deployment text not null,
    code text not null,
    state text not null check (state in ('suspected', 'open', 'unknown', 'resolved')),
    severity text not null check (severity in ('info', 'warning', 'error')),
    record json not null,
    changed_at timestamptz not null,
    primary key (deployment, code)
);
-- What became of it over time, for whoever looks back.
create table finding_events (
    number bigint generated always as identity primary key,
    deployment text not null,
    code text not null,
    at timestamptz not null,
    change text not null,
    title text not null
);
create index finding_events_of on finding_events (deployment, code, at);
