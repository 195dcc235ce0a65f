//! A key into a new place: once, where nothing was, and never over anything, whatever happens on the way.

mod moved;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use adapters::key_files::{EnvFile, KeyFiles};
use adapters::manager::{SecretManager, Unusable, Written};
use domain::ids::RunId;
use domain::plan::PlaceName;
use domain::role::Role;
use domain::run::{RunState, StepState};
use recovery::plans::{Wanted, Wish};
use recovery::settings::{Destination, InUse, KeyPlace, Replica};
use recovery::{Error, approvals, runs};

use crate::managers::{Line, Mishap, held, put};
use crate::runs::{abandon, worked};
use crate::secrets;
use crate::site::{Site, session};

fn place(manager: impl SecretManager + 'static) -> KeyPlace {
    KeyPlace {
        manager: Arc::new(manager),
        written: Written::default(),
    }
}

/// A destination whose places are folders below `root`.
fn folders(name: &str, root: PathBuf) -> Destination {
    let to = move |name: &PlaceName| place(Line::to(root.join(name.as_str())));
    Destination::new(name.into(), "file", to)
}

/// A site with the destination `elsewhere`, and the folder of its place `keys`.
async fn site() -> (Site, KeyFiles) {
    secrets::listen();
    let mut site = Site::new().await;
    let root = site.folder.path().join("elsewhere");
    fs::create_dir(&root).expect("a folder");
    let new = KeyFiles { dir: root.join("keys") };
    site.configure(|settings| settings.deployments[0].key_destinations = vec![folders("elsewhere", root)]);
    (site, new)
}

/// A site whose destination goes by a line to which something happens.
async fn unlucky(mishap: Mishap) -> (Site, KeyFiles) {
    let (mut site, new) = site().await;
    let line = Line::to(new.dir.clone()).breaks(mishap);
    site.configure(|settings| {
        let to = move |_: &PlaceName| place(line.clone());
        settings.deployments[0].key_destinations = vec![Destination::new("elsewhere".into(), "file", to)];
    });
    (site, new)
}

fn wish(destination: &str, name: &str) -> Wish {
    Wish::RetrieveKey {
        deployment: "demo".into(),
        version: "2".into(),
        delivery: Wanted::Placed {
            destination: destination.into(),
            name: name.into(),
        },
    }
}

async fn refused(site: &Site, destination: &str, name: &str) -> Vec<String> {
    let a = site.person("a", Role::Operator);
    match approvals::plan(&site.services, &a, &wish(destination, name)).await {
        Err(Error::Invalid(reasons)) => reasons,
        other => panic!("{destination} {name}: {other:?}"),
    }
}

