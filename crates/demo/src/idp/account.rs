//! The four people of the demo. They have no passwords: whoever reaches this machine's loopback address is trusted to pick one.

use domain::ids::Sha256;

/// Somebody who can sign in to the demo.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Account {
    /// Name on the button, and the claims `name` and `preferred_username`.
    pub name: &'static str,
    /// The one value of the claim `groups`; the demo's configuration maps it to a role.
    pub group: &'static str,
    /// What the account may do, for the login page.
    pub purpose: &'static str,
}

pub(crate) const OPERATORS: &str = "muster-operators";
pub(crate) const AUDITORS: &str = "muster-auditors";
pub(crate) const VIEWERS: &str = "muster-viewers";

/// Every account, in the order of the login page.
pub(crate) const ACCOUNTS: [Account; 4] = [
    Account {
        name: "operator-a",
        group: OPERATORS,
        purpose: "Requests restores and keys, and decides what others request.",
    },
    Account {
        name: "operator-b",
        group: OPERATORS,
        purpose: "The second person, with the same rights.",
    },
    Account {
        name: "auditor",
        group: AUDITORS,
        purpose: "Reads everything, the audit log included. Changes nothing.",
    },
    Account {
        name: "viewer",
        group: VIEWERS,
        purpose: "Reads all pages but the audit log.",
    },
];

impl Account {
    pub(super) fn named(name: &str) -> Option<Self> {
        ACCOUNTS.into_iter().find(|account| account.name == name)
    }

    /// The claim `sub`: as opaque as a real provider's, and the same in every demo.
    pub(super) fn subject(self) -> String {
        let digest = Sha256::of(&[b"muster demo account/", self.name.as_bytes()]).to_string();
        digest[..20].to_owned()
    }
}
