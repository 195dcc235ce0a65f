//! What Ampora's role sees of other tenants: nothing while policies hold it, and each way in which they stop doing so.

use adapters::ampora::{AmporaError, isolation};
use domain::gap::{Isolation, Sight};
use domain::ids::Sha256;
use domain::key::MasterKey;
use testkit::ampora::Ampora;
use zeroize::Zeroizing;

/// Ampora's database with a role of its own for it, which owns the database and no table.
struct Restored {
    ampora: Ampora,
    role: String,
}

impl Restored {
    async fn new() -> Self {
        let key = MasterKey::new(Zeroizing::new(Sha256::of(&[b"isolation"]).0));
        let ampora = Ampora::new(&key).await;
        ampora
            .run(r#"UPDATE "users" SET "TenantId" = md5('south')::uuid WHERE "Subject" = 'subject-2'"#)
            .await;
        let name = ampora.database.name.clone();
        let role = format!("{name}_ampora");
        ampora
            .run(&format!(
                "CREATE ROLE {role}; ALTER DATABASE {name} OWNER TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
            ))
            .await;
        Self { ampora, role }
    }

    async fn run(&self, statements: &str) {
        self.ampora.run(&statements.replace("{role}", &self.role)).await;
    }

    async fn look(&self) -> Isolation {
        let superuser = &self.ampora.database.options;
        isolation(superuser, superuser).await.expect("looks")
    }

    async fn users(&self) -> Sight {
        of(&self.look().await, "users")
    }
}

fn of(seen: &Isolation, table: &str) -> Sight {
    let found = seen.tables.iter().find(|(name, _)| name == table);
    found.expect("is looked at").1.clone()
}

fn why(sight: Sight) -> String {
    match sight {
        Sight::Unproven(why) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_its_policies_a_role_sees_its_own_tenant_and_no_other() {
    let restored = Restored::new().await;
    let seen = restored.look().await;
    assert_eq!((&seen.role, &seen.exempt), (&restored.role, &None));
    assert_eq!(of(&seen, "users"), Sight::Own);
    let open = seen
        .tables
        .iter()
        .find(|(_, sight)| matches!(sight, Sight::Others | Sight::OthersAsOwner));
    assert_eq!(open, None);
    restored
        .run(r#"DELETE FROM "users" WHERE "TenantId" <> (SELECT min("TenantId"::text)::uuid FROM "users")"#)
        .await;
    assert!(why(restored.users().await).contains("fewer than two tenants"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_was_lost_or_lets_everything_through_is_seen() {
    let restored = Restored::new().await;
    restored.run(r#"DROP POLICY "TenantIsolation" ON "users""#).await;
    assert!(why(restored.users().await).contains("there is no policy"));
    restored
        .run(r#"CREATE POLICY "TenantIsolation" ON "users" USING (true)"#)
        .await;
    assert_eq!(restored.users().await, Sight::Others);
    restored.run(r#"ALTER TABLE "users" DISABLE ROW LEVEL SECURITY"#).await;
    assert_eq!(restored.users().await, Sight::Unguarded);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_no_policy_holds_is_seen() {
    let restored = Restored::new().await;
    restored.run("ALTER ROLE {role} BYPASSRLS").await;
    let seen = restored.look().await;
    assert_eq!(seen.exempt.as_deref(), Some("BYPASSRLS"));
    assert_eq!(of(&seen, "users"), Sight::Others);
    restored
        .run(r#"ALTER ROLE {role} NOBYPASSRLS; ALTER TABLE "users" OWNER TO {role}"#)
        .await;
    assert_eq!(restored.users().await, Sight::OthersAsOwner);
    restored.run(r#"ALTER TABLE "users" FORCE ROW LEVEL SECURITY"#).await;
    assert_eq!(restored.users().await, Sight::Own);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_right_proves_nothing_and_who_cannot_log_in_is_told() {
    let restored = Restored::new().await;
    restored.run(r#"REVOKE SELECT ON "users" FROM {role}"#).await;
    assert!(why(restored.users().await).contains("may not read"));
    let superuser = restored.ampora.database.options.clone();
    let refused = isolation(&superuser, &superuser.clone().username(&restored.role)).await;
    assert!(matches!(refused, Err(AmporaError::Unreachable(_))), "{refused:?}");
}
