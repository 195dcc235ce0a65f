//! Retrieving a key: to the requester, once, and nowhere else.

use std::io::Read as _;
use std::process::Command;

use age::x25519::Identity;
use domain::approval::Decision;
use domain::key::{self, JOIN_RECIPE};
use domain::role::{Actor, Role};
use recovery::plans::{Wanted, Wish};
use recovery::runs::{self, Revealed};
use recovery::{Error, approvals};

use crate::secrets;
use crate::site::{Site, master_key, session};

fn wish(version: &str, recipient: Option<&str>) -> Wish {
    Wish::RetrieveKey {
        deployment: "demo".into(),
        version: version.into(),
        delivery: recipient.map_or(Wanted::Shown, |recipient| Wanted::Sealed {
            recipient: recipient.into(),
        }),
    }
}

async fn approved(site: &Site, a: &Actor, recipient: Option<&str>) -> i64 {
    let number = site.request(a, &wish("2", recipient)).await.expect("planned").number;
    site.decide(&site.person("b", Role::Operator), number, Decision::Approve)
        .await
        .expect("approves");
    number
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_key_is_shown_to_its_requester_once() {
    let site = Site::new().await;
    let (a, b) = (site.person("a", Role::Operator), site.person("b", Role::Operator));
    let number = approved(&site, &a, None).await;

    let others = site.decide(&b, number, Decision::Reveal).await.expect_err("not theirs");
    assert!(matches!(others, Error::Refused(_)), "{others}");

    let login = site.decide(&a, number, Decision::Reveal).await.expect("signs in");
    let stolen = runs::reveal(&site.services, &b, session(&b), number, login.challenge).await;
    assert!(stolen.is_err(), "another session can't use the login");
    let revealed = runs::reveal(&site.services, &a, session(&a), number, login.challenge)
        .await
        .expect("shows");
    let Revealed::Shown(text) = revealed else {
        panic!("shown, not sealed")
    };
    assert_eq!(*text, *key::to_setting(&master_key(2)));

    let again = runs::reveal(&site.services, &a, session(&a), number, login.challenge)
        .await
        .expect_err("once");
    assert!(matches!(again, Error::Invalid(_)), "{again}");
    secrets::nothing_is_kept(&site, &[]).await;
    assert!(site.audited().await.contains(&("key.reveal".into(), "ok".into())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_can_be_sealed_to_a_recipient() {
    let site = Site::new().await;
    let a = site.person("a", Role::Operator);
    let refused = site
        .request(&a, &wish("2", Some("age1nobody")))
        .await
        .expect_err("no recipient");
    assert!(refused.to_string().contains("age"), "{refused}");
    let recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    let number = approved(&site, &a, Some(recipient)).await;
    let login = site.decide(&a, number, Decision::Reveal).await.expect("signs in");
    let revealed = runs::reveal(&site.services, &a, session(&a), number, login.challenge)
        .await
        .expect("seals");
    assert!(matches!(revealed, Revealed::Sealed(text) if text.contains("BEGIN AGE ENCRYPTED FILE")));
}

fn opened(armored: &str, identity: &Identity) -> Result<String, age::DecryptError> {
    let decryptor = age::Decryptor::new(age::armor::ArmoredReader::new(armored.as_bytes()))?;
    let mut text = String::new();
    let mut reader = decryptor.decrypt(std::iter::once(identity as &dyn age::Identity))?;
    reader.read_to_string(&mut text)?;
    Ok(text)
}

/// Joins two shares as the documentation says.
fn joined(shares: [&str; 2]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, share) in ["share-1", "share-2"].iter().zip(shares) {
        std::fs::write(folder.path().join(name), share).expect("writes");
    }
    let recipe = Command::new("sh")
        .args(["-c", JOIN_RECIPE])
        .current_dir(folder.path())
        .output();
    let recipe = recipe.expect("a shell");
    let said = String::from_utf8_lossy(&recipe.stderr);
    assert!(recipe.status.success(), "python3 has to be there: {said}");
    String::from_utf8(recipe.stdout).expect("text").trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_get_a_share_each_and_make_the_key_without_muster() {
    secrets::listen();
    let site = Site::new().await;
    let a = site.person("a", Role::Operator);
    let identities = [Identity::generate(), Identity::generate()];
    let recipients = identities.each_ref().map(|identity| identity.to_public().to_string());
    let wish = |recipients: [&str; 2]| Wish::RetrieveKey {
        deployment: "demo".into(),
        version: "2".into(),
        delivery: Wanted::Split {
            recipients: recipients.map(Into::into),
        },
    };
    let [one, other] = recipients.each_ref().map(String::as_str);
    let twice = site
        .request(&a, &wish([one, &format!(" {one}")]))
        .await
        .expect_err("one person");
    assert!(twice.to_string().contains("two different ones"), "{twice}");
    let neither = site.request(&a, &wish(["", "age1nobody"])).await.expect_err("nobody");
    let neither = neither.to_string();
    assert!(
        neither.contains("Share 1: ") && neither.contains("Share 2: "),
        "{neither}"
    );

    let mut pads = Vec::new();
    for _ in 0..2 {
        let number = site.agreed(&wish([one, other])).await;
        let login = site.decide(&a, number, Decision::Reveal).await.expect("signs in");
        let revealed = runs::reveal(&site.services, &a, session(&a), number, login.challenge).await;
        let Revealed::Split([first, second]) = revealed.expect("splits") else {
            panic!("two shares")
        };
        assert_eq!([&*first.recipient, &*second.recipient], [one, other]);
        assert!(opened(&first.text, &identities[1]).is_err() && opened(&second.text, &identities[0]).is_err());
        let shares = [
            opened(&first.text, &identities[0]).expect("their own"),
            opened(&second.text, &identities[1]).expect("their own"),
        ];
        let setting = key::to_setting(&master_key(2));
        assert_eq!(joined(shares.each_ref().map(String::as_str)), *setting);
        assert!(shares.iter().all(|share| share.len() == 44 && *share != *setting));
        secrets::nothing_is_kept(&site, &shares.each_ref().map(String::as_str)).await;
        pads.extend(shares);
    }
    pads.sort();
    pads.dedup();
    assert_eq!(pads.len(), 4, "each pad is drawn for one response");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_replaced_after_the_approval_is_not_shown() {
    let site = Site::new().await;
    let a = site.person("a", Role::Operator);
    let number = approved(&site, &a, None).await;
    let path = site.folder.path().join("keys/2.key");
    std::fs::write(path, key::to_setting(&master_key(9)).as_bytes()).expect("writes");
    let login = site.decide(&a, number, Decision::Reveal).await.expect("signs in");
    let error = runs::reveal(&site.services, &a, session(&a), number, login.challenge)
        .await
        .expect_err("moved");
    assert!(matches!(error, Error::Stale(_)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_worker_ever_takes_a_key_and_no_version_is_a_path() {
    let site = Site::new().await;
    let a = site.person("a", Role::Operator);
    let number = approved(&site, &a, None).await;
    let error = runs::start(&site.services, &a, number)
        .await
        .expect_err("not by a worker");
    assert!(matches!(error, Error::Invalid(_)), "{error}");
    for version in ["../2", "", "9"] {
        assert!(
            matches!(
                approvals::plan(&site.services, &a, &wish(version, None)).await,
                Err(Error::Invalid(_))
            ),
            "{version:?}"
        );
    }
}
