//! Dumps over time: read once, remembered, and noticed when they change.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use adapters::dumps::{DumpBucket, DumpPlace, S3Location};
use adapters::process::{RunAs, Tool};
use chrono::TimeDelta;
use domain::backup::Backup;
use domain::role::{Actor, Role};
use domain::run::RunState;
use domain::status::Status;
use domain::time::Timestamp;
use object_store::ObjectStoreExt as _;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use recovery::collect::{self, SourceReading};
use recovery::keys::Memory;
use recovery::settings::{Deployment, Dumps, Source};
use testkit::moto::{self, Moto};

use crate::runs::{approved, worked};
use crate::site::{DUMP, Site};

/// Looks at the dumps of the site's deployment, changed by `adjust`.
async fn look_with(site: &Site, memory: &Memory, at: Timestamp, adjust: impl FnOnce(&mut Dumps)) -> SourceReading {
    let (deployment, source) = adjusted(site, adjust);
    let actor = Actor::job("collector");
    collect::source(&deployment, &source, None, memory, &actor, at)
        .await
        .expect("lists")
}

fn adjusted(site: &Site, adjust: impl FnOnce(&mut Dumps)) -> (Deployment, Source) {
    let deployment = site.services.settings.deployments[0].clone();
    let mut source = deployment.sources[0].clone();
    if let Source::Dumps(dumps) = &mut source {
        adjust(dumps);
    }
    (deployment, source)
}

async fn look(site: &Site, after: TimeDelta) -> SourceReading {
    let at = site.services.clock.now() + after;
    look_with(site, &remembering(site), at, |_| {}).await
}

fn remembering(site: &Site) -> Memory {
    Memory::Store(site.services.store.clone())
}

fn only(reading: &SourceReading) -> &Backup {
    let [backup] = &reading.backups[..] else {
        panic!("one dump: {:?}", reading.backups)
    };
    backup
}

/// Changes a file behind its size and time.
fn tamper(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let modified = fs::metadata(path)
        .and_then(|meta| meta.modified())
        .expect("our own file");
    let mut content = fs::read(path).expect("our own file");
    change(&mut content);
    fs::write(path, content).expect("our own file");
    let file = File::options().write(true).open(path).expect("our own file");
    file.set_modified(modified).expect("our own file");
}

