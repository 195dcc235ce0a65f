-- Tenants, their people and their configurations. Everything hangs on names, so each demo has the same shape; times count back from now.

-- A die: the same name always falls on the same side, 0 to sides - 1.
CREATE FUNCTION pg_temp.roll(name text, sides integer) RETURNS integer LANGUAGE sql IMMUTABLE
    RETURN ('x' || left(md5(name), 7))::bit(28)::integer % sides;

INSERT INTO "tenants" ("Id", "Name", "DisplayName", "ClaimValue", "CreatedUtc")
SELECT md5('tenant/' || name)::uuid, name, title, name, now() - make_interval(days => age)
FROM (VALUES
    ('nordwind-energy', 'Nordwind Energy', 402),
    ('kestrel-logistics', 'Kestrel Logistics', 391),
    ('fjord-health', 'Fjord Health', 143)
) AS tenant (name, title, age);

INSERT INTO "users" ("Id", "TenantId", "Subject", "DisplayName", "Email", "Role", "LastLoginUtc")
SELECT md5('user/' || handle)::uuid, md5('tenant/' || tenant)::uuid, md5('subject/' || handle)::uuid::text, title,
       handle || '@' || tenant || '.example', role, now() - make_interval(hours => 1 + pg_temp.roll(handle, 90))
FROM (VALUES
    ('nordwind-energy', 'm.aaltonen', 'Mika Aaltonen', 'Admin'),
    ('nordwind-energy', 's.birk', 'Sanne Birk', 'Admin'),
    ('nordwind-energy', 'j.ferreira', 'Joana Ferreira', 'Operator'),
    ('nordwind-energy', 't.okafor', 'Tobe Okafor', 'Operator'),
    ('nordwind-energy', 'l.weiss', 'Lena Weiss', 'Viewer'),
    ('kestrel-logistics', 'r.dunne', 'Roisin Dunne', 'Admin'),
    ('kestrel-logistics', 'p.kowal', 'Piotr Kowal', 'Admin'),
    ('kestrel-logistics', 'a.mbeki', 'Ayanda Mbeki', 'Operator'),
    ('fjord-health', 'i.solberg', 'Ingrid Solberg', 'Admin'),
    ('fjord-health', 'h.lund', 'Henrik Lund', 'Admin'),
    ('fjord-health', 'k.rao', 'Kavya Rao', 'Operator')
) AS person (tenant, handle, title, role);

INSERT INTO "configurations" ("Id", "TenantId", "Name", "Source", "CreatedUtc")
SELECT md5('configuration/' || tenant || '/' || name)::uuid, md5('tenant/' || tenant)::uuid, name,
       CASE WHEN pg_temp.roll(tenant || name, 3) = 0 THEN 'Git' ELSE 'Manual' END,
       now() - make_interval(days => 40 + pg_temp.roll(name || tenant, 90))
FROM (VALUES
    ('nordwind-energy', ARRAY['turbine-telemetry', 'substation-metrics', 'gateway-traces', 'edge-logs', 'windows-eventlog',
                              'billing-exporter', 'k8s-cluster', 'k8s-node', 'postgres-metrics', 'network-flows']),
    ('kestrel-logistics', ARRAY['depot-hosts', 'vehicle-gateway', 'route-traces', 'parcel-events', 'k8s-node', 'kafka-lag',
                                'rabbitmq', 'warehouse-logs']),
    ('fjord-health', ARRAY['clinic-hosts', 'imaging-gateway', 'hl7-bridge-logs', 'k8s-node', 'postgres-metrics',
                           'audit-forwarder', 'synthetic-checks'])
) AS owned (tenant, names), unnest(names) AS name;

INSERT INTO "configuration_versions"
    ("Id", "TenantId", "ConfigurationId", "Version", "Content", "Sha256", "PublishedBy", "PublishedUtc")
SELECT md5("Id"::text || '/' || version)::uuid, "TenantId", "Id", version, content,
       encode(sha256(convert_to(content, 'UTF8')), 'hex'),
       (SELECT "Subject" FROM "users" u WHERE u."TenantId" = c."TenantId" AND "Role" <> 'Viewer'
        ORDER BY md5("Subject" || version) LIMIT 1),
       "CreatedUtc" + (now() - "CreatedUtc") * (version - 1) / versions + interval '11 minutes'
