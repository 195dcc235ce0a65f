//! Two people, by logins that commit to what they agree to.

use chrono::{Duration, Utc};
use domain::approval::{Decision, LoginRefused, Refusal, State};
use domain::role::Role;
use recovery::{Error, approvals};

use crate::site::{DUMP, Site};

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_approved_by_somebody_else_and_by_nobody_twice() {
    let site = Site::new().await;
    let (a, b) = (site.person("a", Role::Operator), site.person("b", Role::Operator));
    let request = site
        .request(&a, &site.restore_wish("copy_of_ampora"))
        .await
        .expect("planned");

    let own = site
        .decide(&a, request.number, Decision::Approve)
        .await
        .expect_err("refused");
    assert!(matches!(own, Error::Refused(Refusal::Own)), "{own}");

    site.decide(&b, request.number, Decision::Approve)
        .await
        .expect("approves");
    let seen = approvals::see(&site.services, &a, request.number).await.expect("sees");
    assert!(matches!(seen.stored.request.state, State::Approved { .. }));
    assert_eq!(seen.decisions.len(), 1);

    let again = site
        .decide(&b, request.number, Decision::Approve)
        .await
        .expect_err("refused");
    assert!(
        matches!(again, Error::Refused(Refusal::NotPending("approved"))),
        "{again}"
    );
    let audited = site.audited().await;
    for entry in [
        ("request.create", "ok"),
        ("request.approve", "refused"),
        ("request.approve", "ok"),
    ] {
        assert!(
            audited
                .iter()
                .any(|(action, outcome)| (action.as_str(), outcome.as_str()) == entry),
            "{entry:?} in {audited:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_fresh_login_of_the_same_person_for_this_question_counts() {
    let site = Site::new().await;
    let (a, b) = (site.person("a", Role::Operator), site.person("b", Role::Operator));
    let number = site
        .request(&a, &site.restore_wish("copy_of_ampora"))
        .await
        .expect("planned")
        .number;

    let old = |mut login: testkit::issuer::Vouched| {
        login.auth_time = Some(Utc::now() - Duration::minutes(2));
        login
    };
    let error = site
        .decide_by(&b, number, Decision::Approve, old)
        .await
        .expect_err("an older login");
    assert!(
        matches!(error, Error::Login(LoginRefused::BeforeChallenge(_))),
        "{error}"
    );

    let silent = |mut login: testkit::issuer::Vouched| {
        login.auth_time = None;
        login
    };
    let error = site
        .decide_by(&b, number, Decision::Approve, silent)
        .await
        .expect_err("no auth_time");
    assert!(matches!(error, Error::Login(LoginRefused::NoAuthTime)), "{error}");
    assert_eq!(
        site.services.provider.proves_fresh_logins(),
        Some(false),
        "the pages say so"
    );

    let other_nonce = |mut login: testkit::issuer::Vouched| {
        login.nonce = "another question".into();
        login
    };
    let error = site
        .decide_by(&b, number, Decision::Approve, other_nonce)
        .await
        .expect_err("another nonce");
    assert!(matches!(error, Error::Provider(_)), "{error}");

    let somebody_else = |mut login: testkit::issuer::Vouched| {
        login.subject = "c".into();
        login
    };
    let error = site
        .decide_by(&b, number, Decision::Approve, somebody_else)
        .await
        .expect_err("another person");
    assert!(matches!(error, Error::Login(LoginRefused::Person(_))), "{error}");

    let demoted = |mut login: testkit::issuer::Vouched| {
        login.groups = vec!["viewer".into()];
        login
    };
    let error = site
        .decide_by(&b, number, Decision::Approve, demoted)
        .await
        .expect_err("no longer an operator");
    assert!(matches!(error, Error::Refused(Refusal::Role(_))), "{error}");

    let seen = approvals::see(&site.services, &a, number).await.expect("sees");
    assert!(matches!(seen.stored.request.state, State::Pending { .. }) && seen.decisions.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_approvers_at_the_same_instant_one_comes_second() {
    let site = Site::new().await;
    let a = site.person("a", Role::Operator);
    let (b, c) = (site.person("b", Role::Approver), site.person("c", Role::Approver));
    let number = site
        .request(&a, &site.restore_wish("copy_of_ampora"))
        .await
        .expect("planned")
        .number;
    let (first, second) = tokio::join!(
        site.decide(&b, number, Decision::Approve),
        site.decide(&c, number, Decision::Approve)
    );
    let refused = [first, second].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(
        matches!(refused[0], Error::Refused(Refusal::NotPending("approved"))),
        "{}",
        refused[0]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_request_or_decide_is_told_which_role_it_takes() {
    let site = Site::new().await;
    let operator = site.person("a", Role::Operator);
    let number = site
        .request(&operator, &site.restore_wish("copy_of_ampora"))
        .await
        .expect("planned")
        .number;
    for role in [Role::Viewer, Role::Auditor] {
        let person = site.person("v", role);
        let error = site
            .decide(&person, number, Decision::Approve)
            .await
            .expect_err("refused");
        assert!(error.to_string().contains("operator or approver"), "{error}");
        let error = site
            .request(&person, &site.restore_wish("other"))
            .await
            .expect_err("refused");
        assert!(error.to_string().contains("operator"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_cannot_be_made_names_every_reason() {
    let site = Site::new().await;
    let a = site.person("a", Role::Operator);
    for hostile in ["\"; drop database", "", "postgres", "x; --", &"a".repeat(64)] {
        let error = site
            .request(&a, &site.restore_wish(hostile))
            .await
            .expect_err("refused");
        assert!(matches!(error, Error::Invalid(_)), "{hostile:?}: {error}");
    }
    let taken = site
        .request(&a, &site.restore_wish(&site.live.name))
        .await
        .expect_err("exists");
    assert!(taken.to_string().contains("exists"), "{taken}");

    let whole = std::fs::read(site.dumps().join(DUMP)).expect("reads");
    std::fs::write(site.dumps().join(DUMP), &whole[..whole.len() - 20]).expect("writes");
    let torn = site
        .request(&a, &site.restore_wish("9 lives"))
        .await
        .expect_err("refused");
    let text = torn.to_string();
    assert!(text.contains("broken") && text.contains("63"), "both reasons: {text}");

    std::fs::write(site.dumps().join(DUMP), "not a dump at all").expect("writes");
    let none = site.request(&a, &site.restore_wish("copy")).await.expect_err("refused");
    assert!(none.to_string().contains("no dump"), "{none}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_changed_since_it_was_read_is_not_put_up() {
    let site = Site::new().await;
    let a = site.person("a", Role::Operator);
    let wish = site.restore_wish("copy_of_ampora");
    let seen = approvals::plan(&site.services, &a, &wish)
        .await
        .expect("planned")
        .pinned
        .digest();
    let error = approvals::create(&site.services, &a, &site.restore_wish("another"), seen, "")
        .await
        .expect_err("moved");
    assert!(matches!(error, Error::Stale(_)), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_request_is_over_for_everybody() {
    let site = Site::new().await;
    let (a, b) = (site.person("a", Role::Operator), site.person("b", Role::Operator));
    let number = site
        .request(&a, &site.restore_wish("copy_of_ampora"))
        .await
        .expect("planned")
        .number;
    let error = approvals::withdraw(&site.services, &b, number)
        .await
        .expect_err("not theirs");
    assert!(matches!(error, Error::Refused(Refusal::NotYours)));
    approvals::withdraw(&site.services, &a, number)
        .await
        .expect("withdraws");
    let error = site.decide(&b, number, Decision::Approve).await.expect_err("over");
    assert!(
        matches!(error, Error::Refused(Refusal::NotPending("withdrawn"))),
        "{error}"
    );
}
