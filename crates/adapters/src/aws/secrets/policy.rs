//! Whether a secret's own policy keeps everybody from deleting it. Without one, whoever has the right may delete it at once: the recovery
//! window of 7 to 30 days is a default that a call can do without
//! (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html>).

use domain::custody::Protection;
use serde_json::Value;

use crate::aws::AwsError;

const DELETION: &str = "secretsmanager:DeleteSecret";

/// What statements say about deletion, taken together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Denial {
    None,
    /// Of somebody, or under conditions that Muster doesn't weigh.
    Partial,
    Whole,
}

pub(super) fn protection(policy: Result<Option<String>, AwsError>) -> Protection {
    let policy = match policy {
        Ok(policy) => policy.unwrap_or_default(),
        Err(error) => {
            return Protection::Unknown {
                why: format!("its own policy can’t be read: {error}"),
            };
        }
    };
    let open = || {
        Protection::Unprotected {
        why: "its own policy denies its deletion to nobody, and whoever may delete it can do so without a recovery window"
            .into(),
    }
    };
    if policy.is_empty() {
        return open();
    }
    let Ok(policy) = serde_json::from_str::<Value>(&policy) else {
        return Protection::Unknown {
            why: "its own policy is no JSON".into(),
        };
    };
    match statements(&policy).map(denial).max().unwrap_or(Denial::None) {
        Denial::None => open(),
        Denial::Partial => Protection::Unknown {
            why: "its own policy denies deletion in some cases, which Muster doesn’t weigh".into(),
        },
        Denial::Whole => Protection::Protected {
            how: "its own policy denies secretsmanager:DeleteSecret to everybody; who may change the policy can lift that"
                .into(),
        },
    }
}

/// One statement stands alone, several in a list.
fn statements(policy: &Value) -> impl Iterator<Item = &Value> {
    each(&policy["Statement"])
}

fn each(value: &Value) -> impl Iterator<Item = &Value> {
    let several = value.as_array().map_or(&[][..], Vec::as_slice);
    let one = (!value.is_array() && !value.is_null()).then_some(value);
    several.iter().chain(one)
}

fn denial(statement: &Value) -> Denial {
    if statement["Effect"].as_str() != Some("Deny") {
        return Denial::None;
    }
    let named = each(&statement["Action"])
        .filter_map(Value::as_str)
        .any(|pattern| matches(pattern, DELETION));
    let turned_round = ["NotAction", "NotPrincipal", "NotResource"]
        .iter()
        .any(|key| !statement[*key].is_null());
    let conditional = statement["Condition"].as_object().is_some_and(|all| !all.is_empty());
    let everywhere = statement["Resource"].is_null() || anything(&statement["Resource"]);
    let everybody = anything(&statement["Principal"]) || anything(&statement["Principal"]["AWS"]);
    match (named, turned_round) {
        (false, false) => Denial::None,
        (true, false) if everybody && everywhere && !conditional => Denial::Whole,
        _ => Denial::Partial,
    }
}

fn anything(value: &Value) -> bool {
    each(value).any(|one| one.as_str() == Some("*"))
}

/// Whether an action fits a pattern of a policy: `*` is any text, `?` any character, and case doesn't matter.
fn matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.as_bytes(), action.as_bytes());
    // Where the latest star stands, and what it has taken so far: the only place to go back to.
    let (mut at, mut taken, mut star) = (0, 0, None);
    while taken < action.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, taken));
                at += 1;
            }
            Some(byte) if *byte == b'?' || byte.eq_ignore_ascii_case(&action[taken]) => {
                at += 1;
                taken += 1;
            }
            _ => {
                let Some((place, before)) = star else { return false };
                star = Some((place, before + 1));
                (at, taken) = (place + 1, before + 1);
            }
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests;
