//! How a version of the key stands, in a word: what the manager says of it, and what the proof has shown.

use domain::custody::Keep;
use domain::inventory::KeyVersion;
use domain::key::Fingerprint;
use domain::time::Timestamp;
use leptos::prelude::*;

use crate::components::{Moment, Word, visible};

/// Only the current version can be wrong for what it opens; the others are history. But a value that can't be had is worth a word
/// whichever it is, since some backup may need it.
pub fn judge(version: &KeyVersion) -> (Word, String) {
    let role = if version.current {
        "current"
    } else {
        version.state.as_str()
    };
    match version.state.as_str() {
        "denied" => return (Word::Unknown, named(version, "denied")),
        "absent" => return (Word::Missing, named(version, "absent")),
        "unreadable" if version.length_ok == Some(false) => return (Word::Broken, named(version, "not 32 bytes")),
        "unreadable" => return (Word::Unknown, named(version, "unreadable")),
        "destroyed" | "deleted" | "disabled" if !version.current => return (Word::Unset, role.into()),
        "destroyed" | "deleted" | "disabled" => return (Word::Broken, named(version, &version.state)),
        _ => {}
    }
    match (&version.fingerprint, version.opens.zip(version.of)) {
        (None, _) => (Word::Unknown, format!("{role}, not read")),
        (Some(Fingerprint::Weak), _) => (Word::Broken, format!("{role}, can be guessed")),
        (_, Some((opens, of))) if version.current && of > 0 && opens == 0 => {
            (Word::Broken, "current, opens nothing".into())
        }
        (_, Some((opens, of))) if version.current && opens < of => (Word::Broken, "current, opens a part".into()),
        (_, Some(_)) if version.current => (Word::Ok, "current".into()),
        (_, None) if version.current => (Word::Unknown, "current, not tried".into()),
        _ if version.state == "expiring" => (Word::Warning, "expiring".into()),
        (_, Some((opens, _))) if opens > 0 => (Word::Expected, role.into()),
        _ => (Word::Unset, role.into()),
    }
}

fn named(version: &KeyVersion, state: &str) -> String {
    if version.current {
        format!("current, {state}")
    } else {
        state.into()
    }
}

/// How long the manager keeps it. What is gone for good isn't kept.
pub fn kept(version: &KeyVersion, now: Timestamp) -> AnyView {
    if version.state == "destroyed" {
        return "nothing is left of it".into_any();
    }
    match &version.keep {
        Keep::Until { at, why } => {
            let why = (!why.is_empty()).then(|| view! { ": "{visible(why)} });
            view! { "until "<b><Moment at=*at now /></b>{why} }.into_any()
        }
        keep => view! { {visible(&keep.words(now))} }.into_any(),
    }
}

#[cfg(test)]
mod tests {
    use domain::custody::State;

    use super::*;
    use crate::pages::overview::samples;

    fn version(state: &str, current: bool) -> KeyVersion {
        KeyVersion {
            state: state.into(),
            current,
            ..samples::behind().versions[0].clone()
        }
    }

    #[test]
    fn nothing_that_could_not_be_had_is_ok() {
        for state in ["denied", "absent", "unreadable", "disabled", "deleted", "destroyed"] {
            for current in [true, false] {
                let (word, says) = judge(&version(state, current));
                assert_ne!(word.tone(), "ok", "{state}");
                assert!(says.contains(state), "{says}");
                assert!(!current || word.status() != "ok", "{state} is current");
            }
        }
    }

    #[test]
    fn every_state_of_a_manager_is_said_as_it_is() {
        use State::{Current, Deleted, Destroyed, Disabled, Expiring, Older, Pending, Previous};
        for state in [
            Current, Previous, Older, Pending, Expiring, Disabled, Deleted, Destroyed,
        ] {
            let (_, says) = judge(&version(state.word(), state == Current));
            assert!(says.starts_with(state.word()), "{says}");
        }
        let unread = KeyVersion {
            fingerprint: None,
            opens: None,
            of: None,
            ..version("previous", false)
        };
        assert_eq!(judge(&unread), (Word::Unknown, "previous, not read".into()));
    }
}
