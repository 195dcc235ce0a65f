-- A small, healthy Ampora: two tenants, their people, a published configuration, tokens, a peer, forty hours of audit.
INSERT INTO "tenants" ("Id", "Name", "DisplayName", "ClaimValue", "CreatedUtc")
SELECT md5(name)::uuid, name, name, name, now() - interval '400 days' FROM unnest(ARRAY['north', 'south']) AS name;

INSERT INTO "users" ("Id", "TenantId", "Subject", "DisplayName", "Email", "Role", "LastLoginUtc")
SELECT md5('user' || n)::uuid, md5('north')::uuid, 'subject-' || n, 'User ' || n, 'user' || n || '@north.example', 'Admin', now()
FROM generate_series(1, 2) AS n;

INSERT INTO "configurations" ("Id", "TenantId", "Name", "Source", "CreatedUtc")
VALUES (md5('configuration')::uuid, md5('north')::uuid, 'edge-logs', 'Manual', now() - interval '90 days');
INSERT INTO "configuration_versions"
    ("Id", "TenantId", "ConfigurationId", "Version", "Content", "Sha256", "PublishedBy", "PublishedUtc")
SELECT md5('version' || n)::uuid, md5('north')::uuid, md5('configuration')::uuid, n, 'receivers: {}', md5('receivers' || n), 'subject-1',
       now() - (4 - n) * interval '1 day'
FROM generate_series(1, 3) AS n;

INSERT INTO "bootstrap_tokens" ("Id", "TenantId", "TokenHash", "CreatedBy", "CreatedUtc", "ExpiresUtc")
SELECT md5('token' || n)::uuid, md5('north')::uuid, sha256(convert_to('token' || n, 'UTF8')), 'subject-1', now(), now() + interval '24 hours'
FROM generate_series(1, 3) AS n;

INSERT INTO "heartbeats" ("InstanceId", "BeatUtc") VALUES ('ampora-web-0', now());

INSERT INTO "audit_events" ("TenantId", "Actor", "ActorRole", "EntityType", "EntityId", "Action", "Timestamp")
SELECT md5('north')::uuid, 'subject-1', 'Admin', 'Configuration', md5('configuration')::uuid, 'Edited', now() - n * interval '6 minutes'
FROM generate_series(1, 400) AS n;
INSERT INTO "audit_event_archive" ("Id", "TenantId", "Actor", "ActorRole", "EntityType", "EntityId", "Action", "Timestamp")
SELECT 1000000 + n, md5('north')::uuid, 'subject-1', 'Admin', 'Configuration', md5('configuration')::uuid, 'Edited',
       now() - interval '100 days' - n * interval '1 hour'
FROM generate_series(1, 200) AS n;
