-- An Ampora-shaped database: snake_case tables, PascalCase columns, as EF Core on PostgreSQL writes them.
-- Which names Ampora documents and which were chosen here: docs/ampora-schema.md. Run by the role that owns the database.

CREATE TABLE "__EFMigrationsHistory" (
    "MigrationId"    varchar(150) PRIMARY KEY,
    "ProductVersion" varchar(32)  NOT NULL
);

CREATE TABLE "tenants" (
    "Id"          uuid        PRIMARY KEY,
    "Name"        text        NOT NULL UNIQUE,
    "DisplayName" text        NOT NULL,
    "ClaimValue"  text        NOT NULL,
    "CreatedUtc"  timestamptz NOT NULL
);

CREATE TABLE "users" (
    "Id"           uuid        PRIMARY KEY,
    "TenantId"     uuid        NOT NULL REFERENCES "tenants" ("Id"),
    "Subject"      text        NOT NULL,
    "DisplayName"  text        NOT NULL,
    "Email"        text        NOT NULL,
    "Role"         text        NOT NULL CHECK ("Role" IN ('Admin', 'Operator', 'Viewer')),
    "LastLoginUtc" timestamptz,
    UNIQUE ("TenantId", "Subject")
);

-- Trust: the CA's keys, and what they signed.

CREATE TABLE "ca_signing_keys" (
    "Id"                uuid        PRIMARY KEY,
    "State"             text        NOT NULL CHECK ("State" IN ('Draft', 'Active', 'Trusted', 'Retired')),
    "Algorithm"         text        NOT NULL,
    "CertificatePem"    text        NOT NULL,
    "Fingerprint"       text        NOT NULL UNIQUE,
    "WrappedPrivateKey" bytea       NOT NULL,
    "CreatedUtc"        timestamptz NOT NULL,
    "ActivatedUtc"      timestamptz,
    "TrustedUntilUtc"   timestamptz
);
CREATE UNIQUE INDEX "IX_ca_signing_keys_Active" ON "ca_signing_keys" ("State") WHERE "State" = 'Active';

CREATE TABLE "agents" (
    "InstanceUid"            uuid        PRIMARY KEY,
    "TenantId"               uuid        NOT NULL REFERENCES "tenants" ("Id"),
    "Name"                   text        NOT NULL,
    "CertificateFingerprint" text        NOT NULL UNIQUE,
    "CertificatePem"         text        NOT NULL,
    "AgentVersion"           text        NOT NULL,
    "Attributes"             jsonb       NOT NULL,
    "Capabilities"           bigint      NOT NULL,
    "EffectiveConfig"        jsonb,
    "EffectiveConfigHash"    text,
    "Healthy"                boolean     NOT NULL,
    "EnrolledUtc"            timestamptz NOT NULL,
    "LastSeenUtc"            timestamptz NOT NULL,
    UNIQUE ("TenantId", "Name")
);
CREATE INDEX "IX_agents_Attributes" ON "agents" USING gin ("Attributes" jsonb_path_ops);

CREATE TABLE "agent_certificates" (
    "Fingerprint"      text        PRIMARY KEY,
    "TenantId"         uuid        NOT NULL REFERENCES "tenants" ("Id"),
    "InstanceUid"      uuid        NOT NULL REFERENCES "agents" ("InstanceUid"),
    "SigningKeyId"     uuid        NOT NULL REFERENCES "ca_signing_keys" ("Id"),
    "SerialNumber"     text        NOT NULL UNIQUE,
    "IssuedUtc"        timestamptz NOT NULL,
    "ExpiresUtc"       timestamptz NOT NULL,
    "RevokedUtc"       timestamptz,
    "RevocationReason" text
);
CREATE INDEX "IX_agent_certificates_InstanceUid" ON "agent_certificates" ("InstanceUid");