fn set_age(path: &Path, age: Duration) {
    let file = File::options().write(true).open(path).expect("our own file");
    file.set_modified(std::time::SystemTime::now() - age)
        .expect("our own file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_that_is_another_one_later_is_broken() {
    let site = Site::new().await;
    let path = site.dumps().join(DUMP);
    let first = look(&site, TimeDelta::zero()).await;
    let backup = only(&first);
    assert_eq!(
        (backup.status, first.status),
        (Status::Ok, Status::Ok),
        "{}",
        backup.detail
    );
    assert!(backup.started_at.is_some());
    let contents = first.dumps[0].1.contents.as_ref().expect("whole");
    assert_eq!(contents.migration_head.as_deref(), Some("20250101000000_Initial"));

    // As whole as the first, of the same name.
    site.dump_again().await;
    let second = look(&site, TimeDelta::zero()).await;
    let detail = &only(&second).detail;
    assert_eq!(only(&second).status, Status::Broken, "{detail}");
    assert!(
        detail.contains("changed after it was first read on") && detail.contains(&contents.sha256.to_string()),
        "{detail}"
    );
    let a = site.person("a", Role::Operator);
    let refused = site
        .request(&a, &site.restore_wish("copy"))
        .await
        .expect_err("is broken");
    assert!(
        refused.to_string().contains("changed after it was first read"),
        "{refused}"
    );

    fs::remove_file(path).expect("our own file");
    let gone = look(&site, TimeDelta::zero()).await;
    assert!(
        gone.backups.is_empty() && gone.detail.contains("no dump in"),
        "{}",
        gone.detail
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_behind_size_and_time_is_found_when_the_dump_is_read_again() {
    let site = Site::new().await;
    assert_eq!(only(&look(&site, TimeDelta::zero()).await).status, Status::Ok);
    tamper(&site.dumps().join(DUMP), |content| {
        *content.last_mut().expect("isn't empty") ^= 1;
    });
    assert_eq!(
        only(&look(&site, TimeDelta::days(6)).await).status,
        Status::Ok,
        "it looks the same"
    );
    let found = look(&site, TimeDelta::days(8)).await;
    assert_eq!(only(&found).status, Status::Broken, "{}", only(&found).detail);
    assert!(
        only(&found).detail.contains("when it was first read"),
        "{}",
        only(&found).detail
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_that_lost_one_byte_is_broken_whether_it_was_whole_before_or_not() {
    for read_before in [true, false] {
        let site = Site::new().await;
        let path = site.dumps().join(DUMP);
        if read_before {
            assert_eq!(only(&look(&site, TimeDelta::zero()).await).status, Status::Ok);
        }
        tamper(&path, |content| content.truncate(content.len() - 1));
        set_age(&path, Duration::from_secs(3600));
        let found = look(&site, TimeDelta::zero()).await;
        let detail = &only(&found).detail;
        assert_eq!(only(&found).status, Status::Broken, "{detail}");
        assert_eq!(
            detail.contains("it was whole when it was first read"),
            read_before,
            "{detail}"
        );
        let alone = look_with(&site, &Memory::None, site.services.clock.now(), |_| {}).await;
        assert_eq!(only(&alone).status, Status::Broken, "also without a memory");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_that_is_being_written_is_unknown_and_one_cut_short_just_now_is_broken() {
    let site = Site::new().await;
    let path = site.dumps().join(DUMP);
    let whole = fs::read(&path).expect("our own file");
    fs::write(&path, &whole[..whole.len() / 2]).expect("our own file");
    let cut = look(&site, TimeDelta::zero()).await;
    assert_eq!(only(&cut).status, Status::Broken, "{}", only(&cut).detail);

    let mut rest = whole[whole.len() / 2..]
        .chunks(200)
        .map(<[u8]>::to_vec)
        .collect::<Vec<_>>()
        .into_iter();
    let writer = tokio::spawn(async move {
        let mut file = File::options().append(true).open(&path).expect("our own file");
        loop {
            file.write_all(&rest.next().unwrap_or_default()).expect("writes");
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    });
    let written = look(&site, TimeDelta::zero()).await;
    writer.abort();
    assert_eq!(only(&written).status, Status::Unknown, "{}", only(&written).detail);
    assert!(
        only(&written).detail.contains("still being written"),
        "{}",
        only(&written).detail
    );

    fs::write(site.dumps().join(DUMP), &whole).expect("our own file");
    let done = look(&site, TimeDelta::zero()).await;
    assert_eq!(only(&done).status, Status::Ok, "{}", only(&done).detail);
}

/// A `pg_restore` that takes its time before it reads.
fn slow(site: &Site, seconds: u32) -> Tool {
    let path = site.folder.path().join("slow");
    let real = "for b in /usr/lib/postgresql/*/bin/pg_restore; do :; done; exec \"$b\" \"$@\"";
    let script = format!("#!/bin/sh\ncase \"$*\" in *--file*) sleep {seconds};; esac\n{real}\n");
    fs::write(&path, script).expect("our own folder");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("our own file");
    Tool::new(path).run_as(RunAs::unprivileged().expect("an account"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_that_takes_long_to_read_holds_up_no_list_and_is_read_all_the_same() {
    let site = Site::new().await;
    let tool = slow(&site, 30);
    let (memory, now) = (remembering(&site), site.services.clock.now());
    let first = look_with(&site, &memory, now, |dumps| dumps.pg_restore = tool.clone()).await;
    assert_eq!(
        (only(&first).status, only(&first).detail.as_str()),
        (Status::Unknown, "not read yet")
    );
    assert!(first.detail.contains("1 of them not read yet"), "{}", first.detail);
    let read = async {
        loop {
            let kept = site.services.store.dump_readings("demo", "dumps").await.expect("reads");
            if !kept.is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), read)
        .await
        .expect("reading goes on behind the look");
    let second = look_with(&site, &memory, now, |dumps| dumps.pg_restore = tool).await;
    assert_eq!(only(&second).status, Status::Ok, "{}", only(&second).detail);
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_goes_on_when_nobody_waits_for_the_look() {
    let site = Site::new().await;
    let tool = slow(&site, 2);
    let (deployment, source) = adjusted(&site, |dumps| dumps.pg_restore = tool);
    let (actor, memory) = (Actor::job("collector"), remembering(&site));
    let looking = collect::source(&deployment, &source, None, &memory, &actor, site.services.clock.now());
    assert!(
        tokio::time::timeout(Duration::from_secs(1), looking).await.is_err(),
        "it was given up"
    );
    let read = async {
        while site
            .services
            .store
            .dump_readings("demo", "dumps")
            .await
            .expect("reads")
            .is_empty()
        {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), read)
        .await
        .expect("it is written down");
}

/// The site's dump in a bucket, which takes the folder's place.
struct InBucket {
    _moto: Moto,
    store: AmazonS3,
    key: object_store::path::Path,
    content: Vec<u8>,
    place: DumpPlace,
}

async fn in_bucket(site: &Site) -> InBucket {
    let moto = Moto::start();
    moto.create_bucket("backups").await;
    let store = AmazonS3Builder::new()
        .with_bucket_name("backups")
        .with_region(moto::REGION)
        .with_endpoint(moto.endpoint().as_str().trim_end_matches('/'))
        .with_allow_http(true)
        .with_access_key_id(moto::ACCESS_KEY_ID)
        .with_secret_access_key(moto::SECRET_ACCESS_KEY)
        .build()
        .expect("a bucket");
    let key = object_store::path::Path::from(format!("nightly/{DUMP}"));
    let content = fs::read(site.dumps().join(DUMP)).expect("our own file");
    store.put(&key, content.clone().into()).await.expect("uploads");
    let location = S3Location {
        bucket: "backups".into(),
        prefix: "nightly".into(),
        region: Some(moto::REGION.into()),
        endpoint: Some(moto.endpoint()),
        access_key_id: Some(moto::ACCESS_KEY_ID.into()),
        secret_access_key: Some(moto::SECRET_ACCESS_KEY.into()),
    };
    InBucket {
        _moto: moto,
        store,
        key,
        content,
        place: DumpPlace::Bucket(DumpBucket::s3("dumps", &location).expect("a place")),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_is_read_once_and_again_when_it_is_another_one() {
    let site = Site::new().await;
    let bucket = in_bucket(&site).await;
    let from_bucket = |dumps: &mut Dumps| dumps.place = bucket.place.clone();
    let (memory, now) = (remembering(&site), site.services.clock.now());
    let first = look_with(&site, &memory, now, from_bucket).await;
    assert_eq!(only(&first).status, Status::Ok, "{}", only(&first).detail);
    let scratch = site.folder.path().join("scratch");
    assert_eq!(
        fs::read_dir(&scratch).expect("was needed").count(),
        0,
        "nothing is left of the copy"
    );

    fs::remove_dir(&scratch).expect("is empty");
    let later = now + TimeDelta::days(30);
    let second = look_with(&site, &memory, later, from_bucket).await;
    assert_eq!(only(&second).status, Status::Ok, "{}", only(&second).detail);
    assert!(!scratch.exists(), "what has the same name isn't copied again");

    let mut other = bucket.content.clone();
    *other.last_mut().expect("isn't empty") ^= 1;
    bucket.store.put(&bucket.key, other.into()).await.expect("uploads");
    let third = look_with(&site, &memory, later, from_bucket).await;
    assert_eq!(only(&third).status, Status::Broken, "{}", only(&third).detail);
    assert_eq!(fs::read_dir(&scratch).expect("was needed").count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_takes_the_approved_dump_out_of_the_bucket() {
    let mut site = Site::new().await;
    let bucket = in_bucket(&site).await;
    fs::remove_dir_all(site.dumps()).expect("our own folder");
    let mut settings = (*site.services.settings).clone();
    if let Source::Dumps(dumps) = &mut settings.deployments[0].sources[0] {
        dumps.place = bucket.place.clone();
    }
    site.services.settings = Arc::new(settings);
    let database = format!("{}_copy", site.live.name);
    let (_, run) = approved(&site, &database).await;
    let done = worked(&site, run).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    let left = fs::read_dir(site.folder.path().join("scratch"))
        .expect("was needed")
        .count();
    assert_eq!(left, 0, "nothing is left of the copies");

    let (_, run) = approved(&site, &format!("{database}_2")).await;
    let mut other = bucket.content.clone();
    *other.last_mut().expect("isn't empty") ^= 1;
    bucket.store.put(&bucket.key, other.into()).await.expect("uploads");
    let done = worked(&site, run).await;
    assert!(
        !matches!(done.state, RunState::Succeeded { .. }),
        "another dump was approved"
    );
}
