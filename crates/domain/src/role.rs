//! Who may do what. The whole matrix is a reviewed snapshot; code asks for an action, never for a role.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::ids::Person;

/// Roles come from a claim of the identity provider. There is no admin.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Viewer,
    Auditor,
    Operator,
    Approver,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Auditor, Self::Operator, Self::Approver];

    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Auditor => "auditor",
            Self::Operator => "operator",
            Self::Approver => "approver",
        }
    }
}

/// What a person can ask of Muster.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// See every page but the audit log.
    Read,
    ReadAudit,
    /// Put a restore or a key retrieval up for approval.
    Request,
    /// Approve or reject somebody else's request.
    Decide,
    /// Start or cancel an approved run.
    Run,
    /// Start or cancel a drill, which harms nothing.
    Drill,
}

impl Action {
    pub const ALL: [Self; 6] = [
        Self::Read,
        Self::ReadAudit,
        Self::Request,
        Self::Decide,
        Self::Run,
        Self::Drill,
    ];

    /// What the action is called in a refusal.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Read => "see this page",
            Self::ReadAudit => "read the audit log",
            Self::Request => "request a restore or a key",
            Self::Decide => "approve or reject a request",
            Self::Run => "start or cancel a run",
            Self::Drill => "start or cancel a drill",
        }
    }

    /// The roles that may, in words.
    #[must_use]
    pub fn allowed_roles(self, rules: Rules) -> String {
        let names: Vec<_> = Role::ALL
            .into_iter()
            .filter(|role| rules.allows(*role, self))
            .map(Role::word)
            .collect();
        names.join(" or ")
    }
}

/// The part of the matrix that a site can change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rules {
    /// Operators approve other people's requests. If false only approvers do.
    pub operators_approve: bool,
}

impl Rules {
    #[must_use]
    pub const fn allows(self, role: Role, action: Action) -> bool {
        match action {
            Action::Read => true,
            Action::ReadAudit => !matches!(role, Role::Viewer),
            Action::Request | Action::Run | Action::Drill => matches!(role, Role::Operator),
            Action::Decide => {
                matches!(role, Role::Approver) || (self.operators_approve && matches!(role, Role::Operator))
            }
        }
    }
}

/// A signed-in person, or one of Muster's own jobs, on whose behalf a use case runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Actor {
    pub person: Person,
    /// As the identity provider shows it; for people to read, never to decide by.
    pub name: String,
    pub roles: BTreeSet<Role>,
    pub address: Option<IpAddr>,
}

impl Actor {
    /// Muster itself: collectors, the runner, the sequencer. Has no role, so it can request and decide nothing.
    #[must_use]
    pub fn job(name: &str) -> Self {
        let person = Person {
            issuer: "muster".into(),
            subject: name.into(),
        };
        Self {
            person,
            name: format!("muster {name}"),
            roles: BTreeSet::new(),
            address: None,
        }
    }

    /// # Errors
    /// If none of the actor's roles may.
    pub fn may(&self, action: Action, rules: Rules) -> Result<(), Forbidden> {
        if self.roles.iter().any(|role| rules.allows(*role, action)) {
            return Ok(());
        }
        Err(Forbidden {
            action,
            needs: action.allowed_roles(rules),
        })
    }
}

/// A refusal that names what it takes.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("To {} takes the role {needs}. Nothing was changed.", action.words())]
pub struct Forbidden {
    pub action: Action,
    pub needs: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_matrix() {
        let mut lines = String::new();
        for operators_approve in [true, false] {
            for role in Role::ALL {
                let may: Vec<_> = Action::ALL
                    .into_iter()
                    .filter(|action| Rules { operators_approve }.allows(role, *action))
                    .collect();
                lines.push_str(&format!(
                    "operators_approve={operators_approve} {}: {may:?}\n",
                    role.word()
                ));
            }
        }
        insta::assert_snapshot!(lines);
    }

    #[test]
    fn nobody_without_a_role_and_no_job_may_do_anything() {
        let rules = Rules {
            operators_approve: true,
        };
        for action in Action::ALL {
            assert!(Actor::job("collector").may(action, rules).is_err());
        }
    }
}
