-- Somebody publishes a new version of a configuration; one agent takes it at once. $1 is the tenant.
WITH newest AS (
    SELECT DISTINCT ON ("ConfigurationId") "ConfigurationId", "Version", "Content" FROM "configuration_versions"
    WHERE "TenantId" = $1 ORDER BY "ConfigurationId", "Version" DESC
),
chosen AS (
    SELECT "ConfigurationId", "Version" + 1 AS "Version",
           regexp_replace("Content", 'value: "\d+"', format('value: "%s"', "Version" + 1)) AS "Content"
    FROM newest ORDER BY random() LIMIT 1
),
publisher AS (
    SELECT "Subject", "Role" FROM "users" WHERE "TenantId" = $1 AND "Role" <> 'Viewer' ORDER BY random() LIMIT 1
),
published AS (
    INSERT INTO "configuration_versions"
        ("Id", "TenantId", "ConfigurationId", "Version", "Content", "Sha256", "PublishedBy", "PublishedUtc")
    SELECT gen_random_uuid(), $1, "ConfigurationId", "Version", "Content", encode(sha256(convert_to("Content", 'UTF8')), 'hex'),
           "Subject", now()
    FROM chosen, publisher
    RETURNING "ConfigurationId", "Version", "Content", "Sha256"
),
applied AS (
    UPDATE "agents"
    SET "EffectiveConfigHash" = "Sha256", "LastSeenUtc" = now(),
        "EffectiveConfig" = jsonb_build_object('configMap', jsonb_build_object('', jsonb_build_object(
            'contentType', 'text/yaml', 'sha256', "Sha256", 'body', "Content")))
    FROM published
    WHERE "InstanceUid" = (
        SELECT "InstanceUid" FROM "agents" WHERE "TenantId" = $1 AND "LastSeenUtc" > now() - interval '1 hour' ORDER BY random() LIMIT 1
    )
)
INSERT INTO "audit_events" ("TenantId", "Actor", "ActorRole", "EntityType", "EntityId", "Action", "Before", "After", "Timestamp",
                            "SourceIp", "TraceId")
SELECT $1, "Subject", "Role", 'Configuration', "ConfigurationId", 'Published', jsonb_build_object('version', "Version" - 1),
       jsonb_build_object('version', "Version", 'sha256', "Sha256"), now(), '10.20.1.17', md5(random()::text)
FROM published, publisher
