//! A site where no value is read: what may be handed out all the same, and what that costs in readings.

use std::fs;

use adapters::key_files::{EnvFile, KeyFiles};
use adapters::manager::Written;
use domain::approval::Decision;
use domain::custody::exposure::Rotated;
use domain::drift::Verdict;
use domain::key::{self, Fingerprint};
use domain::plan::{Pinned, PlaceName};
use domain::role::{Actor, Role};
use domain::run::RunState;
use recovery::plans::{Wanted, Wish};
use recovery::runs::Revealed;
use recovery::settings::{Destination, InUse, KeyPlace, Proof};
use recovery::{Error, approvals, collect, keys, runs};

use crate::managers::held;
use crate::runs::worked;
use crate::secrets;
use crate::site::{Site, master_key, session};

async fn site() -> (Site, KeyFiles) {
    secrets::listen();
    let mut site = Site::new().await;
    let root = site.folder.path().join("elsewhere");
    fs::create_dir(&root).expect("a folder");
    let new = KeyFiles { dir: root.join("keys") };
    let to = move |name: &PlaceName| KeyPlace {
        manager: std::sync::Arc::new(KeyFiles {
            dir: root.join(name.as_str()),
        }),
        written: Written::default(),
    };
    site.configure(|settings| {
        let deployment = &mut settings.deployments[0];
        deployment.key_destinations = vec![Destination::new("elsewhere".into(), "file", to)];
        deployment.master_key.as_mut().expect("is configured").proof = Proof::Metadata;
    });
    (site, new)
}

fn wish(delivery: Wanted) -> Wish {
    Wish::RetrieveKey {
        deployment: "demo".into(),
        version: "2".into(),
        delivery,
    }
}

async fn readings(site: &Site) -> usize {
    let audited = site.audited().await;
    audited.iter().filter(|(action, _)| action == "key.read").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_version_is_read_once_and_then_named_by_its_fingerprint() {
    let (site, _) = site().await;
    let (a, b) = (site.person("a", Role::Operator), site.person("b", Role::Operator));
    let plan = approvals::plan(&site.services, &a, &wish(Wanted::Shown))
        .await
        .expect("planned");
    let Pinned::RetrieveKey(pinned) = &plan.pinned else {
        panic!("{plan:?}")
    };
    assert_eq!(pinned.fingerprint, Fingerprint::Unread);
    assert!(
        plan.advisory.warnings[1].contains("by its name alone"),
        "{:?}",
        plan.advisory
    );
    let number = site.request(&a, &wish(Wanted::Shown)).await.expect("planned").number;
    site.decide(&b, number, Decision::Approve).await.expect("approves");
    assert_eq!(readings(&site).await, 0, "nothing was read for plan and approval");

    let login = site.decide(&a, number, Decision::Reveal).await.expect("signs in");
    let revealed = runs::reveal(&site.services, &a, session(&a), number, login.challenge).await;
    let Ok(Revealed::Shown(text)) = revealed else {
        panic!("{revealed:?}")
    };
    assert_eq!(*text, *key::to_setting(&master_key(2)));
    assert_eq!(readings(&site).await, 1);
    let page = site
        .services
        .store
        .audit_page(&store::audit::AuditFilter::default(), None, 500)
        .await;
    let page = page.expect("reads");
    let shown = page
        .iter()
        .find(|row| row.entry.action == "key.reveal")
        .expect("is there");
    let fingerprint = master_key(2).fingerprint().to_string();
    assert!(format!("{:?}", shown.entry).contains(&fingerprint), "{:?}", shown.entry);
    let exposed = keys::exposures(&site.services, "demo").await.expect("reads");
    assert!(matches!(exposed[0].rotated, Rotated::Unknown { .. }), "{exposed:?}");
    secrets::nothing_is_kept(&site, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_isn_t_there_is_refused_without_reading_any() {
    let (site, _) = site().await;
    let a = site.person("a", Role::Operator);
    let wish = Wish::RetrieveKey {
        deployment: "demo".into(),
        version: "9".into(),
        delivery: Wanted::Shown,
    };
    let refused = approvals::plan(&site.services, &a, &wish)
        .await
        .expect_err("isn't there");
    assert!(refused.to_string().contains("isn’t there"), "{refused}");
    assert_eq!(readings(&site).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_version_is_put_into_a_new_place_and_compared() {
    let (site, new) = site().await;
    let placed = Wanted::Placed {
        destination: "elsewhere".into(),
        name: "keys".into(),
    };
    let run = site.started(&wish(placed)).await;
    assert_eq!(readings(&site).await, 0);
    let done = worked(&site, run).await;
    let said = format!("{:?} {:?}", done.state, done.steps);
    assert!(matches!(done.state, RunState::Succeeded { .. }), "{said}");
    assert_eq!(held(&new), "1=2*");
    assert!(said.contains(&master_key(2).fingerprint().short()), "{said}");
    secrets::nothing_is_kept(&site, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_verdict_stays_unknown_and_catching_up_says_what_it_takes() {
    let (mut site, _) = site().await;
    let env = site.folder.path().join("ampora.env");
    let text = format!("KeyProtection__MasterKey={}\n", &*key::to_setting(&master_key(4)));
    fs::write(&env, text).expect("writes");
    fs::set_permissions(&env, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("our own file");
    site.configure(|settings| {
        let key = settings.deployments[0].master_key.as_mut().expect("is configured");
        key.in_use = Some(InUse::EnvFile(EnvFile { path: env }));
    });
    site.rewrap(0..3, 4).await;
    let deployment = &site.services.settings.deployments[0];
    let keys = collect::prove(&site.services, deployment, &Actor::job("test"))
        .await
        .expect("proves");
    assert_eq!(keys.verdict, Verdict::Unknown, "{}", keys.detail);
    assert!(keys.versions.iter().all(|version| version.fingerprint.is_none()));
    let a = site.person("a", Role::Operator);
    let wish = Wish::KeyCatchUp {
        deployment: "demo".into(),
    };
    let Err(Error::Invalid(reasons)) = approvals::plan(&site.services, &a, &wish).await else {
        panic!("it can't be told whether the manager is behind")
    };
    assert!(
        reasons.iter().any(|reason| reason.contains("set proof = \"values\"")),
        "{reasons:?}"
    );
}
