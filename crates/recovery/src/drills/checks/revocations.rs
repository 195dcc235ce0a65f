//! Certificates that were taken back: those of before the moment must be taken back in the copy, those of after it come to life again.

use std::collections::BTreeMap;

use adapters::sandbox::Revocation;
use domain::drill::{Check, names};
use domain::time::Timestamp;

use super::Look;

const NAMED: usize = 3;

pub async fn check(look: &mut Look<'_>) -> Check {
    let table = &look.schema.certificates;
    if let Some(damaged) = look.damaged(names::REVOCATIONS, &table.table) {
        return damaged;
    }
    let copy = match look.copy.revocations(&look.copied.database, table).await {
        Ok(copy) => copy,
        Err(error) => return Check::not_run(names::REVOCATIONS, error.to_string()),
    };
    let Some(live) = &look.run.deployment.database else {
        return Check::not_run(names::REVOCATIONS, "no live database is configured to compare with");
    };
    let production = match Revocation::of_production(&live.options, table).await {
        Ok(production) => production,
        Err(error) => return Check::not_run(names::REVOCATIONS, format!("production can’t be asked: {error}")),
    };
    if production.is_empty() && copy.is_empty() {
        return Check::not_run(names::REVOCATIONS, "no certificate was ever revoked");
    }
    let moment = look
        .copy
        .audit(&look.copied.database, &look.schema.audit)
        .await
        .ok()
        .and_then(|span| span.newest);
    judge(&copy, &production, moment)
}

fn judge(copy: &[Revocation], production: &[Revocation], moment: Option<Timestamp>) -> Check {
    let came_back: BTreeMap<_, _> = copy.iter().map(|one| (one.certificate.as_str(), one.at)).collect();
    let missing: Vec<_> = production
        .iter()
        .filter(|one| !came_back.contains_key(one.certificate.as_str()))
        .collect();
    let (lost, later): (Vec<_>, Vec<_>) = missing
        .into_iter()
        .partition(|one| moment.is_some_and(|moment| one.at < moment));
    let fact = |check: Check| {
        check
            .because("revoked in the copy", copy.len())
            .because("revoked in production", production.len())
    };
    if !lost.is_empty() {
        let named: Vec<_> = lost.iter().take(NAMED).map(|one| one.certificate.clone()).collect();
        return fact(Check::broken(
            names::REVOCATIONS,
            format!("{} revocations didn’t come back: {}", lost.len(), named.join(", ")),
        ));
    }
    let again = if later.is_empty() {
        String::new()
    } else {
        format!("; {} of after that moment would have to be revoked again", later.len())
    };
    fact(Check::ok(
        names::REVOCATIONS,
        format!("{} revocations came back{again}", copy.len()),
    ))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::drill::CheckStatus;

    use super::*;

    fn at(second: i64) -> Timestamp {
        DateTime::from_timestamp(1_790_000_000 + second, 0).expect("in range")
    }

    fn revoked(certificate: &str, second: i64) -> Revocation {
        Revocation {
            certificate: certificate.into(),
            at: at(second),
        }
    }

    #[test]
    fn a_revocation_of_before_the_moment_has_to_be_there() {
        let production = [revoked("a", 1), revoked("b", 90)];
        let judged = judge(&[revoked("a", 1)], &production, Some(at(50)));
        assert_eq!(judged.status, CheckStatus::Ok);
        assert!(judged.detail.contains("1 of after that moment"), "{judged:?}");
        assert_eq!(judge(&[], &production, Some(at(50))).status, CheckStatus::Broken);
    }
}
