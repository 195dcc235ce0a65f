//! What a restore to a moment brings back to life: what was revoked, redeemed, withdrawn, removed or changed since. One by one where the
//! live database or earlier looks name it; a kind of which nobody knows is listed as such, never left out.

use crate::plan::{Resurrection, Revived};
use crate::time::{Timestamp, rfc3339};
use crate::traces::{Identity, Life, Traces};
use crate::vitals::{Sign, Vitals, Why};

/// What the live database tells of what was ended after the moment and would still be of use.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Withdrawn {
    pub certificates: Sign<Vec<Identity>>,
    /// Unknown where redeeming deletes the row.
    pub tokens: Sign<Vec<Identity>>,
    pub access_tokens: Sign<Vec<Identity>>,
}

/// Everything there is to judge by.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    pub at: Timestamp,
    pub now: Timestamp,
    /// `None`: the live database doesn't answer.
    pub live: Option<&'a Withdrawn>,
    /// What earlier looks remember. `None`: nothing, as at the command line.
    pub traces: Option<&'a Traces>,
    /// Readings: the last one at or before the moment, the first one behind it, the newest.
    pub readings: [Option<&'a Vitals>; 3],
    /// Whether the whole cluster goes back, and with it the roles. A dump holds none.
    pub cluster: bool,
}

/// What comes back, by kind.
#[must_use]
pub fn revived(evidence: &Evidence<'_>) -> Vec<Resurrection> {
    let mut all = certificates(evidence);
    all.extend(evidence.tokens());
    all.extend(evidence.access_tokens());
    all.extend(evidence.ended(Revived::RemovedPeer, Traces::ended_peers));
    if evidence.cluster {
        all.extend(passwords(evidence));
    }
    all
}

fn certificates(evidence: &Evidence<'_>) -> Vec<Resurrection> {
    let kind = Revived::RevokedCertificate;
    if let Some(Sign::Known(revoked)) = evidence.live.map(|live| &live.certificates) {
        return revoked.iter().map(|one| evidence.withdrawn(kind, one)).collect();
    }
    let Some(traces) = evidence.traces else {
        return vec![Resurrection::unlisted(
            kind,
            evidence.silence(|live| live.certificates.known().err()),
        )];
    };
    let later = |one: &&Identity| one.ended.is_none_or(|ended| ended > evidence.at);
    let revoked = traces.revoked().filter(later).filter(|one| evidence.is_of_use(one));
    revoked.map(|one| evidence.withdrawn(kind, one)).collect()
}

impl Evidence<'_> {
    fn tokens(&self) -> Vec<Resurrection> {
        let kind = Revived::RedeemedToken;
        match self.live.map(|live| &live.tokens) {
            Some(Sign::Known(tokens)) => tokens.iter().map(|one| self.withdrawn(kind, one)).collect(),
            _ => self.ended(kind, Traces::ended_tokens),
        }
    }

    fn access_tokens(&self) -> Vec<Resurrection> {
        let kind = Revived::WithdrawnAccessToken;
        match self.live.map(|live| &live.access_tokens) {
            Some(Sign::Known(tokens)) => tokens.iter().map(|one| self.withdrawn(kind, one)).collect(),
            Some(Sign::Unknown {
                why: Why::NotConfigured,
                reason,
            }) => vec![Resurrection::unlisted(kind, reason.clone())],
            _ => self.ended(kind, Traces::ended_access_tokens),
        }
    }

    /// One whose end the database tells.
    fn withdrawn(&self, kind: Revived, one: &Identity) -> Resurrection {
        let ended = one.ended.map_or_else(
            || "ended at a time that isn’t known".to_owned(),
            |at| format!("ended at {}", rfc3339(at)),
        );
        Resurrection {
            kind,
            id: Some(one.id.clone()),
            name: Some(one.name.clone()),
            until: one.until,
            certain: one.ended.is_some(),
            detail: ended,
        }
    }

    /// Those of which only looks tell: there until one look, gone at the next.
    fn ended<'t, I>(&'t self, kind: Revived, ended: impl Fn(&'t Traces) -> I) -> Vec<Resurrection>
    where
        I: Iterator<Item = &'t Life>,
    {
        let Some(traces) = self.traces else {
            return vec![Resurrection::unlisted(kind, self.silence(|_| None))];
        };
        let later = |life: &&Life| life.missed.is_none_or(|missed| missed > self.at);
        let mut all: Vec<_> = ended(traces)
            .filter(later)
            .filter(|life| self.is_of_use(&life.identity))
            .map(|life| self.of_looks(kind, life))
            .collect();
        if traces.since.is_none_or(|since| since > self.at) {
            let since = traces
                .since
                .map_or_else(|| "yet".into(), |since| format!("before {}", rfc3339(since)));
            all.push(Resurrection::unlisted(kind, format!("Muster didn’t look {since}")));
        }
        all
    }

    fn of_looks(&self, kind: Revived, life: &Life) -> Resurrection {
        let time = |at: Option<Timestamp>| at.map_or_else(|| "an unknown time".into(), rfc3339);
        let before = life.first_seen.is_some_and(|first| first <= self.at);
        Resurrection {
            kind,
            id: Some(life.identity.id.clone()),
            name: Some(life.identity.name.clone()),
            until: life.identity.until,
            certain: before && life.last_seen.is_some_and(|last| last >= self.at),
            detail: format!("there at {}, gone at {}", time(life.last_seen), time(life.missed)),
        }
    }

    fn is_of_use(&self, one: &Identity) -> bool {
        one.until.is_none_or(|until| until > self.now)
    }

    /// Why nothing can be listed.
    fn silence<'e>(&'e self, of_live: impl Fn(&'e Withdrawn) -> Option<&'e str>) -> String {
        match self.live {
            Some(live) => of_live(live).map_or_else(
                || "the live database doesn’t tell, and earlier looks at it aren’t at hand".into(),
                str::to_owned,
            ),
            None => "the live database doesn’t answer, and earlier looks at it aren’t at hand".into(),
        }
    }
}

/// Passwords that were changed, and roles that were dropped, since the moment.
fn passwords(evidence: &Evidence<'_>) -> Vec<Resurrection> {
    let kind = Revived::RolePassword;
    let [before, first, last] = evidence.readings;
    let Some((before, last)) = before.zip(last) else {
        return vec![Resurrection::unlisted(
            kind,
            "no reading of the roles from before that moment is at hand",
        )];
    };
    let then = match before.signs.role_passwords.known() {
        Ok(then) => then,
        Err(reason) => return vec![Resurrection::unlisted(kind, reason)],
    };
    let now = match last.signs.role_passwords.known() {
        Ok(now) => now,
        Err(reason) => return vec![Resurrection::unlisted(kind, reason)],
    };
    let between = first.and_then(|first| first.signs.role_passwords.known().ok());
    let changed = then.iter().filter(|(role, digest)| now.get(*role) != Some(*digest));
    let changed = changed.map(|(role, digest)| Resurrection {
        kind,
        id: Some(role.clone()),
        name: Some(role.clone()),
        until: None,
        // Both readings around the moment agree on it, so it was so at the moment too.
        certain: between.is_some_and(|between| between.get(role) == Some(digest)),
        detail: if now.contains_key(role) {
            format!("changed since {}", rfc3339(before.read_at))
        } else {
            format!(
                "the role was dropped, or lost its password, since {}",
                rfc3339(before.read_at)
            )
        },
    });
    changed.collect()
}

#[cfg(test)]
mod tests;
