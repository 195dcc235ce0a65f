//! What the verdict itself asks for: the manager is behind, ahead, between two keys, or nothing is proven. That nothing opens at all is told
//! by `wrong-master-key`.

use super::super::facts::{Facts, Read};
use super::super::steps::{before_a_change, prove_then_clean_up, set_keys, start};
use super::super::{Hysteresis, Judgement, Looks, Rule, Silence, wrong_key};
use super::{found, openings, proven, rival};
use crate::drift::Verdict;
use crate::finding::{Cure, Found, Severity, Step};
use crate::inventory::{InUse, KeyVersion, Keys};
use crate::status::Status;

pub const BEHIND: Rule = Rule {
    code: "key-behind",
    title: "The secret manager is behind the key in use",
    symptom: "What is restored from the secret manager doesn’t open what is stored",
    looks: &[Looks::Keys],
    hysteresis: Hysteresis::AT_ONCE,
    judge: behind,
};

pub const AHEAD: Rule = Rule {
    code: "key-ahead",
    title: "The secret manager is ahead of the key in use",
    symptom: "A new key was written, and Ampora still runs with the old one",
    looks: &[Looks::Keys],
    hysteresis: Hysteresis::AT_ONCE,
    judge: ahead,
};

pub const MIXED: Rule = Rule {
    code: "key-mixed",
    title: "Several keys are live at once",
    symptom: "A rotation doesn’t come to its end",
    looks: &[Looks::Keys],
    hysteresis: Hysteresis::AT_ONCE,
    judge: mixed,
};

pub const UNPROVEN: Rule = Rule {
    code: "key-unproven",
    title: "It isn’t known which key opens the envelopes",
    symptom: "The verdict on the master key is unknown",
    looks: &[Looks::Keys],
    hysteresis: Hysteresis::AT_ONCE,
    judge: unproven,
};

/// The reading, if it shows this drift and no other finding tells the cause.
fn drifted<'a>(facts: &'a Facts<'_>, verdict: Verdict) -> Result<Option<Read<'a, Keys>>, Silence> {
    let keys = facts.proof()?;
    proven(keys.value)?;
    if keys.value.verdict != verdict {
        return Ok(None);
    }
    match wrong_key::RULE.judge(facts) {
        Ok(Some(_)) => Err(Silence::Explained(wrong_key::RULE.code)),
        _ => Ok(Some(keys)),
    }
}

fn behind(facts: &Facts<'_>) -> Judgement {
    let Some(keys) = drifted(facts, Verdict::ManagerBehind)? else {
        return Ok(None);
    };
    let (cure, request) = catch_up(keys.value);
    let mut steps = before_a_change(&facts.place);
    steps.extend(cure);
    found(Found {
        severity: Severity::Error,
        title: BEHIND.title.into(),
        cause: format!(
            "Ampora wraps under a key that the manager doesn’t hand out: {}. If the host is lost now, what is restored stays locked.",
            keys.value.detail
        ),
        steps,
        evidence: openings(&keys),
        rivals: rival(
            "Ampora runs with the wrong key (wrong-master-key)",
            "then nothing would open with the key that it runs with",
        ),
        refutes: "The manager’s current version opening the envelopes.".into(),
        cure: request,
    })
}

/// Three ways of being behind, three cures.
fn catch_up(keys: &Keys) -> (Vec<Step>, Option<Cure>) {
    let opening = |opens: Option<u32>| opens.is_some_and(|opens| opens > 0);
    let newer = |version: &&KeyVersion| !version.current && opening(version.opens);
    let prove = Step::told("Prove the keys (Keys page): the current version must open every envelope.");
    let in_use = keys.in_use.as_ref().filter(|in_use: &&InUse| opening(in_use.opens));
    match (keys.versions.iter().find(newer), in_use) {
        (Some(version), _) => {
            let point = format!(
                "In the secret manager, make version {} the current one; it opens the envelopes. Keep the older versions for older backups.",
                version.version
            );
            (vec![Step::told(point), prove], None)
        }
        (None, Some(in_use)) => {
            let write = format!(
                "Request a catch-up: the key in use (it lies in {}) becomes the manager’s new current version, if that pushes out no version \
                 that a backup needs. A second person agrees, and nobody sees the key.",
                in_use.source
            );
            let rotate = Step::told("Then plan a rotation: nobody knows who set a key that was never in the manager.");
            (vec![Step::told(write), prove, rotate], Some(Cure::KeyCatchUp))
        }
        (None, None) => {
            let search = "Look for the key that Ampora runs with before its pods or its host are gone: nothing that can be reached opens what \
                          it has written. Set in_use under [deployment.master_key], so that Muster can look too.";
            (vec![Step::told(search), prove], None)
        }
    }
}