CREATE TABLE "agent_session_ownership" (
    "InstanceUid"  uuid        PRIMARY KEY REFERENCES "agents" ("InstanceUid"),
    "InstanceId"   text        NOT NULL,
    "FencingToken" bigint      NOT NULL,
    "AcquiredUtc"  timestamptz NOT NULL,
    "ExpiresUtc"   timestamptz NOT NULL
);

CREATE TABLE "bootstrap_tokens" (
    "Id"         uuid        PRIMARY KEY,
    "TenantId"   uuid        NOT NULL REFERENCES "tenants" ("Id"),
    "TokenHash"  bytea       NOT NULL UNIQUE,
    "CreatedBy"  text        NOT NULL,
    "CreatedUtc" timestamptz NOT NULL,
    "ExpiresUtc" timestamptz NOT NULL
);

-- Configuration and its way to the agents.

CREATE TABLE "configurations" (
    "Id"         uuid        PRIMARY KEY,
    "TenantId"   uuid        NOT NULL REFERENCES "tenants" ("Id"),
    "Name"       text        NOT NULL,
    "Source"     text        NOT NULL CHECK ("Source" IN ('Manual', 'Git')),
    "CreatedUtc" timestamptz NOT NULL,
    UNIQUE ("TenantId", "Name")
);

CREATE TABLE "configuration_versions" (
    "Id"              uuid        PRIMARY KEY,
    "TenantId"        uuid        NOT NULL REFERENCES "tenants" ("Id"),
    "ConfigurationId" uuid        NOT NULL REFERENCES "configurations" ("Id"),
    "Version"         integer     NOT NULL,
    "Content"         text        NOT NULL,
    "Sha256"          text        NOT NULL,
    "PublishedBy"     text,
    "PublishedUtc"    timestamptz,
    UNIQUE ("ConfigurationId", "Version")
);

CREATE TABLE "groups" (
    "Id"              uuid        PRIMARY KEY,
    "TenantId"        uuid        NOT NULL REFERENCES "tenants" ("Id"),
    "Name"            text        NOT NULL,
    "Selector"        jsonb       NOT NULL,
    "ConfigurationId" uuid        REFERENCES "configurations" ("Id"),
    "DeletedUtc"      timestamptz,
    UNIQUE ("TenantId", "Name")
);

CREATE TABLE "token_pools" (
    "Id"              uuid        PRIMARY KEY,
    "TenantId"        uuid        NOT NULL REFERENCES "tenants" ("Id"),
    "Name"            text        NOT NULL,
    "AdminSecretHash" bytea       NOT NULL,
    "TokenTtlMinutes" integer     NOT NULL,
    "GroupId"         uuid        REFERENCES "groups" ("Id"),
    UNIQUE ("TenantId", "Name")
);

CREATE TABLE "rollouts" (
    "Id"                     uuid        PRIMARY KEY,
    "TenantId"               uuid        NOT NULL REFERENCES "tenants" ("Id"),
    "ConfigurationVersionId" uuid        NOT NULL REFERENCES "configuration_versions" ("Id"),
    "GroupId"                uuid        NOT NULL REFERENCES "groups" ("Id"),
    "State"                  text        NOT NULL CHECK ("State" IN ('Draft', 'Running', 'Paused', 'Completed', 'Aborted')),
    "AgentsTotal"            integer     NOT NULL,
    "AgentsApplied"          integer     NOT NULL,
    "StartedBy"              text        NOT NULL,
    "StartedUtc"             timestamptz,
    "CompletedUtc"           timestamptz
);

CREATE TABLE "lint_rules" (
    "Id"       uuid    PRIMARY KEY,
    "TenantId" uuid    NOT NULL REFERENCES "tenants" ("Id"),
    "Name"     text    NOT NULL,
    "Body"     text    NOT NULL,
    "Enabled"  boolean NOT NULL,
    UNIQUE ("TenantId", "Name")
);

CREATE TABLE "policy_definitions" (
    "Id"       uuid    PRIMARY KEY,
    "TenantId" uuid    NOT NULL REFERENCES "tenants" ("Id"),
    "Name"     text    NOT NULL,
    "Body"     text    NOT NULL,
    "State"    text    NOT NULL CHECK ("State" IN ('Draft', 'PendingApproval', 'Active')),
    UNIQUE ("TenantId", "Name")
);

