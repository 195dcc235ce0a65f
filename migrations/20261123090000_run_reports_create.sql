-- What each restore lost and revived, and what people did about it, line by line.
create table run_reports (
    run uuid primary key references runs (id),
    report jsonb not null
);

create table run_report_lines (
    run uuid not null references run_reports (run),
    line integer not null check (line >= 0),
    waived boolean not null,
    note text not null check (note <> ''),
    by_name text not null,
    at timestamptz not null,
    primary key (run, line)
);
