//! What the newest drill says of a recovery: its figures only where it passed, and never without what it did not test.

use domain::drill::Verdict;
use domain::time::{Timestamp, ago, span};
use leptos::prelude::*;
use recovery::overview::{Rehearsed, Shown};

use super::marked::Marked;
use crate::components::{Answer, Ground, Seen, Word, visible};

fn href(shown: &Shown) -> String {
    format!("/drills/{}", shown.drill)
}

fn took(shown: &Shown) -> String {
    shown
        .rto_seconds
        .map_or_else(|| "a time that was not measured".into(), |seconds| span(seconds.into()))
}

fn untested(shown: &Shown) -> Option<String> {
    (!shown.untested.is_empty()).then(|| format!("{} not tested", shown.untested.join(", ")))
}

/// The part of the Overview's sentence. `None`: no drill has shown anything.
pub fn sentence(rehearsed: &Rehearsed) -> Option<AnyView> {
    let newest = rehearsed.newest.as_ref()?;
    if newest.verdict == Verdict::Passed {
        return Some(passed(newest));
    }
    let text = match newest.verdict {
        Verdict::Failed => "the newest drill of it failed",
        _ => "the newest drill came to no result",
    };
    let word = if newest.verdict == Verdict::Failed {
        Word::Broken
    } else {
        Word::EnvironmentBroken
    };
    let last = rehearsed.passed.as_ref().map(|last| {
        let (took, href) = (took(last), href(last));
        view! { "; the last that passed took "<a href=href><b>{took}</b></a> }
    });
    Some(view! { "But "<Marked word text href=href(newest) />{last}". " }.into_any())
}

fn passed(shown: &Shown) -> AnyView {
    let lost = match shown.rpo_seconds {
        Some(0) | None => None,
        Some(seconds) => Some(view! { " and lost "<b>{span(seconds.into())}</b> }),
    };
    let untested = untested(shown).map(|names| format!(", {names}"));
    view! { "A drill that passed took "<a href=href(shown)><b>{took(shown)}</b></a>{lost}{untested}". " }.into_any()
}

/// How that is known.
pub fn ground(rehearsed: &Rehearsed, now: Timestamp) -> Option<AnyView> {
    let newest = rehearsed.newest.clone()?;
    let seen = view! { <Seen at=Some(newest.at) now source="drills" /> }.into_any();
    let says = match (&newest.why, untested(&newest)) {
        (Some(why), _) => why.clone(),
        (None, Some(names)) => format!("drill of {}, passed; {names}", newest.backup),
        (None, None) => format!("drill of {}, passed", newest.backup),
    };
    Some(view! { <Ground part="How long" seen>{visible(&says)}</Ground> }.into_any())
}

/// The answer to “how fast”. `None`: no drill has shown anything.
pub fn answer(rehearsed: &Rehearsed, now: Timestamp) -> Option<Answer> {
    let newest = rehearsed.newest.as_ref()?;
    if let Some(proof) = rehearsed.proof() {
        let grounds = match untested(proof) {
            Some(names) => format!("drill passed {}; {names}", ago(proof.at, now)),
            None => format!("drill passed {}", ago(proof.at, now)),
        };
        let word = if proof.rto_seconds.is_some() {
            Word::Ok
        } else {
            Word::Unknown
        };
        return Some(Answer {
            word,
            says: took(proof),
            grounds,
        });
    }
    let says = match &rehearsed.passed {
        Some(last) => format!("{}, when it last passed", took(last)),
        None => "not known".into(),
    };
    let verdict = newest.verdict.words();
    Some(Answer {
        word: Word::Unknown,
        says,
        grounds: format!("drill {verdict} {}", ago(newest.at, now)),
    })
}

#[cfg(test)]
mod tests {
    use domain::ids::DrillId;
    use uuid::Uuid;

    use super::super::samples::{DAY, ago as before};
    use super::*;

    fn shown(verdict: Verdict, days: i64) -> Shown {
        Shown {
            drill: DrillId(Uuid::nil()),
            at: before(days * DAY),
            verdict,
            backup: "F".into(),
            rto_seconds: Some(72),
            rpo_seconds: Some(5),
            untested: vec!["agents".into(), "rollout".into()],
            why: (verdict != Verdict::Passed).then(|| "key: no key opens it".into()),
        }
    }

    fn html(rehearsed: &Rehearsed) -> String {
        let html = sentence(rehearsed).map(|view| view.to_html()).unwrap_or_default();
        super::super::proofs::text(&format!("<p>{html}</p>"))
    }

    #[test]
    fn a_pass_never_goes_without_what_it_did_not_test() {
        let passed = Rehearsed {
            newest: Some(shown(Verdict::Passed, 1)),
            passed: Some(shown(Verdict::Passed, 1)),
        };
        assert_eq!(
            html(&passed),
            "A drill that passed took 1 min 12 s and lost 5 s, agents, rollout not tested. "
        );
        let answer = answer(&passed, before(0)).expect("some");
        assert_eq!((answer.word, answer.says.as_str()), (Word::Ok, "1 min 12 s"));
        assert!(
            answer.grounds.contains("agents, rollout not tested"),
            "{}",
            answer.grounds
        );
    }

    #[test]
    fn a_figure_that_the_newest_drill_did_not_reach_is_unknown() {
        let failed = Rehearsed {
            newest: Some(shown(Verdict::Failed, 1)),
            passed: Some(shown(Verdict::Passed, 30)),
        };
        assert!(
            html(&failed).contains("the newest drill of it failed; the last that passed took 1 min 12 s"),
            "{}",
            html(&failed)
        );
        let answer = answer(&failed, before(0)).expect("some");
        assert_eq!(
            (answer.word, answer.says.as_str()),
            (Word::Unknown, "1 min 12 s, when it last passed")
        );
        assert_eq!(html(&Rehearsed::default()), "");
    }
}
