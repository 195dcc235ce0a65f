//! Faults that a restore heals: the request that the finding offers is put up, agreed to and run by Muster, and Ampora's database is then
//! the restored one.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use adapters::postgres::Binaries;
use adapters::process::RunAs;
use domain::finding::{Cure, Found};
use domain::rules::Looks;
use domain::run::RunState;
use recovery::plans::Wish;

use super::faults::FAULTS;
use super::patient::{Patient, only};
use crate::runs::worked;

const LOOKS: [Looks; 3] = [Looks::Database, Looks::Traces, Looks::Backups];
const DUMP: &str = "before.dump";

#[tokio::test(flavor = "multi_thread")]
async fn what_was_lost_comes_back_with_the_restore_that_the_finding_offers() {
    let mut patient = Patient::new().await;
    assert!(patient.remember(&LOOKS).await.is_empty());
    // A dump tells its beginning to the second: it mustn't seem older than the look before.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    dump(&patient).await;
    // The dump is read in full before it counts, and the next look is known to be after it.
    for _ in 0..2 {
        assert!(patient.remember(&LOOKS).await.is_empty());
    }
    let whole = patient.deployment.database.clone();
    for code in [
        "audit-rewound",
        "empty-database",
        "first-login-becomes-admin",
        "ca-lost",
    ] {
        let fault = FAULTS.iter().find(|fault| fault.code == code).expect("a fault of rows");
        patient.run(fault.inject).await;
        let found = only(code, patient.remember(&LOOKS).await);
        let restored = restored(&patient, code, &found).await;
        let database = patient.deployment.database.as_mut().expect("configured");
        database.options = database.options.clone().database(&restored);
        let left: Vec<_> = patient
            .remember(&LOOKS)
            .await
            .into_iter()
            .map(|(code, _)| code)
            .collect();
        assert_eq!(left, Vec::<&str>::new(), "{code} after the restore");
        patient.deployment.database.clone_from(&whole);
        patient.heal(fault).await;
        assert!(patient.remember(&LOOKS).await.is_empty(), "{code} is repaired");
    }
}

/// Dumps the live database beside the first dump.
pub async fn dump(patient: &Patient) {
    let to = patient.site.dumps().join(DUMP);
    let run_as = RunAs::unprivileged().expect("a user for tools");
    let pg_dump = Binaries::find(None).expect("PostgreSQL").tool("pg_dump").run_as(run_as);
    let arguments = [
        "-Fc".to_owned(),
        format!("--file={}", to.display()),
        format!("--dbname={}", patient.ampora.database.url),
    ];
    pg_dump.invoke(arguments).output().await.expect("dumps");
    fs::set_permissions(&to, fs::Permissions::from_mode(0o644)).expect("our own file");
}

/// Two people agree to the request, and a worker runs it. Answers with the name of the new database.
pub async fn restored(patient: &Patient, code: &str, found: &Found) -> String {
    let Some(Cure::RestoreDump { source, backup }) = found.cure.clone() else {
        panic!("{code}: {:?}", found.cure)
    };
    assert_eq!(backup, DUMP, "{code}");
    let database = format!("{}_{}", patient.ampora.database.name, code.replace('-', "_"));
    let wish = Wish::RestoreDump {
        deployment: patient.deployment.name.clone(),
        source,
        backup,
        database: database.clone(),
    };
    let run = patient.site.started(&wish).await;
    let done = worked(&patient.site, run).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    database
}
