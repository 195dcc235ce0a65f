//! Where Ampora runs and what its tables are called: what the commands of a recovery are written with, so that they can be copied as they
//! stand.

use super::archiver::Archiver;

/// Where Ampora runs, for commands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// What Muster calls the deployment.
    pub deployment: String,
    pub namespace: String,
    pub workload: String,
    pub database: String,
    /// The file with the environment of a binary deployment.
    pub env_file: String,
    /// The tool of the first source that archives WAL.
    pub archiver: Option<Archiver>,
    pub names: Names,
    /// Counts the envelopes of each wrapped column by the key that they name, as SQL.
    pub counts: String,
    /// Muster's role in Ampora's database, as SQL writes it.
    pub reader: String,
    /// The command that has the secret manager keep more versions; `None`: it has none.
    pub keep_more: Option<String>,
    /// The command that has the secret manager hand out deleted versions again; `None`: it has none.
    pub bring_back: Option<BringBack>,
}

/// A command with the versions in the middle.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BringBack {
    pub before: String,
    pub behind: String,
}

impl BringBack {
    /// The command for these.
    pub(super) fn of(&self, versions: &[&str]) -> String {
        format!("{}{}{}", self.before, versions.join(","), self.behind)
    }
}

impl Default for Place {
    fn default() -> Self {
        Self {
            deployment: "ampora".into(),
            namespace: "ampora".into(),
            workload: "ampora-web".into(),
            database: "ampora".into(),
            env_file: "/etc/ampora/ampora.env".into(),
            archiver: None,
            names: Names::default(),
            counts: "SELECT count(*) FROM \"ca_signing_keys\" WHERE \"WrappedPrivateKey\" IS NOT NULL;".into(),
            reader: "\"muster_reader\"".into(),
            keep_more: None,
            bring_back: None,
        }
    }
}

/// Tables and columns that recovery steps name, each as SQL writes it: quoted, with its schema where it has one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Names {
    pub tenants: String,
    pub signing_keys: String,
    pub certificates: String,
    pub fingerprint: String,
    pub revoked: String,
    pub tokens: String,
    pub token: String,
    /// `None`: redeeming a token deletes its row.
    pub redeemed: Option<String>,
    pub peers: String,
    pub peer: String,
}

impl Default for Names {
    /// As `docs/ampora-schema.md` has them.
    fn default() -> Self {
        let quoted = |name: &str| format!("\"{name}\"");
        Self {
            tenants: quoted("tenants"),
            signing_keys: quoted("ca_signing_keys"),
            certificates: quoted("agent_certificates"),
            fingerprint: quoted("Fingerprint"),
            revoked: quoted("RevokedUtc"),
            tokens: quoted("bootstrap_tokens"),
            token: quoted("Id"),
            redeemed: None,
            peers: quoted("federation_peers"),
            peer: quoted("Id"),
        }
    }
}
