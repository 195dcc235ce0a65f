//! Buckets of dumps: S3 and the XML interface of Google Cloud Storage as moto answers them, Azure Blob Storage as Azurite does.

use std::fs;
use std::sync::Arc;

use adapters::dumps::{AzureLocation, DumpBucket, DumpError, DumpPlace, Form, GcsLocation, S3Location, Scratch};
use futures::StreamExt as _;
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use testkit::azurite::{self, Azurite};
use testkit::google;
use testkit::moto::{self, Moto};
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};

use super::made::{Made, ROWS, read, refusal, scratch, scratch_folder};

const BUCKET: &str = "backups";
const FORMS: [(&str, &[&str]); 4] = [
    ("a.dump", &["-Fc"]),
    ("d", &["-Fd"]),
    ("p.sql", &["-Fp"]),
    ("t.tar", &["-Ft"]),
];

fn s3(moto: &Moto) -> S3Location {
    S3Location {
        bucket: BUCKET.into(),
        prefix: "nightly".into(),
        region: Some(moto::REGION.into()),
        endpoint: Some(moto.endpoint()),
        access_key_id: Some(moto::ACCESS_KEY_ID.into()),
        secret_access_key: Some(moto::SECRET_ACCESS_KEY.into()),
    }
}

fn bucket(location: &S3Location) -> DumpPlace {
    DumpPlace::Bucket(DumpBucket::s3("bucket", location).unwrap())
}

/// Somebody who may write.
fn writer(moto: &Moto) -> Arc<dyn ObjectStore> {
    let store = AmazonS3Builder::new()
        .with_bucket_name(BUCKET)
        .with_region(moto::REGION)
        .with_endpoint(moto.endpoint().as_str().trim_end_matches('/'))
        .with_allow_http(true)
        .with_access_key_id(moto::ACCESS_KEY_ID)
        .with_secret_access_key(moto::SECRET_ACCESS_KEY);
    Arc::new(store.build().unwrap())
}

async fn put(store: &dyn ObjectStore, key: &str, content: Vec<u8>) {
    store.put(&Path::from(key), content.into()).await.unwrap();
}

/// Uploads everything in a folder below `nightly/`, and things that are no dumps.
async fn upload(made: &Made, store: &dyn ObjectStore) {
    for (name, _) in FORMS {
        let path = made.path(name);
        if path.is_dir() {
            for file in fs::read_dir(&path).unwrap() {
                let file = file.unwrap();
                let key = format!("nightly/{name}/{}", file.file_name().to_string_lossy());
                put(store, &key, fs::read(file.path()).unwrap()).await;
            }
        } else {
            put(store, &format!("nightly/{name}"), fs::read(path).unwrap()).await;
        }
    }
    put(store, "nightly/notes.txt", b"no dump".to_vec()).await;
    put(store, "nightly/failed.dump", Vec::new()).await;
    put(store, "elsewhere/a.dump", b"PGDMP".to_vec()).await;
}

async fn every_form(place: &DumpPlace, scratch: &Scratch) {
    let listing = place.list().await.unwrap();
    let forms: Vec<_> = listing
        .dumps
        .iter()
        .map(|dump| (dump.label.as_str(), dump.form))
        .collect();
    let expected = [
        ("a.dump", Form::Custom),
        ("d", Form::Directory),
        ("failed.dump", Form::Custom),
        ("p.sql", Form::Plain),
        ("t.tar", Form::Tar),
    ];
    assert_eq!(forms, expected);
    for dump in &listing.dumps {
        assert!(dump.version.is_some(), "{}", dump.label);
        let read = read(place, dump, scratch).await;
        if dump.label == "failed.dump" {
            assert!(matches!(read, Err(DumpError::Broken { .. })), "{read:?}");
            continue;
        }
        let contents = read.unwrap().contents;
        assert_eq!(contents.rows["public.tenants"].0, ROWS, "{}", dump.label);
        assert_eq!(contents.migration_head.as_deref(), Some("20260301000000_Later"));
    }
    is_empty(scratch);
}

