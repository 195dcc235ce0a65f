-- Agents report; the silent ones stay silent. $1 is the tenant.
WITH reporting AS (
    UPDATE "agents" SET "LastSeenUtc" = now()
    WHERE "TenantId" = $1 AND "LastSeenUtc" > now() - interval '1 hour' AND random() < 0.4
    RETURNING "InstanceUid", "Name"
)
INSERT INTO "agent_session_ownership" ("InstanceUid", "InstanceId", "FencingToken", "AcquiredUtc", "ExpiresUtc")
SELECT "InstanceUid", 'ampora-web-' || length("Name") % 2, 1000, now(), now() + interval '60 seconds' FROM reporting
ON CONFLICT ("InstanceUid") DO UPDATE
SET "ExpiresUtc" = excluded."ExpiresUtc", "FencingToken" = "agent_session_ownership"."FencingToken" + 1
