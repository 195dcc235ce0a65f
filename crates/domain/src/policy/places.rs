//! Where things lie: out of reach of whoever takes over the cluster, and not all in one region.

use std::collections::BTreeSet;

use super::verdict::{Verdict, few};
use super::{Facts, Immutability, Place, Standing, What};

impl Facts<'_> {
    fn places_of(&self, what: What) -> Vec<&Place> {
        self.places.iter().filter(|place| place.what == what).collect()
    }
}

/// `backup-immutable`: one copy of the backups is enough that nobody can delete; the others are named.
pub(super) fn backup_immutable(facts: &Facts<'_>) -> Verdict {
    let places = facts.places_of(What::Backups);
    if places.is_empty() {
        let reason = facts.backups_unread.as_deref();
        return Verdict::unknown(reason.unwrap_or("no source tells where its backups lie"));
    }
    let parts: Vec<_> = places.iter().map(|place| immutability(place)).collect();
    let protected = parts.iter().filter(|part| part.standing == Standing::Ok).count();
    let words = |standing| {
        let of = parts.iter().filter(move |part| part.standing == standing);
        few(of.map(|part| part.detail.as_str()))
    };
    let best = [Standing::Ok, Standing::Unknown, Standing::Broken]
        .into_iter()
        .find(|standing| parts.iter().any(|part| part.standing == *standing));
    let verdict = match best.unwrap_or_default() {
        Standing::Ok if protected < parts.len() => {
            let rest = [words(Standing::Broken), words(Standing::Unknown)];
            let rest = rest
                .into_iter()
                .filter(|words| !words.is_empty())
                .collect::<Vec<_>>()
                .join("; ");
            Verdict::ok(format!("{}; but {rest}", words(Standing::Ok)))
        }
        best => Verdict::new(best, words(best)),
    };
    verdict.at(format!("{protected} of {}", parts.len()))
}

fn immutability(place: &Place) -> Verdict {
    let name = &place.name;
    match place.immutable.known() {
        Ok(Immutability::Protected { by }) => Verdict::ok(format!("{name}: {by}")),
        Ok(Immutability::Open) => Verdict::broken(format!("nothing keeps {name} from being deleted")),
        Err(reason) => Verdict::unknown(format!("{name}: {reason}")),
    }
}

/// `second-site`: backups, key and images each lie somewhere else too. Images may be left out of the configuration; the other two are
/// what a recovery can't do without.
pub(super) fn second_site(facts: &Facts<'_>) -> Verdict {
    if facts.places.is_empty() && facts.backups_unread.is_none() {
        return Verdict::unset("no place of backups, key or images is configured");
    }
    let needed = |what: &What| *what != What::Images || !facts.places_of(*what).is_empty();
    let parts: Vec<_> = What::ALL
        .into_iter()
        .filter(needed)
        .map(|what| elsewhere(what, facts))
        .collect();
    let away = parts.iter().filter(|part| part.standing == Standing::Ok).count();
    Verdict::of_parts(&parts).at(format!("{away} of {}", parts.len()))
}

fn elsewhere(what: What, facts: &Facts<'_>) -> Verdict {
    let word = what.word();
    let places = facts.places_of(what);
    let home = facts.home.as_ref().map(|home| home.to_lowercase());
    let sites = places.iter().filter_map(|place| place.site.as_ref());
    let sites: BTreeSet<_> = sites.map(|site| site.to_lowercase()).collect();
    let away = |site: &&String| home.as_ref().is_some_and(|home| home != *site);
    // Of two different sites one is away from home, wherever that is.
    if let Some(site) = sites.iter().find(away).or_else(|| sites.iter().nth(1)) {
        return Verdict::ok(format!("{word}: in {site}"));
    }
    if places.is_empty() {
        return Verdict::unknown(format!("{word}: no place is known"));
    }
    if let Some(place) = places.iter().find(|place| place.site.is_none()) {
        return Verdict::unknown(format!("{word}: the site of {} isn’t told", place.name));
    }
    match &facts.home {
        Some(home) => Verdict::broken(format!("{word}: only in {home}, like the deployment")),
        None => Verdict::unknown(format!(
            "{word}: set region of [[deployment]] to tell whether that is another site"
        )),
    }
}
