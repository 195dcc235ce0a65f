-- Whether a reading is the one that is kept of its hour. Thinning looks only at those that it has not decided about yet.
alter table vitals add column thinned boolean not null default false;
create index vitals_unthinned on vitals (read_at) where not thinned;
