//! What a [`super::Provider`] is told.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::role::Role;
use secrecy::SecretString;
use url::Url;

/// The provider and this client's registration with it.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// Exactly as the provider spells it, so no [`Url`], which would add a slash. `http://` is accepted on loopback only.
    pub issuer: String,
    pub client_id: String,
    /// `None` for a public client, which proves itself by PKCE alone.
    pub client_secret: Option<SecretString>,
    /// Where the provider sends people back to.
    pub redirect_url: Url,
    /// Asked for beside `openid`.
    pub scopes: Vec<String>,
    /// The claim with groups or roles; dots lead into objects.
    pub role_claim: String,
    /// Which values of that claim give which role.
    pub roles: BTreeMap<Role, Vec<String>>,
    /// A claim that has one value for all accounts of one person.
    pub person_claim: Option<String>,
    /// How far the provider's clock may differ.
    pub skew: chrono::Duration,
    pub pace: Pace,
}

/// How patient Muster is with the provider, and how often it asks.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// For a connection to be made.
    pub connect: Duration,
    /// For a whole request.
    pub answer: Duration,
    /// What the provider publishes (addresses, keys) is asked for again after this.
    pub keep: Duration,
    /// After a failure nobody asks again for this long; callers get the same error at once instead of queueing up.
    pub retry: Duration,
    /// Tokens with an unknown key make Muster fetch the keys anew, but not more often than this: anyone can make up such tokens.
    pub refetch: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            answer: Duration::from_secs(8),
            keep: Duration::from_secs(3600),
            retry: Duration::from_secs(3),
            refetch: Duration::from_secs(10),
        }
    }
}
