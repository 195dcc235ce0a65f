-- What a binary must know before it works with this schema: the oldest Muster that can. A migration that takes something away from older
-- binaries raises it; one that only adds leaves it alone, so that during a rolling upgrade old and new run side by side.
create table muster_schema (
    singleton boolean primary key default true check (singleton),
    min_binary text not null check (min_binary ~ '^\d+\.\d+\.\d+$')
);

insert into muster_schema (min_binary) values ('0.1.0');