fn has(reasons: &[String], says: &str) -> bool {
    reasons.iter().any(|reason| reason.contains(says))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_put_where_nothing_was_and_read_back() {
    let (site, new) = site().await;
    let run = site.started(&wish("elsewhere", "keys")).await;
    let done = worked(&site, run).await;
    assert!(
        matches!(done.state, RunState::Succeeded { .. }),
        "{:?} {:?}",
        done.state,
        done.steps
    );
    assert_eq!(held(&new), "1=2*");
    let audited = site.audited().await;
    let count = |action: &str, outcome: &str| {
        let same = |(a, o): &&(String, String)| (a.as_str(), o.as_str()) == (action, outcome);
        audited.iter().filter(same).count()
    };
    assert_eq!(count("key.write", "-"), 1, "announced before: {audited:?}");
    assert_eq!(count("key.write", "ok"), 1, "{audited:?}");
    // For the plan twice, again before the delivery, for the delivery, and at the new place.
    assert_eq!((count("key.read", "-"), count("key.read", "ok")), (5, 5), "{audited:?}");
    assert_eq!(count("run.step", "ok"), 3);
    secrets::nothing_is_kept(&site, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_shown_a_key_that_goes_to_a_place_and_nobody_alone_sends_it() {
    let (site, new) = site().await;
    let (a, b) = (site.person("a", Role::Operator), site.person("b", Role::Operator));
    let number = site
        .request(&a, &wish("elsewhere", "keys"))
        .await
        .expect("planned")
        .number;
    let early = runs::start(&site.services, &a, number)
        .await
        .expect_err("nobody agreed");
    assert!(matches!(early, Error::Refused(_)), "{early}");
    let viewer = site
        .request(&site.person("v", Role::Viewer), &wish("elsewhere", "keys"))
        .await;
    assert!(matches!(viewer, Err(Error::Forbidden(_))));
    site.decide(&b, number, domain::approval::Decision::Approve)
        .await
        .expect("approves");
    let login = site
        .decide(&a, number, domain::approval::Decision::Reveal)
        .await
        .expect("signs in");
    let shown = runs::reveal(&site.services, &a, session(&a), number, login.challenge).await;
    assert!(matches!(shown, Err(Error::Invalid(_))), "{shown:?}");
    assert!(!new.dir.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_is_none_is_refused_with_every_reason() {
    let (site, new) = site().await;
    for name in ["", "../keys", "a/b", "-a", "a b", &"a".repeat(61)] {
        let reasons = refused(&site, "elsewhere", name).await;
        assert!(
            has(&reasons, "letters (a–z), digits and hyphens"),
            "{name:?}: {reasons:?}"
        );
    }
    let both = refused(&site, "nowhere", "../keys").await;
    assert!(has(&both, "there are elsewhere") && has(&both, "hyphens"), "{both:?}");

    fs::create_dir(&new.dir).expect("a folder");
    assert!(
        has(&refused(&site, "elsewhere", "keys").await, "exists already"),
        "even an empty one"
    );
    put(&new, "1", 2, true);
    assert!(
        has(&refused(&site, "elsewhere", "keys").await, "exists already"),
        "even the same key"
    );
    assert_eq!(held(&new), "1=2*");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_told_or_written_is_refused() {
    let (mut site, new) = site().await;
    let line = Line::to(new.dir);
    let line = move |kind: &'static str, silent: bool| {
        let line = Line {
            kind,
            silent,
            ..line.clone()
        };
        Destination::new(format!("{kind}-{silent}"), kind, move |_| place(line.clone()))
    };
    let unusable = |kind: &'static str| Unusable {
        kind,
        name: kind.into(),
        why: "no credentials".into(),
    };
    site.configure(|settings| {
        let deployment = &mut settings.deployments[0];
        let all = [
            ("vault", true),
            ("vault", false),
            ("gcp", false),
            ("azure", false),
            ("kubernetes", false),
        ];
        deployment.key_destinations = all.map(|(kind, silent)| line(kind, silent)).into();
        let key = deployment.master_key.as_mut().expect("is configured");
        key.replicas = vec![Replica {
            name: "dark".into(),
            place: place(unusable("vault")),
        }];
    });
    let silent = refused(&site, "vault-true", "keys").await;
    assert!(has(&silent, "can’t be told whether something is there"), "{silent:?}");
    assert!(
        has(&silent, "can’t be told whether that place is the replica dark of demo"),
        "{silent:?}"
    );
    assert!(has(&refused(&site, "vault-false", "keys").await, "the replica dark"));
    for cloud in ["gcp-false", "azure-false"] {
        assert!(has(&refused(&site, cloud, "keys").await, "only reads"), "{cloud}");
    }
    assert!(has(
        &refused(&site, "kubernetes-false", "Keys").await,
        "no capital letters"
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_anybody_uses_is_refused_whatever_leads_to_it() {
    let (mut site, _) = site().await;
    let root = site.folder.path().to_owned();
    std::os::unix::fs::symlink(&root, root.join("link")).expect("links");
    site.configure(|settings| {
        let mut other = settings.deployments[0].clone();
        other.name = "other".into();
        let keys = |name: &str| place(KeyFiles { dir: root.join(name) });
        let key = other.master_key.as_mut().expect("is configured");
        key.place = keys("other-keys");
        key.in_use = Some(InUse::EnvFile(EnvFile {
            path: root.join("run/ampora.env"),
        }));
        let demo = &mut settings.deployments[0];
        let roots = ["link", "keys", "dumps"].map(|name| folders(name, root.join(name)));
        demo.key_destinations = roots.into_iter().chain([folders("root", root.clone())]).collect();
        demo.master_key.as_mut().expect("is configured").replicas = vec![Replica {
            name: "far".into(),
            place: keys("not-made-yet"),
        }];
        settings.deployments.push(other);
    });
    for (destination, name, says) in [
        ("root", "keys", "the secret manager of demo"),
        ("link", "keys", "the secret manager of demo"),
        ("keys", "inside", "the secret manager of demo"),
        ("root", "not-made-yet", "the replica far of demo"),
        ("link", "not-made-yet", "the replica far of demo"),
        ("link", "other-keys", "the secret manager of other"),
        ("root", "run", "where the running Ampora of other has its key from"),
        ("dumps", "beside", "the source dumps of demo"),
    ] {
        let reasons = refused(&site, destination, name).await;
        assert!(has(&reasons, says), "{destination} {name}: {reasons:?}");
    }
    let both = refused(&site, "root", "keys").await;
    assert!(
        has(&both, "exists already") && has(&both, "the secret manager of demo"),
        "{both:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_to_the_write_there_are_never_two_and_nothing_is_written_over() {
    for (mishap, ends, there, says) in [
        (Mishap::LostRequest, "failed", "", "nothing is at the new place"),
        (Mishap::LostAnswer, "succeeded", "1=2*", "nothing was written again"),
        (Mishap::Overtaken, "refused", "8=8*", "exists already"),
        (Mishap::Replaced, "needs human", "1=8*", "holds another key"),
    ] {
        let (site, new) = unlucky(mishap).await;
        let run = site.started(&wish("elsewhere", "keys")).await;
        let done = worked(&site, run).await;
        let said = format!("{:?} {:?}", done.state, done.steps);
        assert_eq!(done.state.word(), ends, "{mishap:?}: {said}");
        assert!(said.contains(says), "{mishap:?}: {said}");
        assert_eq!(held(&new), there, "{mishap:?}");
        secrets::nothing_is_kept(&site, &[]).await;
    }
}

/// The worker of this run is gone for good; its lease runs out.
async fn lease_runs_out(site: &Site, run: RunId) {
    let lease = sqlx::query("UPDATE runs SET lease_until = clock_timestamp() - interval '1 s' WHERE id = $1");
    let lease = lease.bind(run.0).execute(&mut site.own.connect().await).await;
    lease.expect("the lease runs out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_with_the_key_in_hand_says_nothing_of_it_and_the_next_worker_goes_on() {
    let (site, new) = unlucky(Mishap::Panic).await;
    let run = site.started(&wish("elsewhere", "keys")).await;
    let events = Arc::new(store::events::Events::listen(&site.services.store));
    let died = tokio::spawn(runs::work(site.services.clone(), events, Default::default())).await;
    assert!(died.is_err_and(|died| died.is_panic()));
    assert!(
        secrets::heard("died with Value(redacted) in its hands"),
        "the panic was heard"
    );
    secrets::nothing_is_kept(&site, &[]).await;
    lease_runs_out(&site, run).await;
    let done = worked(&site, run).await;
    assert!(matches!(done.state, RunState::Succeeded { .. }), "{:?}", done.state);
    assert_eq!(held(&new), "1=2*");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_its_worker_left_at_any_step_is_finished_once() {
    for left_at in 0..3 {
        let (site, new) = site().await;
        let run = site.started(&wish("elsewhere", "keys")).await;
        abandon(&site, run, left_at).await;
        let before = fs::metadata(new.dir.join("1.key"))
            .and_then(|meta| meta.modified())
            .ok();
        let done = worked(&site, run).await;
        assert!(
            matches!(done.state, RunState::Succeeded { .. }),
            "left at {left_at}: {:?} {:?}",
            done.state,
            done.steps
        );
        assert_eq!(held(&new), "1=2*", "left at {left_at}");
        let after = fs::metadata(new.dir.join("1.key"))
            .and_then(|meta| meta.modified())
            .ok();
        assert!(
            before.is_none() || before == after,
            "left at {left_at}: it was written again"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_found_after_a_crash_and_is_not_the_approved_key_is_left_to_a_person() {
    type Leave = fn(&KeyFiles);
    let leaves: [(Leave, &str, &str); 3] = [
        (|new| put(new, "1", 7, true), "1=7*", "holds another key"),
        (|new| put(new, "1", 2, false), "1=2", "version 1, not current"),
        (
            |new| {
                put(new, "1", 2, false);
                put(new, "2", 2, true);
            },
            "1=2 2=2*",
            "version 2, current",
        ),
    ];
    for (leave, there, says) in leaves {
        let (site, new) = site().await;
        let run = site.started(&wish("elsewhere", "keys")).await;
        abandon(&site, run, 1).await;
        fs::remove_dir_all(&new.dir).ok();
        fs::create_dir(&new.dir).expect("a folder");
        leave(&new);
        let done = worked(&site, run).await;
        let RunState::NeedsHuman { seen, .. } = &done.state else {
            panic!("{:?} {:?}", done.state, done.steps)
        };
        assert!(seen.contains(says), "{seen}");
        assert!(
            matches!(done.steps[1].1, StepState::Running { .. }),
            "nobody knows how it ended"
        );
        assert_eq!(held(&new), there);
    }
}
