-- What was observed of a deployment over time, as runs: one row for as long as a fact kept its value and was looked at again in time.
-- A year of readings becomes as many rows as there were changes.
create table facts (
    deployment text not null,
    fact text not null,
    value text not null,
    since timestamptz not null,
    until timestamptz not null,
    primary key (deployment, fact, since),
    check (until >= since)
);
-- For forgetting runs that ended long ago.
create index facts_until on facts (until);
