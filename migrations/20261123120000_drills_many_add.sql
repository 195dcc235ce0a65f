-- Ten thousand drills are asked by what stands in columns of their own: no record is unpacked to find out that it isn't meant.
alter table drills
    add column key_tried boolean generated always as
        (jsonb_path_exists(record, '$.checks[*] ? (@.name == "key" && @.status != "not run")')) stored,
    add column key_fingerprint text generated always as (record ->> 'key_fingerprint') stored;

create index drills_sources on drills (source) where source is not null;
create index drills_proofs on drills (deployment, backup, finished_at desc) where state = 'finished' and key_tried;
create index drills_measured on drills (deployment, finished_at desc)
    where state = 'finished' and verdict is not null and finished_at is not null;
