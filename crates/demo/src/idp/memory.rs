//! What the provider remembers between two requests: who is signed in, which logins are under way, which codes wait to be redeemed.
//! All of it is lost when the demo stops, as it should be.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};

use super::account::Account;
use super::authorize::AuthorizationRequest;

const SESSION_LIFE: TimeDelta = TimeDelta::hours(12);
const LOGIN_LIFE: TimeDelta = TimeDelta::minutes(10);
const CODE_LIFE: TimeDelta = TimeDelta::seconds(60);
/// Most entries of each kind. Logins under way can be made by anybody on the machine, so the oldest make room.
const MOST: usize = 1000;

/// Somebody signed in with one browser.
#[derive(Clone, Copy)]
pub(super) struct Session {
    pub account: Account,
    /// When the person last pressed the button, not when a code was last given out.
    pub auth_time: DateTime<Utc>,
}

/// What a code can be turned into, once.
pub(super) struct Grant {
    pub request: AuthorizationRequest,
    pub session: Session,
}

#[derive(Default)]
pub(super) struct Memory(Mutex<Tables>);

#[derive(Default)]
struct Tables {
    sessions: Table<Session>,
    logins: Table<AuthorizationRequest>,
    codes: Table<Grant>,
}

impl Memory {
    /// Starts a session and returns the value of its cookie.
    pub fn sign_in(&self, session: Session, now: DateTime<Utc>) -> String {
        self.tables().sessions.put(session, now, SESSION_LIFE)
    }

    pub fn session(&self, cookie: &str, now: DateTime<Utc>) -> Option<Session> {
        self.tables().sessions.get(cookie, now).copied()
    }

    pub fn sign_out(&self, cookie: &str, now: DateTime<Utc>) {
        self.tables().sessions.take(cookie, now);
    }

    /// Keeps a request while its login page is shown and returns the name under which the page hands it back.
    pub fn begin_login(&self, request: AuthorizationRequest, now: DateTime<Utc>) -> String {
        self.tables().logins.put(request, now, LOGIN_LIFE)
    }

    pub fn finish_login(&self, login: &str, now: DateTime<Utc>) -> Option<AuthorizationRequest> {
        self.tables().logins.take(login, now)
    }

    pub fn issue_code(&self, grant: Grant, now: DateTime<Utc>) -> String {
        self.tables().codes.put(grant, now, CODE_LIFE)
    }

    /// What the code stands for. Whoever asks second gets nothing, whether or not the first got a token.
    pub fn redeem(&self, code: &str, now: DateTime<Utc>) -> Option<Grant> {
        self.tables().codes.take(code, now)
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        // No entry is ever half written, so a panic elsewhere leaves the tables whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Values under random names, each with the end of its life.
struct Table<T>(HashMap<String, (DateTime<Utc>, T)>);

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> Table<T> {
    fn put(&mut self, value: T, now: DateTime<Utc>, life: TimeDelta) -> String {
        self.0.retain(|_, (end, _)| *end > now);
        if self.0.len() >= MOST {
            let oldest = self
                .0
                .iter()
                .min_by_key(|(_, (end, _))| *end)
                .map(|(name, _)| name.clone());
            oldest.map(|name| self.0.remove(&name));
        }
        let name = random_name();
        self.0.insert(name.clone(), (now + life, value));
        name
    }

    fn get(&self, name: &str, now: DateTime<Utc>) -> Option<&T> {
        self.0.get(name).filter(|(end, _)| *end > now).map(|(_, value)| value)
    }

    fn take(&mut self, name: &str, now: DateTime<Utc>) -> Option<T> {
        self.0
            .remove(name)
            .filter(|(end, _)| *end > now)
            .map(|(_, value)| value)
    }
}

/// 256 random bits, fit for URLs, forms and cookies.
pub(super) fn random_name() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::idp::account::ACCOUNTS;

    fn grant(now: DateTime<Utc>) -> Grant {
        Grant {
            request: AuthorizationRequest::example(),
            session: Session {
                account: ACCOUNTS[0],
                auth_time: now,
            },
        }
    }

    #[test]
    fn a_code_is_redeemed_once() {
        let (memory, now) = (Memory::default(), Utc::now());
        let code = memory.issue_code(grant(now), now);
        assert!(memory.redeem(&code, now).is_some());
        assert!(memory.redeem(&code, now).is_none());
    }

    #[test]
    fn a_code_lives_for_a_minute() {
        let (memory, now) = (Memory::default(), Utc::now());
        let code = memory.issue_code(grant(now), now);
        assert!(memory.redeem(&code, now + TimeDelta::seconds(60)).is_none());
    }

    #[test]
    fn a_flood_of_logins_pushes_out_the_oldest_only() {
        let (memory, now) = (Memory::default(), Utc::now());
        let oldest = memory.begin_login(AuthorizationRequest::example(), now);
        let second = memory.begin_login(AuthorizationRequest::example(), now + TimeDelta::seconds(1));
        for _ in 1..MOST {
            memory.begin_login(AuthorizationRequest::example(), now + TimeDelta::seconds(2));
        }
        assert!(memory.finish_login(&oldest, now).is_none());
        assert!(memory.finish_login(&second, now).is_some());
    }
}
