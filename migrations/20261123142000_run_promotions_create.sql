-- Where the recovery of each cluster that was set back ended: what its archive holds behind that point was given up on purpose.
create table run_promotions (
    run uuid primary key references runs (id),
    promotion jsonb not null
);
