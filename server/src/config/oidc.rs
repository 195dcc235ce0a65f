//! `[oidc]`: the identity provider, and which of its claims give which role.

use std::collections::BTreeMap;

use domain::role::Role;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{KeyPath, Notes, Secret};

/// The one identity provider people sign in with.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Oidc {
    /// As the provider spells it, to the last slash: it is compared with the `iss` of every token. `https://`, or `http://` on loopback.
    #[schemars(extend("format" = "issuer-url"))]
    pub issuer: String,
    #[schemars(extend("format" = "not-empty"))]
    pub client_id: String,
    /// Left out: a public client, which proves itself by PKCE alone.
    pub client_secret: Option<Secret>,
    /// Scopes to ask for.
    #[serde(default = "default_scopes")]
    pub scopes: Vec<String>,
    /// The claim of the ID token that holds a person's groups or roles; dots lead into objects, as in `realm_access.roles`.
    #[serde(default = "default_role_claim")]
    #[schemars(extend("format" = "not-empty"))]
    pub role_claim: String,
    #[serde(default)]
    pub roles: RoleMap,
}

/// Values of the role claim that give each role. One match is enough; a person may have several roles.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RoleMap {
    /// Sees every page but the audit log.
    pub viewer: Vec<String>,
    /// Also reads the audit log and receipts.
    pub auditor: Vec<String>,
    /// Requests restores and keys, runs them, and approves other people's requests unless `approvals.operators_approve` is false.
    pub operator: Vec<String>,
    /// Approves and never requests.
    pub approver: Vec<String>,
}

impl RoleMap {
    /// The same as a table: which values of the claim give which role.
    #[must_use]
    pub fn by_role(&self) -> BTreeMap<Role, Vec<String>> {
        Role::ALL
            .into_iter()
            .map(|role| (role, self.values(role).to_vec()))
            .collect()
    }

    fn values(&self, role: Role) -> &[String] {
        match role {
            Role::Viewer => &self.viewer,
            Role::Auditor => &self.auditor,
            Role::Operator => &self.operator,
            Role::Approver => &self.approver,
        }
    }
}

fn default_scopes() -> Vec<String> {
    ["openid", "profile", "email"].map(String::from).to_vec()
}

fn default_role_claim() -> String {
    "groups".into()
}

impl Oidc {
    pub(super) fn inspect(&self, at: &KeyPath, operators_approve: bool, notes: &mut Notes) {
        if !self.scopes.iter().any(|scope| scope == "openid") {
            notes.refuse(
                &at.key("scopes"),
                "needs \"openid\": without it the provider sends no ID token",
            );
        }
        let roles = at.key("roles");
        let RoleMap { operator, approver, .. } = &self.roles;
        if operator.is_empty() {
            notes.warn(
                &roles.key("operator"),
                "is empty, so nobody can request a restore or a key",
            );
        }
        let operators_can = operators_approve && !operator.is_empty();
        if approver.is_empty() && !operators_can {
            notes.warn(
                &roles.key("approver"),
                "is empty and operators don't approve, so nobody can approve a request",
            );
        }
    }
}
