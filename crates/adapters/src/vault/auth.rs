//! Logging in, and staying so. A token is kept in memory for as long as it lasts. One that can be renewed is, from half of its time on: a
//! login may not be possible a second time, since a `secret_id` can be good for one only.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::answers::{self, Grant};
use super::call::{Question, Wire};
use super::reply::{Answer, Failure};
use super::settings::{VaultAuth, VaultError, named};
use super::write::json;
use crate::process::Secrets;

/// Longest token of a service account; real ones have about 1 KiB.
const LARGEST_TOKEN: u64 = 64 * 1024;

/// A token, and how long it is good for.
#[derive(Debug)]
pub(super) struct Lease {
    pub token: SecretString,
    began: Instant,
    /// `None`: for ever, as far as Muster knows.
    lasts: Option<Duration>,
    renewable: bool,
}

/// What is to be done with a lease of a certain age.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Due {
    Nothing,
    Renewal,
    /// A new login; the old token still works if that fails.
    Login,
    Over,
}

/// The way in, shared by requests that run side by side.
#[derive(Debug)]
pub(super) struct Login {
    auth: VaultAuth,
    current: Mutex<Option<Arc<Lease>>>,
}

/// What came of a refusal with 403.
pub(super) enum Second {
    /// Another token, to try it with.
    Try(Arc<Lease>),
    /// The token is good, so a policy is in the way.
    Policy,
    /// The token is no longer good, or has no rights whatever.
    Token,
}

impl Lease {
    fn of(grant: Grant) -> Self {
        let lasts = match grant.lasts {
            Some(0) => None,
            // A time that isn't understood is over at once.
            other => Some(Duration::from_secs(other.unwrap_or(0))),
        };
        Self {
            token: grant.token,
            began: Instant::now(),
            lasts,
            renewable: grant.renewable,
        }
    }

    fn due(&self, age: Duration) -> Due {
        match self.lasts {
            Some(lasts) if age >= lasts => Due::Over,
            // An answer shouldn't come after the end.
            Some(lasts) if age >= lasts / 10 * 9 => Due::Login,
            Some(lasts) if self.renewable && age >= lasts / 2 => Due::Renewal,
            _ => Due::Nothing,
        }
    }
}

impl Login {
    /// Asks nothing yet.
    pub(super) fn new(auth: &VaultAuth) -> Result<Self, VaultError> {
        let mut auth = auth.clone();
        if let VaultAuth::AppRole { mount, .. } | VaultAuth::Kubernetes { mount, .. } = &mut auth {
            *mount = named("mount of the login", mount)?;
        }
        Ok(Self {
            auth,
            current: Mutex::default(),
        })
    }

    /// A token that is good now, as far as Muster knows.
    pub(super) async fn lease(&self, wire: &Wire) -> Result<Arc<Lease>, Failure> {
        // Held over the login, so that of several requests one logs in and the others take its token too.
        let mut current = self.current.lock().await;
        let Some(lease) = current.clone() else {
            return self.log_in(wire).await.map(|new| Arc::clone(current.insert(new)));
        };
        let fresh = match lease.due(lease.began.elapsed()) {
            Due::Nothing => return Ok(lease),
            Due::Renewal => renew(wire, &lease).await,
            Due::Login => self.log_in(wire).await,
            Due::Over => {
                *current = None;
                return self.log_in(wire).await.map(|new| Arc::clone(current.insert(new)));
            }
        };
        // What is there still works for a while.
        let lease = fresh.unwrap_or(lease);
        Ok(Arc::clone(current.insert(lease)))
    }

