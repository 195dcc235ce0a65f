//! The runbook of a real deployment: what it tells, what it never tells, and where its copy goes.

mod emergency;
pub mod typed;

use std::time::Duration;

use adapters::documents::DocumentPlace;
use adapters::dumps::S3Location;
use domain::role::Actor;
use domain::runbook::{Block, Runbook};
use object_store::ObjectStoreExt as _;
use object_store::aws::AmazonS3Builder;
use recovery::runbook;
use recovery::settings::{Contact, RunbookSite};
use testkit::moto::{self, Moto};
use tokio_util::sync::CancellationToken;

use crate::site::Site;

fn text(runbook: &Runbook) -> String {
    format!("{:?}", runbook.sections)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_made_from_the_configuration_alone_with_the_facts_of_the_day() {
    let mut site = Site::new().await;
    site.configure(|settings| {
        settings.contacts = vec![Contact {
            name: "Ada Example".into(),
            role: Some("approver".into()),
            phone: Some("+41 00 000 00 00".into()),
            email: None,
            hours: None,
        }];
    });
    let settings = &site.services.settings;
    let deployment = &settings.deployments[0];
    let now = site.services.clock.now();
    let made = runbook::observed(settings, deployment, &Actor::job("shell"), now).await;
    let text = text(&made);
    for told in [
        "Ada Example",
        "pg_restore --exit-on-error",
        "--role=",
        "createdb --template=template0",
        "muster/fingerprint/1",
    ] {
        assert!(text.contains(told), "{told} in {text}");
    }
    assert!(text.contains(&site.live.name), "the live database is named");
    let titles: Vec<_> = made.sections.iter().map(|section| section.title.as_str()).collect();
    let numbered: Vec<_> = titles
        .iter()
        .filter(|title| title.as_bytes()[0].is_ascii_digit())
        .collect();
    assert!(
        numbered.is_sorted() && numbered.len() == 6,
        "the documented order: {titles:?}"
    );
    let unknown: Vec<_> = made.unknown().into_iter().map(|(_, fact)| fact.name.clone()).collect();
    assert!(
        unknown.iter().any(|name| name == "Image"),
        "no image is configured: {unknown:?}"
    );
    let guard = |word: &str| {
        made.sections.iter().any(|section| {
            section
                .blocks
                .iter()
                .any(|block| matches!(block, Block::Trap(trap) if trap.contains(word)))
        })
    };
    assert!(guard("placeholder Secret") && guard("AMPORA_AUTO_MIGRATE=0") && guard("makes a new authority"));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_holds_no_secret() {
    let site = Site::new().await;
    let settings = &site.services.settings;
    let now = site.services.clock.now();
    let made = runbook::observed(settings, &settings.deployments[0], &Actor::job("shell"), now).await;
    let text = text(&made);
    let folder = site.folder.path().join("keys");
    let mut keys = 0;
    for entry in std::fs::read_dir(&folder).expect("our own folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|kind| kind == "key") {
            let key = std::fs::read_to_string(&path).expect("our own file");
            assert!(!text.contains(key.trim()), "{}", path.display());
            keys += 1;
        }
    }
    assert!(keys > 0, "there are keys to look for");
    let shown = settings.deployments[0]
        .restore
        .as_ref()
        .and_then(|restore| restore.password.as_ref());
    if let Some(password) = shown {
        use secrecy::ExposeSecret as _;
        assert!(!text.contains(password.expose_secret()));
    }
}

/// Lets the worker write the copy.
async fn copied(site: &Site) -> runbook::Copy {
    let stop = CancellationToken::new();
    let job = tokio::spawn(runbook::write_daily(
        site.services.clone(),
        |made| made.deployment.clone(),
        stop.clone(),
    ));
    let written = tokio::time::timeout(Duration::from_secs(90), async {
        loop {
            let copy = runbook::newest(&site.services.store, "demo").await.expect("reads");
            if copy.written.is_some() {
                return copy;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    let copy = written.await.expect("it is written");
    stop.cancel();
    job.await.expect("it stops");
    copy
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_written_by_the_worker_and_its_age_is_known() {
    let mut site = Site::new().await;
    let place = site.folder.path().join("copies");
    let put = place.clone();
    site.configure(|settings| {
        settings.runbook = RunbookSite {
            place: Some(DocumentPlace::Folder(put)),
        };
    });
    let copy = copied(&site).await;
    let (lies, _) = copy.written.expect("written");
    assert_eq!(std::fs::read_to_string(lies).expect("it is there"), "demo");
    assert_eq!(copy.failed, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_goes_to_a_bucket() {
    let mut site = Site::new().await;
    let moto = Moto::start();
    moto.create_bucket("safe").await;
    let location = S3Location {
        bucket: "safe".into(),
        prefix: "muster".into(),
        region: Some(moto::REGION.into()),
        endpoint: Some(moto.endpoint()),
        access_key_id: Some(moto::ACCESS_KEY_ID.into()),
        secret_access_key: Some(moto::SECRET_ACCESS_KEY.into()),
    };
    let place = DocumentPlace::s3(&location).expect("a place");
    site.configure(|settings| settings.runbook.place = Some(place));
    let copy = copied(&site).await;
    let (lies, _) = copy.written.expect("written");
    assert_eq!(
        (lies.as_str(), copy.failed),
        ("s3://safe/muster/runbook-demo.html", None)
    );
    let store = AmazonS3Builder::new()
        .with_bucket_name("safe")
        .with_region(moto::REGION)
        .with_endpoint(moto.endpoint().as_str().trim_end_matches('/'))
        .with_allow_http(true)
        .with_access_key_id(moto::ACCESS_KEY_ID)
        .with_secret_access_key(moto::SECRET_ACCESS_KEY)
        .build()
        .expect("a bucket");
    let object = store.get(&"muster/runbook-demo.html".into()).await.expect("is there");
    assert_eq!(object.bytes().await.expect("reads").as_ref(), b"demo");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_cannot_be_written_says_why() {
    let mut site = Site::new().await;
    let file = site.folder.path().join("no folder");
    std::fs::write(&file, "x").expect("our own folder");
    site.configure(|settings| settings.runbook.place = Some(DocumentPlace::Folder(file)));
    let stop = CancellationToken::new();
    let job = tokio::spawn(runbook::write_daily(
        site.services.clone(),
        |_| String::new(),
        stop.clone(),
    ));
    let failed = tokio::time::timeout(Duration::from_secs(90), async {
        loop {
            if let Some((why, _)) = runbook::newest(&site.services.store, "demo")
                .await
                .expect("reads")
                .failed
            {
                return why;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    let why = failed.await.expect("it is told");
    stop.cancel();
    job.await.expect("it stops");
    assert!(why.contains("can’t be written"), "{why}");
}
