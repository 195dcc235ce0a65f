//! How a version of the key stands: what the manager says of it, and what the proof has shown.

use super::KeyVersion;
use crate::key::Fingerprint;
use crate::status::Status;

impl KeyVersion {
    /// Its status with a few words. `None`: it is history, and neither good nor bad. Only the current version can be wrong for what it
    /// opens; but a value that should be had and can't is worth a word whichever it is, since some backup may need it.
    #[must_use]
    pub fn standing(&self) -> (Option<Status>, String) {
        let role = if self.current { "current" } else { self.state.as_str() };
        let and = |what: &str| {
            if self.current {
                format!("current, {what}")
            } else {
                what.to_owned()
            }
        };
        let (status, says) = match (self.state.as_str(), self.opens.zip(self.of)) {
            ("denied", _) => (Status::Unknown, and("denied")),
            ("absent", _) => (Status::Broken, and("absent")),
            ("unreadable", _) if self.length_ok == Some(false) => (Status::Broken, and("not 32 bytes")),
            ("unreadable", _) => (Status::Unknown, and("unreadable")),
            ("disabled" | "deleted" | "destroyed", _) if self.current => (Status::Broken, and(&self.state)),
            ("disabled" | "deleted" | "destroyed", _) => return (None, role.into()),
            _ if self.fingerprint.is_none() => (Status::Unknown, format!("{role}, not read")),
            _ if self.fingerprint == Some(Fingerprint::Weak) => (Status::Broken, format!("{role}, can be guessed")),
            _ if !self.current => return (None, role.into()),
            (_, Some((opens, of))) if of > 0 && opens == 0 => (Status::Broken, "current, opens nothing".into()),
            (_, Some((opens, of))) if opens < of => (Status::Broken, format!("current, opens {opens} of {of}")),
            (_, Some(_)) => (Status::Ok, "current".into()),
            (_, None) => (Status::Unknown, "current, not tried".into()),
        };
        (Some(status), says)
    }

    /// A rule of the manager removes it by itself or with the next write.
    #[must_use]
    pub fn is_expiring(&self) -> bool {
        self.fingerprint.is_some() && self.keep.ends()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::custody::{Keep, State};

    fn version(state: &str, current: bool) -> KeyVersion {
        KeyVersion {
            manager: "vault".into(),
            version: "3".into(),
            fingerprint: Some(Fingerprint::Keyed("c41e".into())),
            key_id: None,
            created_at: None,
            current,
            state: state.into(),
            keep: Keep::Kept,
            labels: Vec::new(),
            length_ok: Some(true),
            untidy: false,
            opens: Some(if current { 10 } else { 0 }),
            of: Some(10),
            detail: String::new(),
        }
    }

    #[test]
    fn nothing_that_could_not_be_had_is_ok() {
        for state in ["denied", "absent", "unreadable", "disabled", "deleted", "destroyed"] {
            for current in [true, false] {
                let (status, says) = version(state, current).standing();
                assert_ne!(status, Some(Status::Ok), "{state}");
                assert!(says.contains(state), "{says}");
                assert!(!current || status.is_some(), "{state} is current");
            }
        }
        let short = KeyVersion {
            length_ok: Some(false),
            ..version("unreadable", false)
        };
        assert_eq!(short.standing(), (Some(Status::Broken), "not 32 bytes".into()));
    }

    #[test]
    fn every_state_of_a_manager_is_said_as_it_is() {
        use State::{Current, Deleted, Destroyed, Disabled, Expiring, Older, Pending, Previous};
        for state in [
            Current, Previous, Older, Pending, Expiring, Disabled, Deleted, Destroyed,
        ] {
            let (status, says) = version(state.word(), state == Current).standing();
            assert_eq!(
                (status, says.as_str()),
                ((state == Current).then_some(Status::Ok), state.word())
            );
        }
    }

    #[test]
    fn the_current_one_is_as_good_as_what_it_opens() {
        let opening = |opens, of| KeyVersion {
            opens,
            of,
            ..version("current", true)
        };
        for (opens, of, status) in [
            (Some(10), Some(10), Status::Ok),
            (Some(9), Some(10), Status::Broken),
            (Some(0), Some(10), Status::Broken),
            (None, None, Status::Unknown),
        ] {
            assert_eq!(opening(opens, of).standing().0, Some(status), "{opens:?}");
        }
        let unread = KeyVersion {
            fingerprint: None,
            ..version("previous", false)
        };
        assert_eq!(unread.standing(), (Some(Status::Unknown), "previous, not read".into()));
        let weak = KeyVersion {
            fingerprint: Some(Fingerprint::Weak),
            ..version("older", false)
        };
        assert_eq!(weak.standing().0, Some(Status::Broken));
    }
}
