-- Vital signs arrive in order and are thinned out by age.
create index vitals_read_at on vitals using brin (read_at);
