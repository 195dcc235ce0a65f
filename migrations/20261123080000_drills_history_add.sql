-- The history is read by source and in its own order; what a deployment's drills have shown is read by verdict with each diagnosis.
alter table drills add column source text generated always as (record -> 'backup' ->> 'source') stored;

create index drills_newest on drills (queued_at desc, id desc);
create index drills_shown on drills (deployment, verdict, finished_at desc) where state = 'finished';