    /// What to do after a 403 that came although `used` was sent. The server has the same words for a token that was revoked and for a
    /// policy, so it is asked about the token. The default policy allows that.
    pub(super) async fn after_refusal(&self, wire: &Wire, used: &Arc<Lease>) -> Result<Second, Failure> {
        let mut current = self.current.lock().await;
        if let Some(newer) = current.as_ref().filter(|lease| !Arc::ptr_eq(lease, used)) {
            return Ok(Second::Try(Arc::clone(newer)));
        }
        let about = Question::get("auth/token/lookup-self");
        if wire.send(&about, Some(&used.token)).await?.status.is_success() {
            return Ok(Second::Policy);
        }
        if let VaultAuth::Token(_) = self.auth {
            return Ok(Second::Token);
        }
        // If this fails the old one stays: a token without the default policy may not ask about itself, and works all the same.
        self.log_in(wire)
            .await
            .map(|new| Second::Try(Arc::clone(current.insert(new))))
    }

    async fn log_in(&self, wire: &Wire) -> Result<Arc<Lease>, Failure> {
        let (mount, body, hidden) = match &self.auth {
            VaultAuth::Token(token) => {
                return Ok(Arc::new(Lease::of(Grant {
                    token: token.clone(),
                    lasts: Some(0),
                    renewable: false,
                })));
            }
            VaultAuth::AppRole {
                mount,
                role_id,
                secret_id,
            } => {
                let secret_id = secret_id.expose_secret().trim();
                (mount, json(&AppRole { role_id, secret_id }), secret_id.to_owned())
            }
            VaultAuth::Kubernetes {
                mount,
                role,
                token_file,
            } => {
                let token = service_account(token_file).await?;
                let jwt = token.trim();
                (mount, json(&ServiceAccount { role, jwt }), jwt.to_owned())
            }
        };
        let hidden = Zeroizing::new(hidden);
        let mut secrets = Secrets::default();
        secrets.add(hidden.as_bytes());
        let path = format!("auth/{mount}/login");
        let answer = wire.send(&Question::post(path.clone(), body, secrets), None).await?;
        granted(&answer, &format!("the login at {path}"), self.hint())
    }

    /// What else a refused login may mean.
    const fn hint(&self) -> &'static str {
        match self.auth {
            VaultAuth::AppRole { .. } => {
                "; a secret_id that has expired, or was used as often as it may be, is refused like this"
            }
            VaultAuth::Kubernetes { .. } => "; the role must name this service account and its namespace",
            VaultAuth::Token(_) => "",
        }
    }
}

async fn renew(wire: &Wire, lease: &Lease) -> Result<Arc<Lease>, Failure> {
    let question = Question::post(
        "auth/token/renew-self",
        Zeroizing::new(b"{}".to_vec()),
        Secrets::default(),
    );
    let answer = wire.send(&question, Some(&lease.token)).await?;
    granted(&answer, "the renewal of its token", "")
}

fn granted(answer: &Answer, what: &str, hint: &str) -> Result<Arc<Lease>, Failure> {
    match answer.status {
        status if status.is_success() => {
            let grant = answers::grant(&answer.body);
            let grant = grant.map_err(|unclear| Failure::Odd(format!("{what}: {unclear}")))?;
            Ok(Arc::new(Lease::of(grant)))
        }
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
            let words = &answer.words;
            Err(Failure::Denied(format!("{what}: {words}{hint}")))
        }
        other => Err(Failure::Odd(format!("{what} was answered with {}", other.as_u16()))),
    }
}

#[derive(Serialize)]
struct AppRole<'a> {
    role_id: &'a str,
    secret_id: &'a str,
}

#[derive(Serialize)]
struct ServiceAccount<'a> {
    role: &'a str,
    jwt: &'a str,
}

async fn service_account(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let path = path.to_owned();
    let shown = path.display().to_string();
    let reading = tokio::task::spawn_blocking(move || {
        let mut token = Zeroizing::new(String::with_capacity(LARGEST_TOKEN as usize));
        let file = File::open(path)?;
        file.take(LARGEST_TOKEN).read_to_string(&mut token)?;
        Ok::<_, std::io::Error>(token)
    });
    let read = reading.await.map_err(|error| error.to_string());
    let read = read.and_then(|read| read.map_err(|error| error.to_string()));
    read.map_err(|reason| Failure::Denied(format!("the service account’s token {shown} can’t be read: {reason}")))
}

#[cfg(test)]
mod tests;
