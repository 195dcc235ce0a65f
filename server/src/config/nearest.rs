//! "Did you mean …?"

/// The known word most like `word`, if one is like it at all.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (likeness(&word, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// From 0 to 1. A single slip of the finger makes short words more unlike than they look.
fn likeness(word: &str, candidate: &str) -> f64 {
    let slip = strsim::osa_distance(word, candidate) <= 1 && candidate.len() > 2;
    strsim::jaro_winkler(word, candidate).max(if slip { 0.9 } else { 0.0 })
}

/// The end of a sentence about an unknown word: the nearest known one, or all of them.
pub(super) fn suggest(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(candidate) => format!("did you mean {candidate}?"),
        None if known.is_empty() => "nothing is known here".into(),
        None => format!("known here: {}", known.join(", ")),
    }
}
