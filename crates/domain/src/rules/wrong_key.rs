//! Ampora runs with a key that doesn't open what is stored: every encrypted field reads garbled.

use super::facts::{Facts, Read};
use super::steps::{before_a_change, few, set_keys, start};
use super::{Hysteresis, Judgement, Looks, Rule, Silence};
use crate::drift::Verdict;
use crate::finding::{Cure, Evidence, Found, Rival, Severity, Step};
use crate::inventory::{InUse, KeyVersion, Keys};

pub(super) const RULE: Rule = Rule {
    code: "wrong-master-key",
    title: "Ampora runs with the wrong master key",
    symptom: "Every encrypted field reads garbled",
    looks: &[Looks::Keys],
    hysteresis: Hysteresis::AT_ONCE,
    judge,
};

fn judge(facts: &Facts<'_>) -> Judgement {
    let keys = facts.proof()?;
    let Keys {
        envelopes,
        verdict,
        detail,
        ..
    } = keys.value;
    if *verdict == Verdict::Unknown {
        return Err(Silence::Unknown(detail.clone()));
    }
    let Some(in_use) = &keys.value.in_use else {
        return match verdict {
            Verdict::Foreign => Ok(Some(found(facts, &keys, None))),
            _ => Err(Silence::Unset(
                "which key Ampora runs with isn’t known: set in_use under [deployment.master_key]".into(),
            )),
        };
    };
    let Some(opens) = in_use.opens else {
        return match verdict {
            // Whatever Ampora runs with: it is none of the keys that can be reached, or one that opens nothing.
            Verdict::Foreign => Ok(Some(found(facts, &keys, None))),
            _ => Err(Silence::Unknown(in_use.detail.clone())),
        };
    };
    let closed = envelopes
        .sampled
        .saturating_sub(envelopes.unparsed)
        .saturating_sub(opens);
    let bearable = (envelopes.sampled / 1000).max(3);
    let previous = in_use.previous.as_ref().filter(|_| in_use.previous_set);
    let with_previous = opens.saturating_add(previous.and_then(|previous| previous.opens).unwrap_or(0));
    // Few that don't open while others do are damaged, and those of the key before open with the previous one while a rotation runs.
    let is_whole = closed == 0 || (with_previous > 0 && (closed <= bearable || in_use.previous_set));
    Ok((!is_whole).then(|| found(facts, &keys, Some(in_use))))
}

fn found(facts: &Facts<'_>, keys: &Read<'_, Keys>, in_use: Option<&InUse>) -> Found {
    let envelopes = &keys.value.envelopes;
    let fitting = fitting(keys.value);
    let opens = in_use.and_then(|key| key.opens).unwrap_or(0);
    let key = in_use.map_or("no key that can be reached", |_| "the key Ampora runs with");
    let title = format!("{key} opens {opens} of {} envelopes", envelopes.sampled);
    let cause = match fitting {
        Some(version) => format!(
            "Ampora was started with another key than the one its database is encrypted with. Version {} of {} opens {}.",
            version.version,
            version.manager,
            version.opens.unwrap_or(0)
        ),
        None => "Ampora was started with another key than the one its database is encrypted with, and no version in the secret manager is \
                 the right one either."
            .into(),
    };
    Found {
        severity: Severity::Error,
        title: upper(&title),
        cause,
        steps: steps(facts, fitting),
        evidence: evidence(keys, in_use, fitting),
        rivals: rivals(keys.value),
        refutes: "An envelope that opens with the key Ampora runs with.".into(),
        cure: fitting.map(|version| Cure::RetrieveKey {
            version: version.version.clone(),
        }),
    }
}

/// The version that opens most, the current one where several do.
fn fitting(keys: &Keys) -> Option<&KeyVersion> {
    let opening = keys
        .versions
        .iter()
        .filter(|version| version.opens.is_some_and(|opens| opens > 0));
    opening.max_by_key(|version| (version.opens, version.current))
}

fn steps(facts: &Facts<'_>, fitting: Option<&KeyVersion>) -> Vec<Step> {
    let place = &facts.place;
    let mut steps = before_a_change(place);
    match fitting {
        Some(version) => {
            steps.push(Step::told(format!(
                "Put up a request for version {} of the master key; two people agree.",
                version.version
            )));
            let (kubernetes, binary) = set_keys(place);
            steps.push(Step::run("Set KeyProtection:MasterKey to that version.", kubernetes, binary));
            steps.push(start(place));
        }
        None => steps.push(Step::told(
            "Look for the right key: older versions and replicas of the secret manager, escrow, the environment of an instance that ran \
             before. Keep Ampora stopped until one opens an envelope (Prove now on the Keys page).",
        )),
    }
    steps
}

fn evidence(keys: &Read<'_, Keys>, in_use: Option<&InUse>, fitting: Option<&KeyVersion>) -> Vec<Evidence> {
    let envelopes = &keys.value.envelopes;
    let mut evidence = vec![keys.evidence(
        "envelopes read",
        format!("{} sampled, {} unparsed", envelopes.sampled, envelopes.unparsed),
    )];
    if let Some(key) = in_use {
        let print = key
            .fingerprint
            .as_ref()
            .map_or_else(|| "no fingerprint".into(), ToString::to_string);
        evidence.push(keys.evidence(
            format!("key in use, {}", key.source),
            format!("{print}, opens {} of {}", key.opens.unwrap_or(0), envelopes.sampled),
        ));
    }
    if let Some(version) = fitting {
        evidence.push(keys.evidence(
            format!("version {} of {}", version.version, version.manager),
            format!("opens {} of {}", version.opens.unwrap_or(0), envelopes.sampled),
        ));
    }
    let ids: Vec<_> = envelopes
        .key_ids
        .iter()
        .map(|one| one.key_id.as_ref().map_or_else(|| "none".into(), ToString::to_string))
        .collect();
    evidence.push(keys.evidence("key ids", few(ids.iter().map(String::as_str))));
    evidence
}

fn rivals(keys: &Keys) -> Vec<Rival> {
    let envelopes = &keys.envelopes;
    let rival = |cause: &str, ruled_out: String| Rival {
        cause: cause.into(),
        ruled_out,
    };
    let layout = if envelopes.opened > 0 {
        format!("the layout is right: {} envelopes open with it", envelopes.opened)
    } else {
        "the layout opened this deployment’s envelopes before, or names a key id that belongs to no version".into()
    };
    vec![
        rival("the configured layout is wrong", layout),
        rival(
            "the database is damaged",
            format!(
                "{} of {} values read as envelopes",
                envelopes.sampled - envelopes.unparsed,
                envelopes.sampled
            ),
        ),
        rival(
            "the authority is lost (ca-lost)",
            "certificates aren’t encrypted; whether they chain is judged without any key".into(),
        ),
    ]
}

fn upper(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
