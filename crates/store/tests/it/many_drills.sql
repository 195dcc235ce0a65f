-- Ten thousand drills in all, one an hour, of two sources and three verdicts: like the one that is there, and as large as whole drills are.
insert into drills (id, deployment, record, state, receipt, queued_at, finished_at)
select made.id, pattern.deployment,
       pattern.record || jsonb_build_object(
           'id', made.id, 'queued_at', made.at, 'finished_at', made.at,
           'verdict', (array['passed', 'passed', 'failed', 'environment_broken'])[1 + n % 4],
           'backup', jsonb_build_object(
               'source', 'source-' || n % 2, 'tool', 'pgbackrest', 'repo', 1, 'label', 'backup-' || n, 'kind', 'full',
               'stopped_at', made.at, 'sha256', null, 'size_bytes', 1, 'to_the_end', true),
           'checks', jsonb_build_array(jsonb_build_object(
               'name', 'key', 'status', 'ok', 'detail', '', 'evidence', '[]'::jsonb, 'remedy', null, 'finished_at', made.at)),
           'key_fingerprint', 'fingerprint-' || n % 3,
           'warnings', jsonb_build_array((select string_agg(md5((n * i)::text), ' ') from generate_series(1, 200) i))),
       'finished', pattern.receipt, made.at, made.at
from (select * from drills limit 1) pattern,
     generate_series(2, 10000) n,
     lateral (select pattern.queued_at - n * interval '1 hour' as at, md5(n::text)::uuid as id) made;
analyze drills;
