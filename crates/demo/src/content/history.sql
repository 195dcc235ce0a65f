-- What the fleet did so far: effective configurations, sessions, and forty days of audit.

-- Each agent runs the newest published version of one of its tenant's configurations.
UPDATE "agents" a
SET "EffectiveConfigHash" = v."Sha256",
    "EffectiveConfig" = jsonb_build_object('configMap', jsonb_build_object('', jsonb_build_object(
        'contentType', 'text/yaml', 'sha256', v."Sha256", 'body', v."Content")))
FROM (
    SELECT "InstanceUid", (
        SELECT n."Id" FROM (
            SELECT DISTINCT ON ("ConfigurationId") "Id", "ConfigurationId"
            FROM "configuration_versions" WHERE "TenantId" = agents."TenantId" ORDER BY "ConfigurationId", "Version" DESC
        ) n ORDER BY md5("ConfigurationId"::text || "Name") LIMIT 1
    ) AS "VersionId" FROM "agents"
) AS chosen
JOIN "configuration_versions" v ON v."Id" = chosen."VersionId"
WHERE a."InstanceUid" = chosen."InstanceUid";

INSERT INTO "agent_session_ownership" ("InstanceUid", "InstanceId", "FencingToken", "AcquiredUtc", "ExpiresUtc")
SELECT "InstanceUid", 'ampora-web-' || pg_temp.roll("Name", 2), 100 + pg_temp.roll("Name", 900), "LastSeenUtc" - interval '6 hours',
       "LastSeenUtc" + interval '60 seconds'
FROM "agents" WHERE "LastSeenUtc" > now() - interval '2 minutes';

-- Things that people and Ampora itself did things to.
CREATE TEMPORARY TABLE "entities" ON COMMIT DROP AS
SELECT (row_number() OVER (PARTITION BY "EntityType" ORDER BY "EntityId"))::integer - 1 AS "Number",
       (count(*) OVER (PARTITION BY "EntityType"))::integer AS "Count", entity.*
FROM (
    SELECT "TenantId", 'Configuration' AS "EntityType", "Id" AS "EntityId", "Name" FROM "configurations"
    UNION ALL SELECT "TenantId", 'Rollout', "Id", NULL FROM "rollouts"
    UNION ALL SELECT "TenantId", 'Group', "Id", "Name" FROM "groups"
    UNION ALL SELECT "TenantId", 'Token', "Id", NULL FROM "bootstrap_tokens"
    UNION ALL SELECT "TenantId", 'Policy', "Id", "Name" FROM "policy_definitions"
    UNION ALL SELECT "TenantId", 'Agent', "InstanceUid", "Name" FROM "agents"
) AS entity;
ANALYZE "entities";

-- A day's events lie between seven and seven, with a tail over night; weekends are quiet. Ids follow time, as they would have been given.
INSERT INTO "audit_events" ("TenantId", "Actor", "ActorRole", "EntityType", "EntityId", "Action", "Before", "After", "Timestamp",
                            "SourceIp", "TraceId")
SELECT e."TenantId", coalesce(u."Subject", 'system'), coalesce(u."Role", 'System'), e."EntityType", e."EntityId", kind.action,
       CASE WHEN kind.action <> 'Created' THEN jsonb_build_object('revision', n % 17) END,
       jsonb_strip_nulls(jsonb_build_object('revision', n % 17 + 1, 'name', e."Name")),
       moment, CASE WHEN u."Subject" IS NOT NULL THEN ('10.20.' || n % 4 || '.' || 10 + n % 200)::inet END, md5('trace/' || n)
FROM (
    SELECT n, date_trunc('day', now()) - make_interval(days => pg_temp.roll('day' || n, 40))
              + make_interval(mins => CASE WHEN n % 7 = 0 THEN pg_temp.roll('night' || n, 1440)
                                           ELSE 420 + pg_temp.roll('morning' || n, 360) + pg_temp.roll('evening' || n, 360) END,
                              secs => pg_temp.roll('second' || n, 60000) / 1000.0) AS moment
    FROM generate_series(1, 5200) AS n
) AS draw
CROSS JOIN LATERAL (
    SELECT split_part(word, '/', 1) AS entity, split_part(word, '/', 2) AS action, split_part(word, '/', 3) = 'system' AS by_system
    FROM (SELECT (ARRAY[
        'Configuration/Edited/user', 'Configuration/Edited/user', 'Configuration/Published/user', 'Configuration/Created/user',
        'Rollout/Started/user', 'Rollout/Paused/user', 'Rollout/Resumed/user', 'Rollout/Completed/system', 'Rollout/Completed/system',
        'Group/Edited/user', 'Token/Created/user', 'Token/Redeemed/system', 'Policy/Edited/user', 'Policy/Approved/user',
        'Agent/Connected/system', 'Agent/Connected/system', 'Agent/ConfigApplied/system', 'Agent/CertificateRenewed/system'
    ])[1 + pg_temp.roll('kind' || n, 18)] AS word) AS drawn
) AS kind
JOIN "entities" first ON first."EntityType" = kind.entity AND first."Number" = 0
JOIN "entities" e ON e."EntityType" = kind.entity AND e."Number" = pg_temp.roll('entity' || n, first."Count")
LEFT JOIN LATERAL (
    SELECT "Subject", "Role" FROM "users" u
    WHERE NOT kind.by_system AND u."TenantId" = e."TenantId" AND u."Role" <> 'Viewer' ORDER BY md5("Subject" || n) LIMIT 1
) AS u ON true
WHERE moment < now() - interval '30 seconds' AND (extract(isodow FROM moment) < 6 OR n % 4 = 0)
ORDER BY moment;

INSERT INTO "heartbeats" ("InstanceId", "BeatUtc") SELECT 'ampora-web-' || n, now() FROM generate_series(0, 1) AS n;
