//! Who calls, as IAM knows them: policies belong to users and roles, and the session of a role isn't known there.

/// Whose policies are to be asked about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Caller {
    /// The account itself, which no policy of its own binds.
    Root,
    /// A user or a role.
    Principal(String),
    Unclear(String),
}

impl Caller {
    pub(super) fn of(arn: &str) -> Self {
        let unclear = || {
            Self::Unclear(format!(
                "{arn} is neither a user nor a role, so its policies can’t be asked about"
            ))
        };
        let parts: Vec<_> = arn.splitn(6, ':').collect();
        let [_, partition, service, _, account, resource] = parts[..] else {
            return unclear();
        };
        match (service, resource.split_once('/')) {
            ("iam", None) if resource == "root" => Self::Root,
            ("iam", Some(("user" | "role", _))) => Self::Principal(arn.into()),
            ("sts", Some(("assumed-role", session))) => {
                let role = session.split('/').next().unwrap_or_default();
                Self::Principal(format!("arn:{partition}:iam::{account}:role/{role}"))
            }
            _ => unclear(),
        }
    }
}