FROM (SELECT *, 2 + pg_temp.roll("Name" || "TenantId", 5) AS versions FROM "configurations") AS c,
     generate_series(1, versions) AS version,
     format(E'receivers:\n  otlp:\n    protocols:\n      grpc:\n        endpoint: 127.0.0.1:4317\n  hostmetrics:\n'
         || E'    collection_interval: %ss\n    scrapers: {cpu: {}, memory: {}, disk: {}, filesystem: {}, network: {}}\n'
         || E'processors:\n  memory_limiter: {check_interval: 1s, limit_mib: %s}\n  batch: {timeout: %ss}\n  resource:\n'
         || E'    attributes:\n      - {key: config.name, value: %s, action: upsert}\n'
         || E'      - {key: config.version, value: "%s", action: upsert}\n'
         || E'exporters:\n  otlphttp:\n    endpoint: https://collect.%s.example\nservice:\n  pipelines:\n'
         || E'    metrics: {receivers: [otlp, hostmetrics], processors: [memory_limiter, resource, batch], exporters: [otlphttp]}\n',
         10 * version, 128 * version, 1 + version % 5, "Name", version,
         (SELECT t."Name" FROM "tenants" t WHERE t."Id" = "TenantId")) AS content;

INSERT INTO "groups" ("Id", "TenantId", "Name", "Selector", "ConfigurationId")
SELECT md5('group/' || t."Name" || '/' || ring)::uuid, t."Id", ring, jsonb_build_object('ring', ring),
       (SELECT c."Id" FROM "configurations" c WHERE c."TenantId" = t."Id" ORDER BY md5(c."Name" || ring) LIMIT 1)
FROM "tenants" t, unnest(ARRAY['canary', 'staging', 'production']) AS ring;

INSERT INTO "token_pools" ("Id", "TenantId", "Name", "AdminSecretHash", "TokenTtlMinutes", "GroupId")
SELECT md5('pool/' || t."Name")::uuid, t."Id", 'autoscaling', sha256(gen_random_uuid()::text::bytea), 1440, g."Id"
FROM "tenants" t JOIN "groups" g ON g."TenantId" = t."Id" AND g."Name" = 'production';

-- Redeeming a token deletes its row, so whatever stands here can still be used.
INSERT INTO "bootstrap_tokens" ("Id", "TenantId", "TokenHash", "CreatedBy", "CreatedUtc", "ExpiresUtc")
SELECT md5('token/' || t."Name" || n)::uuid, t."Id", sha256(gen_random_uuid()::text::bytea),
       (SELECT "Subject" FROM "users" u WHERE u."TenantId" = t."Id" AND "Role" = 'Admin' ORDER BY "Subject" LIMIT 1),
       now() - make_interval(hours => 3 * n), now() + make_interval(hours => 24 * n)
FROM "tenants" t, generate_series(1, 2) AS n;

-- The newest ones are still under way; of the others one in seven was given up.
INSERT INTO "rollouts" ("Id", "TenantId", "ConfigurationVersionId", "GroupId", "State", "AgentsTotal", "AgentsApplied", "StartedBy",
                        "StartedUtc", "CompletedUtc")
SELECT md5('rollout/' || "VersionId")::uuid, "TenantId", "VersionId", "GroupId", state, total,
       CASE state WHEN 'Completed' THEN total WHEN 'Running' THEN total / 2 ELSE 1 END, "PublishedBy", started,
       CASE WHEN state IN ('Completed', 'Aborted') THEN started + make_interval(mins => 20 + 2 * total) END
FROM (
    SELECT v."Id" AS "VersionId", v."TenantId", g."Id" AS "GroupId", v."PublishedBy", 4 + pg_temp.roll(v."Id"::text, 12) AS total,
           v."PublishedUtc" + make_interval(mins => pg_temp.roll('start' || v."Id", 600)) AS started,
           row_number() OVER (ORDER BY v."PublishedUtc" DESC, v."Id") AS rank
    FROM "configuration_versions" v JOIN "groups" g ON g."ConfigurationId" = v."ConfigurationId"
) AS planned,
LATERAL (SELECT CASE WHEN rank <= 2 THEN 'Running' WHEN rank = 3 THEN 'Paused' WHEN rank % 7 = 0 THEN 'Aborted' ELSE 'Completed' END)
    AS outcome (state);

INSERT INTO "lint_rules" ("Id", "TenantId", "Name", "Body", "Enabled")
SELECT md5('lint/' || t."Name" || rule)::uuid, t."Id", rule, body, true
FROM "tenants" t, (VALUES
    ('memory-limiter-first', 'every pipeline . processors[0] == "memory_limiter"'),
    ('no-plain-http', 'no exporter . endpoint startswith "http://"'),
    ('batch-timeout', 'every processor "batch" . timeout <= 5s')
) AS lint (rule, body);

INSERT INTO "policy_definitions" ("Id", "TenantId", "Name", "Body", "State")
SELECT md5('policy/' || t."Name" || policy)::uuid, t."Id", policy, body, state
FROM "tenants" t, (VALUES
    ('canary-before-production', 'rollout to group "production" needs completed rollout to group "canary"', 'Active'),
    ('office-hours', 'rollout starts between 08:00 and 16:00 in tenant zone', 'PendingApproval')
) AS policy (policy, body, state);
