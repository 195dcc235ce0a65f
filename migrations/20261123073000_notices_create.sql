-- Messages to people, written with the change that they tell of and delivered afterwards. The body is kept as the text that is signed.
create table notices (
    id uuid primary key,
    at timestamptz not null,
    body text not null
);

create index notices_at on notices (at);

-- One row a place that a message goes to, since each has its own fate. `due_at` is the next attempt; while one is under way it lies
-- behind it, so that a sender that dies is followed by another.
create table deliveries (
    notice uuid not null references notices (id) on delete cascade,
    channel text not null,
    attempts integer not null default 0,
    due_at timestamptz not null,
    sent_at timestamptz,
    given_up_at timestamptz,
    said text not null default '',
    primary key (notice, channel),
    check (sent_at is null or given_up_at is null)
);

create index deliveries_due on deliveries (due_at) where sent_at is null and given_up_at is null;