fn is_empty(scratch: &Scratch) {
    let left: Vec<_> = fs::read_dir(&scratch.root).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn s3_holds_dumps_of_every_form() {
    let (made, folder, moto) = (Made::with(&FORMS).await, scratch_folder(), Moto::start());
    moto.create_bucket(BUCKET).await;
    upload(&made, &*writer(&moto)).await;
    every_form(&bucket(&s3(&moto)), &scratch(folder.path())).await;
}

#[tokio::test]
async fn azure_holds_dumps_of_every_form() {
    let (made, folder, azurite) = (Made::with(&FORMS).await, scratch_folder(), Azurite::start());
    azurite.create_container(BUCKET).await;
    let store = MicrosoftAzureBuilder::new()
        .with_account(azurite::ACCOUNT)
        .with_access_key(azurite::ACCOUNT_KEY)
        .with_container_name(BUCKET)
        .with_endpoint(azurite.endpoint().to_string())
        .with_allow_http(true);
    upload(&made, &store.build().unwrap()).await;
    let by_key = AzureLocation {
        account: azurite::ACCOUNT.into(),
        container: BUCKET.into(),
        prefix: "nightly".into(),
        endpoint: Some(azurite.endpoint()),
        account_key: Some(azurite::ACCOUNT_KEY.into()),
        sas_token: None,
    };
    let azure = |location: &AzureLocation| DumpPlace::Bucket(DumpBucket::azure("bucket", location).unwrap());
    every_form(&azure(&by_key), &scratch(folder.path())).await;

    let signed = |key: &str| AzureLocation {
        account_key: None,
        sas_token: Some(azurite::sas_token("rl", key).into()),
        ..by_key.clone()
    };
    every_form(&azure(&signed(azurite::ACCOUNT_KEY)), &scratch(folder.path())).await;

    let wrong = signed("d3Jvbmcga2V5");
    let error = azure(&wrong).list().await.unwrap_err().to_string();
    assert!(error.contains("may not read it (AuthorizationFailure"), "{error}");
    assert!(!error.contains("sig="), "{error}");
    let missing = AzureLocation {
        container: "missing".into(),
        ..by_key
    };
    let error = azure(&missing).list().await.unwrap_err().to_string();
    assert!(
        error.contains("no such bucket, container") && error.contains("ContainerNotFound"),
        "{error}"
    );
}

/// Google's XML interface is S3's, so moto stands for it, too; it doesn't check the token. Never run against the real service.
#[tokio::test]
async fn google_holds_dumps_of_every_form() {
    let (made, folder, moto) = (Made::with(&FORMS).await, scratch_folder(), Moto::start());
    moto.create_bucket(BUCKET).await;
    upload(&made, &*writer(&moto)).await;
    let account = folder.path().join("account.json");
    fs::write(&account, google::service_account()).unwrap();
    let location = GcsLocation {
        bucket: BUCKET.into(),
        prefix: "nightly".into(),
        endpoint: Some(moto.endpoint()),
        service_account: Some(account),
    };
    let place = DumpPlace::Bucket(DumpBucket::gcs("bucket", &location).unwrap());
    every_form(&place, &scratch(folder.path())).await;

    let missing = GcsLocation {
        bucket: "missing".into(),
        ..location.clone()
    };
    let error = DumpPlace::Bucket(DumpBucket::gcs("bucket", &missing).unwrap())
        .list()
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("no such bucket, container") && error.contains("NoSuchBucket"),
        "{error}"
    );
    let missing = GcsLocation {
        service_account: Some(folder.path().join("missing.json")),
        ..location
    };
    let error = DumpBucket::gcs("bucket", &missing).unwrap_err().to_string();
    assert!(error.contains("missing.json"), "{error}");
}

#[tokio::test]
async fn an_object_that_arrived_truncated_is_broken_and_leaves_nothing_behind() {
    let (made, folder, moto) = (Made::custom().await, scratch_folder(), Moto::start());
    moto.create_bucket(BUCKET).await;
    let mut content = fs::read(made.path("a.dump")).unwrap();
    content.pop();
    put(&*writer(&moto), "nightly/a.dump", content).await;
    let (place, scratch) = (bucket(&s3(&moto)), scratch(folder.path()));
    let dump = place.find("a.dump").await.unwrap();
    let error = refusal(&place, &dump, &scratch).await;
    assert!(matches!(error, DumpError::Broken { .. }), "{error}");
    is_empty(&scratch);
}

#[tokio::test]
async fn an_object_that_was_replaced_since_it_was_listed_is_not_taken_for_it() {
    let (made, folder, moto) = (Made::custom().await, scratch_folder(), Moto::start());
    moto.create_bucket(BUCKET).await;
    let (store, content) = (writer(&moto), fs::read(made.path("a.dump")).unwrap());
    put(&*store, "nightly/a.dump", content.clone()).await;
    let (place, scratch) = (bucket(&s3(&moto)), scratch(folder.path()));
    let before = place.find("a.dump").await.unwrap();
    let mut other = content;
    *other.last_mut().unwrap() ^= 1;
    put(&*store, "nightly/a.dump", other).await;
    let error = refusal(&place, &before, &scratch).await;
    assert!(matches!(error, DumpError::BeingWritten { .. }), "{error}");
    is_empty(&scratch);
    let after = place.find("a.dump").await.unwrap();
    assert!(after.size == before.size && after.version != before.version);
}

/// A way to the server on which every answer ends after so many bytes.
async fn cutting_proxy(to: std::net::SocketAddr, after: u64) -> url::Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from_client, mut to_client) = client.into_split();
                let (from_server, mut to_server) = TcpStream::connect(to).await.unwrap().into_split();
                let mut answer = from_server.take(after);
                // Whichever side ends first ends the other.
                tokio::select! {
                    _ = tokio::io::copy(&mut from_client, &mut to_server) => {}
                    _ = tokio::io::copy(&mut answer, &mut to_client) => {}
                }
            });
        }
    });
    format!("http://{address}").parse().unwrap()
}

