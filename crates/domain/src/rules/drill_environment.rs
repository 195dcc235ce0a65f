//! A drill came to no result because its sandbox was broken, and none has passed since: nobody knows whether the backup is good.

use super::drill_steps::{evidence, start, when};
use super::facts::Facts;
use super::{Hysteresis, Judgement, Looks, Rule};
use crate::finding::{Found, Rival, Severity, Step};

pub(super) const RULE: Rule = Rule {
    code: "drill-environment",
    title: "Drills can’t be carried out",
    symptom: "Drills end without a result: environment broken",
    looks: &[Looks::Drills],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    let known = facts.rehearsals()?;
    let Some(broken) = known.standing_environment() else {
        return Ok(None);
    };
    let failure = broken.failure.as_ref();
    let words = failure.map_or("it left no reason", |failure| failure.words.as_str());
    let code = failure.map_or("unknown", |failure| failure.code.as_str());
    let remedy = failure
        .and_then(|failure| failure.remedy.clone())
        .unwrap_or_else(|| "make the sandbox work, then start the drill again".into());
    Ok(Some(Found {
        severity: Severity::Warning,
        title: format!("A drill came to no result, its environment is broken: {code}"),
        cause: format!(
            "The drill that ended at {} could not be carried through: {words}. It says nothing about the backup, good or bad, and does not \
             count as a rehearsal.",
            when(broken)
        ),
        steps: vec![
            Step::told(sentence(&remedy)),
            start(
                &facts.place,
                "Start the drill again. Only one that passes resolves this.",
            ),
        ],
        evidence: vec![evidence(broken)],
        rivals: vec![Rival {
            cause: "the backup is broken".into(),
            ruled_out: "nothing that was looked at in the copy was broken; what was left unlooked at stays unknown"
                .into(),
        }],
        refutes: "A drill that passes.".into(),
        cure: None,
    }))
}

/// A remedy as a sentence of its own.
fn sentence(remedy: &str) -> String {
    let mut letters = remedy.trim_end_matches('.').chars();
    let first = letters.next().map(char::to_uppercase);
    let text: String = first.into_iter().flatten().chain(letters).collect();
    format!("{text}.")
}
