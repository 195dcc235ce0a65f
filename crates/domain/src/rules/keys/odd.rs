//! Keys that shouldn't be as they are: wrong in length, guessable, or written down so that Ampora may not understand them.

use super::super::facts::{Facts, Read};
use super::super::steps::{before_a_change, few, rotate, set_keys, start};
use super::super::{Hysteresis, Judgement, Looks, Rule};
use super::{found, named, nothing, rival, sentence, unread, versions};
use crate::finding::{Evidence, Found, Severity, Step};
use crate::inventory::{KeyVersion, Keys};
use crate::key::Fingerprint;

pub const LENGTH: Rule = Rule {
    code: "key-length",
    title: "A key has not 32 bytes",
    symptom: "Ampora doesn’t start and complains about the length of its key",
    looks: &[Looks::Keys],
    hysteresis: Hysteresis::AT_ONCE,
    judge: length,
};

pub const WEAK: Rule = Rule {
    code: "key-weak",
    title: "A key can be guessed",
    symptom: "The master key is a passphrase, repeats, or counts",
    looks: &[Looks::Keys],
    hysteresis: Hysteresis::AT_ONCE,
    judge: weak,
};

pub const ENCODING: Rule = Rule {
    code: "key-encoding",
    title: "A key is stored untidily",
    symptom: "Ampora refuses a key that opens everything",
    looks: &[Looks::Keys],
    hysteresis: Hysteresis::AT_ONCE,
    judge: encoding,
};

fn evidence(keys: &Read<'_, Keys>, of: &[&KeyVersion]) -> Vec<Evidence> {
    let row = |version: &&KeyVersion| {
        keys.evidence(
            format!("version {} of {}", version.version, version.manager),
            &version.detail,
        )
    };
    of.iter().take(5).map(row).collect()
}

fn length(facts: &Facts<'_>) -> Judgement {
    let keys = facts.keys()?;
    let short: Vec<_> = keys
        .value
        .versions
        .iter()
        .filter(|version| version.length_ok == Some(false))
        .collect();
    let running = keys
        .value
        .in_use
        .as_ref()
        .filter(|in_use| in_use.length_ok == Some(false));
    if short.is_empty() && running.is_none() {
        return nothing(unread(keys.value));
    }
    let mut evidence = evidence(&keys, &short);
    evidence.extend(running.map(|in_use| keys.evidence(format!("key in use, {}", in_use.source), &in_use.detail)));
    let title = match (short.as_slice(), running) {
        ([], _) => "What Ampora is to start with holds no 32 bytes".into(),
        ([_], _) => format!("Version {} holds no 32 bytes", short[0].version),
        (several, _) => {
            let names = versions(several.iter().map(|version| version.version.as_str()));
            format!("{} hold no 32 bytes", sentence(&names))
        }
    };
    let handed_out = running.is_some() || short.iter().any(|version| version.current);
    found(Found {
        severity: Severity::Error,
        title,
        cause:
            "A master key is 32 bytes. Ampora doesn’t start with anything else, and nothing was ever sealed with it."
                .into(),
        steps: if handed_out { put_right(facts) } else { leave_alone() },
        evidence,
        rivals: rival(
            "`field` or `encoding` of [deployment.master_key] is wrong",
            "not ruled out: what is read with them has another length",
        ),
        refutes: "A value that decodes to 32 bytes.".into(),
        cure: None,
    })
}

fn put_right(facts: &Facts<'_>) -> Vec<Step> {
    let place = &facts.place;
    let (kubernetes, binary) = set_keys(place);
    let mut steps = before_a_change(place);
    steps.extend([
        Step::told("Check `field` and `encoding` of [deployment.master_key]: Muster may be reading the wrong thing."),
        Step::told("If they are right, write the key that opens the envelopes as a new version; the Keys page says which one does."),
        Step::run("Make sure that Ampora is to start with that key.", kubernetes, binary),
        start(place),
    ]);
    steps
}

fn leave_alone() -> Vec<Step> {
    vec![
        Step::told(
            "Nothing is handed out of it, so nothing has to be done tonight. Check `field` and `encoding` of [deployment.master_key].",
        ),
        Step::told(
            "If the value is what was written, find out when and by whom: a backup of that time needs another version.",
        ),
    ]
}

fn weak(facts: &Facts<'_>) -> Judgement {
    let keys = facts.keys()?;
    let all = named(keys.value);
    let weak: Vec<_> = all.iter().filter(|key| key.fingerprint == Fingerprint::Weak).collect();
    if weak.is_empty() {
        return nothing(unread(keys.value));
    }
    let names = weak.iter().map(|key| key.name.as_str());
    let title = format!("The key of {} can be guessed", few(names));
    let mut steps = Vec::new();
    if weak.iter().any(|key| key.lives) {
        steps.extend(before_a_change(&facts.place));
        steps.extend(rotate(&facts.place));
    } else {
        let keep = "It opens nothing that is live. Keep it for as long as a backup needs it, and guard those backups as if they weren’t encrypted.";
        steps.push(Step::told(keep));
    }
    steps.push(Step::told(
        "What was sealed with this key counts as read: replace the secrets behind it at their sources.",
    ));
    found(Found {
        severity: Severity::Error,
        title,
        cause: "It is text, repeats, or counts; 32 drawn bytes don’t. Whoever has a backup can find it by trying, without the secret manager."
            .into(),
        steps,
        evidence: weak
            .iter()
            .take(5)
            .map(|key| keys.evidence(&key.name, if key.lives { "in use, can be guessed" } else { "can be guessed" }))
            .collect(),
        rivals: rival(
            "it is random and only looks made up",
            "32 random bytes look so less than once in 10^12 keys",
        ),
        refutes: "32 bytes from a random generator.".into(),
        cure: None,
    })
}

fn encoding(facts: &Facts<'_>) -> Judgement {
    let keys = facts.keys()?;
    let untidy: Vec<_> = keys.value.versions.iter().filter(|version| version.untidy).collect();
    if untidy.is_empty() {
        return nothing(unread(keys.value));
    }
    let names = versions(untidy.iter().map(|version| version.version.as_str()));
    let verb = if untidy.len() == 1 { "is" } else { "are" };
    let step = if untidy.iter().any(|version| version.current) {
        "Write the same key as a new version, in plain base64 of its 32 bytes, if that pushes out no version that a backup needs. Ampora goes \
         on with the key it has; nothing has to stop."
    } else {
        "Only the current version is handed out, so nothing has to be done. Know it before an older one is set by hand: give Ampora plain \
         base64 of the 32 bytes."
    };
    found(Found {
        severity: Severity::Warning,
        title: format!("{} {verb} stored untidily", sentence(&names)),
        cause: "There are quotes or white space around the key, or it is encoded twice. Muster sees through that; Ampora may not, and then \
                doesn’t start."
            .into(),
        steps: vec![Step::told(step)],
        evidence: evidence(&keys, &untidy),
        rivals: rival("it is another key", "what is inside has 32 bytes and is tried as it is"),
        refutes: "A value that is the key and nothing else.".into(),
        cure: None,
    })
}