fn ahead(facts: &Facts<'_>) -> Judgement {
    let Some(keys) = drifted(facts, Verdict::ManagerAhead)? else {
        return Ok(None);
    };
    let place = &facts.place;
    let (kubernetes, binary) = set_keys(place);
    let mut steps = before_a_change(place);
    steps.extend([
        Step::run(
            "Finish the rotation in Ampora: the old key as KeyProtection:PreviousMasterKey, the manager’s current one as \
             KeyProtection:MasterKey. Or point the manager back at the version that opens the envelopes.",
            kubernetes,
            binary,
        ),
        start(place),
        prove_then_clean_up(),
    ]);
    found(Found {
        severity: Severity::Error,
        title: AHEAD.title.into(),
        cause: format!(
            "The manager hands out a key that opens nothing yet: {}. Ampora restarted with it reads nothing.",
            keys.value.detail
        ),
        steps,
        evidence: openings(&keys),
        rivals: rival(
            "a rotation is under way (key-mixed)",
            "then some envelopes would open with the manager’s current version",
        ),
        refutes: "The manager’s current version opening the envelopes.".into(),
        cure: None,
    })
}

fn mixed(facts: &Facts<'_>) -> Judgement {
    let Some(keys) = drifted(facts, Verdict::Mixed)? else {
        return Ok(None);
    };
    let moving = keys.value.status == Status::Ok;
    let (severity, title) = if moving {
        (Severity::Warning, "A rotation is under way")
    } else {
        (Severity::Error, MIXED.title)
    };
    found(Found {
        severity,
        title: title.into(),
        cause: format!(
            "Until one key opens everything a restore needs all of them: {}.",
            keys.value.detail
        ),
        steps: if moving { let_it_finish() } else { finish(facts) },
        evidence: openings(&keys),
        rivals: rival(
            "envelopes are damaged (envelope-damage)",
            "damaged ones open with no key; these open with different ones",
        ),
        refutes: "One key opening every envelope.".into(),
        cure: None,
    })
}

/// What moves by itself needs no hand, and to stop it midway is the worst moment.
fn let_it_finish() -> Vec<Step> {
    vec![
        Step::told(
            "Let it finish: Ampora rewrites row by row. Keep the old version and PreviousMasterKey, and write no other version of the key \
             until then.",
        ),
        prove_then_clean_up(),
    ]
}

fn finish(facts: &Facts<'_>) -> Vec<Step> {
    let place = &facts.place;
    let (kubernetes, binary) = set_keys(place);
    let mut steps = before_a_change(place);
    steps.extend([
        Step::told("Find out why the rotation stopped, and bring every key into the manager that it lacks."),
        Step::run(
            "Finish it in Ampora: the old key as KeyProtection:PreviousMasterKey, the new one as KeyProtection:MasterKey.",
            kubernetes,
            binary,
        ),
        start(place),
        prove_then_clean_up(),
    ]);
    steps
}

fn unproven(facts: &Facts<'_>) -> Judgement {
    let keys = facts.proof()?;
    if keys.value.verdict != Verdict::Unknown {
        return Ok(None);
    }
    found(Found {
        severity: Severity::Warning,
        title: UNPROVEN.title.into(),
        cause: format!(
            "{}. Whether the key opens what is stored, and what a restore brings back, isn’t known until a proof succeeds.",
            keys.value.detail.trim_end_matches('.')
        ),
        steps: vec![
            Step::told("Change no key: what a wrong layout or a missing right looks like, a wrong key looks like too."),
            Step::told(
                "Remove the reason that is given: reach and rights of the secret manager and of Muster’s role in the database, then \
                 [deployment.envelope] and [deployment.schema].",
            ),
            Step::told("Prove the keys (Keys page): a single envelope that opens proves the layout."),
        ],
        evidence: vec![keys.evidence(
            "envelopes",
            format!(
                "{} sampled, {} unparsed, {} opened",
                keys.value.envelopes.sampled, keys.value.envelopes.unparsed, keys.value.envelopes.opened
            ),
        )],
        rivals: rival("Ampora runs with the wrong key", "not ruled out, and not shown either"),
        refutes: "A proof with any other verdict.".into(),
        cure: None,
    })
}
