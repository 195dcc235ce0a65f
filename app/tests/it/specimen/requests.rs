//! A request: plan, digest, people, decision, run, log.

use app::components::*;
use chrono::Duration;
use domain::run::StepState;
use leptos::prelude::*;

use super::samples::{ago, digest, now, person, steps};

pub fn sections() -> impl IntoView {
    let title = view! { <StatusWord word=Word::WaitsForYou text="Waits for you." />" Restore "<b>"ampora-0130.dump"</b>" into "<b>"ampora_restored"</b>"." };
    view! {
        <Sheet id="run" title="Run" note="Started 03:16:31 by operator-a">
            <p class="say small">{title}</p>
            <div class="running">
                <RunSteps steps=running(false) now=now() />
                <Log id="log" title="Log" lines=log() now=now() download="/runs/1/log" />
            </div>
        </Sheet>
        <Sheet id="stopped" title="A run that needs a person">
            <RunSteps steps=running(true) now=now() needs_you=Some("71 % restored, no pg_restore process. Unharmed: the dump, production.".to_string()) />
        </Sheet>
        <div class="split">
            <div>
                <Sheet id="plan" title="Step by step" note="5 steps, 1 of them destructive"><PlanSteps steps=steps() /></Sheet>
                <Sheet id="facts" title="What is pinned">
                    <Facts>
                        <Fact name="Target">"ampora_restored on /run/postgresql:5432"<span class="sub">"system identifier 7412093318650022"</span></Fact>
                        <Fact name="Reason"><QuotedText text="A clean-up script deleted\u{202e} 1 912 configurations <b>" /></Fact>
                        <Fact name="Key"><StatusWord word=Word::Missing text="not in Vault" />" "<DigestCode digest=digest() /></Fact>
                    </Facts>
                </Sheet>
            </div>
            <div class="stick">
                <Sheet id="digest" title="Digest" note="what is approved"><DigestPlate digest=digest() /></Sheet>
                <Sheet id="people" title="Decisions" note="1 of 2 people">
                    <People did=did() now=now() open=Some(("Second person: nobody yet".into(), "One rejection ends it. Silence expires.".into())) />
                    <NothingToDecide reason="One rejection ended it." />
                    <TextArea name="note" label="Note" placeholder="What did you check?" />
                </Sheet>
            </div>
        </div>
    }
}

fn did() -> Vec<Did> {
    vec![Did {
        name: "operator-a".into(),
        did: "requested",
        at: ago(48),
        by: "operator; signed in 2 min before".into(),
        note: "Checked with the tenant by phone.".into(),
        person: person("7f0e21c4"),
    }]
}

fn running(stopped: bool) -> Vec<RunStep> {
    let done = |seconds, detail: &str| StepState::Done {
        since: ago(600),
        at: ago(600) + Duration::seconds(seconds),
        detail: detail.into(),
    };
    let last = if stopped {
        StepState::Waiting
    } else {
        StepState::Failed {
            since: ago(3),
            at: ago(2),
            detail: "tenants has 11 rows, the plan says 12".into(),
        }
    };
    let states = [
        done(4, "11 facts, none moved"),
        done(1, "created"),
        StepState::Running { since: ago(38) },
        StepState::Waiting,
        last,
    ];
    steps()
        .into_iter()
        .zip(states)
        .map(|(step, state)| RunStep { step, state })
        .collect()
}

fn log() -> Vec<LogLine> {
    let line = |seconds, stream, text: &str| LogLine {
        at: ago(seconds),
        stream,
        text: text.into(),
    };
    vec![
        line(604, Stream::Muster, "intent recorded as audit entry 48 391"),
        line(
            603,
            Stream::Out,
            "pg_restore: connecting to database for restore, password=redacted",
        ),
        line(
            602,
            Stream::Out,
            "pg_restore: processing data for table \"public.agent_configurations\" of a very long line that has to wrap somewhere",
        ),
        line(
            540,
            Stream::Err,
            "pg_restore: warning: \u{1b}[31mrestoring tables WITH OIDS is not supported anymore",
        ),
    ]
}
