-- Somebody touches a configuration, a group or a policy. $1 is the tenant.
WITH entity AS (
    SELECT * FROM (
        SELECT 'Configuration', "Id", "Name" FROM "configurations" WHERE "TenantId" = $1
        UNION ALL SELECT 'Group', "Id", "Name" FROM "groups" WHERE "TenantId" = $1
        UNION ALL SELECT 'Policy', "Id", "Name" FROM "policy_definitions" WHERE "TenantId" = $1
    ) AS touched (kind, id, name) ORDER BY random() LIMIT 1
),
editor AS (
    SELECT "Subject", "Role" FROM "users" WHERE "TenantId" = $1 AND "Role" <> 'Viewer' ORDER BY random() LIMIT 1
)
INSERT INTO "audit_events" ("TenantId", "Actor", "ActorRole", "EntityType", "EntityId", "Action", "Before", "After", "Timestamp",
                            "SourceIp", "TraceId")
SELECT $1, "Subject", "Role", kind, id, 'Edited', jsonb_build_object('name', name), jsonb_build_object('name', name, 'touched', true),
       now(), '10.20.2.41', md5(random()::text)
FROM entity, editor