#[tokio::test]
async fn a_transfer_that_is_cut_short_says_nothing_about_the_dump() {
    let (made, folder, moto) = (Made::custom().await, scratch_folder(), Moto::start());
    moto.create_bucket(BUCKET).await;
    put(
        &*writer(&moto),
        "nightly/a.dump",
        fs::read(made.path("a.dump")).unwrap(),
    )
    .await;
    let scratch = scratch(folder.path());
    let dump = bucket(&s3(&moto)).find("a.dump").await.unwrap();
    assert!(dump.size > 20_000, "{}", dump.size);
    let through_proxy = S3Location {
        endpoint: Some(cutting_proxy(moto.endpoint().socket_addrs(|| None).unwrap()[0], 10_000).await),
        ..s3(&moto)
    };
    let place = bucket(&through_proxy);
    assert_eq!(place.find("a.dump").await.unwrap(), dump, "what is short arrives");
    let error = refusal(&place, &dump, &scratch).await;
    assert!(
        matches!(error, DumpError::Bucket { .. } | DumpError::CutShort { .. }),
        "{error}"
    );
    is_empty(&scratch);
}

#[tokio::test]
async fn without_room_a_dump_is_unknown() {
    let (made, folder, moto) = (Made::custom().await, scratch_folder(), Moto::start());
    moto.create_bucket(BUCKET).await;
    put(
        &*writer(&moto),
        "nightly/a.dump",
        fs::read(made.path("a.dump")).unwrap(),
    )
    .await;
    let (place, scratch) = (bucket(&s3(&moto)), scratch(folder.path()));
    let mut huge = place.find("a.dump").await.unwrap();
    huge.size = 1 << 60;
    let error = refusal(&place, &huge, &scratch).await;
    assert!(matches!(error, DumpError::NoRoom { .. }), "{error}");
    is_empty(&scratch);
}

#[tokio::test]
async fn a_killed_process_leaves_no_copy_for_long() {
    let (made, folder, moto) = (Made::custom().await, scratch_folder(), Moto::start());
    moto.create_bucket(BUCKET).await;
    put(
        &*writer(&moto),
        "nightly/a.dump",
        fs::read(made.path("a.dump")).unwrap(),
    )
    .await;
    let (place, scratch) = (bucket(&s3(&moto)), scratch(folder.path()));
    fs::create_dir_all(scratch.root.join("dump-left")).unwrap();
    fs::write(scratch.root.join("dump-left/dump"), "production’s data").unwrap();
    let dump = place.find("a.dump").await.unwrap();
    let first = place.open(&dump, &scratch).await.unwrap();
    assert!(!scratch.root.join("dump-left").exists());
    let second = place.open(&dump, &scratch).await.unwrap();
    assert!(first.path().exists() && first.path() != second.path());
    drop((first, second));
    is_empty(&scratch);
}

#[tokio::test]
async fn what_refuses_is_named_without_its_secrets() {
    let moto = Moto::start_strict(1);
    moto.create_bucket(BUCKET).await;
    let location = s3(&moto);
    let place = bucket(&location);
    let error = place.list().await.unwrap_err().to_string();
    assert!(
        error.starts_with("s3://backups/nightly can’t be read: these credentials may not read it"),
        "{error}"
    );
    assert!(error.contains("InvalidAccessKeyId"), "{error}");
    for shown in [error, format!("{place:?}"), format!("{location:?}")] {
        assert!(!shown.contains(moto::SECRET_ACCESS_KEY), "{shown}");
    }

    let lenient = Moto::start();
    let error = bucket(&s3(&lenient)).list().await.unwrap_err().to_string();
    assert!(
        error.contains("no such bucket, container") && error.contains("NoSuchBucket"),
        "{error}"
    );

    let nobody = S3Location {
        endpoint: Some(
            format!("http://127.0.0.1:{}", testkit::peer::free_port())
                .parse()
                .unwrap(),
        ),
        ..location
    };
    let error = bucket(&nobody).list().await.unwrap_err().to_string();
    assert!(error.contains("Connection refused"), "{error}");
}

#[tokio::test]
async fn ten_thousand_objects_are_listed_page_by_page() {
    let (made, moto) = (Made::custom().await, Moto::start());
    moto.create_bucket(BUCKET).await;
    let store = writer(&moto);
    let objects = futures::stream::iter(0..10_000).map(|number| {
        let store = &store;
        async move {
            // Most are what failed jobs left: nothing has to be fetched to see that.
            put(
                &**store,
                &format!("nightly/{:02}/{number:05}.dump", number % 31),
                Vec::new(),
            )
            .await;
        }
    });
    objects.buffer_unordered(16).collect::<Vec<_>>().await;
    put(&*store, "nightly/a.dump", fs::read(made.path("a.dump")).unwrap()).await;
    let place = bucket(&s3(&moto));
    let listing = place.list().await.unwrap();
    assert_eq!(listing.dumps.len(), 10_001);
    assert_eq!(listing.dumps[0].label, "00/00000.dump");
    assert_eq!(place.find("30/09981.dump").await.unwrap().size, 0);
    assert!(listing.unreadable.is_empty());
}
