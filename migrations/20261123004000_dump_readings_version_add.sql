-- What a bucket calls the content of an object: another content of the same size and time is another dump. Folders have no such name.
alter table dump_readings add column version text;
