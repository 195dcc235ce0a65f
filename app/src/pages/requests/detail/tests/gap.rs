//! The gap report on its request's page: which lines there are, whom they keep waiting, and who may settle them.

use domain::gap::GapReport;
use domain::plan::{DataLoss, Range};
use domain::role::Role;
use domain::run::RunState;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;
use recovery::runs::ReportLine;

use super::super::super::samples::{consumed, log, reader, restore, run, seen, stored};
use super::super::{Detail, RequestContent};
use crate::components::{Address, Place};
use crate::pages::overview::proofs::{document, holds, main};
use crate::pages::overview::samples::{HOSTILE, ago};

/// A restore that lost seven audit events and revived two things; these of its three lines are settled.
fn after(name: &str, role: Role, settled: &[usize]) -> String {
    let reader = reader("somebody", role);
    let plan = restore();
    let lost = DataLoss {
        audit_events: Some(Range::exactly(7)),
        ..DataLoss::unknown(ago(10))
    };
    let revived = plan.advisory.resurrections.clone();
    let report = GapReport::new("ampora-prod", ago(10), Some(lost), revived);
    let settled = settled.iter().map(|line| ReportLine {
        line: *line,
        waived: false,
        note: HOSTILE.into(),
        by_name: "operator-a".into(),
        at: ago(1),
    });
    let stored = stored(plan, consumed());
    let run = run(&stored, RunState::Succeeded { at: ago(2) }, 2);
    let detail = Detail {
        seen: seen(stored, &reader, None, Some(run)),
        reader,
        log: Ok(log()),
        address: Address::new("/requests/7", ParamsMap::new()),
        gap: Some((report, settled.collect())),
        exposure: None,
    };
    let html = document(Place::Requests, move || view! { <RequestContent detail /> }.into_any());
    holds(&format!("request-gap-{name}"), &html);
    main(&html)
}

#[test]
fn lost_audit_events_are_the_last_line_and_are_settled_like_the_others() {
    let main = after("open", Role::Operator, &[]);
    assert!(main.contains("7 audit events are lost"), "{main}");
    for line in 0..3 {
        assert!(main.contains(&format!("/gap/{line}/done\"")), "{line}: {main}");
    }
    assert!(!main.contains("/gap/3/"), "{main}");
    assert!(main.contains("3 lines open: Ampora stays away"), "{main}");
}

#[test]
fn only_what_came_back_to_life_keeps_agents_waiting() {
    let main = after("loss-open", Role::Operator, &[0, 1]);
    assert!(main.contains("1 line open"), "{main}");
    assert!(!main.contains("stays away"), "{main}");
    let main = after("settled", Role::Operator, &[0, 1, 2]);
    assert!(main.contains("every line is settled"), "{main}");
    assert!(!main.contains("/gap/"), "{main}");
}

#[test]
fn who_may_not_settle_lines_is_told_who_may() {
    let main = after("viewer", Role::Viewer, &[0]);
    assert!(!main.contains("/done\""), "{main}");
    assert!(main.contains("Operators settle it"), "{main}");
}
