//! How rows are brought into faults, and how they get out of them again.

/// What heals it.
#[derive(Clone, Copy)]
pub enum Heals {
    /// What the finding says to do.
    Itself,
    Sql(&'static str),
}

/// One fault, as SQL. `{reader}` is Muster's role.
pub struct Fault {
    pub code: &'static str,
    pub inject: &'static str,
    pub repair: Heals,
}

/// Of everything that SQL alone can break.
pub const FAULTS: [Fault; 9] = [
    Fault {
        code: "audit-rewound",
        inject: r#"CREATE TABLE kept AS SELECT * FROM "audit_events" WHERE "Timestamp" > now() - interval '3 hours';
                   DELETE FROM "audit_events" WHERE "Id" IN (SELECT "Id" FROM kept)"#,
        repair: Heals::Sql(r#"INSERT INTO "audit_events" SELECT * FROM kept; DROP TABLE kept"#),
    },
    Fault {
        code: "effective-config-missing",
        inject: r#"UPDATE "agents" SET "EffectiveConfig" = NULL, "LastSeenUtc" = now() WHERE "Name" = 'agent-2'"#,
        repair: Heals::Sql(r#"UPDATE "agents" SET "EffectiveConfig" = '{}' WHERE "Name" = 'agent-2'"#),
    },
    Fault {
        code: "empty-database",
        inject: r#"CREATE SCHEMA away; DO $$ DECLARE t text; BEGIN
                     FOR t IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
                       EXECUTE format('CREATE TABLE away.%I AS SELECT * FROM public.%I', t, t); END LOOP;
                     FOR t IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
                       EXECUTE format('TRUNCATE public.%I CASCADE', t); END LOOP; END $$"#,
        repair: Heals::Sql(
            r#"SET session_replication_role = replica; DO $$ DECLARE t text; BEGIN
                     FOR t IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'away'::regnamespace LOOP
                       EXECUTE format('INSERT INTO public.%I SELECT * FROM away.%I', t, t); END LOOP; END $$; DROP SCHEMA away CASCADE"#,
        ),
    },
    Fault {
        code: "first-login-becomes-admin",
        inject: r#"CREATE TABLE kept AS SELECT * FROM "users"; DELETE FROM "users""#,
        repair: Heals::Sql(r#"INSERT INTO "users" SELECT * FROM kept; DROP TABLE kept"#),
    },
    Fault {
        code: "revoked-valid-again",
        inject: r#"CREATE TABLE kept AS SELECT * FROM "agent_certificates" WHERE "RevokedUtc" IS NOT NULL;
                   UPDATE "agent_certificates" SET "RevokedUtc" = NULL"#,
        repair: Heals::Itself,
    },
    Fault {
        code: "tokens-alive-again",
        inject: r#"INSERT INTO "bootstrap_tokens" SELECT * FROM redeemed"#,
        repair: Heals::Itself,
    },
    Fault {
        code: "audit-sweep",
        inject: r#"CREATE TABLE swept AS SELECT * FROM "audit_event_archive"; TRUNCATE "audit_event_archive""#,
        repair: Heals::Sql(r#"INSERT INTO "audit_event_archive" SELECT * FROM swept; DROP TABLE swept"#),
    },
    Fault {
        code: "ca-lost",
        inject: r#"CREATE TABLE kept_keys AS SELECT * FROM "ca_signing_keys"; SET session_replication_role = replica;
                   DELETE FROM "ca_signing_keys""#,
        repair: Heals::Sql(r#"INSERT INTO "ca_signing_keys" SELECT * FROM kept_keys; DROP TABLE kept_keys"#),
    },
    Fault {
        code: "hidden-rows",
        inject: "ALTER ROLE {reader} NOBYPASSRLS",
        repair: Heals::Itself,
    },
];
