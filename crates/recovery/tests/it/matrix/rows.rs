//! Faults of rows: SQL breaks a real Ampora, and SQL heals it, that of the finding where it has some.

use super::faults::{FAULTS, Fault};
use super::patient::{Patient, commands, follow};

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_of_rows_gives_its_finding_and_no_other_error_and_goes_with_it() {
    let mut patient = healthy().await;
    for fault in &FAULTS {
        suffers(&mut patient, fault).await;
    }
}

async fn healthy() -> Patient {
    let mut patient = Patient::new().await;
    patient.collect().await;
    patient
        .run(r#"CREATE TABLE redeemed AS SELECT * FROM "bootstrap_tokens" LIMIT 1; DELETE FROM "bootstrap_tokens" WHERE "Id" IN (SELECT "Id" FROM redeemed)"#)
        .await;
    patient.is_well("nothing at all").await;
    patient
}

async fn suffers(patient: &mut Patient, fault: &Fault) {
    patient.run(fault.inject).await;
    let found = patient.falls_ill(fault.code).await;
    // Nothing but what the finding itself says to do, where that is enough; else it must not do harm.
    follow(&patient.terminal(), &commands(&found)).await;
    patient.heal(fault).await;
    patient.is_well(fault.code).await;
}

/// Ampora's tables and columns under other names than the documented ones.
const RENAMED: &str = r#"
    CREATE SCHEMA ops;
    ALTER TABLE "agent_certificates" SET SCHEMA ops;
    ALTER TABLE ops."agent_certificates" RENAME TO "Issued Certificates";
    ALTER TABLE ops."Issued Certificates" RENAME COLUMN "Fingerprint" TO "print";
    ALTER TABLE ops."Issued Certificates" RENAME COLUMN "RevokedUtc" TO "revoked at";
    ALTER TABLE "bootstrap_tokens" RENAME TO "tickets";
    ALTER TABLE "tickets" RENAME COLUMN "Id" TO "ticket";
    ALTER TABLE "tickets" ADD COLUMN "used" timestamptz;
"#;

#[tokio::test(flavor = "multi_thread")]
async fn recovery_texts_speak_of_the_tables_that_are_configured() {
    let mut patient = Patient::new().await;
    patient.run(RENAMED).await;
    let database = patient.deployment.database.as_mut().expect("is configured");
    let schema = &mut database.schema;
    schema.certificates.table = "ops.Issued Certificates".into();
    schema.certificates.fingerprint = "print".into();
    schema.certificates.revoked = "revoked at".into();
    schema.tokens.table = "tickets".into();
    schema.tokens.id = "ticket".into();
    schema.tokens.redeemed = Some("used".into());
    patient.run(r#"UPDATE "tickets" SET "used" = NULL"#).await;
    patient.collect().await;
    patient
        .run(
            r#"UPDATE "tickets" SET "used" = now() WHERE "ticket" = (SELECT min("ticket"::text)::uuid FROM "tickets")"#,
        )
        .await;
    patient.is_well("the names were changed").await;
    for (code, inject) in [
        (
            "revoked-valid-again",
            r#"UPDATE ops."Issued Certificates" SET "revoked at" = NULL"#,
        ),
        ("tokens-alive-again", r#"UPDATE "tickets" SET "used" = NULL"#),
    ] {
        patient.run(inject).await;
        let found = patient.falls_ill(code).await;
        follow(&patient.terminal(), &commands(&found)).await;
        patient.is_well(code).await;
    }
}
