//! Agents on the copy: a launcher gets the key only as far as two people agreed, and what it serves is visited by a real agent. What is
//! launched here is the stand-in for Ampora.

use domain::approval::Decision;
use domain::drill::{Check, CheckStatus, Choice, Drill, Verdict, names};
use domain::role::Role;
use recovery::drills::{public_keys, verify};
use recovery::plans::Wish;
use recovery::settings::Agents;
use recovery::{Error, approvals, runs};

use super::world::{World, broken, code};

fn check<'a>(drill: &'a Drill, name: &str) -> &'a Check {
    let found = drill.checks.iter().find(|check| check.name == name);
    found.unwrap_or_else(|| panic!("no check {name}: {drill:#?}"))
}

/// Both checks are not run, for this reason.
fn not_run(drill: &Drill, why: &str) {
    for name in [names::AGENTS, names::ROLLOUT] {
        let check = check(drill, name);
        assert_eq!(check.status, CheckStatus::NotRun, "{check:?}");
        assert!(check.detail.contains(why), "{check:?}");
    }
}

impl World {
    fn launch(&mut self, command: Vec<String>) {
        self.change(|settings| {
            let sandbox = settings.deployments[0].drills.sandbox.as_mut().expect("a sandbox");
            sandbox.agents = Agents::Launched(command);
        });
    }

    fn launch_stand_in(&mut self, manner: &str) {
        self.launch(testkit::stand_in::command(manner));
    }

