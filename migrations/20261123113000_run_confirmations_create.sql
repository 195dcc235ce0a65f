-- Words of people about steps that were done elsewhere: the run waits for them, and goes on by them.
create table run_confirmations (
    run uuid not null references runs (id),
    step text not null,
    note text not null check (note <> ''),
    by_name text not null,
    at timestamptz not null,
    primary key (run, step)
);