-- Other systems, and the secrets shown to them: wrapped under the master key, or only hashed.

CREATE TABLE "git_config_sources" (
    "Id"                uuid        PRIMARY KEY,
    "TenantId"          uuid        NOT NULL REFERENCES "tenants" ("Id"),
    "Name"              text        NOT NULL,
    "RepositoryUrl"     text        NOT NULL,
    "Branch"            text        NOT NULL,
    "CredentialKind"    text        NOT NULL CHECK ("CredentialKind" IN ('AccessToken', 'SshKey')),
    "WrappedCredential" bytea       NOT NULL,
    "LastSyncedSha"     text,
    "LastSyncedUtc"     timestamptz,
    UNIQUE ("TenantId", "Name")
);

CREATE TABLE "federation_peers" (
    "Id"                    uuid        PRIMARY KEY,
    "Name"                  text        NOT NULL UNIQUE,
    "BaseUrl"               text        NOT NULL,
    "CertificateThumbprint" text        NOT NULL,
    "InboundSecretHash"     bytea       NOT NULL,
    "WrappedOutboundSecret" bytea       NOT NULL,
    "CreatedUtc"            timestamptz NOT NULL
);

-- Who did what. The archive takes what the retention sweep moves out of the hot table.

CREATE TABLE "audit_events" (
    "Id"         bigint         GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    "TenantId"   uuid           NOT NULL REFERENCES "tenants" ("Id"),
    "Actor"      text           NOT NULL,
    "ActorRole"  text           NOT NULL,
    "EntityType" text           NOT NULL,
    "EntityId"   uuid           NOT NULL,
    "Action"     text           NOT NULL,
    "Before"     jsonb,
    "After"      jsonb,
    "Timestamp"  timestamptz(3) NOT NULL,
    "SourceIp"   inet,
    "TraceId"    text,
    "Additional" jsonb          NOT NULL DEFAULT '{}'
);
CREATE INDEX "IX_audit_events_Entity" ON "audit_events" ("TenantId", "EntityType", "EntityId");
CREATE INDEX "IX_audit_events_Timestamp" ON "audit_events" ("Timestamp");

CREATE TABLE "audit_event_archive" (LIKE "audit_events" INCLUDING DEFAULTS);
ALTER TABLE "audit_event_archive" ADD PRIMARY KEY ("Id");
CREATE INDEX "IX_audit_event_archive_Timestamp" ON "audit_event_archive" ("Timestamp");

CREATE TABLE "heartbeats" (
    "InstanceId" text        PRIMARY KEY,
    "BeatUtc"    timestamptz NOT NULL
);

-- Hard isolation. Not FORCE: it would hold the owner to the policies too, and then `pg_restore --role ampora` can't check foreign keys.
DO $$
DECLARE
    owned text;
BEGIN
    FOREACH owned IN ARRAY ARRAY[
        'users', 'agents', 'agent_certificates', 'bootstrap_tokens', 'configurations', 'configuration_versions', 'groups', 'token_pools',
        'rollouts', 'lint_rules', 'policy_definitions', 'git_config_sources', 'audit_events', 'audit_event_archive'
    ] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', owned);
        EXECUTE format(
            'CREATE POLICY "TenantIsolation" ON %I USING ("TenantId" = nullif(current_setting(''ampora.tenant_id'', true), '''')::uuid)',
            owned
        );
    END LOOP;
END
$$;

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion") VALUES
    ('20250304101512_InitialCreate', '10.0.0'),
    ('20250418073344_AddAuditArchive', '10.0.0'),
    ('20250612142005_AddGitConfigSources', '10.0.0'),
    ('20250902091831_AddFederationPeers', '10.0.0'),
    ('20251120160240_AddTokenPools', '10.0.1'),
    ('20260217084519_AddAgentSessionOwnership', '10.0.3');