    /// Two people agree to the launcher as it is configured now.
    async fn agree(&self, days: u32) -> i64 {
        let (a, b) = (
            self.site.person("a", Role::Operator),
            self.site.person("b", Role::Operator),
        );
        let wish = Wish::DrillWithKey {
            deployment: "demo".into(),
            days,
        };
        let plan = approvals::plan(&self.services, &a, &wish).await.expect("planned");
        let request = approvals::create(&self.services, &a, &wish, plan.pinned.digest(), "the quarterly drill").await;
        let number = request.expect("asked").number;
        self.site.decide(&b, number, Decision::Approve).await.expect("approves");
        number
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_let_in_and_acknowledges_a_rollout() {
    let mut world = World::with_backup().await;
    world.launch_stand_in("usual");
    let number = world.agree(30).await;
    let stored = world.drill(Choice::Latest).await;
    let drill = &stored.drill;
    assert_eq!(drill.verdict, Some(Verdict::Passed), "{drill:#?}");
    for name in [names::AGENTS, names::ROLLOUT] {
        assert_eq!(check(drill, name).status, CheckStatus::Ok, "{drill:#?}");
    }
    let agents = &check(drill, names::AGENTS).evidence;
    let fact = |name: &str| {
        agents
            .iter()
            .find(|evidence| evidence.fact == name)
            .map(|evidence| evidence.value.clone())
    };
    assert_eq!(fact("plain HTTP").as_deref(), Some("offered"));
    // What stood in for Ampora is called so wherever the drill is read.
    assert!(
        check(drill, names::AGENTS).detail.contains("a stand-in for Ampora"),
        "{drill:#?}"
    );
    assert!(drill.sentence().contains("Ampora itself"), "{}", drill.sentence());
    let key = world.site.folder.path().join("receipt.pem.pub");
    let receipt = stored.receipt.as_ref().expect("one for each verdict");
    let (payload, _) = verify(receipt.as_bytes(), &public_keys(&key).expect("a key")).expect("holds");
    assert!(String::from_utf8_lossy(&payload).contains("a stand-in for Ampora"));
    assert_eq!(fact("launcher approved by request"), Some(number.to_string()));
    let [certificate] = &drill.certificates[..] else {
        panic!("{:?}", drill.certificates);
    };
    assert_eq!(fact("certificate"), Some(certificate.serial.clone()));
    assert_eq!(certificate.uri, format!("muster-drill:{}", drill.id));
    let audited = world.site.audited().await;
    assert!(
        audited.contains(&("drill.hand-over-key".into(), "ok".into())),
        "{audited:?}"
    );
    world.nothing_is_left();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_launcher_gets_no_key_that_people_did_not_agree_to() {
    let mut world = World::with_backup().await;
    world.launch_stand_in("usual");
    let drill = world.drill(Choice::Latest).await.drill;
    assert_eq!(drill.verdict, Some(Verdict::Passed), "{drill:#?}");
    not_run(&drill, "two people have to agree");
    assert!(drill.certificates.is_empty(), "{:?}", drill.certificates);
    let number = world.agree(30).await;
    let a = world.site.person("a", Role::Operator);
    let started = runs::start(&world.services, &a, number).await;
    assert!(matches!(started, Err(Error::Invalid(_))), "{started:?}");
    // Another word of the command makes it another launcher.
    world.launch_stand_in("idle");
    let drill = world.drill(Choice::Latest).await.drill;
    not_run(&drill, "approved another launcher: launch.command was");
    world.launch_stand_in("usual");
    let viewer = world.site.person("v", Role::Viewer);
    assert!(approvals::revoke(&world.services, &viewer, number).await.is_err());
    let b = world.site.person("b", Role::Operator);
    approvals::revoke(&world.services, &b, number).await.expect("revokes");
    let drill = world.drill(Choice::Latest).await.drill;
    not_run(&drill, "two people have to agree");
    let audited = world.site.audited().await;
    assert!(audited.contains(&("request.revoke".into(), "ok".into())), "{audited:?}");
    assert!(
        !audited.iter().any(|(action, _)| action == "drill.hand-over-key"),
        "{audited:?}"
    );
    for days in [0, 91] {
        let wish = Wish::DrillWithKey {
            deployment: "demo".into(),
            days,
        };
        assert!(
            matches!(
                approvals::plan(&world.services, &a, &wish).await,
                Err(Error::Invalid(_))
            ),
            "{days}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_of_agents_is_told_by_its_own_check() {
    let mut world = World::with_backup().await;
    world.launch_stand_in("forgetful");
    world.agree(1).await;
    let drill = world.drill(Choice::Latest).await.drill;
    assert_eq!(
        (drill.verdict, code(&drill)),
        (Some(Verdict::Failed), "check:rollout"),
        "{drill:#?}"
    );
    assert_eq!(broken(&drill), ["rollout"]);
    assert!(
        check(&drill, names::ROLLOUT).detail.contains("acknowledge"),
        "{drill:#?}"
    );
    // What doesn't come up says nothing about the backup.
    world.launch(
        ["/bin/sh", "-c", "echo the licence has run out >&2; exit 3"]
            .map(str::to_owned)
            .into(),
    );
    world.agree(1).await;
    let drill = world.drill(Choice::Latest).await.drill;
    assert_eq!(
        (drill.verdict, code(&drill)),
        (Some(Verdict::EnvironmentBroken), "not-run:agents"),
        "{drill:#?}"
    );
    assert!(
        check(&drill, names::AGENTS).detail.contains("the licence has run out"),
        "{drill:#?}"
    );
    world.nothing_is_left();
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_launched_with_a_wrong_key_or_for_another_authority() {
    let mut world = World::with_backup().await;
    world.launch_stand_in("usual");
    world.agree(1).await;
    testkit::miniature::replace_authority(&world.stanza.options(), &testkit::miniature::master_key(2)).await;
    world.stanza.write_and_archive().await;
    let drill = world.drill(Choice::Latest).await.drill;
    assert_eq!(
        (drill.verdict, code(&drill)),
        (Some(Verdict::Failed), "check:authority"),
        "{drill:#?}"
    );
    assert_eq!(broken(&drill), ["authority"]);
    not_run(&drill, "the check authority says why");
    world.wrong_key();
    let drill = world.drill(Choice::Latest).await.drill;
    not_run(&drill, "the check authority says why");
    assert!(broken(&drill).contains(&"key".to_owned()), "{drill:#?}");
    world.nothing_is_left();
}
